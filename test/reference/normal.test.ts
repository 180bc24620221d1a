/** The normal distribution against SciPy 1.17.1. */
import { describe, expect, it } from 'vitest';
import {
  erf,
  erfc,
  erfcx,
  logGaussMass,
  logNdtr,
  ndtr,
  ndtri,
  ndtriExp,
  truncatedNormalPpf,
} from '../../src/math/index.ts';
import { truncatedNormalLogPdf } from '../support/truncated-normal.ts';

const ours = { erf, erfc, erfcx, ndtr, logNdtr, ndtri, ndtriExp };

/** [x, f(x)] of scipy.special.erf, erfc, erfcx, ndtr, log_ndtr, ndtri, ndtri_exp (scipy 1.17.1). */
const scipy: Record<keyof typeof ours, readonly (readonly [number, number])[]> = {
  erf: [
    [-3.0, -0.9999779095030014],
    [-0.4, -0.42839235504666845],
    [0.1, 0.1124629160182849],
    [0.5, 0.5204998778130465],
    [2.0, 0.9953222650189527],
  ],
  erfc: [
    [-3.0, 1.9999779095030015],
    [-0.4, 1.4283923550466684],
    [0.1, 0.8875370839817152],
    [0.5, 0.4795001221869535],
    [2.0, 0.004677734981047266],
    [5.0, 1.5374597944280347e-12],
    [20.0, 5.395865611607901e-176],
  ],
  erfcx: [
    [-3.0, 16205.988853999586],
    [-0.4, 1.676233956688859],
    [0.1, 0.8964569799691268],
    [0.5, 0.6156903441929258],
    [2.0, 0.2553956763105058],
    [5.0, 0.11070463773306861],
    [1000.0, 0.0005641893014533876],
  ],
  ndtr: [
    [-30.0, 4.906713927147908e-198],
    [-3.0, 0.0013498980316300933],
    [0.0, 0.5],
    [1.0, 0.8413447460685429],
    [8.0, 0.9999999999999993],
  ],
  logNdtr: [
    [-1000.0, -500007.8266948122],
    [-30.0, -454.32124395634327],
    [-3.0, -6.60772622151035],
    [-0.1, -0.7761545927302733],
    [0.1, -0.6165050101150262],
    [3.0, -0.0013508099647481925],
    [9.0, -1.1285884059538324e-19],
  ],
  ndtri: [
    [1e-300, -37.0470962993612],
    [1e-20, -9.262340089798409],
    [0.01, -2.3263478740408408],
    [0.08, -1.4050715603096329],
    [0.5, 0.0],
    [0.7, 0.5244005127080407],
    [0.99, 2.3263478740408408],
    [0.999999999999, 7.0344869100478356],
  ],
  ndtriExp: [
    [-100000.0, -447.19789367876837],
    [-730.0, -38.09042951601188],
    [-728.0, -38.03792286348304],
    [-26.0, -6.803395271632251],
    [-2.7, -1.4969317203738322],
    [-1.0, -0.33747496376420244],
    [-0.08, 1.426350108917192],
    [-0.07, 1.4938594455092418],
    [-1e-10, 6.361340902411735],
  ],
};

describe.each(Object.keys(scipy) as (keyof typeof ours)[])('%s', (name) => {
  it.each(scipy[name])('at %f', (x, expected) => {
    const error = Math.abs(ours[name](x) - expected);
    expect(error).toBeLessThanOrEqual(1e-12 * Math.abs(expected));
  });
});

describe('limits', () => {
  it('the quantiles of 0 and 1 are infinite', () => {
    expect([ndtri(0), ndtri(1)]).toEqual([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
    expect(ndtriExp(Number.NEGATIVE_INFINITY)).toBe(Number.NEGATIVE_INFINITY);
    expect(ndtriExp(0)).toBe(Number.POSITIVE_INFINITY);
  });

  it('a truncated normal has no mass outside and its quantiles stay inside', () => {
    expect(truncatedNormalLogPdf(2.1, 0, 1, -1, 2)).toBe(Number.NEGATIVE_INFINITY);
    expect(logGaussMass(3, 3)).toBe(Number.NEGATIVE_INFINITY);
    for (const [a, b] of [
      [-1, 1],
      [40, 41],
      [-41, -40],
      [-1e-9, 1e-9],
    ])
      for (const q of [0, 1e-300, 0.5, 1 - 1e-16, 1]) {
        const x = truncatedNormalPpf(q, a, b);
        expect(x >= a && x <= b).toBe(true);
      }
  });

  it('masses of a thousand narrow cells add up to that of the whole', () => {
    for (const start of [-30, -2, 0.3, 50]) {
      const [n, width] = [1000, 1e-8];
      const whole = logGaussMass(start, start + n * width);
      let sum = 0;
      for (let i = 0; i < n; i++)
        sum += Math.exp(logGaussMass(start + i * width, start + (i + 1) * width) - whole);
      expect(sum).toBeCloseTo(1, 8);
    }
  });

  it('the quantile inverts the cumulative mass', () => {
    for (const [a, b] of [
      [-2, 0.5],
      [3, 9],
      [-30, 2],
      [-12, -9],
    ])
      for (const q of [0.001, 0.3, 0.77, 0.999]) {
        const x = truncatedNormalPpf(q, a, b);
        expect(Math.exp(logGaussMass(a, x) - logGaussMass(a, b))).toBeCloseTo(q, 10);
      }
  });
});
