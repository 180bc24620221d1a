/** BBOB f20, f23 and f24: multimodal, with a weak global structure. */
import type { BbobMaker } from './bbob-function.ts';
import { normals, uniforms } from './random.ts';
import {
  conditioned,
  minus,
  outside,
  roundHalfUp,
  scaled,
  scales,
  sumOf,
  times,
  type Vector,
} from './transformations.ts';

/** Twice the distance from 0 of Schwefel's optimum in every coordinate, scaled to the box. */
const SCHWEFEL_OPTIMUM = 4.2096874637;

/** f20: the second best well is far from the best. */
export const schwefel: BbobMaker = ({ seed, dimension }) => {
  const signs = uniforms(dimension, seed).map((u) => (u < 0.5 ? -1 : 1));
  const lambda = scales(dimension, 10);
  const transformed = (x: Vector): Vector => {
    const mirrored = x.map((value, i) => 2 * signs[i] * value);
    const leaning = mirrored.map((value, i) =>
      i === 0 ? value : value + 0.25 * (mirrored[i - 1] - SCHWEFEL_OPTIMUM),
    );
    return scaled(
      lambda,
      leaning.map((value) => value - SCHWEFEL_OPTIMUM),
    ).map((value) => 100 * (value + SCHWEFEL_OPTIMUM));
  };
  return {
    xopt: signs.map((sign) => (sign * SCHWEFEL_OPTIMUM) / 2),
    above: (x) => {
      const z = transformed(x);
      const mean = sumOf(z, (value) => value * Math.sin(Math.sqrt(Math.abs(value)))) / dimension;
      return 0.01 * (outside(z, 500) + 418.9828872724339 - mean);
    },
  };
};

/** f23, Katsuura: rugged at every scale, more than 10^D optima. */
export const katsuura: BbobMaker = ({ xopt, r, q, dimension }) => {
  const matrix = conditioned(r, 100, q);
  const rugged = (value: number): number => {
    let sum = 0;
    for (let k = 1; k <= 32; k++) {
      const zoomed = 2 ** k * value;
      sum += Math.abs(zoomed - roundHalfUp(zoomed)) / 2 ** k;
    }
    return sum;
  };
  return {
    xopt,
    above: (x) => {
      const z = times(matrix, minus(x, xopt));
      const product = z.reduce(
        (result, value, i) => result * (1 + (i + 1) * rugged(value)) ** (10 / dimension ** 1.2),
        1,
      );
      return (10 / dimension ** 2) * (product - 1) + outside(x);
    },
  };
};

/** f24, Lunacek's bi-Rastrigin: two funnels of wells, the larger one without the optimum. */
export const lunacekBiRastrigin: BbobMaker = ({ seed, r, q, dimension }) => {
  const nearer = 2.5;
  const s = 1 - 0.5 / (Math.sqrt(dimension + 20) - 4.1);
  const farther = -Math.sqrt((nearer ** 2 - 1) / s);
  const signs = normals(dimension, seed).map((value) => (value < 0 ? -1 : 1));
  const matrix = conditioned(r, 100, q);
  const distance = (x: Vector, center: number): number => sumOf(x, (value) => (value - center) ** 2);
  return {
    xopt: signs.map((sign) => (sign * nearer) / 2),
    above: (x) => {
      const mirrored = x.map((value, i) => 2 * signs[i] * value);
      const z = times(
        matrix,
        mirrored.map((value) => value - nearer),
      );
      const funnels = Math.min(distance(mirrored, nearer), dimension + s * distance(mirrored, farther));
      const wells = dimension - sumOf(z, (value) => Math.cos(2 * Math.PI * value));
      return funnels + 10 * wells + 1e4 * outside(x);
    },
  };
};
