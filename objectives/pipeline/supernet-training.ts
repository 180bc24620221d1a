/** Stage 2 of a NAS: the SuperTransformer is trained, a sampled SubTransformer at each step (HAT, arXiv 2005.14187, section 3.2). */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Rng } from '../../src/core/rng.ts';
import { type Device, float32, GraphBuilder, int64Scalar } from '../onnx/index.ts';
import {
  buildTrainingGraph,
  dropout,
  labelSmoothedCrossEntropy,
  siteOffset,
  Trainer,
  type TrainingGraph,
  type TrainingReport,
} from '../training/index.ts';
import type { ArchConfig } from '../transformer/arch-config.ts';
import { initialWeights, type VocabularyDims } from '../transformer/parameters.ts';
import { Supernet } from '../transformer/supernet.ts';
import { TokenBatches } from '../translation/batching.ts';
import { PAD_ID } from '../translation/special-tokens.ts';
import { batchFeeds, TARGETS } from './batch-feeds.ts';
import type { NasConfig } from './nas-config.ts';
import type { PreparedCorpus } from './prepare-corpus.ts';
import { type SupernetTrainingConfig, scheduleOf } from './training-config.ts';

/** Inputs of the training graph besides the model's own. */
const NOISE = 'dropout/noise';
const NOISE_OFFSET = 'dropout/offset';
/** Uniforms in the noise bank beyond what the largest activation needs, so that offsets have room. */
const SPARE_NOISE = 1 << 20;

export interface SupernetTask {
  readonly supernet: Supernet;
  readonly vocabulary: VocabularyDims;
  /** Longest side of a sentence pair, tokens. */
  readonly maxLength: number;
  readonly batches: TokenBatches;
}

/** Sentences longer than this are left out of training; shorter corpora have a lower bound of their own. */
const MAX_LENGTH = 128;

export function supernetTask(config: NasConfig, corpus: PreparedCorpus): SupernetTask {
  const size = corpus.tokenizer.vocabSize;
  const longest = (ids: readonly Int32Array[]): number =>
    ids.reduce((most, each) => Math.max(most, each.length + 1), 0);
  const { train, valid } = corpus;
  const needed = Math.max(
    longest(train.source),
    longest(train.target),
    longest(valid.source),
    longest(valid.target),
  );
  const maxLength = Math.ceil(Math.min(needed, MAX_LENGTH, config.training.maxTokens) / 4) * 4;
  return {
    supernet: new Supernet(config.space),
    vocabulary: {
      sourceVocabSize: size,
      targetVocabSize: size,
      jointVocabulary: config.training.sharedEmbeddings === 'all',
      separateOutput: config.training.sharedEmbeddings === 'none',
      padId: PAD_ID,
    },
    maxLength,
    batches: new TokenBatches(train, { seed: config.seed, maxTokens: config.training.maxTokens, maxLength }),
  };
}

/** Model, smoothed loss, backward pass and Adam as one graph. */
export function supernetTrainingGraph(task: SupernetTask, training: SupernetTrainingConfig): TrainingGraph {
  const g = new GraphBuilder();
  const { op } = g;
  const usesNoise = training.dropout > 0 || training.attentionDropout > 0;
  const noise = usesNoise ? g.input(NOISE, 'float32', ['noise']) : null;
  const offset = usesNoise ? g.input(NOISE_OFFSET, 'int64', []) : null;
  let sites = 0;
  const model = task.supernet.graph(g, {
    vocabulary: task.vocabulary,
    maxLength: task.maxLength,
    dropout: (x, site, widthShare) => {
      const rate = site.kind === 'attention' ? training.attentionDropout : training.dropout;
      if (rate === 0 || noise === null || offset === null) return x;
      const p = widthShare === null ? g.float(rate) : op.mul(g.float(rate), widthShare);
      return dropout(g, x, noise, siteOffset(g, offset, sites++), p);
    },
  });
  const targets = g.input(TARGETS, 'int64', ['tokens']);
  const { loss, tokens, projectionGradients } = labelSmoothedCrossEntropy(g, model.logits, targets, {
    labelSmoothing: training.labelSmoothing,
    paddingId: task.vocabulary.padId,
  });
  return buildTrainingGraph(g, {
    parameters: Object.values(model.parameters),
    loss,
    tokens,
    seeds: projectionGradients(model.projection.hidden, model.projection.table),
    schedule: scheduleOf(training),
    optimiser: {
      betas: training.adamBetas,
      epsilon: training.adamEpsilon,
      weightDecay: training.weightDecay,
      ...(training.clipNorm > 0 ? { clipNorm: training.clipNorm } : {}),
    },
    batchesPerStep: training.batchesPerStep,
  });
}

