import type { Distribution, ParamValue } from '../../src/core/distribution.ts';
import { fromReal, type NumericDistribution, realBounds, toReal } from '../../src/core/numeric-transform.ts';
import type { Rng } from '../../src/core/rng.ts';
import { truncatedNormalPpf } from '../../src/math/truncated-normal.ts';

/** Standard deviation of a numeric step, as a share of the (log) range. */
const STEP = 0.2;

/**
 * Another value of a distribution close to this one, as in the one-exchange neighborhood of F. Hutter, H. Hoos and
 * K. Leyton-Brown, "Sequential Model-Based Optimization for General Algorithm Configuration" (LION 5, 2011): of a
 * categorical any other choice, of a number one drawn from a normal around it that is cut to the range. A draw that is
 * rounded to the value itself goes on to the next step.
 */
export function neighbor(rng: Rng, d: Distribution, value: ParamValue): ParamValue {
  if (d.kind === 'categorical') return rng.pick(d.choices.filter((choice) => !Object.is(choice, value)));
  const { low, high } = realBounds(d);
  const sigma = STEP * (high - low);
  const mean = toReal(d, value);
  const real = mean + sigma * truncatedNormalPpf(rng.uniform(), (low - mean) / sigma, (high - mean) / sigma);
  const drawn = fromReal(d, real);
  return drawn === value ? nextStep(d, drawn as number, real >= mean ? 1 : -1) : drawn;
}

function nextStep(d: NumericDistribution, value: number, direction: 1 | -1): ParamValue {
  if (d.step === null) return value;
  const isAtEnd = direction === 1 ? value >= d.high : value <= d.low;
  const next = value + (isAtEnd ? -direction : direction) * d.step;
  return fromReal(d, toReal(d, next));
}
