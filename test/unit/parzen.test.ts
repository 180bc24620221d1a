/** Parzen mixtures are probability distributions, and what is kept between trials does not show. */
import { describe, expect, it } from 'vitest';
import { CandidateBatch, Candidates } from '../../samplers/tpe/candidates.ts';
import { KernelSlots } from '../../samplers/tpe/kernel-slots.ts';
import { NumericAxis } from '../../samplers/tpe/numeric-axis.ts';
import { NumericKernels } from '../../samplers/tpe/numeric-kernels.ts';
import { ParzenEstimator } from '../../samplers/tpe/parzen-estimator.ts';
import { ParzenMixture } from '../../samplers/tpe/parzen-mixture.ts';
import { ParzenSpace } from '../../samplers/tpe/parzen-space.ts';
import { categorical, float, int, type ParamValue, type SearchSpace, space } from '../../src/core/index.ts';
import { Rng } from '../../src/core/rng.ts';
import { uniformAt } from '../../src/core/uniform.ts';

type Observation = Readonly<Record<string, ParamValue>>;

function observationsOf(searchSpace: SearchSpace, n: number, seed = 1): Observation[] {
  return Array.from({ length: n }, (_, i) => {
    const rng = Rng.keyed(seed, i);
    return Object.fromEntries(
      Object.entries(searchSpace).map(([name, d]) => [name, uniformAt(rng.uniform(), d)]),
    );
  });
}

/** A mixture with what it takes to ask it in rows, as `ParzenSpace` has them. */
interface Asked {
  readonly mixture: ParzenMixture;
  readonly space: ParzenSpace;
}

function mixtureOf(searchSpace: SearchSpace, observations: readonly Observation[]): Asked {
  const parzen = new ParzenSpace(searchSpace);
  const mixture = new ParzenMixture(parzen, 'recency');
  observations.forEach((params, number) => {
    mixture.add(number, parzen.rowOf(params)!);
  });
  mixture.fit();
  return { mixture, space: parzen };
}

const randomMixture = (searchSpace: SearchSpace, n: number): Asked =>
  mixtureOf(searchSpace, observationsOf(searchSpace, n));

function sampled({ mixture, space: parzen }: Asked, rng: Rng, n: number): Float64Array {
  const rows = new Float64Array(n * parzen.width);
  mixture.sample(rng, rows);
  return rows;
}

function logDensities(
  { mixture, space: parzen }: Asked,
  rows: Float64Array,
  what: 'logDensities' | 'logDensityBounds' = 'logDensities',
): number[] {
  const candidates = new Candidates(parzen, rows.length / parzen.width);
  candidates.rows.set(rows);
  candidates.prepare();
  return Array.from({ length: candidates.size }, (_, s) => {
    const batch = new CandidateBatch();
    batch.push(s, Number.POSITIVE_INFINITY);
    mixture[what](candidates, batch);
    return batch.logs[0];
  });
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
    const logs = logDensities(randomMixture(searchSpace, n), Float64Array.from(values));
    expect(logs.reduce((sum, log) => sum + Math.exp(log), 0)).toBeCloseTo(1, 10);
  });

  it('is sampled as often as it says', () => {
    const mixture = randomMixture(searchSpace, 12);
    const n = 20_000;
    const samples = sampled(mixture, Rng.keyed('frequencies'), n);
    const logs = logDensities(mixture, Float64Array.from(values));
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
    const middles = Float64Array.from({ length: nCells }, (_, i) => low + (i + 0.5) * width);
    const logs = logDensities(randomMixture(searchSpace, n), middles);
    expect(logs.reduce((sum, log) => sum + Math.exp(log) * width, 0)).toBeCloseTo(1, 6);
  });

  it('is sampled as often as it says', () => {
    const mixture = randomMixture(searchSpace, 12);
    const n = 20_000;
    const samples = sampled(mixture, Rng.keyed('frequencies'), n);
    const nBins = 20;
    const width = (high - low) / nBins;
    for (let bin = 0; bin < nBins; bin++) {
      const start = low + bin * width;
      const inner = Float64Array.from({ length: 200 }, (_, i) => start + ((i + 0.5) * width) / 200);
      const p = logDensities(mixture, inner).reduce((sum, log) => sum + (Math.exp(log) * width) / 200, 0);
      const count = samples.filter((x) => x >= start && x < start + width).length;
      expect(Math.abs(count - n * p)).toBeLessThan(5 * Math.sqrt(n * p) + 1);
    }
  });
});

