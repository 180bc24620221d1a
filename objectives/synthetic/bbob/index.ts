/**
 * The 24 noiseless functions of BBOB, as COCO has them (Hansen, Finck, Ros and Auger, "Real-Parameter Black-Box
 * Optimization Benchmarking 2009: Noiseless Functions Definitions", INRIA RR-6829): for any dimension, and for any number
 * of instances, which differ in where the optimum lies, its value, and rotations.
 */
import { InvalidArgumentError } from '../../../src/core/errors.ts';
import { box, fromVector, type SyntheticObjective, toVector } from '../objective.ts';
import type { BbobMaker } from './bbob-function.ts';
import { gallagher21, gallagher101 } from './gallagher.ts';
import { bentCigar, differentPowers, discus, ellipsoid, sharpRidge } from './ill-conditioned.ts';
import { drawInstance } from './instance.ts';
import { attractiveSector, rosenbrock, rotatedRosenbrock, stepEllipsoid } from './moderate.ts';
import {
  griewankRosenbrock,
  illConditionedSchaffersF7,
  rastrigin,
  schaffersF7,
  weierstrass,
} from './multimodal.ts';
import { linearSlope, separableEllipsoid, separableRastrigin, skewRastrigin, sphere } from './separable.ts';
import { katsuura, lunacekBiRastrigin, schwefel } from './weak-structure.ts';

/** f1, f2 … f24. */
const FUNCTIONS: readonly BbobMaker[] = [
  ...[sphere, separableEllipsoid, separableRastrigin, skewRastrigin, linearSlope],
  ...[attractiveSector, stepEllipsoid, rosenbrock, rotatedRosenbrock],
  ...[ellipsoid, discus, bentCigar, sharpRidge, differentPowers],
  ...[rastrigin, weierstrass, schaffersF7, illConditionedSchaffersF7, griewankRosenbrock],
  ...[schwefel, gallagher101, gallagher21, katsuura, lunacekBiRastrigin],
];

/** The numbers of the functions that `bbob` takes: 1 to 24. */
export const BBOB_FUNCTIONS: readonly number[] = FUNCTIONS.map((_, i) => i + 1);

/**
 * One function of BBOB on [-5, 5]^dimension. f1 to f5 are separable, f6 to f9 moderately conditioned, f10 to f14 ill-conditioned,
 * f15 to f19 multimodal, f20 to f24 multimodal with little structure.
 * @param functionNumber 1 to 24.
 * @param dimension an integer >= 2.
 * @param instance an integer >= 1.
 */
export function bbob(functionNumber: number, dimension = 2, instance = 1): SyntheticObjective {
  const maker = FUNCTIONS[functionNumber - 1];
  if (maker === undefined)
    throw new InvalidArgumentError(`BBOB has the functions 1 to 24, but ${functionNumber} was asked for`);
  const drawn = drawInstance(functionNumber, dimension, instance);
  const { xopt, above } = maker(drawn);
  return {
    name: `bbob-f${functionNumber}`,
    space: box(dimension, -5, 5),
    directions: ['minimize'],
    evaluate: (params) => [above(toVector(params, dimension)) + drawn.fopt],
    optimum: { kind: 'point', value: drawn.fopt, params: [fromVector(xopt)] },
  };
}
