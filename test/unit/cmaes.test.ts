import { describe, expect, it } from 'vitest';
import { MirroredDraws } from '../../samplers/cmaes/mirrored-draws.ts';
import { Restarts } from '../../samplers/cmaes/restarts.ts';
import {
  CmaEsSampler,
  type CmaEsSamplerOptions,
  RandomSampler,
  samplerRegistry,
} from '../../samplers/index.ts';
import { NO_CONDITIONS } from '../../src/core/conditions.ts';
import {
  categorical,
  contains,
  type FrozenTrial,
  float,
  int,
  type SamplerContext,
  type SearchSpace,
  space,
  toInternalRepr,
} from '../../src/core/index.ts';
import { createStudy } from '../../src/index.ts';
import { type LoopOptions, runSamplerLoop } from '../../src/testing/sampler-loop.ts';

type Numbers = Readonly<Record<string, number>>;

const CUBE = (d: number): SearchSpace =>
  Object.fromEntries(Array.from({ length: d }, (_, i) => [`x${i}`, float(0, 1)]));

function run(
  options: CmaEsSamplerOptions,
  searchSpace: SearchSpace,
  f: (params: Numbers) => number,
  nTrials: number,
  more: Partial<LoopOptions> = {},
): readonly FrozenTrial[] {
  return runSamplerLoop({
    sampler: new CmaEsSampler(options),
    space: searchSpace,
    directions: ['minimize'],
    nTrials,
    evaluate: (params) => ({ values: [f(params as Numbers)] }),
    ...more,
  });
}

const best = (trials: readonly FrozenTrial[]): number => Math.min(...trials.map((t) => t.value!));
const generations = (trials: readonly FrozenTrial[]): unknown[] =>
  trials.map((t) => t.systemAttrs['cma:generation']);
const distance = (target: number) => (params: Numbers) =>
  Object.values(params).reduce((sum, x) => sum + (x - target) ** 2, 0);

describe('search', () => {
  it('draws the first trial at random, then generations of 4 + floor(3 ln d)', () => {
    const trials = run({ seed: 1 }, CUBE(3), distance(0.3), 22);
    const [random] = runSamplerLoop({
      sampler: new RandomSampler({ seed: 1 }),
      space: CUBE(3),
      directions: ['minimize'],
      nTrials: 1,
      evaluate: () => ({ values: [0] }),
    });
    expect(trials[0].params).toEqual(random.params);
    expect(generations(trials)).toEqual([
      undefined,
      ...Array(7).fill(0),
      ...Array(7).fill(1),
      ...Array(7).fill(2),
    ]);
  });

  it('finds the bottom of a rotated, ill-conditioned valley', () => {
    const f = ({ x0, x1 }: Numbers): number => (x0 + x1 - 1.1) ** 2 + 1e6 * (x0 - x1 + 0.3) ** 2;
    expect(best(run({}, CUBE(2), f, 500))).toBeLessThan(1e-10);
  });

  it('works in log space', () => {
    const searchSpace = space({ a: float(1e-8, 1, { log: true }), b: int(1, 10_000, { log: true }) });
    const f = ({ a, b }: Numbers): number => (Math.log10(a) + 7) ** 2 + (Math.log10(b) - 2) ** 2;
    expect(best(run({}, searchSpace, f, 200))).toBeLessThan(1e-4);
  });

  it('finds an optimum in a corner, exactly', () => {
    const trials = run({}, CUBE(5), distance(1.2), 400);
    expect(trials.some((t) => Object.values(t.params).every((x) => x === 1))).toBe(true);
  });

  it('with margin, does not freeze at a value of a binary parameter', () => {
    const searchSpace = space({ b: int(0, 1), x: float(0, 1) });
    const trials = run({ withMargin: true }, searchSpace, ({ b, x }) => (x - 0.5) ** 2 - b, 600);
    const last = trials.slice(-300).map((t) => t.params['b']);
    expect(last.filter((b) => b === 0).length).toBeGreaterThan(0);
    expect(last.filter((b) => b === 1).length).toBeGreaterThan(240);
  });

  it('prefers a feasible trial to a better infeasible one', () => {
    const trials = run({}, CUBE(3), () => 0, 300, {
      evaluate: (params) => {
        const { x0, x1, x2 } = params as Numbers;
        return { values: [x0 + x1 + x2], constraints: [0.3 - x0, 0.4 - x1] };
      },
    });
    const last = trials.slice(-50).map((t) => t.params as Numbers);
    for (const { x0, x1, x2 } of last) {
      expect(x0).toBeCloseTo(0.3, 1);
      expect(x1).toBeCloseTo(0.4, 1);
      expect(x2).toBeLessThan(0.05);
    }
  });

  it('draws categorical parameters uniformly, or by the sampler given for them', () => {
    const searchSpace = space({ c: categorical(['a', 'b']), x: float(0, 1) });
    const drawn = (options: CmaEsSamplerOptions): unknown[] =>
      run(options, searchSpace, ({ x }) => x, 40).map((t) => t.params['c']);
    expect(new Set(drawn({}))).toEqual(new Set(['a', 'b']));
    expect(drawn({ seed: 3, independentSampler: new RandomSampler({ seed: 9 }) })).toEqual(
      drawn({ seed: 9, independentSampler: null }),
    );
  });
});

