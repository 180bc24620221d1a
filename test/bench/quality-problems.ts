/** What the quality bench measures on. */
import {
  ackley,
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
  type SyntheticObjective,
  speedReducer,
  sphere,
  trainingRun,
  weldedBeam,
  zdt1,
  zdt2,
  zdt3,
} from '../../objectives/synthetic/index.ts';
import type { SpaceEntries } from '../../src/core/index.ts';

export interface BenchProblem {
  readonly label: string;
  readonly objective: SyntheticObjective<SpaceEntries>;
  /** The point up to which the hypervolume of several objectives is measured. */
  readonly reference?: readonly number[];
}

/** `objective` in `dimensions`; of BBOB the first instance unless another one is named. */
function problem(objective: BenchProblem['objective'], suffix = ''): BenchProblem {
  return { label: `${objective.name}${suffix}`, objective };
}

const bbobProblem = (number: number, dimension: number, instance = 1): BenchProblem =>
  problem(bbob(number, dimension, instance), `-${dimension}d${instance === 1 ? '' : `-i${instance}`}`);

/**
 * The function with its optimum moved away from the middle of the box, where a sampler may begin by chance or by habit: what
 * it then reaches on sphere, rastrigin and ackley says nothing.
 */
function offCenter(objective: SyntheticObjective): SyntheticObjective {
  const shifts = Object.entries(objective.space).map(
    ([name, { low, high }], i) => [name, 0.3 * (high - low) * Math.sin(i + 1)] as const,
  );
  return {
    ...objective,
    name: `off-center ${objective.name}`,
    evaluate: (params) =>
      objective.evaluate(Object.fromEntries(shifts.map(([name, shift]) => [name, params[name] - shift]))),
  };
}

/** Item 6 of the issue: the functions that it names, and two or three of each group of BBOB. */
export const GATE: readonly BenchProblem[] = [
  ...[sphere, rosenbrock, rastrigin, ackley].map((make) => problem(make(5), '-5d')),
  problem(hartmann6()),
  problem(branin()),
  problem(pipeline()),
  ...[2, 3, 6, 8, 10, 12, 14, 15, 17, 20, 21, 24].map((number) => bbobProblem(number, 5)),
];

/** Other functions of BBOB in other dimensions and instances, and what users have beside boxes of real numbers. */
export const HELD_OUT: readonly BenchProblem[] = [
  ...[5, 7, 16, 19, 22].map((number) => bbobProblem(number, 2, 2)),
  ...[1, 9, 10, 11, 13, 18, 23].map((number) => bbobProblem(number, 10, 3)),
  ...[4, 8, 10, 15].map((number) => bbobProblem(number, 20, 4)),
  problem(rosenbrock(2), '-2d'),
  ...[sphere(5), rastrigin(5), ackley(5)].map((objective) => problem(offCenter(objective), '-5d')),
  problem(offCenter(ackley(20)), '-20d'),
  problem(logEllipsoid(5), '-5d'),
  problem(logEllipsoid(10), '-10d'),
  problem(integerEllipsoid(5), '-5d'),
  problem(integerEllipsoid(10), '-10d'),
  problem(trainingRun()),
  problem(kernelMachine()),
  problem(pressureVessel()),
  problem(weldedBeam()),
  problem(speedReducer()),
];

export const MULTI_OBJECTIVE: readonly BenchProblem[] = [
  ...[zdt1(), zdt2(), zdt3()].map((objective) => ({
    label: objective.name,
    objective,
    reference: [1.1, 11],
  })),
  { label: 'dtlz2', objective: dtlz2(3), reference: [2.5, 2.5, 2.5] },
];

const QUICK = ['sphere-5d', 'branin', 'pipeline', 'bbob-f10-5d', 'bbob-f15-5d', 'bbob-f21-5d'];
export const quick = (problems: readonly BenchProblem[]): readonly BenchProblem[] =>
  problems.filter(({ label }, i) => (problems === GATE ? QUICK.includes(label) : i % 4 === 0));

export function problemOf(label: string): BenchProblem {
  const found = [...GATE, ...HELD_OUT, ...MULTI_OBJECTIVE].find((each) => each.label === label);
  if (found === undefined) throw new Error(`unknown problem ${label}`);
  return found;
}
