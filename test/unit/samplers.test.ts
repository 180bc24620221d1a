import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sphere } from '../../objectives/synthetic/index.ts';
import {
  GridSampler,
  NsgaIISampler,
  RandomSampler,
  samplerRegistry,
  TpeSampler,
} from '../../samplers/index.ts';
import { SortedIndex } from '../../samplers/tpe/sorted-index.ts';
import { NO_CONDITIONS } from '../../src/core/conditions.ts';
import {
  categorical,
  float,
  int,
  type ParamValue,
  type SamplerContext,
  type SearchSpace,
  space,
} from '../../src/core/index.ts';
import { createStudy, type Trial } from '../../src/index.ts';
import { makeTrial, runSamplerLoop, suggest } from '../../src/testing/sampler-loop.ts';

const minimize = ['minimize'] as const;
type Params = Readonly<Record<string, ParamValue>>;

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

describe('random', () => {
  const draw = (d: SearchSpace[string], n = 4000): ParamValue[] =>
    Array.from({ length: n }, (_, trialNumber) =>
      new RandomSampler({ seed: 3 }).sampleIndependent(
        {
          directions: minimize,
          trialNumber,
          trials: [],
          declaredSpace: null,
          conditions: NO_CONDITIONS,
          attempt: 0,
        },
        'x',
        d,
      ),
    );
  const share = (values: readonly ParamValue[], is: (v: ParamValue) => boolean): number =>
    values.filter(is).length / values.length;

  it('is uniform over reals, log reals, steps, integers, log integers and choices', () => {
    expect(share(draw(float(-1, 3)), (v) => Number(v) < 0)).toBeCloseTo(0.25, 1);
    expect(share(draw(float(1e-4, 1, { log: true })), (v) => Number(v) < 1e-3)).toBeCloseTo(0.25, 1);
    for (const d of [
      float(0, 1, { step: 0.25 }),
      int(-2, 2),
      int(0, 12, { step: 3 }),
      categorical([1, 2, 3, 4, 5]),
    ]) {
      const values = draw(d);
      expect(new Set(values).size).toBe(5);
      for (const value of new Set(values)) expect(share(values, (v) => v === value)).toBeCloseTo(0.2, 1);
    }
    const logInts = draw(int(1, 100, { log: true }));
    expect(share(logInts, (v) => v === 1)).toBeCloseTo(Math.log(1.5 / 0.5) / Math.log(100.5 / 0.5), 1);
  });

  it('is what the start-up trials of tpe and nsga2 are', () => {
    const searchSpace = space({ a: float(0, 1), b: categorical(['x', 'y', 'z']) });
    const run = (sampler: RandomSampler | TpeSampler | NsgaIISampler): Params[] =>
      runSamplerLoop({
        sampler,
        space: searchSpace,
        directions: minimize,
        nTrials: 10,
        evaluate: () => ({ values: [0] }),
      }).map((t) => t.params);
    const random = run(new RandomSampler({ seed: 5 }));
    expect(run(new TpeSampler({ seed: 5 }))).toEqual(random);
    expect(run(new NsgaIISampler({ seed: 5 }))).toEqual(random);
  });
});

