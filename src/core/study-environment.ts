import { ThanosError } from './errors.ts';
import type { StudyDirection } from './frozen-trial.ts';
import type { Pruner } from './pruner.ts';
import type { Sampler } from './sampler.ts';
import type { Storage } from './storage.ts';
import type { AnyStudyOptions } from './study-options.ts';

/** What a study gets from outside of core. */
export interface StudyEnvironment {
  /** Holds the study and its child studies. */
  readonly storage: Storage;
  /** The sampler of a study that names none. */
  readonly defaultSampler: (directions: readonly StudyDirection[]) => Sampler;
  /** Draws the seed of a new study whose sampler has none; absent: it follows from the study's name. */
  readonly drawSeed?: ((studyName: string) => number) | undefined;
  /** The pruner of a single-objective study that names none; absent: nothing is pruned. */
  readonly defaultPruner?: (() => Pruner) | undefined;
}

/**
 * The sampler of the options, or the default one.
 * @param seed for one that was made without.
 */
export function samplerOf(
  environment: StudyEnvironment,
  { sampler }: AnyStudyOptions,
  directions: readonly StudyDirection[],
  seed: () => number,
): Sampler {
  const given = sampler ?? environment.defaultSampler(directions);
  return given.withSeed?.(seed()) ?? given;
}

/**
 * The pruner of the options, or the default one; null for several objectives.
 * @throws ThanosError UNSUPPORTED if there are several objectives.
 */
export function prunerOf(
  environment: StudyEnvironment,
  { pruner }: AnyStudyOptions,
  directions: readonly StudyDirection[],
): Pruner | null {
  const isSingle = directions.length === 1;
  if (pruner === undefined) return (isSingle && environment.defaultPruner?.()) || null;
  if (!isSingle)
    throw new ThanosError(
      'UNSUPPORTED',
      `pruning needs a single objective, but this study has ${directions.length}; leave the pruner out (an objective may ` +
        'still throw TrialPruned by a rule of its own), or optimize one objective with the others as constraints',
    );
  return pruner;
}
