/** BBOB f10 to f14: unimodal, with high conditioning, not separable. */
import type { BbobMaker } from './bbob-function.ts';
import { drawXopt } from './instance.ts';
import { ellipsoidOf } from './separable.ts';
import { asymmetric, conditioned, minus, oscillate, progress, sumOf, times } from './transformations.ts';

/** f10 */
export const ellipsoid: BbobMaker = ({ xopt, r }) => ({
  xopt,
  above: (x) => ellipsoidOf(times(r, minus(x, xopt)).map(oscillate), 1e6),
});

/** f11: one direction a thousand times more sensitive than the others. */
export const discus: BbobMaker = ({ xopt, r }) => ({
  xopt,
  above: (x) => {
    const z = times(r, minus(x, xopt)).map(oscillate);
    return sumOf(z, (value, i) => (i === 0 ? 1e6 : 1) * value * value);
  },
});

/** f12: one direction a thousand times less sensitive, along a bent ridge. */
export const bentCigar: BbobMaker = ({ r, seed, dimension }) => {
  const xopt = drawXopt(dimension, seed + 1000000);
  return {
    xopt,
    above: (x) => {
      const z = times(r, asymmetric(times(r, minus(x, xopt)), 0.5));
      return sumOf(z, (value, i) => (i === 0 ? 1 : 1e6) * value * value);
    },
  };
};

/** f13: its ridge is not differentiable. */
export const sharpRidge: BbobMaker = ({ xopt, r, q }) => {
  const matrix = conditioned(r, 10, q);
  return {
    xopt,
    above: (x) => {
      const z = times(matrix, minus(x, xopt));
      return z[0] ** 2 + 100 * Math.sqrt(sumOf(z.slice(1), (value) => value * value));
    },
  };
};

/** f14: sensitivities grow apart toward the optimum. */
export const differentPowers: BbobMaker = ({ xopt, r, dimension }) => ({
  xopt,
  above: (x) => {
    const z = times(r, minus(x, xopt));
    return Math.sqrt(sumOf(z, (value, i) => Math.abs(value) ** (2 + 4 * progress(i, dimension))));
  },
});
