import { integerFrom } from '../../core/option-rules.ts';
import { defineOptions, type OptionsOf, option, SEED, type SettingsOf } from '../../core/options.ts';
import { Rng } from '../../core/rng.ts';
import type { Feature } from './feature.ts';
import { growTree, type RegressionTree, sortFeatures } from './regression-tree.ts';

const FOREST = {
  /** Number of trees, >= 1. Default 64. */
  nTrees: option(integerFrom(1), 64),
  /** Greatest depth of a tree, >= 1. Default 64. */
  maxDepth: option(integerFrom(1), 64),
  /** An integer >= 0; default 0. */
  seed: SEED,
};

/** Options of `FanovaEvaluator` and `MeanDecreaseImpurityEvaluator`, which both grow a random forest. */
export interface ForestOptions extends OptionsOf<typeof FOREST> {}
export type ForestSettings = SettingsOf<typeof FOREST>;

/** The options with their defaults. @throws InvalidArgumentError */
export function forestSettings(owner: string, options: ForestOptions): ForestSettings {
  return defineOptions(owner, FOREST).read(options);
}

/**
 * A random forest for regression (Breiman, "Random Forests", Machine Learning 45, 2001): each tree sees as many samples as there
 * are, drawn with replacement, and all features at every split (scikit-learn's defaults).
 */
export function growForest(
  features: readonly Feature[],
  targets: Float64Array,
  { nTrees, maxDepth, seed }: ForestSettings,
): readonly RegressionTree[] {
  const sorted = sortFeatures(features);
  const scaled = standardized(targets);
  return Array.from({ length: nTrees }, (_, tree) => {
    const rng = Rng.keyed(seed, 'forest', tree);
    const weights = new Float64Array(targets.length);
    for (let i = 0; i < weights.length; i++) weights[rng.int(weights.length)]++;
    return growTree(sorted, scaled, weights, maxDepth, rng);
  });
}

/** Shifted and scaled to mean 0 and variance 1, if they differ at all. */
function standardized(values: Float64Array): Float64Array {
  const largest = values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  if (largest === 0) return values;
  // Divided first, so that squares stay finite.
  const scaled = values.map((x) => x / largest);
  const mean = scaled.reduce((sum, x) => sum + x, 0) / scaled.length;
  const variance = scaled.reduce((sum, x) => sum + (x - mean) ** 2, 0) / scaled.length;
  return scaled.map((x) => (variance > 0 ? (x - mean) / Math.sqrt(variance) : 0));
}
