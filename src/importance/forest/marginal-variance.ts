/** How much of a tree's variance over the whole space is that of its marginals. */
import { lowerBound } from '../../math/bisect.ts';
import type { Feature } from './feature.ts';
import type { RegressionTree } from './regression-tree.ts';

/**
 * Per feature: the variance of the prediction averaged over all others, as a share of the prediction's variance over the uniform
 * space (Hutter, Hoos and Leyton-Brown, "An Efficient Approach for Assessing Hyperparameter Importance", ICML 2014, algorithm 2);
 * null if the tree predicts one value everywhere. Each leaf is a box; it adds its value, times the volume of its other
 * sides, to the marginal along each side: O(leaves x features).
 */
export function marginalVarianceShares(
  tree: RegressionTree,
  features: readonly Feature[],
): Float64Array | null {
  const sides = features.map((feature, f) =>
    feature.nChoices > 0 ? new ChoiceSide(feature.nChoices) : new RangeSide(feature, thresholdsOf(tree, f)),
  );
  const leaves = new Leaves(tree, sides);
  leaves.visit(0);
  const variance = leaves.variance;
  // A tree without splits, or whose leaves are equal but for rounding.
  if (!(variance > 1e-14)) return null;
  return Float64Array.from(sides, (side) => side.marginalVariance() / variance);
}

function thresholdsOf(tree: RegressionTree, f: number): Float64Array {
  const thresholds: number[] = [];
  for (let node = 0; node < tree.size; node++)
    if (tree.feature[node] === f) thresholds.push(tree.split[node]);
  return Float64Array.from(new Set(thresholds)).sort();
}

/** One dimension of the box at work, and the marginal along it. */
interface Side {
  /** The width of the box, as a share of the whole range. */
  readonly width: number;
  /** Narrows the box to one child of a split, runs `inside`, and widens it again. */
  within(split: number, isLeft: boolean, inside: () => void): void;
  /** Adds to the marginal where the box is. */
  add(amount: number): void;
  marginalVariance(): number;
}

class RangeSide implements Side {
  /** Low end, thresholds, high end. */
  readonly #edges: Float64Array;
  /** What is added at each edge: the marginal in a cell is the sum up to it. */
  readonly #steps: Float64Array;
  #from = 0;
  #to: number;

  constructor({ low, high }: Feature, thresholds: Float64Array) {
    this.#edges = Float64Array.of(low, ...thresholds, high);
    this.#steps = new Float64Array(this.#edges.length);
    this.#to = this.#edges.length - 1;
  }

  get width(): number {
    return this.#share(this.#from, this.#to);
  }

  #share(from: number, to: number): number {
    const edges = this.#edges;
    return (edges[to] - edges[from]) / (edges[edges.length - 1] - edges[0]);
  }

  within(split: number, isLeft: boolean, inside: () => void): void {
    const [from, to] = [this.#from, this.#to];
    const at = lowerBound(this.#edges, split);
    if (isLeft) this.#to = at;
    else this.#from = at;
    inside();
    this.#from = from;
    this.#to = to;
  }

  add(amount: number): void {
    this.#steps[this.#from] += amount;
    this.#steps[this.#to] -= amount;
  }

  marginalVariance(): number {
    const cells = this.#edges.length - 1;
    const shares = Float64Array.from({ length: cells }, (_, k) => this.#share(k, k + 1));
    let level = 0;
    return variance(
      this.#steps.subarray(0, cells).map((step) => (level += step)),
      shares,
    );
  }
}

class ChoiceSide implements Side {
  readonly #marginal: Float64Array;
  readonly #isIn: Uint8Array;
  #count: number;

  constructor(nChoices: number) {
    this.#marginal = new Float64Array(nChoices);
    this.#isIn = new Uint8Array(nChoices).fill(1);
    this.#count = nChoices;
  }

  get width(): number {
    return this.#count / this.#isIn.length;
  }

  within(choice: number, isLeft: boolean, inside: () => void): void {
    const before = isLeft ? this.#isIn.slice() : null;
    const count = this.#count;
    if (before !== null) this.#isIn.fill(0);
    this.#isIn[choice] = isLeft ? 1 : 0;
    this.#count = isLeft ? 1 : count - 1;
    inside();
    if (before !== null) this.#isIn.set(before);
    this.#isIn[choice] = 1;
    this.#count = count;
  }

  add(amount: number): void {
    for (let choice = 0; choice < this.#isIn.length; choice++)
      if (this.#isIn[choice] === 1) this.#marginal[choice] += amount;
  }

  marginalVariance(): number {
    return variance(
      this.#marginal,
      this.#marginal.map(() => 1 / this.#marginal.length),
    );
  }
}

class Leaves {
  readonly #tree: RegressionTree;
  readonly #sides: readonly Side[];
  #sum = 0;
  #squares = 0;

  constructor(tree: RegressionTree, sides: readonly Side[]) {
    this.#tree = tree;
    this.#sides = sides;
  }

  /** The variance of the prediction over the uniform space. */
  get variance(): number {
    return this.#squares - this.#sum ** 2;
  }

  visit(node: number): void {
    const { feature, split, right, value } = this.#tree;
    if (feature[node] < 0) {
      this.#leaf(value[node]);
      return;
    }
    const side = this.#sides[feature[node]];
    side.within(split[node], true, () => this.visit(node + 1));
    side.within(split[node], false, () => this.visit(right[node]));
  }

  #leaf(value: number): void {
    let volume = 1;
    for (const side of this.#sides) volume *= side.width;
    if (volume === 0) return;
    this.#sum += volume * value;
    this.#squares += volume * value * value;
    for (const side of this.#sides) side.add((value * volume) / side.width);
  }
}

function variance(values: Float64Array, shares: Float64Array): number {
  let mean = 0;
  for (let k = 0; k < values.length; k++) mean += shares[k] * values[k];
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += shares[k] * (values[k] - mean) ** 2;
  return sum;
}
