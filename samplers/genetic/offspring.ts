/** A child of a population: crossover or copy, then mutation. */

import type { Bounds } from '../../src/core/numeric-transform.ts';
import type { Rng } from '../../src/core/rng.ts';
import type { Crossover } from './crossover.ts';
import type { GenePool } from './gene-pool.ts';
import type { Genome } from './genome.ts';
import type { Mutation } from './mutation.ts';
import { chooseParents, type Population } from './population.ts';

export interface Variation {
  readonly crossover: Crossover;
  /** Probability of crossing parents rather than copying one. */
  readonly crossoverProb: number;
  /** Probability of taking a categorical gene from the last parent rather than from the first. */
  readonly swappingProb: number;
  readonly mutation: Mutation;
  /** Per gene; null for one over the number of genes that an individual has. */
  readonly mutationProb: number | null;
}

/** A child that keeps falling outside the space is pulled to its edge after this many draws. */
const MAX_DRAWS = 100;
/** A child that keeps equaling a parent, in a small space, may do so after this many mutations. */
const MAX_MUTATIONS = 10;

/**
 * A row of genes. It repeats no parent, since evaluating one again would be wasted: a child that came out like one mutates
 * in some gene, unless nothing may mutate.
 */
export function makeChild(
  pool: GenePool,
  population: Population,
  variation: Variation,
  nObjectives: number,
  rng: Rng,
): number[] {
  const { crossoverProb, mutation, mutationProb } = variation;
  const { genome } = pool;
  const child =
    rng.uniform() < crossoverProb
      ? crossed(pool, population, variation, nObjectives, rng)
      : Array.from(pool.rows[rng.int(pool.rows.length)]);
  const probability = mutationProb ?? 1 / Math.max(1, pool.meanSize);
  for (let j = 0; j < child.length; j++) {
    const x = rng.uniform() < probability ? mutated(child[j], j, genome, mutation, rng) : child[j];
    child[j] = genome.snapped(j, x);
  }
  for (let k = 0; k < MAX_MUTATIONS && probability > 0 && pool.has(child); k++) {
    const j = rng.int(child.length);
    child[j] = genome.snapped(j, mutated(child[j], j, genome, mutation, rng));
  }
  return child;
}

function crossed(
  pool: GenePool,
  population: Population,
  { crossover, swappingProb }: Variation,
  nObjectives: number,
  rng: Rng,
): number[] {
  const { bounds, nNumeric, size } = pool.genome;
  for (let draw = 1; ; draw++) {
    const parents = pool.completed(chooseParents(population, crossover.nParents, rng), rng);
    const [first, last] = [parents[0], parents[parents.length - 1]];
    const numeric = nNumeric === size ? parents : parents.map((row) => row.subarray(0, nNumeric));
    const child = nNumeric === 0 ? [] : crossover.cross(numeric, bounds, rng, nObjectives);
    if (!isInside(child, bounds)) {
      if (draw < MAX_DRAWS) continue;
      for (let j = 0; j < nNumeric; j++)
        child[j] = Number.isNaN(child[j]) ? first[j] : clamp(child[j], bounds[j]);
    }
    for (let j = nNumeric; j < size; j++) child.push((rng.uniform() >= 1 - swappingProb ? last : first)[j]);
    return child;
  }
}

/** An absent gene stays absent. */
function mutated(x: number, gene: number, genome: Genome, mutation: Mutation, rng: Rng): number {
  if (Number.isNaN(x)) return x;
  if (gene >= genome.nNumeric) return rng.int(genome.nChoices(gene));
  return clamp(mutation.mutate(x, genome.bounds[gene], rng), genome.bounds[gene]);
}

function isInside(genes: readonly number[], bounds: readonly Bounds[]): boolean {
  for (let j = 0; j < genes.length; j++)
    if (!(genes[j] >= bounds[j].low && genes[j] <= bounds[j].high)) return false;
  return true;
}

function clamp(x: number, { low, high }: Bounds): number {
  return Math.min(Math.max(x, low), high);
}