describe('grid', () => {
  const searchSpace = space({ a: int(0, 3), act: categorical(['relu', 'gelu', null]) });
  const grid = { a: [0, 1, 3], act: ['relu', null] };
  const run = (seed: number, nTrials: number, extra: Partial<Parameters<typeof runSamplerLoop>[0]> = {}) =>
    runSamplerLoop({
      sampler: new GridSampler({ searchSpace: grid, seed }),
      space: searchSpace,
      directions: minimize,
      nTrials,
      evaluate: (_params, number) => (number % 3 === 1 ? { state: 'FAIL' as const } : { values: [number] }),
      ...extra,
    });
  const key = (params: Params): string => JSON.stringify([params['a'], params['act']]);

  it.each([
    ['declared', { declared: true }],
    ['define-by-run', { declared: false }],
    ['in batches', { declared: true, batchSize: 4 }],
    ['define-by-run in batches', { declared: false, batchSize: 4 }],
  ])('visits every point once (%s), then says that it is exhausted', (_name, how) => {
    const trials = run(1, 6, how);
    expect(new Set(trials.map((t) => key(t.params))).size).toBe(6);
    expect(() => run(1, 1, { ...how, history: trials })).toThrow(/all 6 points/);
  });

  it.each([1, 4])(
    'visits every point once in a define-by-run study with batches of %i',
    async (batchSize) => {
      const study = await createStudy({ sampler: new GridSampler({ searchSpace: grid }) });
      const objective = (trial: Trial): number =>
        trial.suggestInt('a', 0, 3) +
        (trial.suggestCategorical('act', ['relu', 'gelu', null]) === null ? 0 : 10);
      await study.optimize(objective, { nTrials: 20, batchSize, concurrency: batchSize });
      expect(study.trials).toHaveLength(6);
      expect(new Set(study.trials.map((t) => key(t.params))).size).toBe(6);
      expect(study.bestTrial.params).toEqual({ a: 0, act: null });
    },
  );

  it.each([1, 3])('never gives a queued point a second time, in batches of %i', async (batchSize) => {
    const objective = (trial: Trial): number =>
      trial.suggestInt('a', 0, 3) + String(trial.suggestCategorical('act', ['relu', 'gelu', null])).length;
    for (const { params } of run(1, 6)) {
      const study = await createStudy({ sampler: new GridSampler({ searchSpace: grid }) });
      await study.enqueueTrial(params);
      await study.optimize(objective, { nTrials: 20, batchSize });
      expect(study.trials[0].params).toEqual(params);
      expect(new Set(study.trials.map((t) => key(t.params))).size).toBe(6);
      expect(study.trials.map((t) => t.state)).toEqual(Array(6).fill('COMPLETE'));
    }
  });

  it('says at ask that it is exhausted: no trial is begun', async () => {
    const study = await createStudy({ sampler: new GridSampler({ searchSpace: { x: [0, 1] } }) });
    const asked = [await study.ask(), await study.ask()];
    await expect(study.ask()).rejects.toThrow(/all 2 points/);
    expect(asked.map((trial) => trial.suggestInt('x', 0, 1)).sort()).toEqual([0, 1]);
    await study.sync();
    expect(study.trials).toHaveLength(2);
  });

  it('says the same of a history whatever it saw before', () => {
    const sampler = new GridSampler({ searchSpace: grid, seed: 3 });
    const trials = run(3, 6);
    const running = trials.map((t) => makeTrial(t.number, searchSpace, t, { state: 'RUNNING' as const }));
    const nameless = running.map((t) =>
      makeTrial(t.number, searchSpace, { ...t, params: {} }, { state: 'RUNNING' }),
    );
    const histories = [
      trials,
      running,
      nameless,
      trials.slice(0, 3),
      [...running.slice(0, 2), ...trials.slice(2, 4)],
    ];
    for (const from of histories)
      for (let n = 0; n < Math.min(from.length, 5); n++) {
        const context = {
          directions: minimize,
          trialNumber: n,
          trials: from.slice(0, n),
          declaredSpace: searchSpace,
          conditions: NO_CONDITIONS,
          attempt: 0,
        };
        expect(suggest(sampler, context, searchSpace)).toEqual(
          suggest(new GridSampler({ searchSpace: grid, seed: 3 }), context, searchSpace),
        );
      }
  });

  it('shuffles by seed and goes on with another seed without repeating', () => {
    const orders = [1, 2, 3].map((seed) =>
      run(seed, 6)
        .map((t) => key(t.params))
        .join(),
    );
    expect(new Set(orders).size).toBe(3);
    const resumed = run(2, 3, { history: run(1, 3) });
    expect(new Set(resumed.map((t) => key(t.params))).size).toBe(6);
  });

  it('leaves out points that others evaluated, but not those it only assigned', () => {
    // An enqueued trial: the sampler gave it one point, the user another.
    const assigned = run(1, 1)[0];
    const enqueued = makeTrial(
      0,
      searchSpace,
      { params: { a: 3, act: null }, systemAttrs: assigned.systemAttrs },
      { values: [1] },
    );
    const trials = run(1, 5, { history: [enqueued] });
    expect(new Set(trials.map((t) => key(t.params))).size).toBe(6);
  });

  it('refuses what it cannot do, with a remedy', () => {
    expect(() => new GridSampler({ searchSpace: {} })).toThrow(/at least one parameter/);
    expect(() => new GridSampler({ searchSpace: { a: [1, 1] } })).toThrow(/distinct/);
    expect(() => new GridSampler({ searchSpace: { a: [] } })).toThrow(/at least one value/);
    expect(() => run(1, 1, { space: space({ ...searchSpace, other: float(0, 1) }) })).toThrow(
      /add its values/,
    );
    expect(() => run(1, 6, { space: space({ a: int(0, 2), act: categorical(['relu', null]) }) })).toThrow(
      /'a' has 3/,
    );
  });
});

