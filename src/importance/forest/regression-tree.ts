/**
 * Regression trees by least squares (Breiman et al., "Classification and Regression Trees", 1984), grown until their leaves are
 * pure. Numeric features split at a threshold, categorical ones split one choice from the others.
 */
import type { Rng } from '../../core/rng.ts';
import type { Feature } from './feature.ts';

/** Nodes in pre-order: the root is 0, and a left child follows its parent. */
export interface RegressionTree {
  readonly size: number;
  /** Index of the feature that the node splits on; -1 in a leaf. */
  readonly feature: Int32Array;
  /** Numeric: to the left if value <= split. Categorical: to the left if value = split. */
  readonly split: Float64Array;
  readonly right: Int32Array;
  /** Mean of the samples. */
  readonly value: Float64Array;
  /** By how much the split lowers the sum of squared errors. */
  readonly gain: Float64Array;
}

/** Features with the samples that have each value in order, found once for all trees of a forest. */
export interface SortedFeatures {
  readonly features: readonly Feature[];
  readonly orders: readonly Int32Array[];
}

export function sortFeatures(features: readonly Feature[]): SortedFeatures {
  const orders = features.map(({ values }) =>
    Int32Array.from(values, (_, i) => i).sort((a, b) => values[a] - values[b] || a - b),
  );
  return { features, orders };
}

/** Splits whose gains differ by less than this share are equal: which of their features is taken is drawn. */
const TIE = 1e-12;
/** Nodes whose mean squared error is below this (of targets with variance 1) are pure. */
const PURE = 1e-15;

/**
 * @param targets one per sample, of mean 0 and variance 1 or so.
 * @param weights how often each sample counts; 0 leaves it out.
 */
export function growTree(
  sorted: SortedFeatures,
  targets: Float64Array,
  weights: Float64Array,
  maxDepth: number,
  rng: Rng,
): RegressionTree {
  return new Grower(sorted, targets, weights, maxDepth, rng).grow();
}

class Grower {
  readonly #features: readonly Feature[];
  readonly #targets: Float64Array;
  readonly #weights: Float64Array;
  readonly #maxDepth: number;
  readonly #rng: Rng;
  /** Per feature: the samples by value; a node owns the same slice of each. */
  readonly #orders: readonly Int32Array[];
  readonly #isLeft: Uint8Array;
  readonly #spare: Int32Array;
  readonly #tree: { -readonly [K in keyof RegressionTree]: RegressionTree[K] };
  /** Best split of the node at work. */
  #bestFeature = -1;
  #bestSplit = 0;
  #bestScore = 0;
  #ties = 0;

