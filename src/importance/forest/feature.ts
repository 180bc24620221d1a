import { type Distribution, isSingle, toInternalRepr } from '../../core/distribution.ts';
import type { FrozenTrial } from '../../core/frozen-trial.ts';
import { type ImportanceTask, lossOf } from '../task.ts';

/** One parameter as a regression tree sees it. */
export interface Feature {
  readonly name: string;
  /** Per sample: the number, or the index of the choice. */
  readonly values: Float64Array;
  /** Number of choices; 0 of a numeric feature. */
  readonly nChoices: number;
  /** Ends of a numeric feature's range; the values of a discrete one are cells of equal width. */
  readonly low: number;
  readonly high: number;
}

function featureOf(name: string, distribution: Distribution, trials: readonly FrozenTrial[]): Feature {
  const values = Float64Array.from(trials, (trial) => toInternalRepr(distribution, trial.params[name]));
  if (distribution.kind === 'categorical')
    return { name, values, nChoices: distribution.choices.length, low: 0, high: 0 };
  const margin = (distribution.step ?? 0) / 2;
  return { name, values, nChoices: 0, low: distribution.low - margin, high: distribution.high + margin };
}

/** What a forest is to learn: the losses of the trials that have all these parameters, where they are finite. */
export function forestData(
  task: ImportanceTask,
  distributions: ReadonlyMap<string, Distribution>,
): { readonly features: readonly Feature[]; readonly targets: Float64Array } {
  const names = [...distributions.keys()];
  const loss = lossOf(task);
  const trials = task.trials.filter(
    (trial) => names.every((name) => Object.hasOwn(trial.params, name)) && Number.isFinite(loss(trial)),
  );
  const features = [...distributions]
    .filter(([, distribution]) => !isSingle(distribution))
    .map(([name, distribution]) => featureOf(name, distribution, trials));
  return { features, targets: Float64Array.from(trials, loss) };
}
