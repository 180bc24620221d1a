/** BBOB f6 to f9: low or moderate conditioning. */
import type { BbobMaker } from './bbob-function.ts';
import type { Matrix } from './random.ts';
import { ellipsoidOf } from './separable.ts';
import {
  conditioned,
  minus,
  oscillate,
  outside,
  roundHalfUp,
  scaled,
  scales,
  sumOf,
  times,
  type Vector,
} from './transformations.ts';

/** f6: all but one direction in 2^D leads steeply up. */
export const attractiveSector: BbobMaker = ({ xopt, r, q }) => {
  const matrix = conditioned(r, 10, q);
  return {
    xopt,
    above: (x) => {
      const z = times(matrix, minus(x, xopt));
      const steep = sumOf(z, (value, i) => ((value * xopt[i] > 0 ? 100 : 1) * value) ** 2);
      return oscillate(steep) ** 0.9;
    },
  };
};

/** f7: plateaus without gradient. */
export const stepEllipsoid: BbobMaker = ({ xopt, r, q, dimension }) => {
  const lambda = scales(dimension, 10);
  const stepped = (value: number): number =>
    Math.abs(value) > 0.5 ? roundHalfUp(value) : roundHalfUp(10 * value) / 10;
  return {
    xopt,
    above: (x) => {
      const z = scaled(lambda, times(q, minus(x, xopt)));
      const plateau = ellipsoidOf(times(r, z.map(stepped)), 100);
      return 0.1 * Math.max(Math.abs(z[0]) / 1e4, plateau) + outside(x);
    },
  };
};

function rosenbrockOf(z: Vector): number {
  return sumOf(z.slice(1), (value, i) => 100 * (z[i] ** 2 - value) ** 2 + (z[i] - 1) ** 2);
}

export function rosenbrockScale(dimension: number): number {
  return Math.max(1, Math.sqrt(dimension) / 8);
}

/** f8 */
export const rosenbrock: BbobMaker = ({ xopt: drawn, dimension }) => {
  const scale = rosenbrockScale(dimension);
  const xopt = drawn.map((value) => 0.75 * value);
  return { xopt, above: (x) => rosenbrockOf(minus(x, xopt).map((value) => scale * value + 1)) };
};

/** f9: the valley is rotated. */
export const rotatedRosenbrock: BbobMaker = ({ q, dimension }) => {
  const scale = rosenbrockScale(dimension);
  return {
    xopt: whereOnes(q, scale),
    above: (x) => rosenbrockOf(times(q, x).map((value) => scale * value + 0.5)),
  };
};

/** The x for which `scale` Q x + 1/2 = 1 in every coordinate. */
export function whereOnes(q: Matrix, scale: number): Vector {
  return q.map(
    (_, j) =>
      sumOf(
        q.map((row) => row[j]),
        (value) => value,
      ) /
      (2 * scale),
  );
}
