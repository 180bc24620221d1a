/** A study's state in short: how many trials there are and which is best. */
import { bestOf, nonDominatedTrials } from '../core/best.ts';
import type { FrozenTrial, StudyDirection, TrialState } from '../core/frozen-trial.ts';
import { metricNamesOf } from '../core/metric-names.ts';
import { formatNumber, table } from './output.ts';
import { type ShownStudy, trialData, trialTable } from './trial-data.ts';

export interface SummarizedStudy {
  readonly studyName: string;
  readonly directions: readonly StudyDirection[];
  readonly trials: readonly FrozenTrial[];
}

export function countStates(
  trials: readonly Pick<FrozenTrial, 'state'>[],
): Partial<Record<TrialState, number>> {
  const counts: Partial<Record<TrialState, number>> = {};
  for (const { state } of trials) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

/** `97 COMPLETE, 3 PRUNED`; `no trials`. */
export function statesLine(trials: readonly Pick<FrozenTrial, 'state'>[]): string {
  return countsLine(countStates(trials));
}

/** The line that `statesLine` makes, of states that are counted already. */
export function countsLine(counts: Partial<Record<TrialState, number>>): string {
  const parts = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`);
  return parts.length === 0 ? 'no trials' : parts.join(', ');
}

/** One trial for a single objective, the Pareto front for several; feasible ones only. */
export function bestTrialsOf({ trials, directions }: SummarizedStudy): readonly FrozenTrial[] {
  if (directions.length > 1) return nonDominatedTrials(trials, directions);
  const best = bestOf(trials, directions[0]);
  return best === null ? [] : [best];
}

/** @param best as `bestTrialsOf` or `bestStoredTrials` finds them. */
export function bestData(
  { studyName, directions }: Omit<SummarizedStudy, 'trials'>,
  best: readonly FrozenTrial[],
): Record<string, unknown> {
  const data = best.map((trial) => trialData(trial, studyName));
  return directions.length > 1 ? { bestTrials: data } : { bestTrial: data[0] ?? null };
}

export function bestText(study: ShownStudy, best: readonly FrozenTrial[]): string {
  const { directions, systemAttrs } = study;
  if (best.length === 0) return 'no feasible COMPLETE trial yet';
  if (directions.length > 1)
    return `Pareto front of ${best.length} (${directions.join(', ')}):\n${trialTable(best, study)}`;
  const [trial] = best;
  const name = metricNamesOf(systemAttrs, 1)?.[0] ?? 'value';
  const value = `best ${name} ${formatNumber(trial.values![0])} (${directions[0]}), trial ${trial.number}`;
  const params = Object.entries(trial.params);
  return params.length === 0 ? value : `${value}\n${table(['parameter', 'value'], params)}`;
}
