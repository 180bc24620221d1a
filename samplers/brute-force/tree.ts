/**
 * Which combinations of a finite space have been tried: a tree of parameters and their values. Only what trials had has nodes,
 * so that adding a trial costs its depth, whatever the size of the space.
 */
import {
  cardinality,
  type Distribution,
  distributionsEqual,
  type ParamValue,
} from '../../src/core/distribution.ts';
import type { Rng } from '../../src/core/rng.ts';
import { lowerBound } from '../../src/math/bisect.ts';
import { indexOf, valueAt } from './finite-values.ts';
import type { Place } from './layout.ts';

export type Params = Readonly<Record<string, ParamValue>>;

/** The parameters of a trial in order of suggestion, their values by index. */
export type Path = readonly (readonly [name: string, distribution: Distribution, index: number])[];

export class Node {
  readonly parent: Branch | null;
  readonly place: Place;
  /** By parameter that came next here: one, unless the objective was changed. */
  readonly branches: Branch[] = [];
  /** Combinations from here on that are not tried; one if nothing is known of what comes next. */
  open: number;
  /** How many trials ended here. */
  #ends = 0;

  constructor(parent: Branch | null, place: Place) {
    this.parent = parent;
    this.place = place;
    this.open = place.size;
  }

  /** What comes next, as the latest trial had it; null if that is unknown, or nothing. */
  get current(): Branch | null {
    if (this.place.next !== null) return this.branch(this.place.next.name, this.place.next.distribution);
    let latest: Branch | null = null;
    for (const branch of this.branches) if (branch.latest >= (latest?.latest ?? 0)) latest = branch;
    return latest;
  }

  find(name: string, distribution: Distribution): Branch | undefined {
    return this.branches.find((b) => b.name === name && distributionsEqual(b.distribution, distribution));
  }

  branch(name: string, distribution: Distribution): Branch {
    let branch = this.find(name, distribution);
    if (branch === undefined) {
      branch = new Branch(this, name, distribution);
      this.branches.push(branch);
    }
    return branch;
  }

  /** One more trial, or one less, ends here. */
  end(by: 1 | -1): void {
    this.#ends += by;
    this.update();
  }

  /** Counts anew, and tells the nodes above. */
  update(): void {
    let node: Node = this;
    for (;;) {
      const open = node.#count();
      const { parent } = node;
      if (parent !== null) parent.open += open - node.open;
      node.open = open;
      if (parent === null) return;
      node = parent.node;
    }
  }

  #count(): number {
    if (this.branches.length > 0) return this.current!.open;
    return this.#ends > 0 ? 0 : this.place.size;
  }
}

/** One parameter at one node. */
export class Branch {
  readonly node: Node;
  readonly name: string;
  readonly distribution: Distribution;
  open: number;
  /** Number of the latest finished trial that came this way. */
  latest = 0;
  /** Indices of the values that have a node, increasing. */
  readonly #indices: number[] = [];
  readonly #children: Node[] = [];

  constructor(node: Node, name: string, distribution: Distribution) {
    this.node = node;
    this.name = name;
    this.distribution = distribution;
    this.open = node.place.next === null ? cardinality(distribution) : node.place.size;
  }

  child(index: number): Node {
    const at = lowerBound(this.#indices, index);
    if (this.#indices[at] !== index) {
      this.#indices.splice(at, 0, index);
      this.#children.splice(at, 0, new Node(this, this.node.place.after(index)));
    }
    return this.#children[at];
  }

  /**
   * Index of a value below which something is open, each as likely as it has open combinations; where nothing is known of what
   * comes below, half of the draws take all such values alike, so that a branch that has been opened does not starve
   * the others. Null if nothing is open. Does not depend on which values have nodes.
   */
  draw(rng: Rng): number | null {
    const { place } = this.node;
    const isFlat = place.next === null && rng.uniform() < 0.5;
    const weightOf = (child: Node): number => (isFlat ? Math.sign(child.open) : child.open);
    const indices = this.#indices;
    const n = cardinality(this.distribution);
    if (!place.isEven)
      return drawWeighted(
        rng,
        Array.from({ length: n }, (_, i) => this.#openAt(i)),
      );
    const unit = place.after(0).size;
    let total = (n - indices.length) * unit;
    for (const child of this.#children) total += weightOf(child);
    if (!(total > 0)) return null;
    // Through the values in order: gaps between those that have a node, and the nodes.
    let rest = rng.uniform() * total;
    let next = 0;
    let last: number | null = null;
    for (let k = 0; k < indices.length; k++) {
      const gap = (indices[k] - next) * unit;
      if (rest < gap) return next + Math.min(Math.floor(rest / unit), indices[k] - next - 1);
      rest -= gap;
      if (gap > 0) last = indices[k] - 1;
      const weight = weightOf(this.#children[k]);
      if (rest < weight) return indices[k];
      rest -= weight;
      if (weight > 0) last = indices[k];
      next = indices[k] + 1;
    }
    return next < n ? Math.min(next + Math.floor(rest / unit), n - 1) : last;
  }

  #openAt(index: number): number {
    const at = lowerBound(this.#indices, index);
    return this.#indices[at] === index ? this.#children[at].open : this.node.place.after(index).size;
  }
}

function drawWeighted(rng: Rng, weights: readonly number[]): number | null {
  return weights.some((w) => w > 0) ? rng.weightedIndex(weights) : null;
}

export class Tree {
  readonly root: Node;

  constructor(start: Place) {
    this.root = new Node(null, start);
  }

  /** Adds a finished trial. */
  add(path: Path, trialNumber: number): void {
    const node = this.nodeAt(path);
    for (let { parent } = node; parent !== null; { parent } = parent.node)
      parent.latest = Math.max(parent.latest, trialNumber);
    node.end(1);
  }

  nodeAt(path: Path): Node {
    let node = this.root;
    for (const [name, distribution, index] of path) node = node.branch(name, distribution).child(index);
    return node;
  }

  /** The values of a combination that is not tried, as far as the tree knows; null if there is none. */
  draw(rng: Rng): { readonly params: Params; readonly node: Node } | null {
    if (!(this.root.open > 0)) return null;
    const params: [string, ParamValue][] = [];
    let node = this.root;
    for (let branch = node.current; branch !== null; branch = node.current) {
      const index = branch.draw(rng);
      if (index === null) return null;
      params.push([branch.name, valueAt(branch.distribution, index)]);
      node = branch.child(index);
    }
    return { params: Object.fromEntries(params), node };
  }

  /** The node where a trial is that has decided these parameters. Parameters that no trial had there do not count. */
  find(decided: Params): Node {
    let node = this.root;
    for (let branch = taken(node, decided); branch !== null; branch = taken(node, decided))
      node = branch.child(indexOf(branch.distribution, decided[branch.name]));
    return node;
  }
}

/** The branch that a trial with these parameters took, the latest of them that it can be. */
function taken(node: Node, decided: Params): Branch | null {
  let latest: Branch | null = null;
  for (const branch of node.branches)
    if (
      Object.hasOwn(decided, branch.name) &&
      indexOf(branch.distribution, decided[branch.name]) >= 0 &&
      branch.latest >= (latest?.latest ?? 0)
    )
      latest = branch;
  return latest;
}
