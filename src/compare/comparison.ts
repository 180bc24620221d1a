import type { FrozenTrial, StudyDirection } from '../core/frozen-trial.ts';
import { lossesOf, lossOf } from '../core/losses.ts';
import type { SpaceEntries } from '../core/space.ts';
import { holm, mannWhitneyU } from '../math/rank-tests.ts';
import { quantile } from '../math/statistics.ts';
import type { Problem } from './problem.ts';
import { bestLossCurve, hypervolumeCurve, lossHistory, worstSeen } from './score.ts';

/** Quartiles over seeds; entry k is after k + 1 trials. Not finite where not even one trial was feasible. */
export interface ConvergenceCurve {
  /** The first quartile of the score so far. */
  readonly q1: readonly number[];
  /** The median of the score so far. */
  readonly median: readonly number[];
  /** The third quartile of the score so far. */
  readonly q3: readonly number[];
}

/** What one sampler reached, over all seeds of a comparison. */
export interface SamplerResult {
  /** The sampler's name, as given in `samplers`. */
  readonly name: string;
  /** After all trials, per seed: the best value, or the hypervolume. ±Infinity if a seed had no feasible trial. */
  readonly scores: readonly number[];
  /** The median of `scores`. */
  readonly median: number;
  /** The first quartile of `scores`. */
  readonly q1: number;
  /** The third quartile of `scores`. */
  readonly q3: number;
  /** q3 - q1 */
  readonly iqr: number;
  /** Seeds on which no other sampler was better; a tie counts for all that share it. */
  readonly wins: number;
  /** Score so far after each trial, per seed. */
  readonly runs: readonly (readonly number[])[];
  /** The quartiles of `runs`, trial by trial. */
  readonly convergence: ConvergenceCurve;
}

/** Two samplers' scores against each other: a two-sided Mann-Whitney U test. */
export interface PairwiseTest {
  /** The name of the first sampler. */
  readonly a: string;
  /** The name of the second sampler. */
  readonly b: string;
  /** Pairs of scores of which a's is the better, ties counting one half. */
  readonly u: number;
  /** u / number of pairs: how likely a random run of `a` beats one of `b`. */
  readonly probabilityABetter: number;
  /** How likely a difference of at least this size is by luck alone, in [0, 1]; not corrected for the number of pairs. */
  readonly pValue: number;
  /** Holm's correction over all pairs of the comparison. */
  readonly adjustedPValue: number;
  /** How `pValue` was computed: by counting all orders, or by the normal approximation where scores tie or are many. */
  readonly method: 'exact' | 'normal';
}

/** What `compareSamplers` returns: scores, quartiles and tests; plain data, which `JSON.stringify` keeps. */
export interface Comparison {
  /** The problem's name. */
  readonly problem: string;
  /** The problem's directions. */
  readonly directions: readonly StudyDirection[];
  /** What a score is: the best value of one objective, or the hypervolume of several. */
  readonly score: 'best value' | 'hypervolume';
  /** Whether small or large scores are good. */
  readonly scoreDirection: StudyDirection;
  /** The point from which hypervolume is measured, one value per direction; null for one objective or if no trial was feasible. */
  readonly referencePoint: readonly number[] | null;
  /** Trials per study. */
  readonly nTrials: number;
  /** The seeds, in the order of each sampler's `scores` and `runs`. */
  readonly seeds: readonly number[];
  /** In the order given. */
  readonly samplers: readonly SamplerResult[];
  /** A test of each pair of samplers. */
  readonly pairwise: readonly PairwiseTest[];
}

/** The trials of one sampler, per seed. */
export interface SamplerTrials {
  readonly name: string;
  readonly trials: readonly (readonly FrozenTrial[])[];
}

