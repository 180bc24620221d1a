import { Registry } from '../../src/core/registry.ts';
import { dtlz2, zdt1, zdt2, zdt3 } from './multi.ts';
import type { SyntheticObjective } from './objective.ts';
import { ackley, branin, hartmann6, rastrigin, rosenbrock, sphere } from './single.ts';

export type { Optimum, SyntheticObjective } from './objective.ts';
export { ackley, branin, dtlz2, hartmann6, rastrigin, rosenbrock, sphere, zdt1, zdt2, zdt3 };

/** Makes an objective; `size` is its number of dimensions (`dtlz2`: of objectives; fixed for `branin`, `hartmann6`). */
export type SyntheticFactory = (size?: number) => SyntheticObjective;

export const syntheticRegistry = new Registry<SyntheticFactory>('synthetic objective')
  .register('sphere', sphere)
  .register('rosenbrock', rosenbrock)
  .register('rastrigin', rastrigin)
  .register('ackley', ackley)
  .register('branin', branin)
  .register('hartmann6', hartmann6)
  .register('zdt1', zdt1)
  .register('zdt2', zdt2)
  .register('zdt3', zdt3)
  .register('dtlz2', dtlz2);
