/** Made-up model selections: which parameters there are depends on choices, and the best branch is not the easiest. */
import { categorical, choice, float, int, type ParamsOf, space } from '../../src/core/space.ts';
import type { SyntheticObjective } from './objective.ts';

const pipelineSpace = space({
  scaling: categorical(['none', 'standard', 'quantile']),
  features: int(5, 100),
  model: choice({
    linear: { alpha: float(1e-6, 1e2, { log: true }), penalty: categorical(['l1', 'l2']) },
    forest: { trees: int(10, 1000, { log: true }), depth: int(1, 32), maxFeatures: float(0.1, 1) },
    boosting: {
      learningRate: float(1e-3, 1, { log: true }),
      rounds: int(10, 2000, { log: true }),
      depth: int(1, 12),
      subsample: float(0.3, 1, { step: 0.05 }),
    },
    network: {
      layers: int(1, 6),
      width: int(8, 1024, { log: true }),
      dropout: float(0, 0.8),
      optimizer: choice({
        adam: { learningRate: float(1e-5, 1e-1, { log: true }) },
        sgd: { learningRate: float(1e-4, 1, { log: true }), momentum: float(0, 0.99) },
      }),
    },
  }),
});

/** @internal What `pipeline` returns; its `space` has the types of its parameters. */
export interface PipelineObjective extends SyntheticObjective<typeof pipelineSpace> {}

type Pipeline = ParamsOf<typeof pipelineSpace>;
type Network = Extract<Pipeline['model'], { choice: 'network' }>;

/** Scaling matters to linear models and networks, not to trees. */
const SCALING_COST = { none: 0.05, standard: 0, quantile: 0.01 };

/**
 * A machine learning pipeline: scaling, number of features, one of four models with its own parameters (floats, integers,
 * logarithmic, stepped, categorical, and a choice inside a choice); its validation error. Boosting gets near the best soon;
 * a network trained by SGD is better, if its learning rate suits its momentum.
 */
export function pipeline(): PipelineObjective {
  return {
    name: 'pipeline',
    space: pipelineSpace,
    directions: ['minimize'],
    evaluate: (params) => [0.1 * ((params.features - 40) / 50) ** 2 + modelError(params)],
    optimum: {
      kind: 'point',
      value: 0.08,
      params: [
        {
          scaling: 'standard',
          features: 40,
          model: {
            choice: 'network',
            layers: 3,
            width: 128,
            dropout: 0.2,
            optimizer: { choice: 'sgd', learningRate: 0.05, momentum: 0.9 },
          },
        },
      ],
    },
  };
}

function modelError({ model, scaling }: Pipeline): number {
  switch (model.choice) {
    case 'linear': {
      const penalty = model.penalty === 'l1' ? 0 : 0.01;
      return 0.2 + SCALING_COST[scaling] + penalty + 0.02 * (Math.log10(model.alpha) + 2) ** 2;
    }
    case 'forest':
      return (
        0.14 +
        0.02 * Math.log10(1000 / model.trees) +
        0.2 * ((model.depth - 20) / 40) ** 2 +
        0.1 * (model.maxFeatures - 0.4) ** 2
      );
    case 'boosting':
      return (
        0.11 +
        0.05 * (Math.log10(model.learningRate * model.rounds) - 1.5) ** 2 +
        0.01 * (Math.log10(model.learningRate) + 1.5) ** 2 +
        0.003 * (model.depth - 5) ** 2 +
        0.1 * (model.subsample - 0.8) ** 2
      );
    case 'network':
      return (
        0.08 +
        SCALING_COST[scaling] +
        0.01 * (model.layers - 3) ** 2 +
        0.01 * Math.log2(model.width / 128) ** 2 +
        0.2 * (model.dropout - 0.2) ** 2 +
        optimizerError(model.optimizer)
      );
  }
}

function optimizerError(optimizer: Network['optimizer']): number {
  if (optimizer.choice === 'adam') return 0.01 + 0.05 * (Math.log10(optimizer.learningRate) + 3) ** 2;
  const effective = optimizer.learningRate / (1 - optimizer.momentum);
  return 0.05 * Math.log10(effective / 0.5) ** 2 + 0.1 * (optimizer.momentum - 0.9) ** 2;
}

const kernelSpace = space({
  c: float(1e-3, 1e3, { log: true }),
  weights: categorical(['none', 'balanced']),
  kernel: choice({
    linear: {},
    rbf: { gamma: float(1e-4, 10, { log: true }) },
    poly: { gamma: float(1e-4, 10, { log: true }), degree: int(2, 5), coef0: float(0, 1) },
  }),
});

/** @internal What `kernelMachine` returns; its `space` has the types of its parameters. */
export interface KernelMachineObjective extends SyntheticObjective<typeof kernelSpace> {}

/** A support vector machine: one branch without parameters, and a ridge between `c` and each kernel's `gamma`. */
export function kernelMachine(): KernelMachineObjective {
  return {
    name: 'kernel-machine',
    space: kernelSpace,
    directions: ['minimize'],
    evaluate: ({ c, weights, kernel }) => [
      (weights === 'balanced' ? 0 : 0.02) + kernelError(Math.log10(c), kernel),
    ],
    optimum: {
      kind: 'point',
      value: 0.1,
      params: [{ c: 100, weights: 'balanced', kernel: { choice: 'rbf', gamma: 0.01 } }],
    },
  };
}

function kernelError(logC: number, kernel: ParamsOf<typeof kernelSpace>['kernel']): number {
  if (kernel.choice === 'linear') return 0.2 + 0.02 * (logC + 1) ** 2;
  const logGamma = Math.log10(kernel.gamma);
  if (kernel.choice === 'rbf') return 0.1 + 0.04 * (logC + logGamma) ** 2 + 0.03 * (logGamma + 2) ** 2;
  const { degree, coef0 } = kernel;
  return (
    0.13 + 0.04 * (logC + degree * (logGamma + 1)) ** 2 + 0.02 * (degree - 3) ** 2 + 0.1 * (coef0 - 0.7) ** 2
  );
}