/** The statistics of finished studies; a pure function of their trials. */
export function comparisonOf<S extends SpaceEntries>(run: {
  readonly problem: Pick<Problem<S>, 'name' | 'directions' | 'referencePoint'>;
  readonly samplers: readonly SamplerTrials[];
  readonly seeds: readonly number[];
  readonly nTrials: number;
}): Comparison {
  const { problem, seeds, nTrials } = run;
  const { directions } = problem;
  const isSingle = directions.length === 1;
  const scoreDirection = isSingle ? directions[0] : 'maximize';
  const histories = run.samplers.map(({ trials }) => trials.map((each) => lossHistory(each, directions)));
  const reference = isSingle
    ? null
    : problem.referencePoint !== undefined
      ? lossesOf(problem.referencePoint, directions)
      : worstSeen(histories.flat());

  const curveOf = (history: (typeof histories)[number][number]): number[] => {
    const curve = isSingle
      ? bestLossCurve(history).map((loss) => lossOf(loss, scoreDirection))
      : reference === null
        ? history.map(() => 0)
        : hypervolumeCurve(history, reference);
    // An exhausted space ends a study early: what it reached stands.
    const last = curve.at(-1) ?? (scoreDirection === 'minimize' ? Infinity : isSingle ? -Infinity : 0);
    return Array.from({ length: nTrials }, (_, k) => curve[k] ?? last);
  };
  const curves = histories.map((perSeed) => perSeed.map(curveOf));
  const scores = curves.map((perSeed) => perSeed.map((curve) => curve[nTrials - 1]));
  const best = seeds.map((_, s) =>
    scores.reduce(
      (found, perSeed) =>
        scoreDirection === 'minimize' ? Math.min(found, perSeed[s]) : Math.max(found, perSeed[s]),
      scoreDirection === 'minimize' ? Infinity : -Infinity,
    ),
  );
  return {
    problem: problem.name,
    directions,
    score: isSingle ? 'best value' : 'hypervolume',
    scoreDirection,
    referencePoint: reference === null ? null : lossesOf(reference, directions),
    nTrials,
    seeds,
    samplers: run.samplers.map(({ name }, i) => {
      const [q1, median, q3] = quartiles(scores[i]);
      const wins = scores[i].filter((score, s) => Number.isFinite(score) && score === best[s]).length;
      const iqr = q1 === q3 ? 0 : q3 - q1;
      return {
        name,
        scores: scores[i],
        median,
        q1,
        q3,
        iqr,
        wins,
        runs: curves[i],
        convergence: convergence(curves[i]),
      };
    }),
    pairwise: pairwiseTests(
      run.samplers.map(({ name }) => name),
      scores,
      scoreDirection,
    ),
  };
}

function quartiles(values: readonly number[]): [number, number, number] {
  return [quantile(values, 0.25), quantile(values, 0.5), quantile(values, 0.75)];
}

/** Quartiles across curves of equal length. */
function convergence(curves: readonly (readonly number[])[]): ConvergenceCurve {
  const perTrial = curves[0].map((_, k) => quartiles(curves.map((curve) => curve[k])));
  return {
    q1: perTrial.map((each) => each[0]),
    median: perTrial.map((each) => each[1]),
    q3: perTrial.map((each) => each[2]),
  };
}

function pairwiseTests(
  names: readonly string[],
  scores: readonly (readonly number[])[],
  direction: StudyDirection,
): PairwiseTest[] {
  const goodness = scores.map((perSeed) => perSeed.map((score) => -lossOf(score, direction)));
  const tests = names.flatMap((a, i) =>
    names.slice(i + 1).map((b, offset) => {
      const j = i + 1 + offset;
      return { a, b, pairs: scores[i].length * scores[j].length, ...mannWhitneyU(goodness[i], goodness[j]) };
    }),
  );
  const adjusted = holm(tests.map((test) => test.pValue));
  return tests.map(({ pairs, ...test }, k) => ({
    ...test,
    probabilityABetter: test.u / pairs,
    adjustedPValue: adjusted[k],
  }));
}