  constructor(
    { features, orders }: SortedFeatures,
    targets: Float64Array,
    weights: Float64Array,
    maxDepth: number,
    rng: Rng,
  ) {
    this.#features = features;
    this.#targets = targets;
    this.#weights = weights;
    this.#maxDepth = maxDepth;
    this.#rng = rng;
    this.#orders = orders.map((order) => order.filter((sample) => weights[sample] > 0));
    const n = this.#orders[0].length;
    this.#isLeft = new Uint8Array(targets.length);
    this.#spare = new Int32Array(n);
    this.#tree = {
      size: 0,
      feature: new Int32Array(2 * n),
      split: new Float64Array(2 * n),
      right: new Int32Array(2 * n),
      value: new Float64Array(2 * n),
      gain: new Float64Array(2 * n),
    };
  }

  grow(): RegressionTree {
    this.#node(0, this.#orders[0].length, 0);
    return this.#tree;
  }

  /** Makes the node of the samples [start, end), and those below it; its number. */
  #node(start: number, end: number, depth: number): number {
    const tree = this.#tree;
    const node = tree.size++;
    let weight = 0;
    let sum = 0;
    let squares = 0;
    for (let i = start; i < end; i++) {
      const sample = this.#orders[0][i];
      const w = this.#weights[sample];
      weight += w;
      sum += w * this.#targets[sample];
      squares += w * this.#targets[sample] ** 2;
    }
    tree.value[node] = sum / weight;
    tree.feature[node] = -1;
    const isPure = squares - (sum * sum) / weight <= PURE * weight;
    if (isPure || end - start < 2 || depth >= this.#maxDepth) return node;
    this.#findSplit(start, end, weight, sum);
    if (this.#bestFeature < 0) return node;
    const feature = this.#bestFeature;
    tree.feature[node] = feature;
    tree.split[node] = this.#bestSplit;
    tree.gain[node] = Math.max(0, this.#bestScore - (sum * sum) / weight);
    const middle = this.#partition(start, end, this.#features[feature], this.#bestSplit);
    this.#node(start, middle, depth + 1);
    tree.right[node] = this.#node(middle, end, depth + 1);
    return node;
  }

  #findSplit(start: number, end: number, weight: number, sum: number): void {
    this.#bestFeature = -1;
    this.#bestScore = 0;
    this.#ties = 0;
    for (let f = 0; f < this.#features.length; f++) {
      if (this.#features[f].nChoices > 0) this.#tryChoices(f, start, end, weight, sum);
      else this.#tryThresholds(f, start, end, weight, sum);
    }
  }

  #tryThresholds(f: number, start: number, end: number, weight: number, sum: number): void {
    const order = this.#orders[f];
    const { values } = this.#features[f];
    let leftWeight = 0;
    let leftSum = 0;
    let best = -1;
    let bestAt = -1;
    let value = values[order[start]];
    for (let i = start; i < end - 1; i++) {
      const sample = order[i];
      const next = values[order[i + 1]];
      leftWeight += this.#weights[sample];
      leftSum += this.#weights[sample] * this.#targets[sample];
      if (next > value) {
        const rightSum = sum - leftSum;
        const score = (leftSum * leftSum) / leftWeight + (rightSum * rightSum) / (weight - leftWeight);
        if (score > best) {
          best = score;
          bestAt = i;
        }
        value = next;
      }
    }
    if (bestAt < 0) return;
    const below = values[order[bestAt]];
    const above = values[order[bestAt + 1]];
    const middle = below + (above - below) / 2;
    // Between neighboring doubles there is nothing.
    const threshold = middle < above ? middle : below;
    this.#offer(f, threshold, best);
  }

  #tryChoices(f: number, start: number, end: number, weight: number, sum: number): void {
    const order = this.#orders[f];
    const { values } = this.#features[f];
    let best = -1;
    let bestChoice = -1;
    for (let i = start; i < end; ) {
      const choice = values[order[i]];
      let ownWeight = 0;
      let ownSum = 0;
      for (; i < end && values[order[i]] === choice; i++) {
        ownWeight += this.#weights[order[i]];
        ownSum += this.#weights[order[i]] * this.#targets[order[i]];
      }
      if (ownWeight === weight) return;
      const otherSum = sum - ownSum;
      const score = (ownSum * ownSum) / ownWeight + (otherSum * otherSum) / (weight - ownWeight);
      if (score > best) {
        best = score;
        bestChoice = choice;
      }
    }
    this.#offer(f, bestChoice, best);
  }

  /** Takes the split if it is better than the best so far, or by lot if it is as good. */
  #offer(feature: number, split: number, score: number): void {
    if (this.#bestFeature >= 0) {
      const margin = TIE * this.#bestScore;
      if (score < this.#bestScore - margin) return;
      this.#ties = score > this.#bestScore + margin ? 1 : this.#ties + 1;
      if (this.#ties > 1 && this.#rng.uniform() * this.#ties >= 1) return;
    } else this.#ties = 1;
    this.#bestFeature = feature;
    this.#bestSplit = split;
    this.#bestScore = score;
  }

  /** Brings the samples of the left child to the front of every order, each in order; where the right child begins. */
  #partition(start: number, end: number, { values, nChoices }: Feature, split: number): number {
    const isLeft = this.#isLeft;
    const spare = this.#spare;
    const any = this.#orders[0];
    for (let i = start; i < end; i++) {
      const value = values[any[i]];
      isLeft[any[i]] = (nChoices > 0 ? value === split : value <= split) ? 1 : 0;
    }
    let middle = start;
    for (const order of this.#orders) {
      middle = start;
      let nRight = 0;
      for (let i = start; i < end; i++) {
        const sample = order[i];
        if (isLeft[sample] === 1) order[middle++] = sample;
        else spare[nRight++] = sample;
      }
      for (let i = 0; i < nRight; i++) order[middle + i] = spare[i];
    }
    return middle;
  }
}
