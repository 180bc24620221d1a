/** The parts of the Gaussian process sampler: gradients against central differences, and what each part promises. */
import { describe, expect, test } from 'vitest';
import { type Acquisition, LogEi, LogFeasibility, LogProduct } from '../../samplers/gp/acquisition.ts';
import { defaultKernelParams, fitKernel } from '../../samplers/gp/fit-kernel.ts';
import { freeBoxes } from '../../samplers/gp/free-boxes.ts';
import { GaussianProcess, type Points } from '../../samplers/gp/gaussian-process.ts';
import type { KernelParams } from '../../samplers/gp/kernel.ts';
import { LogEhvi } from '../../samplers/gp/log-ehvi.ts';
import { standardLogEi } from '../../samplers/gp/log-ei.ts';
import { LogMarginalLikelihood, logPrior, type ParamsDensity } from '../../samplers/gp/log-posterior.ts';
import { type Output, OutputModel } from '../../samplers/gp/output-model.ts';
import { clipInfinite, scaleOutput } from '../../samplers/gp/output-scale.ts';
import { trustLength, trustRegion } from '../../samplers/gp/trust-region.ts';
import { Rng } from '../../src/core/rng.ts';
import { hypervolume, paretoFront, pickRows } from '../../src/pareto/index.ts';

const IS_CATEGORICAL = [false, true, false];
const PARAMS: KernelParams = {
  inverseSquaredLengthscales: Float64Array.of(2, 0.7, 6),
  kernelScale: 1.3,
  quadraticScale: 0.2,
  noiseVar: 0.01,
};

/** Two numeric columns around a categorical one of three choices. */
function randomPoints(n: number, key: string): Points {
  const rng = Rng.keyed('points', key);
  const x = Float64Array.from({ length: 3 * n }, (_, k) => (k % 3 === 1 ? rng.int(3) : rng.uniform()));
  return { x, n, isCategorical: IS_CATEGORICAL };
}

function randomNumbers(n: number, key: string): Float64Array {
  const rng = Rng.keyed('numbers', key);
  return Float64Array.from({ length: n }, () => rng.normal());
}

const processOf = (key: string, n = 12): GaussianProcess =>
  new GaussianProcess(randomPoints(n, key), randomNumbers(n, key), PARAMS);

function expectSlope(f: (x: number) => number, at: number, slope: number): void {
  const h = 1e-5 * Math.max(1, Math.abs(at));
  const difference = (f(at + h) - f(at - h)) / (2 * h);
  expect(Math.abs(slope - difference), `slope ${slope}, not ${difference}`).toBeLessThan(
    1e-6 * Math.max(1, Math.abs(slope)),
  );
}

describe('the posterior density of kernel parameters', () => {
  const likelihood = new LogMarginalLikelihood(randomPoints(12, 'fit'), randomNumbers(12, 'fit'));
  const densities: Readonly<Record<string, (params: KernelParams) => ParamsDensity>> = {
    likelihood: (params) => likelihood.at(params)!,
    prior: logPrior,
  };

  test.each(Object.keys(densities))('%s: derivatives', (name) => {
    const density = densities[name];
    const at = density(PARAMS);
    PARAMS.inverseSquaredLengthscales.forEach((w, j) => {
      const along = (v: number): KernelParams => ({
        ...PARAMS,
        inverseSquaredLengthscales: PARAMS.inverseSquaredLengthscales.with(j, v),
      });
      expectSlope((v) => density(along(v)).value, w, at.byInverseSquaredLengthscales[j]);
    });
    const { kernelScale, quadraticScale, noiseVar } = PARAMS;
    expectSlope((v) => density({ ...PARAMS, kernelScale: v }).value, kernelScale, at.byKernelScale);
    expectSlope((v) => density({ ...PARAMS, quadraticScale: v }).value, quadraticScale, at.byQuadraticScale);
    expectSlope((v) => density({ ...PARAMS, noiseVar: v }).value, noiseVar, at.byNoiseVar);
  });

  test('is null where the covariance matrix is not positive definite', () => {
    const twice = { x: Float64Array.of(0.5, 0, 0.5, 0.5, 0, 0.5), n: 2, isCategorical: IS_CATEGORICAL };
    expect(new LogMarginalLikelihood(twice, Float64Array.of(0, 1)).at({ ...PARAMS, noiseVar: 0 })).toBeNull();
  });

  test('is largest where the fit ends', () => {
    const points = randomPoints(20, 'bowl');
    const y = Float64Array.from({ length: 20 }, (_, i) => (points.x[3 * i] - 0.4) ** 2 * 10 - 1);
    for (const isDeterministic of [false, true]) {
      const { params, logPosterior } = fitKernel(points, y, defaultKernelParams(3), isDeterministic);
      const value = (p: KernelParams): number =>
        new LogMarginalLikelihood(points, y).at(p)!.value + logPrior(p).value;
      expect(logPosterior).toBeCloseTo(value(params), 9);
      if (isDeterministic) expect(params.noiseVar).toBe(1e-6);
      for (const factor of [0.7, 1.4]) {
        expect(value({ ...params, kernelScale: factor * params.kernelScale })).toBeLessThan(logPosterior);
        expect(value({ ...params, quadraticScale: factor * params.quadraticScale })).toBeLessThan(
          logPosterior,
        );
        const w = params.inverseSquaredLengthscales.map((x) => factor * x);
        expect(value({ ...params, inverseSquaredLengthscales: w })).toBeLessThan(logPosterior);
      }
    }
  });
});

