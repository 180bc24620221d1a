/** What follows from a trial. Optuna has these as properties; here a trial is plain data, and they are functions. */
import type { FrozenTrial } from './frozen-trial.ts';

/** Returns the seconds from the start of a trial to its end; null if it lacks one of them. Optuna: `duration`. */
export function durationSeconds({
  datetimeStart,
  datetimeComplete,
}: Pick<FrozenTrial, 'datetimeStart' | 'datetimeComplete'>): number | null {
  if (datetimeStart === null || datetimeComplete === null) return null;
  return (datetimeComplete.getTime() - datetimeStart.getTime()) / 1000;
}

/** Returns the highest step that a trial reported a value for; null if it reported none. Optuna: `last_step`. */
export function lastStep({ intermediateValues }: Pick<FrozenTrial, 'intermediateValues'>): number | null {
  let last: number | null = null;
  for (const step of intermediateValues.keys()) if (last === null || step > last) last = step;
  return last;
}
