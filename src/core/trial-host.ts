import type { Distribution, ParamValue, SearchSpace } from './distribution.ts';
import type { FrozenTrial, StudyDirection } from './frozen-trial.ts';
import type { TrialUpdate } from './storage.ts';
import type { Study } from './study-engine.ts';
import type { AnyStudyOptions } from './study-options.ts';
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
