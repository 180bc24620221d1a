/** Classical functions of one objective (definitions and optima: Surjanovic and Bingham, Virtual Library of Simulation Experiments). */

import { float, type Space, space } from '../../src/core/space.ts';
import { type Box, box, fromVector, type SyntheticObjective, toVector } from './objective.ts';

function single(
  name: string,
  searchSpace: Space<Box>,
  f: (x: readonly number[]) => number,
  value: number,
  minimizers: readonly (readonly number[])[],
): SyntheticObjective {
  const dimensions = Object.keys(searchSpace).length;
  return {
    name,
    space: searchSpace,
    directions: ['minimize'],
    evaluate: (params) => [f(toVector(params, dimensions))],
    optimum: { kind: 'point', value, params: minimizers.map(fromVector) },
  };
}

const constant = (dimensions: number, x: number): number[] => new Array<number>(dimensions).fill(x);
const sum = (terms: readonly number[]): number => terms.reduce((a, b) => a + b, 0);

/** Sum of squares: the easiest. */
export function sphere(dimensions = 2): SyntheticObjective {
  return single('sphere', box(dimensions, -5.12, 5.12), (x) => sum(x.map((v) => v * v)), 0, [
    constant(dimensions, 0),
  ]);
}

/** A long bent valley. */
export function rosenbrock(dimensions = 2): SyntheticObjective {
  return single(
    'rosenbrock',
    box(dimensions, -5, 10),
    (x) => sum(x.slice(1).map((v, i) => 100 * (v - x[i] ** 2) ** 2 + (1 - x[i]) ** 2)),
    0,
    [constant(dimensions, 1)],
  );
}

/** A bowl with a grid of local minima. */
export function rastrigin(dimensions = 2): SyntheticObjective {
  return single(
    'rastrigin',
    box(dimensions, -5.12, 5.12),
    (x) => 10 * x.length + sum(x.map((v) => v * v - 10 * Math.cos(2 * Math.PI * v))),
    0,
    [constant(dimensions, 0)],
  );
}

/** Nearly flat and rippled, with one deep hole. */
export function ackley(dimensions = 2): SyntheticObjective {
  return single(
    'ackley',
    box(dimensions, -32.768, 32.768),
    (x) =>
      -20 * Math.exp(-0.2 * Math.sqrt(sum(x.map((v) => v * v)) / x.length)) -
      Math.exp(sum(x.map((v) => Math.cos(2 * Math.PI * v))) / x.length) +
      20 +
      Math.E,
    0,
    [constant(dimensions, 0)],
  );
}

/** Three equal minima in two dimensions. */
export function branin(): SyntheticObjective {
  const f = ([x, y]: readonly number[]): number =>
    (y - (5.1 / (4 * Math.PI ** 2)) * x ** 2 + (5 / Math.PI) * x - 6) ** 2 +
    10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) +
    10;
  return single('branin', space({ x1: float(-5, 10), x2: float(0, 15) }), f, 10 / (8 * Math.PI), [
    [-Math.PI, 12.275],
    [Math.PI, 2.275],
    [3 * Math.PI, 2.475],
  ]);
}

const HARTMANN_ALPHA = [1, 1.2, 3, 3.2];
const HARTMANN_A = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
];
const HARTMANN_P = [
  [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
  [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
  [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665],
  [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
];

/** Six local minima in six dimensions. */
export function hartmann6(): SyntheticObjective {
  const f = (x: readonly number[]): number =>
    -sum(
      HARTMANN_ALPHA.map(
        (alpha, i) => alpha * Math.exp(-sum(x.map((v, j) => HARTMANN_A[i][j] * (v - HARTMANN_P[i][j]) ** 2))),
      ),
    );
  return single('hartmann6', box(6, 0, 1), f, -3.322368011415515, [
    [0.20168952, 0.15001069, 0.47687398, 0.27533243, 0.31165162, 0.65730054],
  ]);
}