describe('acquisition functions', () => {
  const front = Float64Array.of(-0.8, 0.6, -0.2, 0.1, 0.5, -0.9);
  const front3 = Float64Array.of(-0.8, 0.6, 0, -0.2, 0.1, 0.3, 0.5, -0.9, -0.4, 0.1, 0.2, -1);
  const acquisitions: Readonly<Record<string, () => Acquisition>> = {
    'log expected improvement': () => new LogEi(processOf('a'), -0.5),
    'log expected improvement, hopeless': () => new LogEi(processOf('a'), -40),
    'log feasibility': () => new LogFeasibility(processOf('b'), 0.2),
    'a sum': () => new LogProduct([new LogEi(processOf('a'), 0), new LogFeasibility(processOf('b'), -1)]),
    'two objectives': () =>
      new LogEhvi([processOf('a'), processOf('b')], freeBoxes(front, Float64Array.of(1, 1))),
    'two objectives, hopeless': () =>
      new LogEhvi([processOf('a'), processOf('b')], freeBoxes(front, Float64Array.of(-30, -40))),
    'three objectives': () =>
      new LogEhvi(
        ['a', 'b', 'c'].map((key) => processOf(key)),
        freeBoxes(front3, Float64Array.of(1, 1, 2)),
      ),
  };

  test.each(Object.keys(acquisitions))('%s: gradient', (name) => {
    const acquisition = acquisitions[name]();
    const { x, n } = randomPoints(4, 'at');
    for (let i = 0; i < n; i++) {
      const point = x.slice(3 * i, 3 * i + 3);
      const gradient = new Float64Array(3);
      const value = acquisition.valueAndGradient(point, gradient);
      expect(value).toBe(acquisition.value(x, i));
      expect(Number.isFinite(value)).toBe(true);
      for (const j of [0, 2])
        expectSlope((v) => acquisition.value(point.with(j, v), 0), point[j], gradient[j]);
      expect(gradient[1]).toBe(0);
    }
  });

  test('log expected improvement has no seam and no end', () => {
    for (const seam of [-1, -1e5]) {
      const [left, right] = [standardLogEi(seam - 1e-9), standardLogEi(seam + 1e-9)];
      expect(Math.abs(left - right) / Math.abs(left)).toBeLessThan(1e-8);
    }
    expect(standardLogEi(-1e100)).toBeLessThan(-1e199);
    expect(standardLogEi(1e6)).toBeCloseTo(Math.log(1e6), 9);
  });

  test.each([2, 3, 4])('what %i objectives gain in the free boxes is what the hypervolume gains', (m) => {
    const rng = Rng.keyed('front', m);
    const losses = Float64Array.from({ length: 15 * m }, () => rng.int(8) / 8);
    const reference = new Float64Array(m).fill(0.9);
    const inside = Array.from({ length: 15 }, (_, i) => i).filter((i) =>
      losses.subarray(i * m, i * m + m).every((loss) => loss <= 0.9),
    );
    const known = pickRows(losses, m, inside);
    const { low, high, n } = freeBoxes(pickRows(losses, m, paretoFront(losses, m)), reference);
    for (let trial = 0; trial < 20; trial++) {
      const point = Float64Array.from({ length: m }, () => rng.uniform() * 0.9);
      let gain = 0;
      for (let b = 0; b < n; b++)
        gain += point.reduce(
          (volume, loss, j) => volume * Math.max(0, high[b * m + j] - Math.max(low[b * m + j], loss)),
          1,
        );
      const before = hypervolume(known, reference);
      const after = hypervolume(Float64Array.from([...known, ...point]), reference);
      expect(gain).toBeCloseTo(after - before, 12);
    }
  });
});

