/** Simulated binary crossover and its variant vSBX: two children of two parents, of which one is kept. */

import type { Bounds } from '../../../src/core/numeric-transform.ts';
import { NOT_NEGATIVE, orNull, PROBABILITY } from '../../../src/core/option-rules.ts';
import { defineOptions, type OptionsOf, option } from '../../../src/core/options.ts';
import type { Rng } from '../../../src/core/rng.ts';
import type { Crossover } from '../crossover.ts';

const SBX = {
  /** Distribution index: the larger, the nearer the children are to their parents. Default (null): 2, or 20 for several objectives. */
  eta: option(orNull(NOT_NEGATIVE), null),
  /** Probability that the two children exchange a parameter. Default 0.5. */
  uniformCrossoverProb: option(PROBABILITY, 0.5),
  /** Probability that a parameter is recombined at all. Default 0.5. */
  useChildGeneProb: option(PROBABILITY, 0.5),
};

export interface SbxOptions extends OptionsOf<typeof SBX> {}

/** The two children that two parents have, parameter by parameter. */
type MakePair = (
  parents: readonly Float64Array[],
  bounds: readonly Bounds[],
  rng: Rng,
  eta: number,
) => readonly [readonly number[], readonly number[]];

/** Simulated binary crossover (Deb and Agrawal, Complex Systems 9, 1995), its spread cut to the bounds. */
export function sbxCrossover(options: SbxOptions = {}): Crossover {
  return pairCrossover('sbx', options, boundedPair);
}

/** vSBX, which leaves no region of the space out (Ballester and Carter, GECCO 2003, section 3.2). */
export function vsbxCrossover(options: SbxOptions = {}): Crossover {
  return pairCrossover('vsbx', options, unboundedPair);
}

function pairCrossover(name: 'sbx' | 'vsbx', options: SbxOptions, makePair: MakePair): Crossover {
  const settings = defineOptions(`the ${name} crossover`, SBX).read(options);
  const { eta, uniformCrossoverProb, useChildGeneProb } = settings;
  return {
    options: { name, ...settings },
    nParents: 2,
    cross: (parents, bounds, rng, nObjectives) => {
      const children = makePair(parents, bounds, rng, eta ?? (nObjectives > 1 ? 20 : 2));
      const one: number[] = [];
      const other: number[] = [];
      for (let j = 0; j < bounds.length; j++) {
        const [a, b] = rng.uniform() < useChildGeneProb ? children : parents;
        const isExchanged = rng.uniform() < uniformCrossoverProb;
        one.push(isExchanged ? b[j] : a[j]);
        other.push(isExchanged ? a[j] : b[j]);
      }
      return rng.uniform() < 0.5 ? one : other;
    },
  };
}

/** Deb and Agrawal's equations (3) to (5), with a spread factor for each side that ends at the bound. */
function boundedPair(
  [first, second]: readonly Float64Array[],
  bounds: readonly Bounds[],
  rng: Rng,
  eta: number,
): readonly [readonly number[], readonly number[]] {
  const lower: number[] = [];
  const upper: number[] = [];
  for (let j = 0; j < bounds.length; j++) {
    const low = Math.min(first[j], second[j]);
    const high = Math.max(first[j], second[j]);
    const distance = Math.max(high - low, 1e-10);
    const u = rng.uniform();
    lower.push(0.5 * (low + high - spreadFactor(u, (low - bounds[j].low) / distance, eta) * distance));
    upper.push(0.5 * (low + high + spreadFactor(u, (bounds[j].high - high) / distance, eta) * distance));
  }
  return [lower, upper];
}

/** @param room from the parent to the bound, in units of the distance between the parents. */
function spreadFactor(u: number, room: number, eta: number): number {
  const alpha = 2 - (1 + 2 * room) ** -(eta + 1);
  return (u <= 1 / alpha ? u * alpha : 1 / (2 - u * alpha)) ** (1 / (eta + 1));
}

function unboundedPair(
  [first, second]: readonly Float64Array[],
  bounds: readonly Bounds[],
  rng: Rng,
  eta: number,
): readonly [readonly number[], readonly number[]] {
  const us = bounds.map(() => rng.uniform());
  const isNearFirst = rng.uniform() <= 0.5;
  const isOtherNearFirst = rng.uniform() <= 0.5;
  const factor = (u: number): number => (1 / Math.max(2 * u, 1e-10)) ** (1 / (eta + 1));
  const one: number[] = [];
  const other: number[] = [];
  for (let j = 0; j < bounds.length; j++) {
    const [x, y] = [first[j], second[j]];
    const [below, above] = [factor(us[j]), factor(1 - us[j])];
    one.push(0.5 * (isNearFirst ? (1 + below) * x + (1 - above) * y : (1 - below) * x + (1 + above) * y));
    other.push(
      0.5 * (isOtherNearFirst ? (3 - below) * x - (1 - above) * y : (3 - above) * y - (1 - below) * x),
    );
  }
  return [one, other];
}
