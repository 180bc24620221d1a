/** BBOB f21 and f22, Gallagher's Gaussian peaks: places, heights and widths of the peaks are random. */
import type { BbobMaker } from './bbob-function.ts';
import { permutation, uniforms } from './random.ts';
import { oscillate, outside, progress, sumOf, times, type Vector } from './transformations.ts';

interface Settings {
  readonly nPeaks: number;
  /** Condition number of the highest peak; those of the others are spread over [1, 1000]. */
  readonly firstCondition: number;
  /** Peaks lie in [-spread, spread]; the highest in 0.8 of it. */
  readonly spread: number;
}

interface Peak {
  readonly height: number;
  /** In rotated coordinates. */
  readonly center: Vector;
  readonly weights: Vector;
}

function gallagher({ nPeaks, firstCondition, spread }: Settings): BbobMaker {
  return ({ seed, q, dimension }) => {
    const order = permutation(uniforms(nPeaks - 1, seed));
    const conditions = [firstCondition, ...order.map((place) => 1000 ** (place / (nPeaks - 2)))];
    const places = uniforms(dimension * nPeaks, seed).map((u) => 2 * spread * u - spread);
    const center = (k: number): Vector =>
      places.slice(k * dimension, (k + 1) * dimension).map((value) => (k === 0 ? 0.8 * value : value));
    const peaks = conditions.map((condition, k): Peak => {
      const axes = permutation(uniforms(dimension, seed + 1000 * k));
      return {
        height: k === 0 ? 10 : 1.1 + (8 * (k - 1)) / (nPeaks - 2),
        center: times(q, center(k)),
        weights: axes.map((axis) => condition ** (progress(axis, dimension) - 0.5)),
      };
    });
    const at = (z: Vector, peak: Peak): number => {
      const distance = sumOf(z, (value, i) => peak.weights[i] * (value - peak.center[i]) ** 2);
      return peak.height * Math.exp((-0.5 / dimension) * distance);
    };
    return {
      xopt: center(0),
      above: (x) => {
        const z = times(q, x);
        const highest = peaks.reduce((best, peak) => Math.max(best, at(z, peak)), 0);
        return oscillate(10 - highest) ** 2 + outside(x);
      },
    };
  };
}

/** f21 */
export const gallagher101 = gallagher({ nPeaks: 101, firstCondition: Math.sqrt(1000), spread: 5 });

/** f22 */
export const gallagher21 = gallagher({ nPeaks: 21, firstCondition: 1000, spread: 4.9 });
