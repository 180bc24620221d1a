/**
 * Our sampler mathematics against Optuna 5.0.0. `samplers.json` holds the numbers, each beside the call that made it;
 * with THANOS_PEER_PYTHON (a Python with optuna) set, the script is run again and compared as well.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { selectElite } from '../../samplers/nsga2/population.ts';
import { CandidateBatch, Candidates } from '../../samplers/tpe/candidates.ts';
import { KernelWeights } from '../../samplers/tpe/kernel-weights.ts';
import { ParzenMixture } from '../../samplers/tpe/parzen-mixture.ts';
import { ParzenSpace } from '../../samplers/tpe/parzen-space.ts';
import {
  distributionFromJson,
  type FrozenTrial,
  type ParamValue,
  type StudyDirection,
  type TrialState,
  toExternalRepr,
} from '../../src/core/index.ts';
import { logGaussMass, truncatedNormalPpf } from '../../src/math/index.ts';
import {
  crowdingDistances,
  hypervolume,
  nonDominationRanks,
  selectByHypervolume,
} from '../../src/pareto/index.ts';
import { makeTrial } from '../../src/testing/sampler-loop.ts';
import { splitTrials } from '../support/split-trials.ts';
import { truncatedNormalLogPdf } from '../support/truncated-normal.ts';

type Reals = readonly (number | string)[];
interface PointSet {
  readonly call: string;
  readonly points: readonly Reals[];
}
interface PlainTrial {
  readonly state: TrialState;
  readonly values: Reals | null;
  readonly intermediateValues: readonly [number, number | string][];
  readonly constraints: readonly number[] | null;
}
interface Reference {
  readonly madeWith: string;
  readonly parzen: readonly {
    readonly name: string;
    readonly call: string;
    readonly space: Readonly<Record<string, string>>;
    readonly observations: Readonly<Record<string, readonly number[]>>;
    readonly ones: boolean;
    readonly samples: Readonly<Record<string, readonly number[]>>;
    readonly logPdf: readonly number[];
  }[];
  readonly hypervolume: readonly (PointSet & { readonly reference: Reals; readonly value: number })[];
  readonly ranks: readonly (PointSet & {
    readonly violations: readonly number[] | null;
    readonly value: readonly number[];
  })[];
  readonly crowding: readonly (PointSet & { readonly value: Reals })[];
  readonly hssp: readonly (PointSet & {
    readonly reference: Reals;
    readonly size: number;
    readonly value: readonly number[];
  })[];
  readonly split: readonly {
    readonly call: string;
    readonly directions: readonly StudyDirection[];
    readonly trials: readonly PlainTrial[];
    readonly cases: readonly { readonly nBelow: number; readonly below: readonly number[] }[];
  }[];
  readonly elite: readonly {
    readonly call: string;
    readonly directions: readonly StudyDirection[];
    readonly trials: readonly PlainTrial[];
    readonly value: readonly number[];
  }[];
  readonly truncnorm: {
    readonly logMass: readonly { readonly a: number; readonly b: number; readonly value: number }[];
    readonly logPdf: readonly Record<'x' | 'a' | 'b' | 'mean' | 'sigma' | 'value', number>[];
    readonly ppf: readonly Record<'q' | 'a' | 'b' | 'value', number>[];
  };
  readonly weights: readonly { readonly n: number; readonly value: readonly number[] }[];
}

const stored = JSON.parse(readFileSync(new URL('./samplers.json', import.meta.url), 'utf8')) as Reference;

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
      execFileSync(python, [new URL('./generate_samplers.py', import.meta.url).pathname], {
        encoding: 'utf8',
        maxBuffer: 1 << 26,
      }),
    ) as Reference;
    return live;
  });
}

function check(title: string, reference: () => Reference): void {
  describe(title, () => {
    test('Parzen densities', () => {
      for (const { name, call, space, observations, ones, samples, logPdf } of reference().parzen) {
        const ours = parzenLogPdf(space, observations, ones, samples);
        ours.forEach((value, i) => {
          expectClose(value, logPdf[i], `${name}: ${call}`);
        });
      }
    });

    test('weights by age', () => {
      for (const { n, value } of reference().weights) {
        const weights = new KernelWeights('recency', n);
        value.forEach((w, k) => {
          expectClose(weights.at(k), w, `default_weights(${n})`);
        });
        const sum = value.reduce((a, b) => a + b, 1);
        expectClose(weights.total, sum, `sum of default_weights(${n}) and the prior's`);
      }
    });

    test('truncated normal', () => {
      const { logMass, logPdf, ppf } = reference().truncnorm;
      for (const { a, b, value } of logMass)
        expectClose(logGaussMass(a, b), value, `_log_gauss_mass(${a}, ${b})`);
      for (const { x, a, b, mean, sigma, value } of logPdf)
        expectClose(
          truncatedNormalLogPdf(x, mean, sigma, mean + a * sigma, mean + b * sigma),
          value,
          `_truncnorm.logpdf(${x}, ${a}, ${b}, ${mean}, ${sigma})`,
        );
      for (const { q, a, b, value } of ppf)
        expectClose(truncatedNormalPpf(q, a, b), value, `scipy.stats.truncnorm.ppf(${q}, ${a}, ${b})`);
    });

    test('hypervolume', () => {
      for (const { call, points, reference: ref, value } of reference().hypervolume)
        expectClose(hypervolume(flat(points), flat([ref])), value, call);
    });

    test('non-domination ranks', () => {
      for (const { call, points, violations, value } of reference().ranks)
        expect(
          [...nonDominationRanks(flat(points), points[0].length, violations ?? undefined)],
          call,
        ).toEqual(value);
    });

    test('crowding distance', () => {
      for (const { call, points, value } of reference().crowding)
        crowdingDistances(flat(points), points[0].length).forEach((distance, i) => {
          expectClose(distance, Number(value[i]), call);
        });
    });

    test('hypervolume subset selection', () => {
      for (const { call, points, reference: ref, size, value } of reference().hssp)
        expect(
          selectByHypervolume(flat(points), flat([ref]), size).sort((a, b) => a - b),
          call,
        ).toEqual(value);
    });

    test('split into below and above', () => {
      for (const { call, directions, trials, cases } of reference().split)
        for (const { nBelow, below } of cases) {
          const split = splitTrials(trials.map(toTrial), directions, nBelow);
          expect([...split.below], call).toEqual(below);
          expect([...split.above], call).toEqual(trials.map((_, i) => i).filter((i) => !below.includes(i)));
        }
    });

    test('elite population', () => {
      for (const { call, directions, trials, value } of reference().elite) {
        const elite = selectElite(trials.map(toTrial), directions, 20);
        expect(
          elite.trials.map((t) => t.number).sort((a, b) => a - b),
          call,
        ).toEqual(value);
      }
    });
  });
}

function parzenLogPdf(
  spaceJson: Readonly<Record<string, string>>,
  observations: Readonly<Record<string, readonly number[]>>,
  ones: boolean,
  samples: Readonly<Record<string, readonly number[]>>,
): number[] {
  const names = Object.keys(spaceJson);
  const space = new ParzenSpace(
    Object.fromEntries(names.map((name) => [name, distributionFromJson(spaceJson[name])])),
  );
  const rowsOf = (values: Readonly<Record<string, readonly number[]>>): Float64Array[] =>
    values[names[0]].map((_, i) => {
      const external = (name: string): ParamValue =>
        toExternalRepr(distributionFromJson(spaceJson[name]), values[name][i]);
      return space.rowOf(Object.fromEntries(names.map((name) => [name, external(name)])))!;
    });
  const mixture = new ParzenMixture(space, ones ? 'equal' : 'recency');
  rowsOf(observations).forEach((row, number) => {
    mixture.add(number, row);
  });
  mixture.fit();
  const rows = rowsOf(samples);
  const candidates = new Candidates(space, rows.length);
  rows.forEach((row, s) => {
    candidates.rows.set(row, s * space.width);
  });
  candidates.prepare();
  return rows.map((_, s) => {
    const batch = new CandidateBatch();
    batch.push(s, Number.POSITIVE_INFINITY);
    mixture.logDensities(candidates, batch);
    return batch.logs[0];
  });
}

function toTrial(plain: PlainTrial, number: number): FrozenTrial {
  return makeTrial(
    number,
    {},
    { params: {}, systemAttrs: {} },
    {
      state: plain.state,
      values: plain.values?.map(Number) ?? null,
      intermediateValues: new Map(plain.intermediateValues.map(([step, value]) => [step, Number(value)])),
      constraints: plain.constraints ?? undefined,
    },
  );
}

function flat(points: readonly Reals[]): Float64Array {
  return Float64Array.from(points.flat().map(Number));
}

/** To 1e-9, absolute and relative. */
function expectClose(actual: number, expected: number | string, what: string): void {
  const value = Number(expected);
  if (!Number.isFinite(value)) expect(actual, what).toBe(value);
  else
    expect(Math.abs(actual - value), `${what}: ${actual} vs ${value}`).toBeLessThanOrEqual(
      1e-9 * Math.max(1, Math.abs(value)),
    );
}
