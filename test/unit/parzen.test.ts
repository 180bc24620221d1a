/** Parzen mixtures are probability distributions, and what is kept between trials does not show. */
import { describe, expect, it } from 'vitest';
import { ParzenEstimator } from '../../samplers/tpe/parzen-estimator.ts';
import type { ParzenMixture } from '../../samplers/tpe/parzen-mixture.ts';
import { uniformAt } from '../../samplers/uniform.ts';
import { categorical, float, int, type ParamValue, type SearchSpace, space } from '../../src/core/index.ts';
import { Rng } from '../../src/core/rng.ts';

type Observation = Readonly<Record<string, ParamValue>>;

const numbersUpTo = (n: number): Int32Array => Int32Array.from({ length: n }, (_, i) => i);

function observationsOf(searchSpace: SearchSpace, n: number, seed = 1): Observation[] {
  return Array.from({ length: n }, (_, i) => {
    const rng = Rng.keyed(seed, i);
    return Object.fromEntries(
      Object.entries(searchSpace).map(([name, d]) => [name, uniformAt(rng.uniform(), d)]),
    );
  });
}

function estimatorOf(searchSpace: SearchSpace, observations: readonly Observation[]): ParzenEstimator {
  const estimator = new ParzenEstimator(searchSpace);
  observations.forEach((params, number) => {
    estimator.observe({ number, params });
  });
  return estimator;
}

function mixtureOf(searchSpace: SearchSpace, n: number): ParzenMixture {
  return estimatorOf(searchSpace, observationsOf(searchSpace, n)).mixture(numbersUpTo(n));
}

const finite: Readonly<Record<string, { readonly space: SearchSpace; readonly values: readonly number[] }>> =
  {
    int: { space: space({ x: int(-3, 6) }), values: numbersFrom(-3, 10, 1) },
    'stepped int': { space: space({ x: int(10, 40, { step: 10 }) }), values: numbersFrom(10, 4, 10) },
    'log int': { space: space({ x: int(1, 30, { log: true }) }), values: numbersFrom(1, 30, 1) },
    'stepped float': { space: space({ x: float(-1, 1, { step: 0.25 }) }), values: numbersFrom(-1, 9, 0.25) },
    categorical: { space: space({ x: categorical(['a', 'b', 'c']) }), values: [0, 1, 2] },
  };

function numbersFrom(first: number, n: number, step: number): number[] {
  return Array.from({ length: n }, (_, i) => first + i * step);
}

describe.each(Object.entries(finite))('%s', (_name, { space: searchSpace, values }) => {
  it.each([0, 1, 5, 40])('has total probability 1 with %i observations', (n) => {
    const logs = mixtureOf(searchSpace, n).logPdf(Float64Array.from(values));
    expect(logs.reduce((sum, log) => sum + Math.exp(log), 0)).toBeCloseTo(1, 10);
  });

  it('is sampled as often as it says', () => {
    const mixture = mixtureOf(searchSpace, 12);
    const n = 20_000;
    const samples = mixture.sample(Rng.keyed('frequencies'), n);
    const logs = mixture.logPdf(Float64Array.from(values));
    let counted = 0;
    values.forEach((value, i) => {
      const p = Math.exp(logs[i]);
      const count = samples.filter((x) => Math.abs(x - value) < 1e-9).length;
      counted += count;
      expect(Math.abs(count - n * p)).toBeLessThan(5 * Math.sqrt(n * p * (1 - p)) + 1);
    });
    expect(counted).toBe(n);
  });
});

describe.each([
  ['float', space({ x: float(-2, 5) }), -2, 5],
  ['log float (in log space)', space({ x: float(1e-3, 10, { log: true }) }), Math.log(1e-3), Math.log(10)],
] as const)('%s', (_name, searchSpace, low, high) => {
  it.each([0, 1, 5, 40])('integrates to 1 with %i observations', (n) => {
    const nCells = 20_000;
    const width = (high - low) / nCells;
    const logs = mixtureOf(searchSpace, n).logPdf(
      Float64Array.from({ length: nCells }, (_, i) => low + (i + 0.5) * width),
    );
    expect(logs.reduce((sum, log) => sum + Math.exp(log) * width, 0)).toBeCloseTo(1, 6);
  });

  it('is sampled as often as it says', () => {
    const mixture = mixtureOf(searchSpace, 12);
    const n = 20_000;
    const samples = mixture.sample(Rng.keyed('frequencies'), n);
    const nBins = 20;
    const width = (high - low) / nBins;
    for (let bin = 0; bin < nBins; bin++) {
      const start = low + bin * width;
      const inner = Float64Array.from({ length: 200 }, (_, i) => start + ((i + 0.5) * width) / 200);
      const p = mixture.logPdf(inner).reduce((sum, log) => sum + (Math.exp(log) * width) / 200, 0);
      const count = samples.filter((x) => x >= start && x < start + width).length;
      expect(Math.abs(count - n * p)).toBeLessThan(5 * Math.sqrt(n * p) + 1);
    }
  });
});

describe('what is kept between trials', () => {
  const searchSpace = space({
    a: float(0, 1),
    b: float(1e-4, 1, { log: true }),
    c: int(0, 20),
    d: categorical(['u', 'v', 'w']),
  });
  const observations = observationsOf(searchSpace, 120);
  const parts = (n: number): readonly [Int32Array, Int32Array] => {
    const all = numbersUpTo(n);
    return [all.filter((i) => i % 4 === n % 4), all.filter((i) => i % 4 !== n % 4)];
  };
  const densities = (estimator: ParzenEstimator, n: number): Float64Array[] => {
    const [below, above] = parts(n).map((numbers) => estimator.mixture(numbers));
    const samples = below.sample(Rng.keyed(n), 9);
    return [samples, below.logPdf(samples), above.logPdf(samples)];
  };

  it('does not change a digit, while trials move between the two mixtures', () => {
    const kept = new ParzenEstimator(searchSpace);
    for (let n = 1; n <= observations.length; n++) {
      kept.observe({ number: n - 1, params: observations[n - 1] });
      if (n % 7 === 0)
        expect(densities(kept, n)).toEqual(densities(estimatorOf(searchSpace, observations.slice(0, n)), n));
    }
  });

  it('follows trials that change or lose a parameter', () => {
    const kept = estimatorOf(searchSpace, observations);
    densities(kept, 120);
    const changed = observations.map((params, i) => (i % 10 === 3 ? observations[(i * 7) % 120] : params));
    changed.forEach((params, number) => {
      kept.observe({ number, params });
    });
    const { d: _lost, ...incomplete } = changed[50];
    kept.observe({ number: 50, params: incomplete });
    const fresh = estimatorOf(searchSpace, changed.slice(0, 50));
    for (let number = 51; number < 120; number++) fresh.observe({ number, params: changed[number] });
    expect(densities(kept, 120)).toEqual(densities(fresh, 120));
  });
});

it('stays finite where old observations lie outside a range that was narrowed', () => {
  const estimator = estimatorOf(space({ x: float(0, 1), k: int(0, 5) }), [
    { x: -40, k: 90 },
    { x: 0.5, k: -7 },
    { x: 33, k: 2 },
  ]);
  const mixture = estimator.mixture(numbersUpTo(3));
  const samples = mixture.sample(Rng.keyed(0), 200);
  for (const log of mixture.logPdf(samples)) expect(Number.isFinite(log)).toBe(true);
  samples.forEach((x, i) => {
    if (i % 2 === 0) expect(x >= 0 && x <= 1).toBe(true);
    else expect([0, 1, 2, 3, 4, 5]).toContain(x);
  });
});
