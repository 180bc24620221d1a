import { NO_CONDITIONS } from '../../src/core/conditions.ts';
import {
  type Distribution,
  isSingle,
  type ParamValue,
  type SearchSpace,
} from '../../src/core/distribution.ts';
import { type FrozenTrial, SYSTEM_ATTR } from '../../src/core/frozen-trial.ts';
import type { Rng } from '../../src/core/rng.ts';
import type { SamplerContext } from '../../src/core/sampler.ts';
import { ChangeCursor, type History } from '../history-cache.ts';
import { indexOf, valueAt } from './finite-values.ts';
import { layoutOf, type Place, UNKNOWN } from './layout.ts';
import { type Node, type Params, type Path, Tree } from './tree.ts';

/** Trial attribute: the parameters that a define-by-run trial is to get, for later trials to see while it runs. */
export const PLAN_ATTR = 'thanos:brute_force_plan';

type Asked = Pick<SamplerContext, 'trialNumber' | 'attempt' | 'declaredSpace' | 'conditions'>;

/** What has been tried in one study, kept up to date in O(changes). */
export class Exploration {
  readonly #history: History;
  #changes: ChangeCursor;
  #declared: SearchSpace | null = null;
  #conditions = NO_CONDITIONS;
  #start: Place = UNKNOWN;
  #tree = new Tree(UNKNOWN);
  #running = new Map<number, FrozenTrial>();
  /** Nodes that count as tried for the trial that is asked now: those of running trials, then those of refused answers. */
  #marked: Node[] = [];
  #markedFor = { trialNumber: -1, attempt: 0 };

  constructor(history: History) {
    this.#history = history;
    this.#changes = new ChangeCursor(history);
  }

  /**
   * The parameters of a combination that is not tried, as far as they are known; null if there is none.
   * @param rngOf the generator of an attempt.
   * @param repeatsRunning what to do if only running trials are left: false, nothing; true, go where they go.
   */
  plan(asked: Asked, rngOf: (attempt: number) => Rng, repeatsRunning: boolean): Params | null {
    const isChanged = this.#follow(asked.declaredSpace, asked.conditions);
    const { trialNumber, attempt } = this.#markedFor;
    if (isChanged || asked.trialNumber !== trialNumber || asked.attempt < attempt)
      this.#markRunning(asked.trialNumber, repeatsRunning);
    for (; this.#markedFor.attempt < asked.attempt; this.#markedFor.attempt++) {
      const refused = this.#tree.draw(rngOf(this.#markedFor.attempt));
      if (refused === null) return null;
      this.#mark(refused.node);
    }
    return this.#tree.draw(rngOf(asked.attempt))?.params ?? null;
  }

  /** After `plan`: a value that leads to something untried from where a trial is that has decided these parameters; or null. */
  draw(decided: Params, name: string, distribution: Distribution, rng: Rng): ParamValue | null {
    const index = this.#tree.find(decided).find(name, distribution)?.draw(rng) ?? null;
    return index === null ? null : valueAt(distribution, index);
  }

  /** Number of combinations of the declared space. */
  get size(): number {
    return this.#start.size;
  }

  /** False if nothing has changed since the last call. */
  #follow(declared: SearchSpace | null, conditions: SamplerContext['conditions']): boolean {
    let isChanged = false;
    if (declared !== this.#declared || conditions !== this.#conditions) {
      isChanged = true;
      this.#declared = declared;
      this.#conditions = conditions;
      this.#start = declared === null ? UNKNOWN : layoutOf(declared, conditions);
      this.#tree = new Tree(this.#start);
      this.#marked = [];
      this.#running.clear();
      this.#changes = new ChangeCursor(this.#history);
    }
    this.#changes.forEachChange((trial) => {
      isChanged = true;
      this.#running.delete(trial.number);
      if (trial.state === 'RUNNING') this.#running.set(trial.number, trial);
      else this.#add(trial);
    });
    return isChanged;
  }

  #add(trial: FrozenTrial): void {
    const path = this.#declared === null ? suggestedPath(trial) : declaredPath(this.#start, trial.params);
    if (path !== null) this.#tree.add(path, trial.number);
  }

  #markRunning(trialNumber: number, repeatsRunning: boolean): void {
    this.#unmark();
    for (const trial of this.#running.values()) {
      const node = this.#nodeOf(planned(trial));
      if (node !== null) this.#mark(node);
    }
    if (repeatsRunning && !(this.#tree.root.open > 0)) this.#unmark();
    this.#markedFor = { trialNumber, attempt: 0 };
  }

  #nodeOf(params: Params): Node | null {
    if (this.#declared === null) return this.#tree.find(params);
    const path = declaredPath(this.#start, params);
    return path === null ? null : this.#tree.nodeAt(path);
  }

  #mark(node: Node): void {
    // A trial of which nothing is known leaves everything open.
    if (node === this.#tree.root) return;
    node.end(1);
    this.#marked.push(node);
  }

  #unmark(): void {
    for (const node of this.#marked) node.end(-1);
    this.#marked = [];
  }
}

function planned(trial: FrozenTrial): Params {
  const fixed = (trial.systemAttrs[SYSTEM_ATTR.fixedParams] ?? {}) as Params;
  return { ...(trial.systemAttrs[PLAN_ATTR] as Params | undefined), ...fixed, ...trial.params };
}

/** The way of a trial through a declared space; null if it lacks a parameter, or has a value that is none of it. */
function declaredPath(start: Place, params: Params): Path | null {
  const path: Path[number][] = [];
  let place = start;
  while (place.next !== null) {
    const { name, distribution } = place.next;
    const index = Object.hasOwn(params, name) ? indexOf(distribution, params[name]) : -1;
    if (index < 0) return null;
    path.push([name, distribution, index]);
    place = place.after(index);
  }
  return path;
}

/** The way of a define-by-run trial; null if one of its parameters is continuous, or if it failed before it had any. */
function suggestedPath(trial: FrozenTrial): Path | null {
  const path = Object.entries(trial.distributions)
    .filter(([, distribution]) => !isSingle(distribution))
    .map(([name, d]): Path[number] => [name, d, indexOf(d, trial.params[name])]);
  if (path.length === 0 && trial.state === 'FAIL') return null;
  return path.every(([, , index]) => index >= 0) ? path : null;
}
