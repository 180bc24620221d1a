/** Candidates of the evolutionary search: a gene is one parameter's external value. */
import {
  cardinality,
  type Distribution,
  isSingle,
  type ParamValue,
  type SearchSpace,
  singleValue,
} from '../../src/core/distribution.ts';
import { fromReal, toReal } from '../../src/core/numeric-transform.ts';
import type { Rng } from '../../src/core/rng.ts';
import { uniformAt } from '../../src/core/uniform.ts';

/** A point of the search space: a value per parameter. */
export type Candidate = Readonly<Record<string, ParamValue>>;

/** Sum of what a candidate exceeds its limits by; <= 0 is feasible. */
export type Violation = (candidate: Candidate) => number;

export function randomCandidate(rng: Rng, space: SearchSpace): Candidate {
  const genes: Record<string, ParamValue> = {};
  for (const name in space) genes[name] = uniformAt(rng.uniform(), space[name]);
  return genes;
}

/** Each gene is drawn anew with probability `probability` (HAT: the new value may equal the old one). */
export function mutate(rng: Rng, space: SearchSpace, parent: Candidate, probability: number): Candidate {
  const genes: Record<string, ParamValue> = {};
  for (const name in space)
    genes[name] = rng.uniform() < probability ? uniformAt(rng.uniform(), space[name]) : parent[name];
  return genes;
}

/** Each gene comes from either parent with equal probability. */
export function crossover(rng: Rng, space: SearchSpace, a: Candidate, b: Candidate): Candidate {
  const genes: Record<string, ParamValue> = {};
  for (const name in space) genes[name] = (rng.uniform() < 0.5 ? a : b)[name];
  return genes;
}

/** Steps on which a gene of a wide or continuous range is tried by `repair`. */
const REPAIR_STEPS = 9;

/**
 * Makes a candidate feasible by changing one gene at a time, in random order, each to the value that violates least;
 * stops at the first feasible one, so the result stays close to the candidate. At most one value per gene and sweep
 * survives, and a sweep that improves nothing ends it: bounded by sweeps x genes x values.
 */
export function repair(
  rng: Rng,
  space: SearchSpace,
  candidate: Candidate,
  violation: Violation,
): { candidate: Candidate; violation: number } {
  let best = candidate;
  let least = violation(candidate);
  for (let improved = true; improved && least > 0; ) {
    improved = false;
    for (const name of rng.shuffled(Object.keys(space))) {
      for (const value of valuesToTry(space[name])) {
        if (Object.is(value, best[name])) continue;
        const changed = { ...best, [name]: value };
        const changedViolation = violation(changed);
        if (changedViolation >= least) continue;
        best = changed;
        least = changedViolation;
        improved = true;
      }
      if (least <= 0) break;
    }
  }
  return { candidate: best, violation: least };
}

/** All values of a gene if they are few; else some, evenly spaced and its ends among them. */
function valuesToTry(d: Distribution): readonly ParamValue[] {
  if (isSingle(d)) return [singleValue(d)];
  if (d.kind === 'categorical') return d.choices;
  const last = Math.min(cardinality(d), REPAIR_STEPS) - 1;
  const [low, high] = [toReal(d, d.low), toReal(d, d.high)];
  return Array.from({ length: last + 1 }, (_, i) => fromReal(d, low + (i / last) * (high - low)));
}

/** Two candidates with the same key are the same candidate. */
export function candidateKey(space: SearchSpace, candidate: Candidate): string {
  let key = '';
  for (const name in space) key += `${JSON.stringify(candidate[name])},`;
  return key;
}
