import { type Feature, forestData } from './forest/feature.ts';
import {
  type ForestOptions,
  type ForestSettings,
  forestSettings,
  growForest,
} from './forest/random-forest.ts';
import type { RegressionTree } from './forest/regression-tree.ts';
import {
  assertSingleTarget,
  type ImportanceEvaluator,
  type ImportanceTask,
  sharedDistributions,
} from './task.ts';

/** Fits a random forest to the trials; a parameter's importance is the mean of what the trees say. */
export abstract class ForestEvaluator implements ImportanceEvaluator {
  abstract readonly name: string;
  readonly #options: ForestSettings;

  /** @throws InvalidArgumentError */
  constructor(options: ForestOptions = {}) {
    this.#options = forestSettings(new.target.name, options);
  }

  /** The importance of each feature in one tree; null if the tree says nothing. */
  protected abstract sharesIn(tree: RegressionTree, features: readonly Feature[]): Float64Array | null;

  /** @throws ThanosError UNSUPPORTED (several objectives and no target); InvalidArgumentError (unusable `params`). */
  evaluate(task: ImportanceTask): ReadonlyMap<string, number> {
    assertSingleTarget(this.name, task);
    const shared = sharedDistributions(task);
    const importances = new Map([...shared.keys()].map((name) => [name, 0]));
    const { features, targets } = forestData(task, shared);
    if (targets.length < 2 || features.length === 0) return importances;
    const told = growForest(features, targets, this.#options)
      .map((tree) => this.sharesIn(tree, features))
      .filter((shares) => shares !== null);
    if (told.length === 0) return importances;
    features.forEach(({ name }, f) => {
      importances.set(name, told.reduce((sum, shares) => sum + shares[f], 0) / told.length);
    });
    return importances;
  }
}
