/**
 * The seed of a study whose sampler was made without one. A new study draws it, so that two studies differ, and records it with its
 * sampler, so that a resume is exact; that of a child study follows from the study that owns it.
 */
import { SYSTEM_ATTR } from './frozen-trial.ts';
import { isPlainObject } from './json.ts';
import { Rng } from './rng.ts';
import type { StudyRecord } from './storage.ts';

/** Seeds are integers below this. */
export const SEED_END = 2 ** 31;

/** The seed that a study has recorded; of one that has none, as Optuna's have none, one that follows from its name. */
export function recordedSeed({ studyName, systemAttrs }: StudyRecord): number {
  const sampler = systemAttrs[SYSTEM_ATTR.sampler];
  const seed = isPlainObject(sampler) ? sampler['seed'] : undefined;
  return Number.isSafeInteger(seed) && (seed as number) >= 0 ? (seed as number) : seedOfName(studyName);
}

export function seedOfName(studyName: string): number {
  return Rng.keyed('default-seed', studyName).int(SEED_END);
}

/** The seed of a new child study. */
export function seedOfChild(parentSeed: number, childName: string): number {
  return Rng.keyed('child-seed', parentSeed, childName).int(SEED_END);
}
