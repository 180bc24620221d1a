import type { Distribution, ParamValue, SearchSpace } from './distribution.ts';
import type { FrozenTrial, StudyDirection } from './frozen-trial.ts';
import type { Pruner } from './pruner.ts';
import type { Sampler, SamplerContext } from './sampler.ts';
import type { StudySnapshot } from './snapshot.ts';
import type { TrialUpdate } from './storage.ts';
import type { Study } from './study-engine.ts';
import type { AnyStudyOptions } from './study-options.ts';
import { assertDraws } from './supported.ts';
import type { TrialRecord } from './trial-record.ts';

/** What a running trial needs from its study. */
export interface TrialHost {
  readonly studyName: string;
  readonly directions: readonly StudyDirection[];
  sampleIndependent(
    name: string,
    distribution: Distribution,
    decided: Readonly<Record<string, ParamValue>>,
  ): ParamValue;
  /** The distribution that the study's history has for this name, if any. */
  knownDistribution(name: string): Distribution | undefined;
  /** Whether the trial's declared space, or an earlier trial, has a parameter of this name. */
  hasParameter(name: string): boolean;
  /** Returns these distributions, as an earlier trial's object if one has them: trials of one space share one object. */
  shared(distributions: SearchSpace): SearchSpace;
  shouldPrune(trial: FrozenTrial): boolean;
  createChildStudy(trial: TrialRecord, name: string, options: AnyStudyOptions): Promise<Study>;
  /** Persists buffered changes of a running trial, in order. */
  write(trialId: number, update: TrialUpdate): Promise<void>;
}

/** What trials need of their study, all of them the same. */
export interface HostingStudy
  extends Pick<TrialHost, 'studyName' | 'directions' | 'createChildStudy' | 'write'> {
  readonly sampler: Sampler;
  readonly pruner: Pruner | null;
  readonly snapshot: StudySnapshot;
}

/**
 * Returns the host of a trial.
 * @param context what its sampler sees.
 * @param finishedAtAsk the finished trials of its history, which its pruner sees.
 */
export function hostOf(
  study: HostingStudy,
  context: SamplerContext,
  finishedAtAsk: () => readonly FrozenTrial[],
): TrialHost {
  const { studyName, directions, sampler, pruner, snapshot, createChildStudy, write } = study;
  let finished: readonly FrozenTrial[] | null = null;
  return {
    studyName,
    directions,
    sampleIndependent: (name, distribution, decided) => {
      assertDraws(sampler, name, distribution);
      return sampler.sampleIndependent(context, name, distribution, decided);
    },
    knownDistribution: (name) => snapshot.knownDistribution(name),
    hasParameter: (name) =>
      snapshot.knownDistribution(name) !== undefined ||
      (context.declaredSpace !== null && Object.hasOwn(context.declaredSpace, name)),
    shared: (distributions) => snapshot.shared(distributions),
    shouldPrune: (trial) => {
      // Design note: one array for all steps of the trial, so that a pruner can keep what it derives from it.
      finished ??= finishedAtAsk();
      return pruner?.shouldPrune({ studyName, direction: directions[0], trials: finished, trial }) ?? false;
    },
    createChildStudy,
    write,
  };
}
