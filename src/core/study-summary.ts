import { damageOf } from './damage.ts';
import type { Attrs, FrozenTrial, StudyDirection, TrialState } from './frozen-trial.ts';
import { metricNamesOf } from './metric-names.ts';
import type { Storage, StudyRecord, TrialOutcome } from './storage.ts';
import { bestOutcomes, bestStoredTrials, outcomesOf, startOf } from './stored-trials.ts';

/** A study in short. */
export interface StudySummary {
  /** The study's name, unique in the storage. */
  readonly studyName: string;
  /** One per objective. */
  readonly directions: readonly StudyDirection[];
  /** Names of its values; null if it has none. */
  readonly metricNames: readonly string[] | null;
  /** What `study.setUserAttr` has kept with it. */
  readonly userAttrs: Attrs;
  /** What THANOS and Optuna keep with it. */
  readonly systemAttrs: Attrs;
  /** The number of trials in all states. */
  readonly nTrials: number;
  /** Number of trials in each state; 0 where there are none. */
  readonly nTrialsByState: Readonly<Record<TrialState, number>>;
  /** The best feasible COMPLETE trial; null if there is none, for several objectives, and if it was not asked for. */
  readonly bestTrial: FrozenTrial | null;
  /** Number of feasible COMPLETE trials that no other dominates; for one objective 1 if there is a best trial. */
  readonly nBestTrials: number;
  /** When the first trial was begun; null if none was. */
  readonly datetimeStart: Date | null;
}

export interface SummaryOptions {
  /** Read the parameters and attributes of the best trial, too. Default true. */
  readonly includeBestTrial?: boolean | undefined;
  /** Told of outcomes that could not be read as they are, and of a best trial that turned out to be damaged. */
  readonly onDamaged?: ((damaged: readonly Partial<TrialOutcome>[]) => void) | undefined;
}

/** Returns a summary of a study, at the cost of one row for each trial. */
export async function summaryOf(
  storage: Storage,
  record: StudyRecord,
  { includeBestTrial = true, onDamaged }: SummaryOptions = {},
): Promise<StudySummary> {
  const { studyId, studyName, directions, userAttrs, systemAttrs } = record;
  const outcomes = await outcomesOf(storage, studyId);
  onDamaged?.(outcomes.filter((outcome) => damageOf(outcome) !== null));
  const readsBest = includeBestTrial && directions.length === 1;
  const best = readsBest
    ? await bestStoredTrials(storage, record, outcomes, (damaged) => onDamaged?.([damaged]))
    : [];
  const counts: Record<TrialState, number> = { COMPLETE: 0, PRUNED: 0, FAIL: 0, RUNNING: 0, WAITING: 0 };
  for (const { state } of outcomes) counts[state]++;
  return {
    studyName,
    directions,
    metricNames: metricNamesOf(systemAttrs, directions.length),
    userAttrs,
    systemAttrs,
    nTrials: outcomes.length,
    nTrialsByState: counts,
    bestTrial: best[0] ?? null,
    nBestTrials: readsBest ? best.length : bestOutcomes(outcomes, directions).length,
    datetimeStart: await startOf(storage, studyId),
  };
}
