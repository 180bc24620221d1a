import { History } from '../../samplers/history-cache.ts';
import { TrialSplitter } from '../../samplers/tpe/split.ts';
import type { FrozenTrial, StudyDirection } from '../../src/core/frozen-trial.ts';

/** Trial numbers in increasing order. */
export interface Split {
  readonly below: Int32Array;
  readonly above: Int32Array;
}

/** The split of a history on its own; equals that of a `TrialSplitter` that has followed it. */
export function splitTrials(
  trials: readonly FrozenTrial[],
  directions: readonly StudyDirection[],
  nBelow: number,
): Split {
  const history = new History();
  history.sync(trials);
  const splitter = new TrialSplitter(history, directions, true);
  const below = splitter.below(nBelow);
  return { below, above: splitter.above(below) };
}
