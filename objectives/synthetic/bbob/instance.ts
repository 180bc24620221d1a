import { InvalidArgumentError } from '../../../src/core/errors.ts';
import { type Matrix, normals, rotation, uniforms } from './random.ts';

/** The time that a rotation takes grows with the cube of the dimension: it is seconds for this one. */
const MOST_ROTATED = 500;

/** What is drawn for one instance of a function: where its optimum lies, its value there, and two rotations. */
export interface Instance {
  readonly dimension: number;
  /** Seeds of the instance's other random numbers are made from it. */
  readonly seed: number;
  readonly fopt: number;
  /** In [-4, 4], on a grid of 8e-4. Some functions move it. */
  readonly xopt: readonly number[];
  /** R of the definitions. A rotation is drawn when it is read: InvalidArgumentError in more than 500 dimensions. */
  readonly r: Matrix;
  /** Q of the definitions. */
  readonly q: Matrix;
}

/** Functions that are drawn as another one is. */
const DRAWN_AS: Readonly<Record<number, number>> = { 4: 3, 18: 17 };

/** @throws InvalidArgumentError unless `dimension` is an integer >= 2 and `instance` an integer >= 1. */
export function drawInstance(functionNumber: number, dimension: number, instance: number): Instance {
  if (!Number.isInteger(dimension) || dimension < 2)
    throw new InvalidArgumentError(`a BBOB function needs at least 2 dimensions, but got ${dimension}`);
  if (!Number.isInteger(instance) || instance < 1)
    throw new InvalidArgumentError(
      `an instance of a BBOB function is an integer >= 1, but this is ${instance}`,
    );
  const seed = (DRAWN_AS[functionNumber] ?? functionNumber) + 10000 * instance;
  return {
    dimension,
    seed,
    fopt: drawFopt(seed),
    xopt: drawXopt(dimension, seed),
    get r() {
      return rotationOf(dimension, seed + 1000000);
    },
    get q() {
      return rotationOf(dimension, seed);
    },
  };
}

function rotationOf(dimension: number, seed: number): Matrix {
  if (dimension > MOST_ROTATED)
    throw new InvalidArgumentError(
      `a rotated function has at most ${MOST_ROTATED} dimensions, but got ${dimension}; choose fewer, or a function that is ` +
        'not rotated, as f1 to f5 of BBOB',
    );
  return rotation(dimension, seed);
}

export function drawXopt(dimension: number, seed: number): number[] {
  return uniforms(dimension, seed).map((u) => {
    const x = (8 * Math.floor(1e4 * u)) / 1e4 - 4;
    return x === 0 ? -1e-5 : x;
  });
}

/** A Cauchy number within [-1000, 1000], to two decimal places. */
function drawFopt(seed: number): number {
  const [a] = normals(1, seed);
  const [b] = normals(1, seed + 1);
  return Math.min(1000, Math.max(-1000, Math.floor((100 * 100 * a) / b + 0.5) / 100));
}