const spaces: Readonly<Record<string, SearchSpace>> = {
  'one float': space({ x: float(0, 1) }),
  'one int of many values': space({ x: int(0, 100_000) }),
  floats: space({ a: float(0, 1), b: float(1e-4, 1, { log: true }), c: float(-1, 1) }),
  'many floats': space(Object.fromEntries(Array.from({ length: 23 }, (_, j) => [`x${j}`, float(0, 1)]))),
  ints: space({ a: int(0, 20), b: int(0, 200), c: int(1, 500, { log: true }), d: int(0, 9999) }),
  choices: space({ a: categorical(['u', 'v', 'w']), b: categorical([1, 2]), c: categorical([true, false]) }),
  mixed: space({
    a: float(0, 1),
    b: float(1e-4, 1, { log: true }),
    c: int(0, 20),
    d: categorical(['u', 'v', 'w']),
    e: int(0, 120),
    f: int(1, 300, { log: true }),
  }),
};

/** Trials of which each draws near an earlier one, as TPE does it. */
function clustered(searchSpace: SearchSpace, n: number): Observation[] {
  const parzen = new ParzenSpace(searchSpace);
  const observations = observationsOf(searchSpace, 20);
  while (observations.length < n) {
    const near = mixtureOf(searchSpace, observations.slice(0, 20));
    for (const k of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
      observations.push(parzen.paramsOf(sampled(near, Rng.keyed(n, observations.length, k), 1), 0));
  }
  return observations.slice(0, n);
}

describe.each(Object.entries(spaces))('%s', (_name, searchSpace) => {
  const observations = clustered(searchSpace, 330);
  const isBelow = (i: number, n: number): boolean => i % 9 === n % 4;
  const trialOf = (number: number) => ({ number, params: observations[number] });
  const split = (estimator: ParzenEstimator, n: number): void => {
    const below = Array.from({ length: n }, (_, i) => i).filter((i) => isBelow(i, n));
    estimator.split(Int32Array.from(below), trialOf);
  };
  const fresh = (n: number): ParzenEstimator => {
    const estimator = new ParzenEstimator(searchSpace, 'recency');
    for (let number = 0; number < n; number++) estimator.observe(trialOf(number), true);
    split(estimator, n);
    return estimator;
  };
  const answers = (estimator: ParzenEstimator, n: number): unknown => {
    const { below, above, space: parzen } = estimator;
    const rows = sampled({ mixture: below, space: parzen }, Rng.keyed(n), 9);
    return [below, above].map((mixture) => logDensities({ mixture, space: parzen }, rows));
  };

  it('follows trials, and moves them between the two densities, without changing a digit', () => {
    const following = new ParzenEstimator(searchSpace, 'recency');
    for (let n = 1; n <= observations.length; n++) {
      following.observe(trialOf(n - 1), true);
      if (n % 7 !== 0 && n < 320) continue;
      split(following, n);
      if (n % 21 === 0 || n > 325) expect(answers(following, n)).toEqual(answers(fresh(n), n));
    }
  });

  it('follows trials that change or no longer count', () => {
    const following = fresh(300);
    const others = new ParzenEstimator(searchSpace, 'recency');
    const changed = (number: number) => ({ number, params: observations[(number * 7) % 300] });
    for (let number = 0; number < 300; number++) {
      const isCounted = number % 17 !== 5;
      if (number % 10 === 3) following.observe(changed(number), isCounted);
      else if (!isCounted) following.observe(trialOf(number), false);
      others.observe(number % 10 === 3 ? changed(number) : trialOf(number), isCounted);
    }
    const below = Int32Array.from({ length: 30 }, (_, i) => 10 * i + 2);
    for (const estimator of [following, others]) estimator.split(below, trialOf);
    expect(answers(following, 300)).toEqual(answers(others, 300));
  });

  it.each([12, 60, 330])('finds the candidate with the largest ratio of all, of %i trials', (n) => {
    const estimator = fresh(n);
    const { below, above, space: parzen } = estimator;
    for (let k = 0; k < 20; k++) {
      const rows = sampled({ mixture: below, space: parzen }, Rng.keyed(n, k), 24);
      const logs = [below, above].map((mixture) => logDensities({ mixture, space: parzen }, rows));
      const ratios = logs[0].map((log, s) => log - logs[1][s]);
      const best = ratios.indexOf(Math.max(...ratios));
      const chosen = estimator.mostPromising(Rng.keyed(n, k), 24);
      const expected = rows.subarray(best * parzen.width, (best + 1) * parzen.width);
      expect(parzen.paramsOf(chosen, 0)).toEqual(parzen.paramsOf(expected, 0));
    }
  });

  it('has bounds that are not above the densities, and not always far below', () => {
    const { above, space: parzen } = fresh(330);
    const asked = { mixture: above, space: parzen };
    const rows = sampled(asked, Rng.keyed('bounds'), 100);
    const slack = logDensities(asked, rows, 'logDensityBounds');
    logDensities(asked, rows).forEach((log, s) => {
      slack[s] = log - slack[s];
    });
    expect(Math.min(...slack)).toBeGreaterThan(-1e-9);
    expect(Math.min(...slack)).toBeLessThan(3);
  });
});

it('stays finite where old observations lie outside a range that was narrowed', () => {
  const narrowed = space({ x: float(0, 1), k: int(0, 5) });
  const asked = mixtureOf(narrowed, [
    { x: -40, k: 90 },
    { x: 0.5, k: -7 },
    { x: 33, k: 2 },
  ]);
  const rows = sampled(asked, Rng.keyed(0), 200);
  for (const log of logDensities(asked, rows)) expect(Number.isFinite(log)).toBe(true);
  for (let s = 0; s < 200; s++) {
    const { x, k } = asked.space.paramsOf(rows, 2 * s);
    expect(Number(x) >= 0 && Number(x) <= 1).toBe(true);
    expect([0, 1, 2, 3, 4, 5]).toContain(k);
  }
});

it('gives the gaps around equal observations to others of them along every axis', () => {
  // If it were the same ones along all axes, all others would be narrow along all, and the search would repeat itself.
  const axis = new NumericAxis(int(0, 20));
  const wideOf = (salt: number, numbers: readonly number[]): number[] => {
    const slots = new KernelSlots();
    const kernels = new NumericKernels(axis, slots, salt);
    const slotOf = new Map(numbers.map((number) => [number, 0]));
    for (const number of numbers) {
      const slot = slots.add(number);
      if (kernels.order.length < slots.capacity) kernels.reserve();
      slotOf.set(number, slot);
      kernels.add(slot, number === 0 ? 3 : number === 29 ? 17 : 10);
    }
    kernels.fit(() => {});
    const wide = numbers.filter((n) => n % 29 > 0 && kernels.widths[slotOf.get(n)!] > kernels.narrowest);
    return wide.sort((a, b) => a - b);
  };
  const numbers = Array.from({ length: 30 }, (_, i) => i);
  const wide = [0, 1, 2, 3, 4, 5].map((salt) => wideOf(salt, numbers));
  for (const pair of wide) expect(pair).toHaveLength(2);
  expect(new Set(wide.flat()).size).toBeGreaterThan(6);
  // Which ones it is depends on the trials, not on the order in which they came.
  expect(wideOf(2, [...numbers].reverse())).toEqual(wide[2]);
});