describe('a believed point', () => {
  test('changes no mean, and variances as an observation does', () => {
    const points = randomPoints(10, 'believed');
    const y = randomNumbers(10, 'believed');
    const gp = new GaussianProcess(points, y, PARAMS);
    const others = randomPoints(3, 'others');
    const new1 = others.x.slice(0, 3);
    const meanAndVariance = (process: GaussianProcess): [number, number] => {
      process.predict(others.x, 2);
      return [process.mean, process.variance];
    };
    gp.predict(new1);
    const { mean } = gp;
    const before = meanAndVariance(gp);
    gp.believe([new1, others.x.slice(3, 6)]);
    const after = meanAndVariance(gp);
    expect(after[0]).toBeCloseTo(before[0], 10);
    expect(after[1]).toBeLessThan(before[1]);

    const observed = new GaussianProcess(
      { x: Float64Array.from([...points.x, ...new1]), n: 11, isCategorical: IS_CATEGORICAL },
      Float64Array.from([...y, mean]),
      PARAMS,
    );
    observed.believe([others.x.slice(3, 6)]);
    const expected = meanAndVariance(observed);
    expect(after[0]).toBeCloseTo(expected[0], 9);
    expect(after[1]).toBeCloseTo(expected[1], 9);
  });
});

describe('the scale of an output', () => {
  const losses = Float64Array.of(5, 1, 3, 1e6, 2, 40, 4, 7);

  test.each(['linear', 'half-log'] as const)('%s: keeps the order, with mean 0 and variance 1', (scale) => {
    const { y } = scaleOutput(losses, scale)!;
    const order = (of: Float64Array): number[] => [...of.keys()].sort((a, b) => of[a] - of[b]);
    expect(order(y)).toEqual(order(losses));
    expect(y.reduce((a, b) => a + b) / 8).toBeCloseTo(0, 12);
    expect(y.reduce((a, b) => a + b * b, 0) / 8).toBeCloseTo(1, 12);
  });

  test('half-log tells the good losses apart, whatever the bad ones', () => {
    const gap = (scale: 'linear' | 'half-log'): number => {
      const { y } = scaleOutput(losses, scale)!;
      return y[2] - y[1];
    };
    expect(gap('linear')).toBeLessThan(1e-4);
    expect(gap('half-log')).toBeGreaterThan(0.1);
  });

  test('its Jacobian is that of the change of each loss, the scale held', () => {
    // With a common factor k on every loss, the density is k^-n times as large.
    for (const scale of ['linear', 'half-log'] as const) {
      const [one, ten] = [1, 10].map(
        (k) =>
          scaleOutput(
            losses.map((loss) => k * loss),
            scale,
          )!,
      );
      expect(one.logJacobian - ten.logJacobian).toBeCloseTo(8 * Math.log(10), 9);
    }
  });

  test('zero stays where it is, on the linear scale', () => {
    const { y, zero } = scaleOutput(Float64Array.of(-2, 0, 5), 'linear')!;
    expect(zero).toBeCloseTo(y[1], 12);
  });

  test('equal, huge and infinite losses', () => {
    expect(scaleOutput(Float64Array.of(3, 3, 3), 'linear')!.y).toEqual(new Float64Array(3));
    expect(scaleOutput(Float64Array.of(3, 3, 9), 'half-log')).toBeNull();
    expect(scaleOutput(Float64Array.of(1e308, -1e308), 'linear')!.y).toEqual(Float64Array.of(1, -1));
    const [up, down] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    expect(clipInfinite(Float64Array.of(up, 2, down, -3))).toEqual(Float64Array.of(2, 2, -3, -3));
    expect(clipInfinite(Float64Array.of(up, down))).toEqual(Float64Array.of(0, 0));
  });
});

describe('the model of an output', () => {
  const all = randomPoints(30, 'history');
  const outputOf = (n: number): Output => ({
    ...all,
    x: all.x.slice(0, 3 * n),
    n,
    losses: Float64Array.from({ length: n }, (_, i) => Math.exp(12 * Math.abs(all.x[3 * i] - 0.3))),
  });

  test('does not depend on what it was fitted to before', () => {
    const followed = new OutputModel(['linear', 'half-log'], false);
    for (const n of [8, 9, 10, 15, 16, 17, 30, 12, 29]) {
      const fresh = new OutputModel(['linear', 'half-log'], false);
      const paramsOf = (model: OutputModel): KernelParams => model.fit(n, outputOf).gp.kernel.params;
      expect(paramsOf(followed)).toEqual(paramsOf(fresh));
    }
  });

  test('takes logarithms of what grows exponentially, and leaves a bowl as it is', () => {
    const paramsOf = (losses: (x: number) => number): Float64Array => {
      const of = (n: number): Output => ({
        ...outputOf(n),
        losses: Float64Array.from({ length: n }, (_, i) => losses(all.x[3 * i])),
      });
      return new OutputModel(['linear', 'half-log'], false).fit(30, of).scaled.y;
    };
    const bowl = (x: number): number => (x - 0.3) ** 2;
    const linear = scaleOutput(
      Float64Array.from({ length: 30 }, (_, i) => bowl(all.x[3 * i])),
      'linear',
    )!;
    expect(paramsOf(bowl)).toEqual(linear.y);
    const growing = (x: number): number => Math.exp(12 * Math.abs(x - 0.3));
    const log = scaleOutput(
      Float64Array.from({ length: 30 }, (_, i) => growing(all.x[3 * i])),
      'half-log',
    )!;
    expect(paramsOf(growing)).toEqual(log.y);
  });
});

