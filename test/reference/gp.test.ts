/**
 * Our Gaussian process against Optuna 5.0.0's. `gp.json` holds the numbers, each beside the call that made it; with
 * THANOS_PEER_PYTHON (a Python with optuna, torch and scipy) set, the script makes others from another seed.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { LogEi, LogFeasibility } from '../../samplers/gp/acquisition.ts';
import { type Boxes, freeBoxes } from '../../samplers/gp/free-boxes.ts';
import { covarianceMatrix, GaussianProcess, type Points } from '../../samplers/gp/gaussian-process.ts';
import { Kernel, type KernelParams } from '../../samplers/gp/kernel.ts';
import { LogEhvi } from '../../samplers/gp/log-ehvi.ts';
import { standardLogEi } from '../../samplers/gp/log-ei.ts';
import { LogMarginalLikelihood, logPrior } from '../../samplers/gp/log-posterior.ts';
import { NormalizedSpace } from '../../samplers/gp/normalized-space.ts';
import { distributionFromJson, type ParamValue } from '../../src/core/index.ts';
import { paretoFront, pickRows } from '../../src/pareto/index.ts';
import { makeTrial } from '../../src/testing/sampler-loop.ts';

type Rows = readonly (readonly number[])[];
interface PlainParams {
  readonly inverseSquaredLengthscales: readonly number[];
  readonly kernelScale: number;
  readonly noiseVar: number;
}
interface Data {
  readonly x: Rows;
  readonly y: readonly number[];
  readonly isCategorical: readonly boolean[];
  readonly params: PlainParams;
}
interface Process extends Data {
  readonly at: Rows;
  readonly running: Rows;
  readonly kernel: Rows;
  readonly logLikelihood: number;
  readonly logPrior: number;
  readonly mean: readonly number[];
  readonly variance: readonly number[];
  readonly logEi: readonly number[];
  readonly logPi: readonly number[];
  readonly believedMean: readonly number[];
  readonly believedVariance: readonly number[];
}
interface Front {
  readonly losses: Rows;
  readonly reference: readonly number[];
}
interface Reference {
  readonly madeWith: string;
  readonly processes: readonly Process[];
  readonly fits: readonly (Data & { readonly logPosterior: number })[];
  readonly standardLogEi: { readonly z: readonly number[]; readonly value: readonly number[] };
  readonly ehvi2: readonly (Front & {
    readonly mean: readonly number[];
    readonly sigma: readonly number[];
    readonly logEhvi: number;
  })[];
  readonly gains: readonly (Front & { readonly at: Rows; readonly gain: readonly number[] })[];
  readonly normalized: {
    readonly space: Readonly<Record<string, string>>;
    readonly params: readonly Record<string, ParamValue>[];
    readonly normalized: Rows;
  };
}

const flat = (rows: Rows): Float64Array => Float64Array.from(rows.flat());

/** Optuna's kernel has no quadratic part. */
const kernelParams = ({ inverseSquaredLengthscales, ...others }: PlainParams): KernelParams => ({
  ...others,
  inverseSquaredLengthscales: Float64Array.from(inverseSquaredLengthscales),
  quadraticScale: 0,
});

const pointsOf = ({ x, isCategorical }: Data): Points => ({ x: flat(x), n: x.length, isCategorical });

function expectClose(ours: ArrayLike<number>, theirs: ArrayLike<number>, tolerance = 1e-9): void {
  expect(ours).toHaveLength(theirs.length);
  for (let i = 0; i < ours.length; i++)
    expect(Math.abs(ours[i] - theirs[i]), `number ${i}: ${ours[i]}, not ${theirs[i]}`).toBeLessThanOrEqual(
      tolerance * Math.max(1, Math.abs(theirs[i])),
    );
}

function boxesOf({ losses, reference }: Front): Boxes {
  const m = reference.length;
  return freeBoxes(pickRows(flat(losses), m, paretoFront(flat(losses), m)), Float64Array.from(reference));
}

/** One observation, too far away to matter: mean 0 and this deviation everywhere. */
function uninformed(sigma: number): GaussianProcess {
  const far = { x: Float64Array.of(1e6), n: 1, isCategorical: [false] };
  const inverseSquaredLengthscales = Float64Array.of(1);
  const params = { inverseSquaredLengthscales, kernelScale: sigma ** 2, quadraticScale: 0, noiseVar: 1 };
  return new GaussianProcess(far, Float64Array.of(0), params);
}