describe('whatever the objective gives', () => {
  const searchSpace = space({
    a: float(-1e300, 1e300),
    b: float(1e-300, 1, { log: true }),
    c: int(0, 2 ** 40),
    d: float(1, 1 + 1e-12),
    e: int(0, 1),
  });
  const objectives: Readonly<Record<string, (n: number) => number>> = {
    'one value': () => 7,
    zero: () => 0,
    infinities: (n) => [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, n][n % 3],
    'infinity alone': () => Number.POSITIVE_INFINITY,
    'ever smaller values': (n) => -(10 ** (n / 10)),
  };
  const options: Readonly<Record<string, CmaEsSamplerOptions>> = {
    full: { restartStrategy: null },
    separable: { useSeparableCma: true, restartStrategy: null },
    'with margin': { withMargin: true, restartStrategy: null },
    'adaptive rates': { lrAdapt: true, restartStrategy: null },
    restarting: { popsize: 2, restartStrategy: 'bipop' },
  };
  for (const [name, option] of Object.entries(options))
    it.each(Object.entries(objectives))(`${name} stays inside its bounds: %s`, (_, f) => {
      const trials = run({ ...option, popsize: 4 }, searchSpace, () => 0, 600, {
        evaluate: (_params, number) => ({ values: [f(number)] }),
      });
      for (const { params } of trials)
        for (const [key, d] of Object.entries(searchSpace))
          if (!contains(d, toInternalRepr(d, params[key])))
            expect.fail(`${key} = ${params[key]} must lie in ${JSON.stringify(d)}`);
    });

  it('goes on at the bottom where doubles end', () => {
    const trials = run({ restartStrategy: null }, CUBE(2), distance(0.3), 3000);
    expect(best(trials.slice(-100))).toBeLessThan(1e-28);
  });
});

describe('restarts', () => {
  const twoValleys = ({ x0, x1 }: Numbers): number =>
    Math.min((x0 - 0.45) ** 2 + (x1 - 0.5) ** 2, (x0 - 0.9) ** 2 + (x1 - 0.1) ** 2 - 0.05);

  it('leave a valley that has been explored', () => {
    const bests = (options: CmaEsSamplerOptions): number[] =>
      [1, 2].map((seed) => best(run({ seed, ...options }, CUBE(2), twoValleys, 3000)));
    expect(Math.min(...bests({ restartStrategy: null }))).toBeGreaterThan(-1e-9);
    expect(Math.max(...bests({}))).toBeLessThan(-0.04);
    expect(Math.max(...bests({ restartStrategy: 'bipop' }))).toBeLessThan(-0.04);
  });

  it('ipop doubles the population each time', () => {
    const restarts = new Restarts('ipop', 1, 6);
    expect([1, 2, 3].map(() => restarts.next(2, 100).popsize)).toEqual([12, 24, 48]);
    const { mean } = new Restarts('ipop', 1, 6).next(2, 100);
    expect([...mean].every((x) => x > 0 && x < 1)).toBe(true);
    expect(new Restarts('ipop', 2, 6).next(2, 100).mean).not.toEqual(mean);
  });

  it('bipop makes small runs until they have had as many trials as the large ones', () => {
    const restarts = new Restarts('bipop', 1, 10);
    expect(restarts.next(2, 100).popsize).toBe(20);
    // The large run was long: now small ones.
    const small = [
      restarts.next(2, 500).popsize,
      restarts.next(2, 200).popsize,
      restarts.next(2, 100).popsize,
    ];
    for (const popsize of small) expect(popsize).toBeLessThanOrEqual(20);
    expect(restarts.next(2, 100).popsize).toBe(40);
  });
});