/** The SubTransformer of a training step: a pure function of (seed, step). */
export function archAt(
  task: SupernetTask,
  sampling: SupernetTrainingConfig['sampling'],
  seed: number,
  step: number,
): ArchConfig {
  const { space } = task.supernet;
  if (sampling === 'sandwich' && step % 3 === 1) return space.largest();
  if (sampling === 'sandwich' && step % 3 === 2) return space.smallest();
  return space.sampleUniform(Rng.keyed(seed, step, 'train-arch'));
}

/** The noise that dropout reads: long enough for the largest activation that has a dropout site. */
function noiseBank(task: SupernetTask, training: SupernetTrainingConfig, seed: number): Float32Array {
  const { largest } = task.supernet;
  const residual = training.maxTokens * Math.max(largest.encoderEmbedDim, largest.decoderEmbedDim);
  const heads = Math.max(
    ...largest.encoderSelfAttentionHeads,
    ...largest.decoderSelfAttentionHeads,
    ...largest.decoderEndeAttentionHeads,
  );
  // Cross attention reads up to three encoder layers side by side.
  const attention = training.attentionDropout > 0 ? 3 * training.maxTokens * task.maxLength * heads : 0;
  const rng = Rng.keyed(seed, 'dropout-noise');
  return Float32Array.from({ length: Math.max(residual, attention) + SPARE_NOISE }, () => rng.uniform());
}

/** Where a SuperTransformer's checkpoint lies: another corpus, space or training setting is another file. */
export function checkpointPath(directory: string, config: NasConfig, corpusKey: string): string {
  const { checkpointEverySteps: _, ...training } = config.training;
  const inputs = JSON.stringify([corpusKey, config.seed, config.space.choices, config.space.fixed, training]);
  return join(
    directory,
    `supernet-${createHash('sha256').update(inputs).digest('hex').slice(0, 12)}.safetensors`,
  );
}

export interface SupernetTrainerOptions {
  readonly checkpoint?: string;
  readonly device?: Device;
  readonly onReport?: (report: TrainingReport) => void;
}

/** A trainer that stands where its checkpoint left it; `trainTo(config.training.steps)` finishes the job. */
export function createSupernetTrainer(
  config: NasConfig,
  task: SupernetTask,
  options: SupernetTrainerOptions = {},
): Promise<Trainer> {
  const { training, seed } = config;
  const usesNoise = training.dropout > 0 || training.attentionDropout > 0;
  const noise = usesNoise ? noiseBank(task, training, seed) : null;
  return Trainer.create({
    graph: supernetTrainingGraph(task, training),
    initialParameters: () =>
      initialWeights(task.supernet.largest, task.vocabulary, Rng.keyed(seed, 'weights')),
    constants: noise === null ? undefined : { [NOISE]: float32(noise, [noise.length]) },
    batchAt: (step, number) => {
      const batch = (step - 1) * training.batchesPerStep + number;
      return {
        ...batchFeeds(task.batches.batchAt(batch)),
        // As HAT has it: the batches of a step train the same SubTransformer.
        ...task.supernet.archFeeds(archAt(task, training.sampling, seed, step)),
        ...(noise === null
          ? {}
          : { [NOISE_OFFSET]: int64Scalar(Rng.keyed(seed, batch + 1, 'dropout').int(noise.length)) }),
      };
    },
    device: options.device,
    checkpoint:
      options.checkpoint === undefined
        ? undefined
        : { path: options.checkpoint, everySteps: training.checkpointEverySteps },
    onReport: options.onReport,
    reportEverySteps: 10,
  });
}
