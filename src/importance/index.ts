/** How much each parameter of a study matters. */
export { FanovaEvaluator } from './fanova.ts';
export type { ForestOptions } from './forest/random-forest.ts';
export { MeanDecreaseImpurityEvaluator } from './mean-decrease-impurity.ts';
export { type NestedSource, nestedParamImportances, pooledTrials } from './nested.ts';
export {
  type ImportanceOptions,
  type ImportanceSource,
  type ParamImportance,
  paramImportances,
} from './param-importances.ts';
export { PedAnovaEvaluator, type PedAnovaOptions } from './ped-anova.ts';
export type { ImportanceEvaluator, ImportanceTarget, ImportanceTask } from './task.ts';
