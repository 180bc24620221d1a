/** Stage 2 of a NAS: the SuperTransformer is trained, a sampled SubTransformer at each step (HAT, arXiv 2005.14187, section 3.2). */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { InvalidDataError } from '../../src/core/errors.ts';
import { Rng } from '../../src/core/rng.ts';
import { type Device, float32, GraphBuilder, GraphError, int64Scalar } from '../onnx/index.ts';
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
import { pairsUpTo, TokenBatches, type TokenPairs } from '../translation/batching.ts';
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
  /** Validation pairs that the model can hold. */
  readonly validPairs: number;
}

/** Sentences longer than this are left out, as by fairseq's `max-source-positions`; shorter corpora have a bound of their own. */
const MAX_POSITIONS = 1024;
const LENGTH_MULTIPLE = 4;

/** @throws InvalidDataError if no training pair fits into a batch, or no validation pair into the model. */
export function supernetTask(config: NasConfig, corpus: PreparedCorpus): SupernetTask {
  const { seed, space, training } = config;
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
  const maxLength = Math.ceil(Math.min(needed, MAX_POSITIONS) / LENGTH_MULTIPLE) * LENGTH_MULTIPLE;
  const { maxTokens } = training;
  const longestInBatch = Math.min(maxLength, maxTokens - (maxTokens % LENGTH_MULTIPLE));
  assertSome(
    'training',
    train,
    longestInBatch,
    `raise 'max-tokens', which is ${maxTokens}, or split the sentences`,
  );
  assertSome('validation', valid, maxLength, 'split the sentences');
  return {
    supernet: new Supernet(space),
    vocabulary: {
      sourceVocabSize: size,
      targetVocabSize: size,
      jointVocabulary: training.sharedEmbeddings === 'all',
      separateOutput: training.sharedEmbeddings === 'none',
      padId: PAD_ID,
    },
    maxLength,
    batches: new TokenBatches(train, {
      seed,
      maxTokens,
      maxLength: longestInBatch,
      lengthMultiple: LENGTH_MULTIPLE,
    }),
    validPairs: pairsUpTo(maxLength, valid).source.length,
  };
}

function assertSome(set: string, pairs: TokenPairs, maxLength: number, remedy: string): void {
  if (pairsUpTo(maxLength, pairs).source.length > 0) return;
  throw new InvalidDataError(
    `${set} pairs`,
    `at least one must be at most ${maxLength} tokens long on both sides, but of ${pairs.source.length} none is; ${remedy}`,
  );
}

/** What of the corpus is not used, a sentence each. */
export function leftOut({ corpus, train, valid }: PreparedCorpus, task: SupernetTask): string[] {
  const { batches, maxLength, validPairs } = task;
  const tooLong = (count: number, all: number, set: string, limit: string): string[] =>
    count === 0 ? [] : [`${count} of ${all} ${set} pairs are left out: longer than ${limit}`];
  return [
    ...(corpus.blankPairs === 0 ? [] : [`${corpus.blankPairs} pairs are left out: a side is blank`]),
    ...tooLong(
      batches.tooLong,
      train.source.length,
      'training',
      batches.maxLength < maxLength
        ? `a batch (${batches.maxLength} tokens by 'max-tokens')`
        : `the model can hold (${maxLength} tokens)`,
    ),
    ...tooLong(
      valid.source.length - validPairs,
      valid.source.length,
      'validation',
      `the model can hold (${maxLength} tokens)`,
    ),
  ];
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
    optimizer: {
      betas: training.adamBetas,
      epsilon: training.adamEpsilon,
      weightDecay: training.weightDecay,
      ...(training.clipNorm > 0 ? { clipNorm: training.clipNorm } : {}),
    },
    batchesPerStep: training.batchesPerStep,
  });
}

/** The SubTransformer of a training step: a pure function of (seed, step). */
function archAt(
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
  const attention =
    training.attentionDropout > 0 ? 3 * training.maxTokens * task.batches.maxLength * heads : 0;
  const rng = Rng.keyed(seed, 'dropout-noise');
  return Float32Array.from({ length: Math.max(residual, attention) + SPARE_NOISE }, () => rng.uniform());
}

/**
 * Where a SuperTransformer's checkpoint lies: another corpus, space or training setting is another file, as are other validation
 * pairs, for they decide which weights are kept.
 */
export function checkpointPath(directory: string, config: NasConfig, corpusKey: string): string {
  const { checkpointEverySteps: _, ...training } = config.training;
  const { seed, space, search } = config;
  const inputs = JSON.stringify([corpusKey, seed, space.choices, space.fixed, training, search.validPairs]);
  return join(
    directory,
    `supernet-${createHash('sha256').update(inputs).digest('hex').slice(0, 12)}.safetensors`,
  );
}

export interface SupernetTrainerOptions {
  readonly checkpoint?: string | undefined;
  readonly device?: Device | undefined;
  readonly onReport?: ((report: TrainingReport) => void) | undefined;
}

/**
 * A trainer that stands where its checkpoint left it; `trainTo(config.training.steps)` finishes the job.
 * @throws GraphError CHECKPOINT_UNUSABLE if the checkpoint is not one of this training.
 */
export async function createSupernetTrainer(
  config: NasConfig,
  task: SupernetTask,
  options: SupernetTrainerOptions = {},
): Promise<Trainer> {
  const { training, seed } = config;
  const usesNoise = training.dropout > 0 || training.attentionDropout > 0;
  const noise = usesNoise ? noiseBank(task, training, seed) : null;
  const trainer = await Trainer.create({
    graph: supernetTrainingGraph(task, training),
    initialParameters: () =>
      initialWeights(task.supernet.largest, task.vocabulary, Rng.keyed(seed, 'weights')),
    constants: noise === null ? undefined : { [NOISE]: float32(noise, [noise.length]) },
    batchAt: (step, number) => {
      const batch = (step - 1) * training.batchesPerStep + number;
      return {
        ...batchFeeds(task.batches.batchAt(batch)),
        // HAT does so too: the batches of a step train the same SubTransformer.
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
  if (trainer.step <= training.steps) return trainer;
  await trainer.close();
  throw new GraphError(
    'CHECKPOINT_UNUSABLE',
    `'${options.checkpoint}' must be of a training of ${training.steps} steps, but is of step ${trainer.step}: delete it to start anew`,
  );
}
