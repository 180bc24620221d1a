import { paretoFront } from '../pareto/non-dominated-sort.ts';
import { ThanosError } from './errors.ts';
import { type CompleteTrial, type FrozenTrial, type StudyDirection, totalViolation } from './frozen-trial.ts';
import { lossOf, lossRows } from './losses.ts';

/** What it takes to compare trials. */
export type Comparable = Pick<FrozenTrial, 'state' | 'values' | 'constraints'>;

/** What is known of a trial that can be the best. */
interface Evaluated {
  readonly state: 'COMPLETE';
  readonly values: readonly number[];
}

function isEvaluated<T extends Comparable>(trial: T): trial is T & Evaluated {
  return trial.state === 'COMPLETE' && trial.values !== null;
}

/** Whether a trial can be the best: it is COMPLETE and feasible. */
export function isCandidate<T extends Comparable>(trial: T): trial is T & Evaluated {
  return isEvaluated(trial) && (totalViolation(trial) ?? 0) === 0;
}

/** Returns the feasible COMPLETE trial with the best value; the earliest of equals; null if there is none. */
export function bestOf<T extends Comparable>(
  trials: readonly T[],
  direction: StudyDirection,
): (T & Evaluated) | null {
  let best: (T & Evaluated) | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const trial of trials) {
    if (!isCandidate(trial)) continue;
    const loss = lossOf(trial.values[0], direction);
    if (best !== null && !(loss < least)) continue;
    best = trial;
    least = loss;
  }
  return best;
}

/** Returns the feasible COMPLETE trials that no other dominates, in the order given. */
export function nonDominatedTrials<T extends Comparable>(
  trials: readonly T[],
  directions: readonly StudyDirection[],
): readonly (T & Evaluated)[] {
  const candidates = trials.filter((trial) => isCandidate(trial));
  return frontOf(candidates, directions);
}

/**
 * Returns the COMPLETE trials with the least total violation that no other of them dominates: the Pareto front if any trial is
 * feasible, and what comes nearest to it otherwise.
 */
export function leastViolating<T extends Comparable>(
  trials: readonly T[],
  directions: readonly StudyDirection[],
): readonly (T & Evaluated)[] {
  const complete = trials.filter((trial) => isEvaluated(trial));
  const violationOf = (trial: T): number => totalViolation(trial) ?? 0;
  const least = complete.reduce((a, trial) => Math.min(a, violationOf(trial)), Number.POSITIVE_INFINITY);
  return frontOf(
    complete.filter((trial) => violationOf(trial) === least),
    directions,
  );
}

function frontOf<T extends Comparable>(
  trials: readonly T[],
  directions: readonly StudyDirection[],
): readonly T[] {
  return paretoFront(lossRows(trials, directions), directions.length).map((row) => trials[row]);
}

/**
 * What `study.bestTrial` is.
 * @throws ThanosError UNSUPPORTED for several objectives; NO_COMPLETE_TRIAL if no COMPLETE trial is feasible.
 */
export function bestTrialOf(
  studyName: string,
  trials: readonly FrozenTrial[],
  directions: readonly StudyDirection[],
): CompleteTrial {
  if (directions.length > 1)
    throw new ThanosError('UNSUPPORTED', 'a multi-objective study has no single best trial; read bestTrials');
  const best = bestOf(trials, directions[0]);
  if (best !== null) return best;
  const [nearest] = leastViolating(trials, directions);
  const remedy =
    nearest === undefined
      ? ''
      : `; trial ${nearest.number} comes nearest, with a total violation of ${totalViolation(nearest)}: read ` +
        'leastViolatingTrials, or loosen the constraints';
  throw new ThanosError(
    'NO_COMPLETE_TRIAL',
    `study '${studyName}' has no feasible COMPLETE trial among its ${trials.length} trials${remedy}`,
  );
}
