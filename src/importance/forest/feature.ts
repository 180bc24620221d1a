import { type Distribution, isSingle, type ParamValue, toInternalRepr } from '../../core/distribution.ts';
import type { FrozenTrial } from '../../core/frozen-trial.ts';
import { realBounds, toReal } from '../../core/numeric-transform.ts';
import { type ImportanceTask, targetLoss } from '../task.ts';

/** One parameter as a regression tree sees it. */
export interface Feature {
  readonly name: string;
  /** Per sample: the number, on the scale on which it is drawn (logarithmic if `log`), or the index of the choice. */
  readonly values: Float64Array;
  /** The number of choices; 0 if numeric. */
  readonly nChoices: number;
  /** The ends of a numeric feature's range on that scale; a discrete value is the cell of the points that round to it. */
  readonly low: number;
  readonly high: number;
}

function featureOf(name: string, distribution: Distribution, trials: readonly FrozenTrial[]): Feature {
  const valuesBy = (real: (value: ParamValue) => number) =>
    Float64Array.from(trials, (trial) => real(trial.params[name]));
  if (distribution.kind === 'categorical') {
    const values = valuesBy((choice) => toInternalRepr(distribution, choice));
    return { name, values, nChoices: distribution.choices.length, low: 0, high: 0 };
  }
  return {
    name,
    values: valuesBy((value) => toReal(distribution, value)),
    nChoices: 0,
    ...realBounds(distribution),
  };
}

/** What a forest is to learn: the losses of the trials that have all these parameters, where they are finite. */
export function forestData(
  task: ImportanceTask,
  distributions: ReadonlyMap<string, Distribution>,
): { readonly features: readonly Feature[]; readonly targets: Float64Array } {
  const names = [...distributions.keys()];
  const loss = targetLoss(task);
  const trials = task.trials.filter(
    (trial) => names.every((name) => Object.hasOwn(trial.params, name)) && Number.isFinite(loss(trial)),
  );
  const features = [...distributions]
    .filter(([, distribution]) => !isSingle(distribution))
    .map(([name, distribution]) => featureOf(name, distribution, trials));
  return { features, targets: Float64Array.from(trials, loss) };
}
