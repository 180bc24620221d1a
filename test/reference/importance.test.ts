/** Importances of fixed histories against Optuna 5.0.0's (importance_peer.py), stored and, with a peer, live. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createTrial,
  distributionFromJson,
  distributionToJson,
  type FrozenTrial,
  type JsonValue,
  type ParamValue,
  Rng,
  type StudyDirection,
} from '../../src/core/index.ts';
import { stringifyPythonJson } from '../../src/core/python-json.ts';
import {
  FanovaEvaluator,
  type ImportanceEvaluator,
  MeanDecreaseImpurityEvaluator,
  PedAnovaEvaluator,
  paramImportances,
} from '../../src/importance/index.ts';
import { peerHas, peerPython } from '../support/python-peer.ts';

interface StoredHistory {
  readonly directions: readonly StudyDirection[];
  readonly distributions: readonly string[];
  readonly trials: readonly [FrozenTrial['state'], number[], Record<string, [ParamValue, number]>][];
}

interface Case {
  readonly history: string;
  readonly evaluator: 'ped-anova' | 'fanova' | 'mdi';
  readonly options: Readonly<Record<string, number | boolean>>;
  readonly params?: readonly string[];
  readonly target?: number;
  readonly expected: Readonly<Record<string, number>>;
}

interface History {
  readonly directions: readonly StudyDirection[];
  readonly trials: readonly FrozenTrial[];
}

const stored = JSON.parse(readFileSync(join(import.meta.dirname, 'importance.json'), 'utf8')) as {
  histories: Record<string, StoredHistory>;
  cases: readonly Case[];
};

const histories = new Map(
  Object.entries(stored.histories).map(([name, history]) => [name, historyOf(history)]),
);

function historyOf({ directions, distributions, trials }: StoredHistory): History {
  const known = distributions.map(distributionFromJson);
  return {
    directions,
    trials: trials.map(([state, values, entries]) => {
      const pick = <V>(of: (entry: [ParamValue, number]) => V): Record<string, V> =>
        Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, of(entry)]));
      return createTrial({
        state,
        values,
        params: pick(([value]) => value),
        distributions: pick(([, at]) => known[at]),
      });
    }),
  };
}

function ours(
  { history, evaluator, options, params, target }: Case,
  among: ReadonlyMap<string, History> = histories,
): Record<string, number> {
  const made: Record<Case['evaluator'], () => ImportanceEvaluator> = {
    'ped-anova': () =>
      new PedAnovaEvaluator({
        targetQuantile: options['target_quantile'] as number | undefined,
        regionQuantile: options['region_quantile'] as number | undefined,
        evaluateOnLocal: options['evaluate_on_local'] as boolean | undefined,
      }),
    fanova: () => new FanovaEvaluator(),
    mdi: () => new MeanDecreaseImpurityEvaluator(),
  };
  const found = paramImportances(among.get(history)!, {
    evaluator: made[evaluator](),
    params,
    // Optuna's targets are minimized whatever the objective's direction; ours, by number, go by the direction.
    target: target === undefined ? undefined : (trial) => trial.values![target],
    normalize: evaluator !== 'ped-anova',
  });
  return Object.fromEntries(found.map(({ name, importance }) => [name, importance]));
}

const titleOf = ({ history, evaluator, options, params, target }: Case): string =>
  `${evaluator} of '${history}' ${JSON.stringify({ ...options, params, target })}`;

const pedAnova = stored.cases.filter((each) => each.evaluator === 'ped-anova');
const forests = stored.cases.filter((each) => each.evaluator !== 'ped-anova');

describe('PED-ANOVA equals Optuna', () => {
  it.each(pedAnova.map((each) => [titleOf(each), each] as const))('%s', (_, each) => {
    expectSame(ours(each), each.expected);
  });
});

function expectSame(actual: Record<string, number>, expected: Readonly<Record<string, number>>): void {
  expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, importance] of Object.entries(expected))
    expect(Math.abs(actual[name] - importance), `${name}: ${actual[name]} for ${importance}`).toBeLessThan(
      1e-9 + 1e-6 * importance,
    );
}

/** Optuna's are means over four seeds of scikit-learn's forest, whose random numbers are not ours. */
describe('random forests agree with Optuna', () => {
  const alike = forests.filter((each) => !isCoarse(each));
  it.each(alike.map((each) => [titleOf(each), each] as const))('%s', (_, each) => {
    expectClose(ours(each), each.expected);
  });

  it('but not where Optuna cuts the outer cells of an integer in half: there the truth decides', () => {
    const each = forests.find(isCoarse)!;
    // round(3a) is 0, 1, 2, 3 with probabilities 1/6, 1/3, 1/3, 1/6; floor(c/2) is 0, 0, 1, 1, 2.
    const [varianceOfA, varianceOfC] = [11 / 12, 0.56];
    const truth = varianceOfA / (varianceOfA + varianceOfC);
    expect(Math.abs(ours(each)['a'] - truth)).toBeLessThan(0.04);
    expect(Math.abs(each.expected['a'] - truth)).toBeGreaterThan(0.05);
  });
});