describe('what a Gaussian process explains', () => {
  test('a mean that leaves a point out is that of the process without it', () => {
    const [points, y] = [randomPoints(12, 'left'), randomNumbers(12, 'left')];
    const leftOut = new GaussianProcess(points, y, PARAMS).leftOut(y);
    const rest = <T extends number>(numbers: ArrayLike<T>, from: number, to: number): Float64Array =>
      Float64Array.from(Array.from(numbers).filter((_, k) => k < from || k >= to));
    for (const i of [0, 5, 11]) {
      const others: Points = { ...points, x: rest(points.x, 3 * i, 3 * i + 3), n: 11 };
      const gp = new GaussianProcess(others, rest(y, i, i + 1), PARAMS);
      gp.predict(points.x, i);
      expect(leftOut[i]).toBeCloseTo(gp.mean, 10);
    }
  });

  const points = randomPoints(40, 'explained');
  const explained = (n: number, loss: (x: number, i: number) => number): number => {
    const of = (size: number): Output => ({
      x: points.x.slice(0, 3 * size),
      n: size,
      isCategorical: IS_CATEGORICAL,
      losses: Float64Array.from({ length: size }, (_, i) => loss(points.x[3 * i], i)),
    });
    return new OutputModel(['linear', 'half-log'], false).explained(n, of);
  };
  const noise = randomNumbers(40, 'noise');

  test('is nearly all of a bowl, whatever its unit, and of what grows exponentially', () => {
    expect(explained(40, (x) => (x - 0.3) ** 2)).toBeGreaterThan(0.9);
    expect(explained(40, (x) => 1e300 * (x - 0.3) ** 2)).toBeGreaterThan(0.9);
    expect(explained(40, (x) => Math.exp(12 * Math.abs(x - 0.3)))).toBeGreaterThan(0.7);
  });

  test('is next to nothing of noise, with a heavy tail or without, and nothing of a plateau', () => {
    expect(explained(40, (_, i) => noise[i])).toBeLessThan(0.1);
    expect(explained(40, (_, i) => Math.exp(5 * noise[i]))).toBeLessThan(0.1);
    expect(explained(40, () => 0.1)).toBe(0);
    expect(explained(10, () => 0.1)).toBe(0);
  });

  test('counts as all as long as there is too little to tell', () => {
    expect(explained(15, (_, i) => noise[i])).toBe(1);
  });

  test('stays the same until the next fit from scratch', () => {
    const at = (n: number): number => explained(n, (x, i) => x + 0.3 * noise[i]);
    expect(at(31)).toBe(at(24));
    expect(at(32)).not.toBe(at(24));
  });
});

describe('the trust region', () => {
  const failures = (n: number): boolean[] => new Array<boolean>(n).fill(false);

  test('shrinks after failures, grows after successes, and starts anew', () => {
    const first = trustLength([], 3);
    expect(trustLength(failures(2), 3)).toBe(first);
    expect(trustLength(failures(3), 3)).toBe(first / 2);
    expect(trustLength([...failures(3), true, true, true], 3)).toBe(first);
    expect(trustLength([...failures(2), true, ...failures(2)], 3)).toBe(first);
    const lengths = Array.from({ length: 60 }, (_, n) => trustLength(failures(n), 3));
    expect(Math.min(...lengths)).toBeLessThan(0.02);
    expect(lengths.lastIndexOf(first)).toBeGreaterThan(15);
  });

  test('lies in the space, and is longer along longer length scales', () => {
    const { low, high } = trustRegion(Float64Array.of(0.5, 0.95), 0.4, Float64Array.of(0.2, 0.8));
    expect(high[0] - low[0]).toBeCloseTo(0.2, 12);
    expect(low[1]).toBeCloseTo(0.55, 12);
    expect(high[1]).toBe(1);
  });
});