function suite(read: () => Reference): void {
  let reference: Reference;
  const get = (): Reference => {
    reference ??= read();
    return reference;
  };

  test('kernel matrix, likelihood and prior', () => {
    for (const data of get().processes) {
      const params = kernelParams(data.params);
      const points = pointsOf(data);
      const silent = { ...params, noiseVar: 0 };
      const lower = data.kernel.flatMap((row, i) => row.slice(0, i + 1));
      expectClose(covarianceMatrix(points, new Kernel(data.isCategorical, silent)), lower, 1e-13);
      const likelihood = new LogMarginalLikelihood(points, Float64Array.from(data.y)).at(params)!;
      expectClose([likelihood.value, logPrior(params).value], [data.logLikelihood, data.logPrior]);
    }
  });

  test('posterior, log expected improvement and feasibility, running trials', () => {
    for (const data of get().processes) {
      // Their values are to be maximized: our losses are the negative ones.
      const losses = Float64Array.from(data.y, (y) => -y);
      const gp = new GaussianProcess(pointsOf(data), losses, kernelParams(data.params));
      const predict = (): [number[], number[]] => {
        const pairs = data.at.map((_, i) => {
          gp.predict(flat(data.at), i);
          return [-gp.mean, gp.variance];
        });
        return [pairs.map(([mean]) => mean), pairs.map(([, variance]) => variance)];
      };
      const [means, variances] = predict();
      expectClose(means, data.mean);
      expectClose(variances, data.variance);
      const ei = new LogEi(gp, Math.min(...losses));
      const pi = new LogFeasibility(gp, -0.3);
      expectClose(
        data.at.map((_, i) => ei.value(flat(data.at), i)),
        data.logEi,
        1e-7,
      );
      expectClose(
        data.at.map((_, i) => pi.value(flat(data.at), i)),
        data.logPi,
        1e-7,
      );
      gp.believe(data.running.map((row) => Float64Array.from(row)));
      const [believedMeans, believedVariances] = predict();
      expectClose(believedMeans, data.believedMean, 1e-8);
      expectClose(believedVariances, data.believedVariance, 1e-8);
    }
  });

  test('at their fitted parameters the posterior density is theirs, and flat', () => {
    for (const data of get().fits) {
      const params = kernelParams(data.params);
      const y = Float64Array.from(data.y);
      const likelihood = new LogMarginalLikelihood(pointsOf(data), y).at(params)!;
      const prior = logPrior(params);
      expectClose([likelihood.value + prior.value], [data.logPosterior]);
      const slopes = [
        ...params.inverseSquaredLengthscales.map(
          (w, j) => w * (likelihood.byInverseSquaredLengthscales[j] + prior.byInverseSquaredLengthscales[j]),
        ),
        params.kernelScale * (likelihood.byKernelScale + prior.byKernelScale),
        params.noiseVar * (likelihood.byNoiseVar + prior.byNoiseVar),
      ];
      expectClose(slopes, new Float64Array(slopes.length), 1e-3);
    }
  });

  test('log expected improvement of a standard normal', () => {
    const { z, value } = get().standardLogEi;
    expectClose(z.map(standardLogEi), value, 1e-9);
  });

  test('expected hypervolume improvement of two objectives', () => {
    for (const { mean, sigma, logEhvi, ...front } of get().ehvi2) {
      // The processes have mean 0: the objective space is moved instead.
      const moved = {
        losses: front.losses.map((row) => row.map((loss, j) => loss - mean[j])),
        reference: front.reference.map((loss, j) => loss - mean[j]),
      };
      const gps = sigma.map(uninformed);
      expectClose([new LogEhvi(gps, boxesOf(moved)).value(Float64Array.of(0), 0)], [logEhvi], 1e-7);
    }
  });

  test('the boxes that a front leaves free', () => {
    for (const { at, gain, ...front } of get().gains) {
      const { low, high, n, m } = boxesOf(front);
      const ours = at.map((point) => {
        let sum = 0;
        for (let b = 0; b < n; b++)
          sum += point.reduce(
            (volume, loss, j) => volume * Math.max(0, high[b * m + j] - Math.max(low[b * m + j], loss)),
            1,
          );
        return sum;
      });
      // Theirs counts at least 1e-12 for each side of each box.
      expectClose(ours, gain, 1e-9);
    }
  });

  test('normalized parameters', () => {
    const { space, params, normalized } = get().normalized;
    const ours = Object.fromEntries(
      Object.entries(space).map(([k, json]) => [k, distributionFromJson(json)]),
    );
    const columns = new NormalizedSpace(ours);
    params.forEach((values, i) => {
      const trial = makeTrial(i, ours, { params: values, systemAttrs: {} }, { values: [0] });
      expectClose(columns.pointOf(trial)!, normalized[i], 1e-12);
      for (const [name, back] of Object.entries(columns.params(columns.pointOf(trial)!)))
        if (typeof back === 'number') expectClose([back], [values[name] as number], 1e-12);
        else expect(back).toBe(values[name]);
    });
  });
}

const recorded = (): Reference =>
  JSON.parse(readFileSync(new URL('./gp.json', import.meta.url), 'utf8')) as Reference;

describe('reference values of optuna 5.0.0', () => suite(recorded));

const python = process.env['THANOS_PEER_PYTHON'];
const live = (): Reference => {
  const script = new URL('./generate_gp.py', import.meta.url).pathname;
  return JSON.parse(
    execFileSync(python!, [script, '11'], { encoding: 'utf8', maxBuffer: 2 ** 26 }),
  ) as Reference;
};

describe.skipIf(python === undefined)('with Optuna (skipped if THANOS_PEER_PYTHON is not set)', () =>
  suite(live),
);