/** fANOVA of a history in which an integer of five values matters. */
function isCoarse({ evaluator, history }: Case): boolean {
  return evaluator === 'fanova' && history === 'plateaus';
}

function expectClose(actual: Record<string, number>, expected: Readonly<Record<string, number>>): void {
  expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, importance] of Object.entries(expected))
    expect(Math.abs(actual[name] - importance), `${name}: ${actual[name]} for ${importance}`).toBeLessThan(
      0.05,
    );
  const ranked = Object.keys(expected).filter((name) => expected[name] > 0.05);
  expect(Object.keys(actual).slice(0, ranked.length)).toEqual(ranked);
}

const hasForests = peerHas('sklearn');

/** The stored histories with other values in every tenth trial, which the file has no answers for. */
const altered = new Map(
  [...histories].map(([name, { directions, trials }]) => [
    name,
    {
      directions,
      trials: trials.map((trial, i) => {
        const { state, params, distributions } = trial;
        const shift = i % 10 === 0 ? Rng.uniformOf('altered', name, i) : 0;
        return createTrial({
          state,
          params,
          distributions,
          values: trial.values!.map((value) => value + shift),
        });
      }),
    },
  ]),
);

function theirs(cases: readonly Case[]): readonly Record<string, number>[] {
  const asJson = ({ state, values, params, distributions }: FrozenTrial): JsonValue => {
    const texts = Object.entries(distributions).map(([name, d]) => [name, distributionToJson(d)]);
    return { state, values, params, distributions: Object.fromEntries(texts) };
  };
  const input = {
    histories: Object.fromEntries(
      [...altered].map(([name, { directions, trials }]) => [
        name,
        { directions, trials: trials.map(asJson) },
      ]),
    ),
    cases: cases.map(({ expected: _, ...each }) => each as unknown as JsonValue),
  };
  const script = join(import.meta.dirname, 'importance_peer.py');
  const output = execFileSync(peerPython!, [script, 'evaluate'], {
    input: stringifyPythonJson(input),
    encoding: 'utf8',
  });
  return JSON.parse(output) as Record<string, number>[];
}

describe.skipIf(peerPython === undefined)('with Optuna (skipped if THANOS_PEER_PYTHON is not set)', () => {
  const alike = hasForests ? forests.filter((each) => !isCoarse(each)) : [];
  let found: readonly Record<string, number>[];
  beforeAll(() => {
    found = theirs([...pedAnova, ...alike]);
  });

  it('finds the same by PED-ANOVA in altered histories', () => {
    for (const [i, each] of pedAnova.entries()) expectSame(ours(each, altered), found[i]);
  });

  it.skipIf(!hasForests)('finds nearly the same by forests (skipped if the peer has no scikit-learn)', () => {
    for (const [i, each] of alike.entries()) expectClose(ours(each, altered), found[pedAnova.length + i]);
  });
});
