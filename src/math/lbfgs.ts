/**
 * Minimizes a smooth function of several variables, in a box if there is one, by limited-memory BFGS: the two-loop
 * recursion (Nocedal and Wright, Numerical Optimization, 2006, algorithm 7.4) over the variables that no bound holds,
 * and a search along the path that is projected onto the box (Bertsekas, SIAM J. Control Optim. 20(2), 1982).
 *
 * Design note: npm has no L-BFGS with bounds that is typed and maintained.
 */
import { addScaled, dot, norm } from './vector.ts';

/**
 * Returns f(x) and writes its gradient. A value that is NaN or Infinity (x is out of the question) makes the step
 * shorter.
 */
export type Differentiable = (x: Float64Array, gradient: Float64Array) => number;

export interface LbfgsOptions {
  /** Bounds, one of each for every entry of x; default none. */
  readonly low?: Float64Array | undefined;
  readonly high?: Float64Array | undefined;
  /** Ends when no entry of the projected gradient is larger; default 1e-5. */
  readonly gradientTolerance?: number | undefined;
  /** Ends when a step gains no more than this times max(|f|, 1); default 2e-9, as scipy. */
  readonly valueTolerance?: number | undefined;
  /** Default 200. */
  readonly maxIterations?: number | undefined;
  /** Steps that the curvature is estimated from; default 10. */
  readonly memory?: number | undefined;
}

export interface Minimum {
  readonly x: Float64Array<ArrayBuffer>;
  readonly value: number;
  readonly nEvaluations: number;
}

interface Point {
  readonly x: Float64Array<ArrayBuffer>;
  readonly value: number;
  readonly gradient: Float64Array<ArrayBuffer>;
}

/** A minimum near `start`, which is moved into the box first. The value is never above that at the start. */
export function minimizeLbfgs(
  f: Differentiable,
  start: ArrayLike<number>,
  options: LbfgsOptions = {},
): Minimum {
  const { gradientTolerance = 1e-5, valueTolerance = 2e-9, maxIterations = 200, memory = 10 } = options;
  const box = new Box(options.low, options.high);
  let nEvaluations = 0;
  const at = (x: Float64Array<ArrayBuffer>): Point => {
    const gradient = new Float64Array(x.length);
    nEvaluations++;
    return { x, value: f(x, gradient), gradient };
  };
  const model = new InverseHessian(memory);
  let here = at(box.project(Float64Array.from(start)));
  for (let iteration = 0; iteration < maxIterations && Number.isFinite(here.value); iteration++) {
    const free = box.freeGradient(here);
    if (!(maxAbs(free) > gradientTolerance)) break;
    let next = searchLine(
      at,
      box,
      here,
      model.descent(free),
      model.isEmpty ? Math.min(1, 1 / norm(free)) : 1,
    );
    if (next === null && !model.isEmpty) {
      model.clear();
      next = searchLine(at, box, here, model.descent(free), Math.min(1, 1 / norm(free)));
    }
    if (next === null) break;
    model.learn(here, next);
    const gain = here.value - next.value;
    here = next;
    if (gain <= valueTolerance * Math.max(Math.abs(here.value), 1)) break;
  }
  return { x: here.x, value: here.value, nEvaluations };
}

const SUFFICIENT_DECREASE = 1e-4;
const CURVATURE = 0.9;
const MAX_LINE_STEPS = 20;

/**
 * A point on the projected path with the weak Wolfe conditions, or the lowest sufficiently low one; null if there is
 * none.
 */
function searchLine(
  at: (x: Float64Array<ArrayBuffer>) => Point,
  box: Box,
  from: Point,
  direction: Float64Array,
  firstStep: number,
): Point | null {
  const slope = dot(from.gradient, direction);
  let [short, long] = [0, Number.POSITIVE_INFINITY];
  let step = firstStep;
  let found: Point | null = null;
  for (let i = 0; i < MAX_LINE_STEPS; i++) {
    const to = at(box.project(from.x.map((x, j) => x + step * direction[j])));
    const expected = to.x.reduce((sum, x, j) => sum + from.gradient[j] * (x - from.x[j]), 0);
    if (to.value <= from.value + SUFFICIENT_DECREASE * expected) {
      if (found !== null && to.value >= found.value) return found;
      found = to;
      if (box.slopeAt(to, direction) >= CURVATURE * slope) return found;
      short = step;
      step = long === Number.POSITIVE_INFINITY ? 2 * step : (short + long) / 2;
    } else {
      if (found !== null) return found;
      long = step;
      // The minimum of the parabola with this slope and these two values.
      const parabola = (-slope * step * step) / (2 * (to.value - from.value - slope * step));
      step = Math.min(Math.max(parabola || 0, 0.1 * step), 0.5 * step);
    }
  }
  return found;
}

