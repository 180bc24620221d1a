import type { Feature } from './forest/feature.ts';
import type { RegressionTree } from './forest/regression-tree.ts';
import { ForestEvaluator } from './forest-evaluator.ts';

/**
 * Mean decrease in impurity (Breiman et al., "Classification and Regression Trees", 1984, section 5.3): the share of the squared error
 * that a random forest's splits on a parameter remove. Ranks the parameters that all COMPLETE trials share. Optuna:
 * `MeanDecreaseImpurityImportanceEvaluator`.
 */
export class MeanDecreaseImpurityEvaluator extends ForestEvaluator {
  /** Plots and reports show it. */
  readonly name = 'mdi';

  protected override sharesIn(tree: RegressionTree, features: readonly Feature[]): Float64Array | null {
    return gainShares(tree, features);
  }
}

function gainShares(tree: RegressionTree, features: readonly Feature[]): Float64Array | null {
  const gains = new Float64Array(features.length);
  let total = 0;
  for (let node = 0; node < tree.size; node++) {
    if (tree.feature[node] < 0) continue;
    gains[tree.feature[node]] += tree.gain[node];
    total += tree.gain[node];
  }
  return total > 0 ? gains.map((gain) => gain / total) : null;
}
