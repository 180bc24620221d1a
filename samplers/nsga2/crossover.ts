/**
 * Crossovers: a child's numeric parameters from those of two parents, in the real space of numeric-transform.ts.
 * (Categorical ones are always taken from either parent.)
 */
import { InvalidArgumentError } from '../../src/core/errors.ts';
import type { Attrs } from '../../src/core/frozen-trial.ts';
import type { Rng } from '../../src/core/rng.ts';
import type { Bounds } from '../numeric-transform.ts';

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

function probability(name: string, value: number): number {
  if (!(value >= 0 && value <= 1))
    throw new InvalidArgumentError(`${name} must be a probability in [0, 1], but is ${value}`);
  return value;
}

/** Takes each parameter from the second parent with `swappingProb`, else from the first (Syswerda, ICGA 1989). */
export function uniformCrossover(swappingProb = 0.5): Crossover {
  probability('swappingProb', swappingProb);
  return {
    options: { name: 'uniform', swappingProb },
    cross: ([a, b], _bounds, rng) => a.map((x, j) => (rng.uniform() < swappingProb ? b[j] : x)),
  };
}

/** Uniform in the parents' box, widened by `alpha` of its size to each side (Eshelman and Schaffer, FOGA 1993). */
export function blxAlphaCrossover(alpha = 0.5): Crossover {
  if (!(alpha >= 0)) throw new InvalidArgumentError(`alpha must be >= 0, but is ${alpha}`);
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
  const { eta = null, uniformCrossoverProb = 0.5, useChildGeneProb = 0.5 } = options;
  if (eta !== null && !(eta >= 0)) throw new InvalidArgumentError(`eta must be >= 0 or null, but is ${eta}`);
  probability('uniformCrossoverProb', uniformCrossoverProb);
  probability('useChildGeneProb', useChildGeneProb);
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

/** A crossover from plain data, e.g. `{ name: 'sbx', eta: 20 }` or just `'sbx'`. */
export function crossoverFrom(options: string | Readonly<Record<string, unknown>>): Crossover {
  const { name, ...rest } = typeof options === 'string' ? { name: options } : options;
  const settings = rest as { swappingProb?: number; alpha?: number } & SbxOptions;
  switch (name) {
    case 'uniform':
      return uniformCrossover(settings.swappingProb);
    case 'blx-alpha':
      return blxAlphaCrossover(settings.alpha);
    case 'sbx':
      return sbxCrossover(settings);
    default:
      throw new InvalidArgumentError(
        `unknown crossover ${JSON.stringify(name)}; known are: uniform, blx-alpha, sbx`,
      );
  }
}
