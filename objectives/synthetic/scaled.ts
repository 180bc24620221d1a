/** Functions whose parameters are logarithmic, integer or mixed: bowls, once they are seen on the right scale. */
import type { IntDistribution } from '../../src/core/distribution.ts';
import { categorical, float, int, type ParamsOf, type Space, space } from '../../src/core/space.ts';
import { drawInstance } from './bbob/instance.ts';
import { ellipsoidOf } from './bbob/separable.ts';
import { minus, times } from './bbob/transformations.ts';
import { type Box, coordinates, fromVector, type SyntheticObjective, toVector } from './objective.ts';

/** Instances of the rotation and the optimum; BBOB has no function of these numbers. */
const LOG_ELLIPSOID = 201;
const INTEGER_ELLIPSOID = 202;

/** A rotated ellipsoid of condition 100 in the decimal logarithms: x in [1e-6, 100]. */
export function logEllipsoid(dimensions = 5): SyntheticObjective {
  const { xopt: center, r } = drawInstance(LOG_ELLIPSOID, dimensions, 1);
  const decades = (x: number): number => Math.log10(x) + 2;
  return {
    name: 'log-ellipsoid',
    space: boxOf(dimensions, float(1e-6, 100, { log: true })),
    directions: ['minimize'],
    evaluate: (params) => {
      const u = toVector(params, dimensions).map(decades);
      return [ellipsoidOf(times(r, minus(u, center)), 100)];
    },
    optimum: { kind: 'point', value: 0, params: [fromVector(center.map((u) => 10 ** (u - 2)))] },
  };
}

type Integers = Readonly<Record<string, IntDistribution>>;

/** A rotated ellipsoid of condition 1000 on the integers from -20 to 20. */
export function integerEllipsoid(dimensions = 5): SyntheticObjective<Integers> {
  const { xopt, r } = drawInstance(INTEGER_ELLIPSOID, dimensions, 1);
  const center = xopt.map((value) => Math.round(4 * value));
  return {
    name: 'integer-ellipsoid',
    space: boxOf(dimensions, int(-20, 20)),
    directions: ['minimize'],
    evaluate: (params) => [ellipsoidOf(times(r, minus(toVector(params, dimensions), center)), 1000)],
    optimum: { kind: 'point', value: 0, params: [fromVector(center)] },
  };
}

function boxOf<D extends Box[string] | IntDistribution>(
  dimensions: number,
  distribution: D,
): Space<Readonly<Record<string, D>>> {
  return space(
    Object.fromEntries(coordinates(dimensions).map((name) => [name, distribution])) as Record<string, D>,
  );
}

const trainingSpace = space({
  learningRate: float(1e-5, 1e-1, { log: true }),
  batchSize: categorical([16, 32, 64, 128, 256]),
  warmup: int(0, 4000, { step: 100 }),
  layers: int(1, 8),
  width: int(16, 512, { log: true }),
  dropout: float(0, 0.5, { step: 0.05 }),
  activation: categorical(['relu', 'gelu', 'tanh', 'silu']),
  norm: categorical(['pre', 'post']),
});

/** @internal What `trainingRun` returns; its `space` has the types of its parameters. */
export interface TrainingRunObjective extends SyntheticObjective<typeof trainingSpace> {}

const ACTIVATION_COST = { relu: 0.4, gelu: 0, tanh: 1, silu: 0.1 };

/** A made-up training run of a network: every kind of parameter, in one flat space; its loss above the best. */
export function trainingRun(): TrainingRunObjective {
  return {
    name: 'training-run',
    space: trainingSpace,
    directions: ['minimize'],
    evaluate: (params) => [trainingLoss(params)],
    optimum: {
      kind: 'point',
      value: 0,
      params: [
        {
          learningRate: 1e-3,
          batchSize: 64,
          warmup: 1200,
          layers: 6,
          width: 192,
          dropout: 0.15,
          activation: 'gelu',
          norm: 'pre',
        },
      ],
    },
  };
}

function trainingLoss(params: ParamsOf<typeof trainingSpace>): number {
  const { learningRate, batchSize, warmup, layers, width, dropout, activation, norm } = params;
  const doublings = Math.log2(batchSize / 64);
  // Post-norm suffers from depth.
  const normCost = norm === 'pre' ? 0 : layers < 4 ? 0.5 : 1;
  return (
    (Math.log10(learningRate) + 3 - 0.15 * doublings) ** 2 +
    0.05 * Math.abs(doublings) +
    ((warmup - 1200) / 2000) ** 2 +
    0.3 * Math.abs(layers - 6) +
    Math.abs(Math.log2(width / 192)) +
    10 * (dropout - 0.15) ** 2 +
    ACTIVATION_COST[activation] +
    normCost
  );
}