describe('mirrored draws', () => {
  const d = 4;
  const draws = new MirroredDraws(5, d);
  const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, j) => sum + x * b[j], 0);

  it('come in mirrored pairs, as many orthogonal ones as there are dimensions', () => {
    for (let slot = 0; slot < 20; slot += 2) {
      const vector = draws.vector(0, slot);
      expect([...draws.vector(0, slot + 1)]).toEqual([...vector].map((x) => -x));
      for (let other = slot - (slot % (2 * d)); other < slot; other += 2)
        expect(dot(vector, draws.vector(0, other))).toBeCloseTo(0, 12);
    }
  });

  it('are normal, and do not depend on what was asked before', () => {
    const n = 20_000;
    const vectors = Array.from({ length: n }, (_, g) => draws.vector(g, 6));
    for (let j = 0; j < d; j++) {
      const mean = (f: (x: number) => number): number => vectors.reduce((sum, v) => sum + f(v[j]), 0) / n;
      expect(Math.abs(mean((x) => x))).toBeLessThan(0.03);
      expect(Math.abs(mean((x) => x * x) - 1)).toBeLessThan(0.05);
      expect(Math.abs(mean((x) => (Math.abs(x) < 0.6745 ? 1 : 0)) - 0.5)).toBeLessThan(0.015);
    }
    expect(new MirroredDraws(5, d).vector(17, 6)).toEqual(vectors[17]);
  });
});

describe('options', () => {
  const refused: readonly (readonly [string, CmaEsSamplerOptions, RegExp])[] = [
    ['a population of one', { popsize: 1 }, /popsize must be an integer >= 2/],
    ['margin and separable', { withMargin: true, useSeparableCma: true }, /exclude each other/],
    ['adaptive rates and margin', { lrAdapt: true, withMargin: true }, /lrAdapt and|and lrAdapt/],
    [
      'a source and separable',
      { sourceTrials: [], useSeparableCma: true },
      /sourceTrials and useSeparableCma/,
    ],
    ['an unknown restart', { restartStrategy: 'often' as 'ipop' }, /'ipop', 'bipop' or null/],
    ['no sampler', { independentSampler: {} as RandomSampler }, /independentSampler must be a Sampler/],
    ['a misspelled one', { popSize: 3 } as CmaEsSamplerOptions, /popsize/],
  ];
  it.each(refused)('refuses %s', (_, options, message) => {
    expect(() => new CmaEsSampler(options)).toThrow(message);
  });

  it('makes the sampler by name', () => {
    expect(samplerRegistry.get('cmaes')({ popsize: 7 }).options).toMatchObject({
      seed: 0,
      popsize: 7,
      restartStrategy: 'ipop',
      withMargin: false,
    });
  });

  it('refuses a study of several objectives, with a remedy', async () => {
    const study = createStudy({ directions: ['minimize', 'minimize'], sampler: new CmaEsSampler() });
    await expect(study).rejects.toThrow(/one objective, but the study has 2; use/);
  });

  it('starts where trials of a similar study were good', () => {
    const sourceTrials = run({ seed: 7 }, CUBE(4), distance(0.85), 200);
    const nearest = (options: CmaEsSamplerOptions): number => best(run(options, CUBE(4), distance(0.83), 5));
    expect(nearest({ seed: 2, sourceTrials })).toBeLessThan(0.2 * nearest({ seed: 2 }));
    expect(new CmaEsSampler({ sourceTrials }).options['sourceTrials']).toBe(200);
    const foreign = run({}, space({ y: float(0, 1), x0: float(0, 9) }), () => 0, 5);
    expect(() => run({ sourceTrials: foreign }, CUBE(4), distance(0), 3)).toThrow(/of 5 there is none/);
  });

  it('learns from pruned trials if asked to', () => {
    const pruned = (considerPrunedTrials: boolean): unknown[] =>
      generations(
        run({ considerPrunedTrials, popsize: 4 }, CUBE(2), () => 0, 30, {
          evaluate: (params, number) =>
            number % 2 === 0
              ? { values: [distance(0.5)(params as Numbers)] }
              : { state: 'PRUNED', intermediateValues: new Map([[3, distance(0.5)(params as Numbers)]]) },
        }),
      );
    expect(pruned(true).at(-1)).toBe(7);
    expect(pruned(false).at(-1)).toBe(3);
  });

  it('draws another point at another attempt', () => {
    const trials = run({}, CUBE(2), distance(0.5), 20);
    const context: SamplerContext = {
      directions: ['minimize'],
      trialNumber: 20,
      trials,
      declaredSpace: CUBE(2),
      conditions: NO_CONDITIONS,
      attempt: 0,
    };
    const draw = (attempt: number) =>
      new CmaEsSampler().sampleRelative({ ...context, attempt }, CUBE(2)).params;
    expect(new Set([0, 1, 2].map((attempt) => JSON.stringify(draw(attempt)))).size).toBe(3);
  });
});
