/** The distributions of `suggestFloat` and `suggestInt`: a loop of trials need not check and freeze the same one again and again. */
import {
  type Distribution,
  type FloatDistribution,
  floatDistribution,
  type IntDistribution,
  intDistribution,
  type RangeOptions,
} from './distribution.ts';

export const NO_OPTIONS = Object.freeze({});

/** The study's distribution if it is the same. @throws ThanosError INVALID_DISTRIBUTION */
export function floatLike(
  known: Distribution | undefined,
  low: number,
  high: number,
  options: RangeOptions<number | null>,
): Distribution {
  return known?.kind === 'float' && isSame(known, low, high, options, null)
    ? known
    : floatDistribution(low, high, options);
}

/** The study's distribution if it is the same, for integers. @throws ThanosError INVALID_DISTRIBUTION */
export function intLike(
  known: Distribution | undefined,
  low: number,
  high: number,
  options: RangeOptions<number>,
): Distribution {
  return known?.kind === 'int' && isSame(known, low, high, options, 1)
    ? known
    : intDistribution(low, high, options);
}

function isSame<Step extends number | null>(
  known: FloatDistribution | IntDistribution,
  low: number,
  high: number,
  options: RangeOptions<Step>,
  defaultStep: Step,
): boolean {
  if (known.low !== low || known.high !== high) return false;
  if (options === NO_OPTIONS) return !known.log && known.step === defaultStep;
  if (typeof options !== 'object' || options === null) return false;
  for (const name in options) if (name !== 'log' && name !== 'step') return false;
  const { log = false, step = defaultStep } = options;
  return known.log === log && known.step === step;
}
