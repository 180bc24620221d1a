/**
 * Our CMA-ES against the package `cmaes` 0.12.0, fed the same normal numbers, and our replay against studies that Optuna 5.0.0
 * has run. `cmaes.json` holds the numbers, each beside the call that made it; with THANOS_PEER_PYTHON (a Python with optuna
 * and cmaes) set, the script is run again and compared as well.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Evolution } from '../../samplers/cmaes/evolution.ts';
import { CmaGenerations } from '../../samplers/cmaes/generations.ts';
import { rank } from '../../samplers/cmaes/ranking.ts';
import { CmaRun, type RunStart, type Variant } from '../../samplers/cmaes/run.ts';
import { CmaEsSampler } from '../../samplers/cmaes/sampler.ts';
import { defaultPopsize } from '../../samplers/cmaes/strategy.ts';
import { UnitSpace } from '../../samplers/cmaes/unit-space.ts';
import { warmStart } from '../../samplers/cmaes/warm-start.ts';
import { History } from '../../samplers/history-cache.ts';
import {
  type Attrs,
  distributionFromJson,
  type ParamValue,
  type StudyDirection,
} from '../../src/core/index.ts';
import { makeTrial } from '../../src/testing/sampler-loop.ts';
import { peerHas, peerPython } from '../support/python-peer.ts';

interface State {
  readonly mean: readonly number[];
  readonly sigma: number;
  /** Shape (d, d), or the diagonal (d). */
  readonly covariance: readonly number[] | readonly (readonly number[])[];
}

interface Reference {
  readonly madeWith: string;
  readonly runs: readonly {
    readonly call: string;
    readonly variant: Variant;
    readonly dimensions: number;
    readonly sigma0: number;
    readonly gridSizes: readonly number[];
    readonly popsize: number;
    readonly generations: readonly (State & {
      readonly normal: readonly number[];
      readonly evaluated: readonly (readonly number[])[];
      readonly values: readonly number[];
    })[];
  }[];
  readonly warmStarts: readonly (State & { readonly call: string; readonly points: readonly number[][] })[];
  readonly studies: readonly (State & {
    readonly call: string;
    readonly direction: StudyDirection;
    readonly options: {
      with_margin?: boolean;
      use_separable_cma?: boolean;
      lr_adapt?: boolean;
      popsize?: number;
    };
    readonly generation: number;
    readonly space: Readonly<Record<string, string>>;
    readonly trials: readonly {
      readonly values: readonly number[];
      readonly params: Readonly<Record<string, ParamValue>>;
      readonly systemAttrs: Attrs;
    }[];
  })[];
}

const stored = JSON.parse(readFileSync(new URL('./cmaes.json', import.meta.url), 'utf8')) as Reference;

check(`stored values of ${stored.madeWith}`, () => stored);

if (!peerHas('cmaes', 'optuna'))
  describe.skip('values made now (skipped: THANOS_PEER_PYTHON names no Python with optuna and cmaes)', () => {
    test('', () => {});
  });
else {
  let live: Reference | undefined;
  check('values made now', () => {
    live ??= JSON.parse(
      execFileSync(peerPython!, [new URL('./generate_cmaes.py', import.meta.url).pathname], {
        encoding: 'utf8',
        maxBuffer: 1 << 26,
      }),
    ) as Reference;
    return live;
  });
}

function check(title: string, reference: () => Reference): void {
  describe(title, () => {
    test('the same points, means, step sizes and covariances', () => {
      for (const { call, dimensions, sigma0, popsize, variant, gridSizes, generations } of reference().runs) {
        const mean = new Float64Array(dimensions).fill(0.5);
        const run = new CmaRun({ variant, popsize, mean, sigma: sigma0, covariance: null, gridSizes });
        generations.forEach((theirs, g) => {
          const what = `${call}, generation ${g}`;
          const normal = [...theirs.normal];
          const drawn = theirs.values.map(() => drawAsTheirs(run, normal));
          expect(normal, what).toEqual([]);
          const evaluated = drawn.map((x) => x.map((value, j) => run.encode(j, value)));
          expectClose(
            evaluated.flatMap((x) => [...x]),
            theirs.evaluated.flat(),
            what,
          );
          const order = [...theirs.values.keys()].sort((a, b) => theirs.values[a] - theirs.values[b]);
          run.tell(Float64Array.from(order.flatMap((i) => [...drawn[i]])), 0, 0);
          expectState(run, theirs, what);
        });
      }
    });

    test('the same start from trials of another study', () => {
      for (const { call, points, mean, sigma, covariance } of reference().warmStarts) {
        const ours = warmStart(
          points.map((x) => Float64Array.from(x)),
          0.1,
        );
        expectClose([...ours.mean], mean, call);
        expectClose([ours.sigma], [sigma], call);
        expectClose([...ours.covariance!], covariance.flat(), call);
      }
    });

    test('the state that Optuna has pickled follows from its trials', () => {
      for (const study of reference().studies) {
        const { run, generation } = replay(study);
        expect(generation, study.call).toBe(study.generation);
        expectState(run, study, study.call);
      }
    });

    test('a study of Optuna goes on in its generation', () => {
      for (const study of reference().studies) {
        const { withMargin, space, trials } = read(study);
        const {
          with_margin: _,
          use_separable_cma: useSeparableCma,
          lr_adapt: lrAdapt,
          popsize,
        } = study.options;
        const sampler = new CmaEsSampler({ withMargin, useSeparableCma, lrAdapt, popsize });
        const { systemAttrs } = sampler.sampleRelative(
          {
            directions: [study.direction],
            trialNumber: trials.length,
            trials,
            declaredSpace: null,
            conditions: new Map(),
            attempt: 0,
          },
          space,
        );
        const prefix = withMargin ? 'cmawm' : useSeparableCma === true ? 'sepcma' : 'cma';
        const { generation } = replay(study, trials.length);
        expect(systemAttrs, study.call).toHaveProperty(`${prefix}:generation`, generation);
      }
    });
  });
}

