import { type LbfgsOptions, minimizeLbfgs } from '../../src/math/index.ts';
import type { Points } from './gaussian-process.ts';
import type { KernelParams } from './kernel.ts';
import { LogMarginalLikelihood, logPrior, MINIMUM_NOISE } from './log-posterior.ts';

export interface KernelFit {
  readonly params: KernelParams;
  /** Log of the posterior density of the parameters, up to a constant. */
  readonly logPosterior: number;
}

/** What a fit starts from that knows nothing. */
export function defaultKernelParams(d: number): KernelParams {
  return {
    inverseSquaredLengthscales: new Float64Array(d).fill(1),
    kernelScale: 1,
    quadraticScale: 0.1,
    noiseVar: 1,
  };
}

const FIT: LbfgsOptions = { gradientTolerance: 1e-2, valueTolerance: 1e-4 };

/**
 * The most plausible parameters near `start`, by L-BFGS on their logarithms.
 * @param y one value per point, standardized.
 * @param isDeterministic the noise is held at its minimum.
 */
export function fitKernel(
  points: Points,
  y: Float64Array,
  start: KernelParams,
  isDeterministic: boolean,
): KernelFit {
  const logMarginalLikelihood = new LogMarginalLikelihood(points, y);
  const negative = (logs: Float64Array, gradient: Float64Array): number => {
    const params = fromLogs(logs, isDeterministic);
    const likelihood = logMarginalLikelihood.at(params);
    if (likelihood === null) return Number.POSITIVE_INFINITY;
    const prior = logPrior(params);
    const { inverseSquaredLengthscales: w, kernelScale, quadraticScale, noiseVar } = params;
    const d = w.length;
    for (let j = 0; j < d; j++)
      gradient[j] =
        -w[j] * (likelihood.byInverseSquaredLengthscales[j] + prior.byInverseSquaredLengthscales[j]);
    gradient[d] = -kernelScale * (likelihood.byKernelScale + prior.byKernelScale);
    gradient[d + 1] = -quadraticScale * (likelihood.byQuadraticScale + prior.byQuadraticScale);
    if (!isDeterministic)
      gradient[d + 2] = -(noiseVar - MINIMUM_NOISE) * (likelihood.byNoiseVar + prior.byNoiseVar);
    return -(likelihood.value + prior.value);
  };
  const { x, value } = minimizeLbfgs(negative, toLogs(start, isDeterministic), FIT);
  return { params: fromLogs(x, isDeterministic), logPosterior: -value };
}

function toLogs(params: KernelParams, isDeterministic: boolean): Float64Array {
  const { inverseSquaredLengthscales, kernelScale, quadraticScale, noiseVar } = params;
  const logs = [...inverseSquaredLengthscales, kernelScale, quadraticScale].map(Math.log);
  // A little above the minimum, where the logarithm ends; so does Optuna.
  if (!isDeterministic) logs.push(Math.log(noiseVar - 0.99 * MINIMUM_NOISE));
  return Float64Array.from(logs);
}

function fromLogs(logs: Float64Array, isDeterministic: boolean): KernelParams {
  const d = logs.length - (isDeterministic ? 2 : 3);
  return {
    inverseSquaredLengthscales: logs.slice(0, d).map(Math.exp),
    kernelScale: Math.exp(logs[d]),
    quadraticScale: Math.exp(logs[d + 1]),
    noiseVar: MINIMUM_NOISE + (isDeterministic ? 0 : Math.exp(logs[d + 2])),
  };
}
