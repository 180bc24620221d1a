/**
 * Crossovers: a child's numeric parameters from those of two parents, in the real space of numeric-transform.ts.
 * (Categorical ones are always taken from either parent.)
 */
import { InvalidArgumentError } from '../../src/core/errors.ts';
import type { Attrs } from '../../src/core/frozen-trial.ts';
import type { Rng } from '../../src/core/rng.ts';
import type { Bounds } from '../numeric-transform.ts';
import { checkOption, checkOptions, NOT_NEGATIVE, orNull, PROBABILITY, shown } from '../options.ts';

export interface Crossover {
  /** Name and settings as plain data; `crossoverFrom` makes the crossover of it again. */
  readonly options: Attrs;
  /** The child may lie outside the bounds; it is then drawn again. */
  cross(
    parents: readonly [Float64Array, Float64Array],
    bounds: readonly Bounds[],
    rng: Rng,
    nObjectives: number,
  ): Float64Array;
}

/** Takes each parameter from the second parent with `swappingProb`, else from the first (Syswerda, ICGA 1989). */
export function uniformCrossover(swappingProb = 0.5): Crossover {
  checkOption('swappingProb', swappingProb, PROBABILITY);
  return {
    options: { name: 'uniform', swappingProb },
    cross: ([a, b], _bounds, rng) => a.map((x, j) => (rng.uniform() < swappingProb ? b[j] : x)),
  };
}

/** Uniform in the parents' box, widened by `alpha` of its size to each side (Eshelman and Schaffer, FOGA 1993). */
export function blxAlphaCrossover(alpha = 0.5): Crossover {
  checkOption('alpha', alpha, NOT_NEGATIVE);
  return {
    options: { name: 'blx-alpha', alpha },
    cross: ([a, b], _bounds, rng) =>
      a.map((x, j) => {
        const low = Math.min(x, b[j]);
        const high = Math.max(x, b[j]);
        const margin = alpha * (high - low);
        return rng.uniformIn(low - margin, high + margin);
      }),
  };
}

export interface SbxOptions {
  /** Distribution index: the larger, the nearer the children are to their parents. Default 2, or 20 if there are several objectives. */
  readonly eta?: number | null;
  /** Probability that the two children exchange a parameter; default 0.5. */
  readonly uniformCrossoverProb?: number;
  /** Probability that a parameter is recombined at all; default 0.5. */
  readonly useChildGeneProb?: number;
}

/** Simulated binary crossover (Deb and Agrawal, Complex Systems 9, 1995), its spread cut to the bounds. */
export function sbxCrossover(options: SbxOptions = {}): Crossover {
  checkOptions('the sbx crossover', options, {
    eta: orNull(NOT_NEGATIVE),
    uniformCrossoverProb: PROBABILITY,
    useChildGeneProb: PROBABILITY,
  });
  const { eta = null, uniformCrossoverProb = 0.5, useChildGeneProb = 0.5 } = options;
  return {
    options: { name: 'sbx', eta, uniformCrossoverProb, useChildGeneProb },
    cross: ([a, b], bounds, rng, nObjectives) => {
      const index = eta ?? (nObjectives > 1 ? 20 : 2);
      const second = rng.uniform() < 0.5;
      return a.map((x, j) => {
        const [low, high] = spread(x, b[j], bounds[j], index, rng.uniform());
        const pair = rng.uniform() < useChildGeneProb ? [low, high] : [x, b[j]];
        const isExchanged = rng.uniform() < uniformCrossoverProb;
        return pair[second !== isExchanged ? 1 : 0];
      });
    },
  };
}

/** The two children of one parameter for the uniform number `u`: Deb and Agrawal's equations (3) to (5). */
function spread(a: number, b: number, bounds: Bounds, eta: number, u: number): readonly [number, number] {
  const low = Math.min(a, b);
  const high = Math.max(a, b);
  const distance = Math.max(high - low, 1e-10);
  const factor = (room: number): number => {
    const alpha = 2 - (1 + (2 * room) / distance) ** -(eta + 1);
    return (u <= 1 / alpha ? u * alpha : 1 / (2 - u * alpha)) ** (1 / (eta + 1));
  };
  const middle = low + high;
  return [
    0.5 * (middle - factor(low - bounds.low) * distance),
    0.5 * (middle + factor(bounds.high - high) * distance),
  ];
}

interface UniformOptions {
  readonly swappingProb?: number;
}

interface BlxAlphaOptions {
  readonly alpha?: number;
}

/** A crossover from plain data, e.g. `{ name: 'sbx', eta: 20 }` or just `'sbx'`. */
export function crossoverFrom(options: string | Readonly<Record<string, unknown>>): Crossover {
  const plain = typeof options === 'object' && options !== null ? options : { name: options };
  const { name, ...settings } = plain as { name?: unknown } & UniformOptions & BlxAlphaOptions & SbxOptions;
  switch (name) {
    case 'uniform':
      checkOptions<UniformOptions>('the uniform crossover', settings, { swappingProb: PROBABILITY });
      return uniformCrossover(settings.swappingProb);
    case 'blx-alpha':
      checkOptions<BlxAlphaOptions>('the blx-alpha crossover', settings, { alpha: NOT_NEGATIVE });
      return blxAlphaCrossover(settings.alpha);
    case 'sbx':
      return sbxCrossover(settings);
    default:
      throw new InvalidArgumentError(`unknown crossover ${shown(name)}; known are: uniform, blx-alpha, sbx`);
  }
}
