/** Completes a forward graph to one training step: backward pass, schedule and optimiser. */
import { createHash } from 'node:crypto';
import { type Cotangent, pullBack } from '../autodiff/index.ts';
import { type GraphBuilder, GraphError, isStatic, type Updates, type Value } from '../onnx/index.ts';
import { type AdamOptions, adam, type StateTensor } from './adam.ts';
import { learningRateNode, type Schedule } from './schedule.ts';

/** Names of the inputs and outputs that every training graph has, besides those of the model. */
export const TRAINING = {
  stepInput: 'training/step',
  lossOutput: 'training/loss',
  tokensOutput: 'training/tokens',
  learningRateOutput: 'training/learningRate',
} as const;

export interface TrainingGraph {
  readonly model: Uint8Array;
  readonly parameters: readonly StateTensor[];
  readonly moments: readonly StateTensor[];
  /** What replaces the resident parameters and moments after a step. */
  readonly updates: Updates;
  /** SHA-256 of the model: a checkpoint is resumed only by the graph that wrote it. */
  readonly fingerprint: string;
}

export interface TrainingGraphParts {
  /** The trained inputs of the graph, of static shapes. */
  readonly parameters: readonly Value[];
  /** A scalar, reported at each step. */
  readonly loss: Value;
  /** Float scalar: how many tokens the batch holds, for the speed that is reported. */
  readonly tokens: Value;
  /** Where the backward pass starts: a value and the gradient of the loss by it. */
  readonly seeds: readonly Cotangent[];
  readonly schedule: Schedule;
  readonly optimiser?: AdamOptions;
}

export function buildTrainingGraph(builder: GraphBuilder, parts: TrainingGraphParts): TrainingGraph {
  const step = builder.input(TRAINING.stepInput, 'float32', []);
  const gradients = pullBack(builder, parts.seeds, parts.parameters);
  const learningRate = learningRateNode(builder, parts.schedule, step);
  const rows = parts.parameters.map((parameter, index) => ({ parameter, gradient: gradients[index] }));
  const { updates, moments } = adam(builder, rows, learningRate, step, parts.optimiser);
  builder.output(parts.loss, TRAINING.lossOutput);
  builder.output(parts.tokens, TRAINING.tokensOutput);
  builder.output(learningRate, TRAINING.learningRateOutput);
  const model = builder.build('training');
  return {
    model,
    parameters: parts.parameters.map(stateTensor),
    moments,
    updates,
    fingerprint: createHash('sha256').update(model).digest('hex'),
  };
}

function stateTensor({ name, shape }: Value): StateTensor {
  if (!isStatic(shape))
    throw new GraphError('SHAPE_MISMATCH', `parameter '${name}' needs a static shape, but has [${shape}]`);
  return { name, shape };
}
