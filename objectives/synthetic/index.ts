import { Registry } from '../../src/core/registry.ts';
import type { SpaceEntries } from '../../src/core/space.ts';
import { BBOB_FUNCTIONS, bbob } from './bbob/index.ts';
import { kernelMachine, pipeline } from './conditional.ts';
import { pressureVessel, speedReducer, weldedBeam } from './engineering.ts';
import { dtlz2, zdt1, zdt2, zdt3 } from './multi.ts';
import type { SyntheticObjective } from './objective.ts';
import { integerEllipsoid, logEllipsoid, trainingRun } from './scaled.ts';
import { ackley, branin, hartmann6, rastrigin, rosenbrock, sphere } from './single.ts';

export type { KernelMachineObjective, PipelineObjective } from './conditional.ts';
export type { PressureVesselObjective, SpeedReducerObjective, WeldedBeamObjective } from './engineering.ts';
export type { Box, Optimum, SyntheticObjective } from './objective.ts';
export type { TrainingRunObjective } from './scaled.ts';
export {
  ackley,
  BBOB_FUNCTIONS,
  bbob,
  branin,
  dtlz2,
  hartmann6,
  integerEllipsoid,
  kernelMachine,
  logEllipsoid,
  pipeline,
  pressureVessel,
  rastrigin,
  rosenbrock,
  speedReducer,
  sphere,
  trainingRun,
  weldedBeam,
  zdt1,
  zdt2,
  zdt3,
};

/** Makes an objective; `size` is its number of dimensions (`dtlz2`: of objectives), where that can be chosen. */
export type SyntheticFactory = (size?: number) => SyntheticObjective<SpaceEntries>;

/**
 * The synthetic objectives by name: `sphere`, `zdt1`, `bbob-f1` …; `syntheticRegistry.get('sphere')(5)` makes the one
 * in five dimensions.
 */
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
  .register('dtlz2', dtlz2)
  .register('log-ellipsoid', logEllipsoid)
  .register('integer-ellipsoid', integerEllipsoid)
  .register('training-run', trainingRun)
  .register('pipeline', pipeline)
  .register('kernel-machine', kernelMachine)
  .register('pressure-vessel', pressureVessel)
  .register('welded-beam', weldedBeam)
  .register('speed-reducer', speedReducer);

for (const number of BBOB_FUNCTIONS)
  syntheticRegistry.register(`bbob-f${number}`, (dimension) => bbob(number, dimension));