type Study = Reference['studies'][number];

function read(study: Study) {
  const space = Object.fromEntries(
    Object.entries(study.space)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, json]) => [name, distributionFromJson(json)]),
  );
  const trials = study.trials.map(({ values, params, systemAttrs }, number) =>
    makeTrial(number, space, { params, systemAttrs }, { values }),
  );
  return { space, trials, withMargin: study.options.with_margin === true };
}

/** The state when the last of the first `nTrials` trials was asked; by default of all but those that Optuna had not told. */
function replay(study: Study, nTrials?: number) {
  const { space, trials, withMargin } = read(study);
  const variant: Variant = withMargin
    ? 'margin'
    : study.options.use_separable_cma
      ? 'separable'
      : study.options.lr_adapt
        ? 'adaptive rates'
        : 'full';
  const attr = Object.keys(trials[trials.length - 1].systemAttrs).find((key) => key.endsWith(':generation'))!;
  const unitSpace = new UnitSpace(space, withMargin);
  const d = unitSpace.dimensions;
  const start: RunStart = {
    variant,
    popsize: study.options.popsize ?? defaultPopsize(d),
    mean: new Float64Array(d).fill(0.5),
    sigma: 1 / 6,
    covariance: null,
    gridSizes: unitSpace.gridSizes,
  };
  const history = new History();
  // The last trial was asked with the state that was pickled last.
  history.sync(trials.slice(0, nTrials ?? trials.length - 1));
  const evolution = new Evolution(
    {
      unitSpace,
      start,
      restarts: () => null,
      rank: (members) => rank(members, study.direction, false),
    },
    new CmaGenerations(history, attr, (t) => (t.state === 'COMPLETE' ? 'rank' : null)),
  );
  return evolution.current();
}

/** Their bounds: a point outside is drawn anew 10 d times and then pulled to them (ours are in `CmaRun.draw`). */
function drawAsTheirs(run: CmaRun, normal: number[]): Float64Array {
  const d = run.cma.mean.length;
  const point = new Float64Array(d);
  const isInside = (x: number, j: number): boolean => run.isDiscrete(j) || (x >= 0 && x <= 1);
  for (let draw = 0; draw <= 10 * d; draw++) {
    run.cma.sample(Float64Array.from(normal.splice(0, d)), point);
    if (draw < 10 * d && point.every(isInside)) return point;
  }
  return point.map((x, j) => (run.isDiscrete(j) ? x : Math.min(Math.max(x, 0), 1)));
}

function expectState({ cma }: CmaRun, theirs: State, what: string): void {
  expectClose([...cma.mean], theirs.mean, `${what}: mean`);
  expectClose([cma.sigma], [theirs.sigma], `${what}: sigma`);
  const d = cma.mean.length;
  const flat = theirs.covariance.flat();
  for (let j = 0; j < d; j++) {
    const variance = flat[flat.length === d ? j : j * (d + 1)];
    expectClose([cma.covariance.variance(j)], [variance], `${what}: variance ${j}`);
  }
  // Off the diagonal, by what the roots make of a vector.
  if (flat.length === d) return;
  const y = Float64Array.from(cma.mean, (_, j) => (j + 1) / d);
  const root = new Float64Array(d);
  cma.covariance.color(y, root);
  const back = new Float64Array(d);
  cma.covariance.color(root, back);
  const product = [...y].map((_, j) => y.reduce((sum, x, k) => sum + flat[j * d + k] * x, 0));
  expectClose([...back], product, `${what}: covariance`);
}

function expectClose(ours: readonly number[], theirs: readonly number[], what: string): void {
  expect(ours, what).toHaveLength(theirs.length);
  ours.forEach((value, i) => {
    expect(
      Math.abs(value - theirs[i]) / Math.max(1, Math.abs(theirs[i])),
      `${what}: ${value} and ${theirs[i]}`,
    ).toBeLessThan(1e-9);
  });
}
