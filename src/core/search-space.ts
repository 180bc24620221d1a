/** Search spaces inferred from history: pure functions of FrozenTrial[]. */
import { type Distribution, distributionsEqual, isSingle, type SearchSpace } from './distribution.ts';
import { type FrozenTrial, isFinished } from './frozen-trial.ts';

/**
 * Parameters with the same distribution in every finished trial that has any (COMPLETE and PRUNED; with `includeRunning` also
 * RUNNING), sorted by name; single-valued ones are left out. Optuna: `IntersectionSearchSpace`.
 */
export function intersectionSearchSpace(
  trials: readonly FrozenTrial[],
  options: { includeRunning?: boolean } = {},
): SearchSpace {
  let common: Map<string, Distribution> | null = null;
  for (const trial of trials) {
    const counts =
      (isFinished(trial.state) && trial.state !== 'FAIL') ||
      (options.includeRunning === true && trial.state === 'RUNNING');
    if (!counts) continue;
    if (common === null) {
      common = new Map(Object.entries(trial.distributions));
      continue;
    }
    for (const [name, distribution] of common) {
      const other = trial.distributions[name];
      if (other === undefined || !distributionsEqual(distribution, other)) common.delete(name);
    }
  }
  const entries = [...(common ?? [])].filter(([, d]) => !isSingle(d));
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries);
}
