/**
 * TPE against Optuna 5.0.0. `tpe.json` holds the numbers, each beside the call that made it; with THANOS_PEER_PYTHON (a Python
 * with optuna) set, the script is run again and compared as well.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { History } from '../../samplers/history-cache.ts';
import { CandidateBatch, Candidates } from '../../samplers/tpe/candidates.ts';
import { ParzenMixture } from '../../samplers/tpe/parzen-mixture.ts';
import { ParzenSpace } from '../../samplers/tpe/parzen-space.ts';
import { TpeStudyModel } from '../../samplers/tpe/study-model.ts';
import {
  distributionFromJson,
  type FrozenTrial,
  float,
  groupDecomposedSearchSpace,
  type ParamValue,
  type SearchSpace,
  type StudyDirection,
  type TrialState,
  toExternalRepr,
} from '../../src/core/index.ts';
import { makeTrial } from '../../src/testing/sampler-loop.ts';

type Columns = Readonly<Record<string, readonly number[]>>;
interface PlainTrial {
  readonly state: TrialState;
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly values: readonly number[] | null;
  readonly intermediateValues: readonly [number, number][];
  readonly constraints: readonly number[] | null;
}
interface Reference {
  readonly madeWith: string;
  readonly parzen: readonly {
    readonly name: string;
    readonly call: string;
    readonly space: Readonly<Record<string, string>>;
    readonly observations: Columns;
    readonly samples: Columns;
    readonly logPdf: readonly number[];
  }[];
  readonly acquisition: readonly {
    readonly call: string;
    readonly directions: readonly StudyDirection[];
    readonly space: Readonly<Record<string, string>>;
    readonly trials: readonly PlainTrial[];
    readonly samples: Columns;
    readonly value: readonly number[];
  }[];
  readonly groups: readonly {
    readonly call: string;
    readonly subsets: readonly (readonly string[])[];
    readonly value: readonly (readonly string[])[];
  }[];
}

const stored = JSON.parse(readFileSync(new URL('./tpe.json', import.meta.url), 'utf8')) as Reference;

check(`stored values of ${stored.madeWith}`, () => stored);

const python = process.env['THANOS_PEER_PYTHON'];
if (python === undefined)
  describe.skip('values made now by Optuna (skipped: THANOS_PEER_PYTHON is not set)', () => {
    test('', () => {});
  });
else {
  let live: Reference | undefined;
  check('values made now by Optuna', () => {
    live ??= JSON.parse(
      execFileSync(python, [new URL('./generate_tpe.py', import.meta.url).pathname], {
        encoding: 'utf8',
        maxBuffer: 1 << 26,
      }),
    ) as Reference;
    return live;
  });
}

function check(title: string, reference: () => Reference): void {
  describe(title, () => {
    test('log densities', () => {
      for (const { name, space, observations, samples, logPdf } of reference().parzen) {
        const searchSpace = spaceOf(space);
        const parzen = new ParzenSpace(searchSpace);
        const mixture = new ParzenMixture(parzen, 'recency');
        pointsOf(searchSpace, observations).forEach((params, number) => {
          mixture.add(number, parzen.rowOf(params)!);
        });
        mixture.fit();
        expectClose(logDensities(mixture, parzen, pointsOf(searchSpace, samples)), logPdf, name);
      }
    });

    test('log l - log g of candidates, with pruned, running and infeasible trials, for one objective and several', () => {
      for (const { call, directions, space, trials, samples, value } of reference().acquisition) {
        const searchSpace = spaceOf(space);
        const history = new History();
        history.sync(trials.map((trial, number) => toTrial(trial, number, searchSpace)));
        const {
          below,
          above,
          space: parzen,
        } = new TpeStudyModel(history, directions, true).estimator(searchSpace);
        const points = pointsOf(searchSpace, samples);
        const logs = [below, above].map((mixture) => logDensities(mixture, parzen, points));
        expectClose(
          logs[0].map((log, s) => log - logs[1][s]),
          value,
          `${directions}: ${call}`,
        );
      }
    });

    test('groups of parameters that occur together', () => {
      for (const { call, subsets, value } of reference().groups) {
        const trials = subsets.map((names, number) => {
          const space = Object.fromEntries(names.map((name) => [name, float(0, 1)]));
          const params = Object.fromEntries(names.map((name) => [name, 0.5]));
          return makeTrial(number, space, { params, systemAttrs: {} }, { values: [0] });
        });
        const groups = groupDecomposedSearchSpace(trials);
        expect(groups.map((group) => Object.keys(group)).sort(), call).toEqual([...value].sort());
      }
    });
  });
}

function spaceOf(json: Readonly<Record<string, string>>): SearchSpace {
  return Object.fromEntries(Object.entries(json).map(([name, d]) => [name, distributionFromJson(d)]));
}

/** Optuna's columns of internal values as points of external ones. */
function pointsOf(space: SearchSpace, columns: Columns): Readonly<Record<string, ParamValue>>[] {
  const names = Object.keys(space);
  return columns[names[0]].map((_, i) =>
    Object.fromEntries(names.map((name) => [name, toExternalRepr(space[name], columns[name][i])])),
  );
}

function logDensities(
  mixture: ParzenMixture,
  space: ParzenSpace,
  points: readonly Readonly<Record<string, ParamValue>>[],
): number[] {
  const candidates = new Candidates(space, points.length);
  points.forEach((params, s) => {
    candidates.rows.set(space.rowOf(params)!, s * space.width);
  });
  candidates.prepare();
  const logs: number[] = [];
  // In batches of every size.
  for (let s = 0; s < points.length; ) {
    const batch = new CandidateBatch();
    for (let i = 0; i <= s % 4 && s + i < points.length; i++) batch.push(s + i, Number.POSITIVE_INFINITY);
    mixture.logDensities(candidates, batch);
    logs.push(...batch.logs.subarray(0, batch.size));
    s += batch.size;
  }
  return logs;
}

function toTrial(plain: PlainTrial, number: number, space: SearchSpace): FrozenTrial {
  return makeTrial(
    number,
    space,
    { params: plain.params, systemAttrs: {} },
    {
      state: plain.state,
      values: plain.values,
      intermediateValues: new Map(plain.intermediateValues),
      constraints: plain.constraints ?? undefined,
    },
  );
}

/** To 1e-9, absolute and relative. */
function expectClose(actual: readonly number[], expected: readonly number[], what: string): void {
  expect(actual.length, what).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(Math.abs(actual[i] - value), `${what}: ${actual[i]} vs ${value}`).toBeLessThanOrEqual(
      1e-9 * Math.max(1, Math.abs(value)),
    );
  });
}
