/** How a SuperTransformer is trained, from HAT's (fairseq's) keys. */
import { InvalidConfigError } from '../../src/core/errors.ts';
import { learningRateAt, type Schedule } from '../training/index.ts';
import type { HatTraining } from '../transformer/hat-yaml.ts';

export interface SupernetTrainingConfig {
  readonly steps: number;
  /** Upper bound on a batch's sentences times its longer padded side. */
  readonly maxTokens: number;
  /** Batches whose gradients make a step together, weighted by their tokens. */
  readonly batchesPerStep: number;
  readonly schedule: Schedule['kind'];
  readonly peakLearningRate: number;
  /** Before the first step of the warm-up. */
  readonly initialLearningRate: number;
  /** At the last step of a cosine. */
  readonly finalLearningRate: number;
  readonly warmupSteps: number;
  readonly adamBetas: readonly [number, number];
  readonly adamEpsilon: number;
  /** Decoupled from the gradients, as in fairseq's Adam. */
  readonly weightDecay: number;
  /** 0: no clipping. */
  readonly clipNorm: number;
  readonly dropout: number;
  readonly attentionDropout: number;
  readonly labelSmoothing: number;
  /** Which tables are one: source, target and output; target and output; or none. */
  readonly sharedEmbeddings: 'all' | 'target-output' | 'none';
  /** Training ends after this many validations in a row without a lower loss; null: never before its last step. */
  readonly patience: number | null;
  /** SubTransformers of successive steps: uniform draws (HAT), or the largest, the smallest and a draw in turn. */
  readonly sampling: 'uniform' | 'sandwich';
  readonly checkpointEverySteps: number;
}

/** The end of a cosine in all of HAT's files. */
const LEAST_RATE = 1e-7;
/** HAT's rate for IWSLT'14. */
const USUAL_RATE = 5e-4;

/**
 * How HAT's keys train.
 * @param placeOf `file:line` of a key.
 * @throws InvalidConfigError for keys that contradict each other.
 */
export function trainingOf(
  hat: HatTraining,
  placeOf: (key: string) => string,
): Omit<SupernetTrainingConfig, 'sampling' | 'checkpointEverySteps'> {
  const steps = hat.maxUpdate;
  const rates = ratesOf(hat, placeOf);
  const last = learningRateAt(scheduleOf({ steps, ...rates }), steps);
  if (hat.minLr !== undefined && last <= hat.minLr)
    throw new InvalidConfigError(
      placeOf('min-lr'),
      `'min-lr' is ${hat.minLr}, at which training would end before 'max-update', since the last learning rate is ${last}: ` +
        "lower 'max-update' instead",
    );
  if (hat.criterion === 'cross_entropy' && (hat.labelSmoothing ?? 0) > 0)
    throw new InvalidConfigError(
      placeOf('label-smoothing'),
      "'label-smoothing' needs 'criterion: label_smoothed_cross_entropy', but it is cross_entropy",
    );
  return {
    steps,
    maxTokens: hat.maxTokens,
    // Several workers are so many batches of one.
    batchesPerStep: hat.updateFreq * hat.distributedWorldSize,
    ...rates,
    adamBetas: hat.adamBetas,
    adamEpsilon: hat.adamEps,
    weightDecay: hat.weightDecay,
    clipNorm: hat.clipNorm,
    dropout: hat.dropout,
    attentionDropout: hat.attentionDropout,
    labelSmoothing: hat.criterion === 'cross_entropy' ? 0 : (hat.labelSmoothing ?? 0.1),
    sharedEmbeddings: sharedEmbeddings(hat),
    patience: hat.patience ?? null,
  };
}

type Rates = Pick<
  SupernetTrainingConfig,
  'schedule' | 'peakLearningRate' | 'initialLearningRate' | 'finalLearningRate' | 'warmupSteps'
>;

export function scheduleOf(training: Rates & Pick<SupernetTrainingConfig, 'steps'>): Schedule {
  const { schedule: kind, steps, peakLearningRate, initialLearningRate, warmupSteps } = training;
  const warmup = { peakLearningRate, initialLearningRate, warmupSteps };
  if (kind !== 'cosine') return { kind, ...warmup };
  return { kind, ...warmup, totalSteps: steps, finalLearningRate: training.finalLearningRate };
}

/**
 * The cosine goes from `max-lr` down to `lr`; the others have `lr` as their peak. Without `lr-scheduler` it is the cosine where there
 * is a `max-lr`, as in HAT's files for WMT, else the inverse square root, as in the one for IWSLT'14.
 */
function ratesOf(hat: HatTraining, placeOf: (key: string) => string): Rates {
  const { lr, maxLr } = hat;
  const scheduler = hat.lrScheduler ?? (maxLr === undefined ? 'inverse_sqrt' : 'cosine');
  const isCosine = scheduler === 'cosine';
  if (isCosine && maxLr === undefined && lr !== undefined)
    throw new InvalidConfigError(
      placeOf('lr'),
      "'lr-scheduler: cosine' goes from 'max-lr' down to 'lr', but there is no 'max-lr': add it",
    );
  if (!isCosine && maxLr !== undefined && lr !== undefined && lr !== maxLr)
    throw new InvalidConfigError(
      placeOf('max-lr'),
      `'lr-scheduler: ${scheduler}' has one learning rate, 'lr', but 'max-lr' is ${maxLr} beside 'lr' ${lr}: leave one out`,
    );
  const peakLearningRate = maxLr ?? lr ?? USUAL_RATE;
  if (!(peakLearningRate > 0)) {
    const key = maxLr === undefined ? 'lr' : 'max-lr';
    throw new InvalidConfigError(placeOf(key), `'${key}' must be > 0, or nothing is learned, but is 0`);
  }
  const finalLearningRate = isCosine && lr !== undefined ? lr : Math.min(LEAST_RATE, peakLearningRate);
  if (finalLearningRate > peakLearningRate)
    throw new InvalidConfigError(
      placeOf('lr'),
      `'lr-scheduler: cosine' goes from 'max-lr' down to 'lr', but 'lr' is ${finalLearningRate} and 'max-lr' ${peakLearningRate}`,
    );
  return {
    schedule: scheduler === 'inverse_sqrt' ? 'inverse-sqrt' : scheduler,
    peakLearningRate,
    initialLearningRate: hat.warmupInitLr,
    finalLearningRate,
    warmupSteps: hat.warmupUpdates,
  };
}

function sharedEmbeddings(hat: HatTraining): SupernetTrainingConfig['sharedEmbeddings'] {
  if (hat.shareAllEmbeddings) return 'all';
  return hat.shareDecoderInputOutputEmbed ? 'target-output' : 'none';
}