describe('tpe', () => {
  const best = (sampler: RandomSampler | TpeSampler, nTrials: number): number => {
    const { space: searchSpace, directions, evaluate } = sphere(5);
    const trials = runSamplerLoop({
      sampler,
      space: searchSpace,
      directions,
      nTrials,
      evaluate: (params) => ({ values: evaluate(params as Record<string, number>) }),
    });
    return Math.min(...trials.map((t) => t.value!));
  };

  it.each([true, false])('finds better points than random search (multivariate=%s)', (multivariate) => {
    const seeds = [1, 2, 3, 4, 5];
    const tpe = median(seeds.map((seed) => best(new TpeSampler({ seed, multivariate }), 100)));
    const random = median(seeds.map((seed) => best(new RandomSampler({ seed }), 100)));
    expect(tpe).toBeLessThan(random / 2);
  });

  it('spreads parallel trials out because running ones count as bad', () => {
    const searchSpace = space({ x: float(0, 1) });
    const spreadOf = (constantLiar: boolean): number => {
      const sampler = new TpeSampler({ seed: 1, constantLiar });
      const evaluate = (params: Params) => ({ values: [(Number(params['x']) - 0.5) ** 2] });
      const trials = runSamplerLoop({
        sampler,
        space: searchSpace,
        directions: minimize,
        nTrials: 60,
        batchSize: 20,
        evaluate,
      });
      const xs = trials.slice(40).map((t) => Number(t.params['x']));
      return Math.max(...xs) - Math.min(...xs);
    };
    expect(spreadOf(true)).toBeGreaterThan(spreadOf(false));
  });

  it('keeps away from infeasible regions', () => {
    const searchSpace = space({ x: float(-1, 1) });
    const trials = runSamplerLoop({
      sampler: new TpeSampler({ seed: 2 }),
      space: searchSpace,
      directions: minimize,
      nTrials: 80,
      // The better x, the less feasible, from 0 on.
      evaluate: ({ x }) => ({ values: [-Number(x)], constraints: [Number(x)] }),
    });
    const late = trials.slice(40).map((t) => Number(t.params['x']));
    expect(late.filter((x) => x <= 0).length).toBeGreaterThan(20);
    expect(Math.max(...trials.map((t) => Number(t.params['x'])).filter((x) => x <= 0))).toBeGreaterThan(
      -0.05,
    );
  });

  it('checks its options', () => {
    expect(() => new TpeSampler({ nEiCandidates: 0 })).toThrow(/nEiCandidates/);
    expect(() => new TpeSampler({ nStartupTrials: -1 })).toThrow(/nStartupTrials/);
  });

  it('suggests from the prior alone when no trial has the parameter', () => {
    const other = space({ a: float(0, 1) });
    const trials = runSamplerLoop({
      sampler: new RandomSampler(),
      space: other,
      directions: minimize,
      nTrials: 12,
      evaluate: () => ({ values: [1] }),
    });
    const fresh = space({ b: float(5, 6), c: int(1, 3), d: categorical(['u', 'v']) });
    const context: SamplerContext = {
      directions: minimize,
      trialNumber: 12,
      trials,
      declaredSpace: null,
      conditions: NO_CONDITIONS,
      attempt: 0,
    };
    const { params } = suggest(new TpeSampler(), context, fresh);
    expect(Number(params['b'])).toBeGreaterThanOrEqual(5);
    expect([1, 2, 3]).toContain(params['c']);
    expect(['u', 'v']).toContain(params['d']);
  });
});

describe('registry', () => {
  it('makes samplers from plain options', () => {
    expect(samplerRegistry.names()).toEqual(expect.arrayContaining(['random', 'grid', 'tpe', 'nsga2']));
    const plain = {
      random: { seed: 2 },
      grid: { searchSpace: { a: [1] } },
      tpe: { nStartupTrials: 3 },
      nsga2: { crossover: { name: 'sbx', eta: 5 } },
    };
    for (const [name, options] of Object.entries(plain)) {
      const sampler = samplerRegistry.get(name)(options);
      expect(sampler.name).toBe(name);
      // What a sampler says of itself makes it again.
      expect(samplerRegistry.get(name)(sampler.options).options).toEqual(sampler.options);
    }
  });
});

describe('sorted index', () => {
  it('is what sorting gives, whatever was inserted, moved and removed', () => {
    const steps = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 200 }), fc.option(fc.integer({ min: -3, max: 3 }))),
      { maxLength: 300 },
    );
    fc.assert(
      fc.property(steps, (changes) => {
        const index = new SortedIndex();
        const expected = new Map<number, number>();
        for (const [id, key] of changes) {
          index.set(id, key ?? Number.NaN);
          if (key === null) expected.delete(id);
          else expected.set(id, key);
        }
        const sorted = [...expected].sort(([a, x], [b, y]) => x - y || a - b).map(([id]) => id);
        expect([...index.order.subarray(0, index.size)]).toEqual(sorted);
      }),
    );
  });
});
