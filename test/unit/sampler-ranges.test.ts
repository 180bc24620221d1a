/** Every sampler on ranges at the ends of what doubles are. */
import { describe, expect, it } from 'vitest';
import { samplerRegistry } from '../../samplers/index.ts';
import {
  categorical,
  contains,
  createStudy,
  type Distribution,
  float,
  int,
  type Sampler,
  toInternalRepr,
} from '../../src/index.ts';

const MAX = Number.MAX_VALUE;
const TINY = Number.MIN_VALUE;

const RANGES: Readonly<Record<string, Distribution>> = {
  'the least range': float(0, TINY),
  'denormal numbers': float(-1e-315, 1e-310),
  'denormal steps': float(0, 1e-320, { step: 1e-322 }),
  'the widest range': float(-MAX / 2, MAX / 2),
  'large numbers': float(1e308, MAX),
  'large steps': float(-8e307, 8e307, { step: 1e307 }),
  'neighbors near 1': float(1, 1 + Number.EPSILON),
  'neighbors near 1, log': float(1, 1 + Number.EPSILON, { log: true }),
  'neighbors near 1e300, log': float(1e300, 1e300 * (1 + Number.EPSILON), { log: true }),
  'all positive numbers, log': float(TINY, MAX, { log: true }),
  'all ints': int(-(2 ** 52) + 1, 2 ** 52 - 1),
  'all positive ints, log': int(1, Number.MAX_SAFE_INTEGER - 1, { log: true }),
  'large ints': int(Number.MAX_SAFE_INTEGER - 3, Number.MAX_SAFE_INTEGER - 1),
  'two values': int(0, 1),
  'one value': int(3, 3),
};

const OPTIONS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  nsga2: { populationSize: 6 },
  nsga3: { populationSize: 6 },
  evolutionary: { populationSize: 6, parentSize: 3, mutationSize: 3, crossoverSize: 3 },
  'aging-evolution': { populationSize: 6, sampleSize: 3 },
  tpe: { nStartupTrials: 4 },
  gp: { nStartupTrials: 4, nPreliminarySamples: 16, nLocalSearch: 2 },
};
const OTHERS: Readonly<Record<string, () => Sampler>> = {
  'tpe, univariate': () => samplerRegistry.get('tpe')({ seed: 0, nStartupTrials: 4, multivariate: false }),
  'cmaes with margin': () => samplerRegistry.get('cmaes')({ seed: 0, withMargin: true }),
  'separable cmaes': () => samplerRegistry.get('cmaes')({ seed: 0, useSeparableCma: true }),
  'nsga2, sbx': () =>
    samplerRegistry.get('nsga2')({ seed: 0, populationSize: 6, crossover: 'sbx', mutation: 'polynomial' }),
};
const names = samplerRegistry
  .names()
  .filter((name) => !['grid', 'partial-fixed', 'brute-force'].includes(name));

describe.each([...names, ...Object.keys(OTHERS)])('%s', (name) => {
  const make = OTHERS[name] ?? (() => samplerRegistry.get(name)({ seed: 0, ...OPTIONS[name] }));

  it.each(Object.keys(RANGES))('draws from %s, from either half of it', async (range) => {
    const d = RANGES[range];
    const study = await createStudy({ sampler: make() });
    const space = { x: d as ReturnType<typeof float>, y: float(0, 1), c: categorical(['a', 'b']) };
    await study
      .optimize(space, ({ y }) => y, { nTrials: 24 })
      .catch((error) => {
        if (error.code !== 'SEARCH_SPACE_EXHAUSTED') throw error;
      });
    expect(study.trials.map(({ state }) => state)).toEqual(study.trials.map(() => 'COMPLETE'));
    const values = study.trials.map(({ params }) => params.x);
    for (const x of values)
      expect(contains(d, toInternalRepr(d, x)), `${x} in ${JSON.stringify(d)}`).toBe(true);
    if (range !== 'one value') expect(new Set(values).size).toBeGreaterThan(1);
  });
});
