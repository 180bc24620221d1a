import type { Feature } from './forest/feature.ts';
import { marginalVarianceShares } from './forest/marginal-variance.ts';
import type { RegressionTree } from './forest/regression-tree.ts';
import { ForestEvaluator } from './forest-evaluator.ts';

/**
 * Functional ANOVA (Hutter, Hoos and Leyton-Brown, ICML 2014): the share of the objective's variance over the whole space that
 * each parameter explains alone, as a random forest predicts it. A range is measured on the scale on which it is searched, so a
 * log range by its logarithm; steps and choices are cells. Ranks the parameters that all COMPLETE trials share. Optuna's
 * `FanovaImportanceEvaluator` differs: it measures log ranges without the logarithm, so that the top decade of a learning rate
 * is nine tenths of its range; it encodes choices one-hot; it cuts the outer cells of steps in half.
 */
export class FanovaEvaluator extends ForestEvaluator {
  /** Plots and reports show it. */
  readonly name = 'fanova';

  protected override sharesIn(tree: RegressionTree, features: readonly Feature[]): Float64Array | null {
    return marginalVarianceShares(tree, features);
  }
}
