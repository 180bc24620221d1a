/** Uniform draws from a distribution: what every sampler starts with and falls back on. */
import { cardinality, type Distribution, type ParamValue, toExternalRepr } from '../src/core/distribution.ts';
import { Rng } from '../src/core/rng.ts';
import type { SamplerContext } from '../src/core/sampler.ts';

/**
 * The value of a distribution at `u`, uniform in [0, 1): over log x if `log`, over the steps if stepped, over the choices
 * if categorical.
 */
export function uniformAt(u: number, d: Distribution): ParamValue {
  if (d.kind === 'categorical') return d.choices[Math.floor(u * d.choices.length)];
  if (d.kind === 'int' && d.log) {
    // Integers are cells of half a unit to either side, so that the ends are as likely as their neighbours.
    const x = Math.exp(between(u, Math.log(d.low - 0.5), Math.log(d.high + 0.5)));
    return Math.min(Math.max(Math.round(x), d.low), d.high);
  }
  if (d.step !== null) {
    const value = d.low + Math.floor(u * cardinality(d)) * d.step;
    return toExternalRepr(d, Math.min(value, d.high));
  }
  if (!d.log) return Math.min(between(u, d.low, d.high), d.high);
  return Math.min(Math.max(Math.exp(between(u, Math.log(d.low), Math.log(d.high))), d.low), d.high);
}

function between(u: number, low: number, high: number): number {
  return low + (high - low) * u;
}

/**
 * The random value of one parameter of one trial. Keyed by seed, trial and name alone, so the start-up trials of every
 * sampler are those of `RandomSampler` with the same seed.
 */
export function sampleUniformFor(
  seed: number,
  context: SamplerContext,
  name: string,
  distribution: Distribution,
): ParamValue {
  const u =
    context.attempt === 0
      ? Rng.uniformOf(seed, context.trialNumber, 'random', name)
      : Rng.uniformOf(seed, context.trialNumber, 'random', name, 'attempt', context.attempt);
  return uniformAt(u, distribution);
}