class Box {
  readonly #low: Float64Array | undefined;
  readonly #high: Float64Array | undefined;

  constructor(low: Float64Array | undefined, high: Float64Array | undefined) {
    this.#low = low;
    this.#high = high;
  }

  /** Changes and returns x. */
  project(x: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
    for (let j = 0; j < x.length; j++) {
      if (this.#low !== undefined && x[j] < this.#low[j]) x[j] = this.#low[j];
      if (this.#high !== undefined && x[j] > this.#high[j]) x[j] = this.#high[j];
    }
    return x;
  }

  /** The gradient, 0 where a bound forbids to follow it. */
  freeGradient({ x, gradient }: Point): Float64Array<ArrayBuffer> {
    return gradient.map((g, j) => (this.#holds(x[j], j, -g) ? 0 : g));
  }

  /** Returns the slope of f along the projected path. */
  slopeAt({ x, gradient }: Point, direction: Float64Array): number {
    let slope = 0;
    for (let j = 0; j < x.length; j++)
      if (!this.#holds(x[j], j, direction[j])) slope += gradient[j] * direction[j];
    return slope;
  }

  #holds(x: number, j: number, direction: number): boolean {
    return (
      (direction < 0 && this.#low !== undefined && x <= this.#low[j]) ||
      (direction > 0 && this.#high !== undefined && x >= this.#high[j])
    );
  }
}

/** The latest steps and changes of the gradient, as an estimate of the inverse Hessian. */
class InverseHessian {
  readonly #memory: number;
  readonly #pairs: {
    readonly step: Float64Array;
    readonly change: Float64Array;
    readonly product: number;
  }[] = [];

  constructor(memory: number) {
    this.#memory = memory;
  }

  get isEmpty(): boolean {
    return this.#pairs.length === 0;
  }

  clear(): void {
    this.#pairs.length = 0;
  }

  learn(from: Point, to: Point): void {
    const step = to.x.map((x, j) => x - from.x[j]);
    const change = to.gradient.map((g, j) => g - from.gradient[j]);
    const product = dot(step, change);
    if (!(product > 2e-16 * dot(change, change))) return;
    if (this.#pairs.push({ step, change, product }) > this.#memory) this.#pairs.shift();
  }

  /** Minus the estimate times the gradient; variables whose gradient is 0 are left alone. Always a way down. */
  descent(gradient: Float64Array): Float64Array {
    const pairs = this.#pairs;
    const q = gradient.map((g) => -g);
    const weights = new Float64Array(pairs.length);
    for (let i = pairs.length - 1; i >= 0; i--) {
      weights[i] = dot(pairs[i].step, q) / pairs[i].product;
      addScaled(q, pairs[i].change, -weights[i]);
    }
    const last = pairs.at(-1);
    if (last !== undefined) {
      const scale = last.product / dot(last.change, last.change);
      for (let j = 0; j < q.length; j++) q[j] *= scale;
    }
    for (let i = 0; i < pairs.length; i++)
      addScaled(q, pairs[i].step, weights[i] - dot(pairs[i].change, q) / pairs[i].product);
    for (let j = 0; j < q.length; j++) if (gradient[j] === 0) q[j] = 0;
    if (dot(q, gradient) < 0) return q;
    // Left-out variables can spoil the estimate.
    this.clear();
    return gradient.map((g) => -g);
  }
}

function maxAbs(a: Float64Array): number {
  let largest = 0;
  for (const x of a) largest = Math.max(largest, Math.abs(x));
  return largest;
}
