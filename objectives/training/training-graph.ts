/** Completes a forward graph to one training step: backward pass, schedule and optimizer. */
import { createHash } from 'node:crypto';
import { type Cotangent, pullBack } from '../autodiff/index.ts';
import { GraphBuilder, GraphError, isStatic, type Updates, type Value } from '../onnx/index.ts';
import { type AdamOptions, adam, type StateTensor } from './adam.ts';
import { learningRateNode, type Schedule } from './schedule.ts';

/** Names of the inputs and outputs that every training graph has, besides those of the model. */
export const TRAINING = {
  stepInput: 'training/step',
  lossOutput: 'training/loss',
  tokensOutput: 'training/tokens',
  learningRateOutput: 'training/learningRate',
  /** The input of an accumulation that is 0 for the first batch of a step, which starts the sums anew, else 1. */
  carryInput: 'training/carry',
  /** The input of the step that follows an accumulation: the tokens of all its batches. */
  tokensInput: 'training/tokensOfStep',
} as const;

export interface TrainingGraph {
  /** Takes a step: from a batch, or from the sums of `accumulation`. */
  readonly model: Uint8Array;
  readonly parameters: readonly StateTensor[];
  readonly moments: readonly StateTensor[];
  /** What replaces the resident parameters and moments after a step. */
  readonly updates: Updates;
  /** null: each step has one batch. */
  readonly accumulation: GradientAccumulation | null;
  /** SHA-256 of the models: a checkpoint is resumed only by the graph that wrote it. */
  readonly fingerprint: string;
}

/** Sums the gradients of several batches, each weighted by its tokens, so that together they are one big batch. */
interface GradientAccumulation {
  readonly batchesPerStep: number;
  /** Runs on each batch. */
  readonly model: Uint8Array;
  /** What replaces the resident sums after a batch. */
  readonly updates: Updates;
  readonly sums: readonly StateTensor[];
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
  readonly optimizer?: AdamOptions | undefined;
  /** Batches whose gradients make a step together; default 1. */
  readonly batchesPerStep?: number | undefined;
}

export function buildTrainingGraph(builder: GraphBuilder, parts: TrainingGraphParts): TrainingGraph {
  const { loss, tokens, parameters, batchesPerStep = 1 } = parts;
  const gradients = pullBack(builder, parts.seeds, parameters);
  builder.output(loss, TRAINING.lossOutput);
  builder.output(tokens, TRAINING.tokensOutput);
  if (batchesPerStep === 1) return graphOf(addStep(builder, parts, parameters, gradients), null);

  const { op } = builder;
  const carry = builder.input(TRAINING.carryInput, 'float32', []);
  const updates: Record<string, string> = {};
  const sums = parameters.map((parameter, index) => {
    const { name, shape } = stateTensor(parameter);
    const sum = builder.input(`${name}/sum`, 'float32', shape);
    updates[sum.name] = builder.output(op.add(op.mul(sum, carry), op.mul(gradients[index], tokens)));
    return { name: sum.name, shape };
  });
  const accumulation = { batchesPerStep, model: builder.build('gradients'), updates, sums };

  const g = new GraphBuilder();
  const share = g.op.reciprocal(g.input(TRAINING.tokensInput, 'float32', []));
  const inputs = parameters.map((parameter) =>
    g.input(parameter.name, 'float32', stateTensor(parameter).shape),
  );
  const means = sums.map(({ name, shape }) => g.op.mul(g.input(name, 'float32', shape), share));
  return graphOf(addStep(g, parts, inputs, means), accumulation);
}

/** Schedule and optimizer on a builder that has the gradients. */
function addStep(
  builder: GraphBuilder,
  { schedule, optimizer }: TrainingGraphParts,
  parameters: readonly Value[],
  gradients: readonly Value[],
): Omit<TrainingGraph, 'accumulation' | 'fingerprint'> {
  const step = builder.input(TRAINING.stepInput, 'float32', []);
  const learningRate = learningRateNode(builder, schedule, step);
  const rows = parameters.map((parameter, index) => ({ parameter, gradient: gradients[index] }));
  const { updates, moments } = adam(builder, rows, learningRate, step, optimizer);
  builder.output(learningRate, TRAINING.learningRateOutput);
  return { model: builder.build('training'), parameters: parameters.map(stateTensor), moments, updates };
}

function graphOf(
  step: Omit<TrainingGraph, 'accumulation' | 'fingerprint'>,
  accumulation: GradientAccumulation | null,
): TrainingGraph {
  const hash = createHash('sha256').update(step.model);
  if (accumulation !== null) hash.update(accumulation.model).update(String(accumulation.batchesPerStep));
  return { ...step, accumulation, fingerprint: hash.digest('hex') };
}

function stateTensor({ name, shape }: Value): StateTensor {
  if (!isStatic(shape))
    throw new GraphError('SHAPE_MISMATCH', `parameter '${name}' needs a static shape, but has [${shape}]`);
  return { name, shape };
}
