/** BBOB f1 to f5: every coordinate can be optimized by itself. */
import type { BbobMaker } from './bbob-function.ts';
import {
  asymmetric,
  minus,
  oscillate,
  outside,
  progress,
  scaled,
  scales,
  sumOf,
  type Vector,
} from './transformations.ts';

const square = (value: number): number => value * value;

/** 10 (D - sum cos 2 pi z) + |z|^2: 10^D wells in a bowl. */
export function rastriginOf(z: Vector): number {
  return 10 * (z.length - sumOf(z, (value) => Math.cos(2 * Math.PI * value))) + sumOf(z, square);
}

/** sum condition^(i / (D - 1)) z_i^2 */
export function ellipsoidOf(z: Vector, condition: number): number {
  return sumOf(z, (value, i) => condition ** progress(i, z.length) * value * value);
}

/** f1 */
export const sphere: BbobMaker = ({ xopt }) => ({
  xopt,
  above: (x) => sumOf(minus(x, xopt), square),
});

/** f2 */
export const separableEllipsoid: BbobMaker = ({ xopt }) => ({
  xopt,
  above: (x) => ellipsoidOf(minus(x, xopt).map(oscillate), 1e6),
});

/** f3 */
export const separableRastrigin: BbobMaker = ({ xopt, dimension }) => {
  const lambda = scales(dimension, 10);
  return {
    xopt,
    above: (x) => rastriginOf(scaled(lambda, asymmetric(minus(x, xopt).map(oscillate), 0.2))),
  };
};

/** f4, Bueche-Rastrigin: f3 with a skew that misleads whoever exploits symmetry. */
export const skewRastrigin: BbobMaker = ({ xopt: drawn, dimension }) => {
  const isSkew = (i: number): boolean => i % 2 === 0;
  const xopt = drawn.map((value, i) => (isSkew(i) ? Math.abs(value) : value));
  const lambda = scales(dimension, 10);
  const skewed = (z: Vector): Vector =>
    z.map((value, i) => (value > 0 && isSkew(i) ? 10 * lambda[i] * value : lambda[i] * value));
  return {
    xopt,
    above: (x) => rastriginOf(skewed(minus(x, xopt).map(oscillate))) + 100 * outside(x),
  };
};

/** f5: linear, with its optimum in a corner. */
export const linearSlope: BbobMaker = ({ xopt: drawn, dimension }) => {
  const xopt = drawn.map((value) => (value < 0 ? -5 : 5));
  const slopes = scales(dimension, 100).map((scale, i) => Math.sign(xopt[i]) * scale);
  const within = (value: number, i: number): number => (value * xopt[i] < 25 ? value : xopt[i]);
  return {
    xopt,
    above: (x) => sumOf(slopes, (slope, i) => 5 * Math.abs(slope) - slope * within(x[i], i)),
  };
};
