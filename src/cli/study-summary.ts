/** A study's state in short: how many trials there are and which is best. */
import { bestOf, paretoFront } from '../core/best.ts';
import type { FrozenTrial, StudyDirection, TrialState } from '../core/frozen-trial.ts';
import { formatNumber, table } from './output.ts';
import { trialData, trialTable } from './trial-data.ts';

export interface SummarisedStudy {
  readonly studyName: string;
  readonly directions: readonly StudyDirection[];
  readonly trials: readonly FrozenTrial[];
}

export function countStates(trials: readonly FrozenTrial[]): Partial<Record<TrialState, number>> {
  const counts: Partial<Record<TrialState, number>> = {};
  for (const { state } of trials) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

/** `97 COMPLETE, 3 PRUNED`; `no trials`. */
export function statesLine(trials: readonly FrozenTrial[]): string {
  const counts = Object.entries(countStates(trials)).map(([state, count]) => `${count} ${state}`);
  return counts.length === 0 ? 'no trials' : counts.join(', ');
}

/** One trial for a single objective, the Pareto front for several; feasible ones only. */
export function bestTrialsOf({ trials, directions }: SummarisedStudy): readonly FrozenTrial[] {
  if (directions.length > 1) return paretoFront(trials, directions);
  const best = bestOf(trials, directions[0]);
  return best === null ? [] : [best];
}

export function bestData(study: SummarisedStudy): Record<string, unknown> {
  const best = bestTrialsOf(study).map((trial) => trialData(trial, study.studyName));
  return study.directions.length > 1 ? { bestTrials: best } : { bestTrial: best[0] ?? null };
}

export function bestText(study: SummarisedStudy): string {
  const best = bestTrialsOf(study);
  if (best.length === 0) return 'no feasible COMPLETE trial yet';
  if (study.directions.length > 1)
    return `Pareto front of ${best.length} (${study.directions.join(', ')}):\n${trialTable(best, study.directions)}`;
  const [trial] = best;
  const value = `best value ${formatNumber(trial.values![0])} (${study.directions[0]}), trial ${trial.number}`;
  const params = Object.entries(trial.params);
  return params.length === 0 ? value : `${value}\n${table(['parameter', 'value'], params)}`;
}
