/**
 * The stages of a NAS on one folder: corpus, SuperTransformer, nested search. Each stage finds what an earlier run left
 * and goes on from there, so an interrupted run is repeated, not restarted.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { InvalidConfigError } from '../../src/core/errors.ts';
import type { FrozenTrial } from '../../src/core/frozen-trial.ts';
import { Rng } from '../../src/core/rng.ts';
import type { Storage } from '../../src/core/storage.ts';
import { Study } from '../../src/core/study.ts';
import { type Ceiling, type HardwareModel, nestedNas } from '../nested-nas.ts';
import type { Device } from '../onnx/index.ts';
import { natsToBits, type Trainer, type TrainingReport } from '../training/index.ts';
import type { ArchConfig, ModelDims } from '../transformer/arch-config.ts';
import { BestWeights, type Validation } from './best-weights.ts';
import { latencyDataset, predictedHardware, rk3588Hardware } from './hardware.ts';
import type { NasConfig } from './nas-config.ts';
import { type PreparedCorpus, prepareCorpus } from './prepare-corpus.ts';
import type { SamplerMaker } from './sampler-maker.ts';
import { assertLearned, isOver, type SupernetCourse, trainToEnd, weightsUsed } from './supernet-course.ts';
import { SupernetEvaluator } from './supernet-evaluator.ts';
import {
  checkpointPath,
  createSupernetTrainer,
  leftOut,
  type SupernetTask,
  supernetTask,
} from './supernet-training.ts';

export type NasProgress =
  | {
      readonly stage: 'corpus';
      /** Training pairs that are used. */
      readonly pairs: number;
      readonly vocabularySize: number;
      readonly languages: string;
      /** What of the corpus and of the configuration has no effect, a sentence each. */
      readonly notes: readonly string[];
    }
  | {
      readonly stage: 'training';
      readonly step: number;
      readonly steps: number;
      readonly report: TrainingReport | null;
    }
  | {
      readonly stage: 'validation';
      readonly step: number;
      readonly largest: number;
      readonly smallest: number;
      /** Whether no earlier validation was as good. */
      readonly isBest: boolean;
    }
  /** Training is over; `summary` says which weights are used. */
  | { readonly stage: 'trained'; readonly summary: string }
  | { readonly stage: 'latency'; readonly done: number; readonly total: number }
  | {
      readonly stage: 'inner';
      readonly outerTrial: number;
      readonly done: number;
      readonly total: number;
      readonly best: number | null;
    }
  | { readonly stage: 'outer'; readonly done: number; readonly total: number; readonly trial: FrozenTrial };

export interface NasRunOptions {
  readonly config: NasConfig;
  /** Folder of tokenizer, checkpoint and training curve. */
  readonly directory: string;
  readonly device?: Device;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: NasProgress) => void;
}

/** A point of the training curve; losses in bits per target token, of the training loss with smoothing. */
export interface CurvePoint {
  readonly step: number;
  readonly trainingLoss?: number;
  readonly tokensPerSecond?: number;
  /** Validation loss of the largest and the smallest SubTransformer. */
  readonly largest?: number;
  readonly smallest?: number;
}

export class NasRun {
  readonly config: NasConfig;
  readonly corpus: PreparedCorpus;
  readonly task: SupernetTask;
  readonly trainer: Trainer;
  /** What the deployed model is compiled for. */
  readonly dims: ModelDims;
  readonly checkpoint: string;
  readonly #options: NasRunOptions;
  readonly #weights: BestWeights;
  #evaluator: SupernetEvaluator | null = null;
  #hardware: HardwareModel | null = null;

  private constructor(
    options: NasRunOptions,
    corpus: PreparedCorpus,
    task: SupernetTask,
    trainer: Trainer,
    checkpoint: string,
    weights: BestWeights,
  ) {
    this.config = options.config;
    this.corpus = corpus;
    this.task = task;
    this.trainer = trainer;
    this.checkpoint = checkpoint;
    this.#weights = weights;
    this.#options = options;
    const { sourceVocabSize, targetVocabSize } = task.vocabulary;
    this.dims = { sourceVocabSize, targetVocabSize, ...options.config.deployment };
  }

  /** Prepares the corpus and opens the trainer, at its checkpoint if there is one. Close the run, or it keeps the process alive. */
  static async open(options: NasRunOptions): Promise<NasRun> {
    const { config, directory, onProgress } = options;
    mkdirSync(directory, { recursive: true });
    const corpus = await prepareCorpus(config.corpus, config.seed, directory);
    const task = supernetTask(config, corpus);
    onProgress?.({
      stage: 'corpus',
      pairs: task.batches.pairs,
      vocabularySize: corpus.tokenizer.vocabSize,
      languages: `${corpus.corpus.sourceLanguage}-${corpus.corpus.targetLanguage}`,
      notes: [
        ...leftOut(corpus, task),
        ...(config.ignoredKeys.length === 0
          ? []
          : [`not supported, ignored: ${config.ignoredKeys.join(', ')}`]),
      ],
    });
    const checkpoint = checkpointPath(directory, config, corpus.key);
    const curve = curvePath(checkpoint);
    const trainer = await createSupernetTrainer(config, task, {
      checkpoint,
      device: options.device,
      onReport: (report) => {
        const { step, tokensPerSecond } = report;
        appendCurve(curve, { step, trainingLoss: natsToBits(report.loss), tokensPerSecond });
        onProgress?.({ stage: 'training', step, steps: config.training.steps, report });
      },
    });
    try {
      const weights = new BestWeights(trainer, bestPath(checkpoint));
      const run = new NasRun(options, corpus, task, trainer, checkpoint, weights);
      if (run.isTrained) await run.#useBest();
      return run;
    } catch (error) {
      await trainer.close();
      throw error;
    }
  }

  /** Whether the SuperTransformer is trained to its end; its weights are then the best that it had. */
  get isTrained(): boolean {
    return isOver(this.#course) && this.#lastValidation?.step === this.trainer.step;
  }

  /** Which weights are used, and why; null before the end of training. */
  get trainingSummary(): string | null {
    const { best } = this.#weights;
    if (best === null || !this.isTrained) return null;
    return weightsUsed(best, this.#lastValidation, this.config.training.steps);
  }

  /** The step after which the weights were as they are used; null before the end of training. */
  get stepOfWeights(): number | null {
    return this.isTrained ? (this.#weights.best?.step ?? null) : null;
  }

  /**
   * Trains the SuperTransformer to its end; returns at once if it is there.
   * @throws ThanosError RUN_FAILED if it learned nothing; the signal's reason on abort.
   */
  async train(): Promise<void> {
    const { signal, onProgress } = this.#options;
    const { space, training, search } = this.config;
    if (this.isTrained) return;
    onProgress?.({ stage: 'training', step: this.trainer.step, steps: training.steps, report: null });
    const evaluator = await this.#evaluatorOf(search.validPairs);
    await trainToEnd(
      this.#course,
      async (step) => {
        evaluator.reset();
        const largest = await evaluator.validationLoss(space.largest());
        return { step, largest, smallest: await evaluator.validationLoss(space.smallest()) };
      },
      (validation, isBest) => {
        appendCurve(curvePath(this.checkpoint), validation);
        onProgress?.({ stage: 'validation', ...validation, isBest });
      },
      signal,
    );
    await this.#useBest();
    evaluator.reset();
    onProgress?.({ stage: 'trained', summary: this.trainingSummary ?? '' });
  }

  get #course(): SupernetCourse {
    return { trainer: this.trainer, weights: this.#weights, training: this.config.training };
  }

  get #lastValidation(): Validation | undefined {
    return this.curve().findLast((point): point is Validation => point.largest !== undefined);
  }

  async #useBest(): Promise<void> {
    assertLearned(this.#course, this.#lastValidation);
    await this.#weights.use();
  }

  /** Validation loss of a SubTransformer with inherited weights, bits per target token, on the pairs that the search uses. */
  async validationLoss(arch: ArchConfig, signal?: AbortSignal): Promise<number> {
    return (await this.#evaluatorOf(this.config.search.validPairs)).validationLoss(arch, signal);
  }

  /** The same on all validation pairs. */
  async fullValidationLoss(arch: ArchConfig): Promise<number> {
    const whole = await SupernetEvaluator.create(this.task, this.trainer.worker, this.corpus.valid, {
      device: this.#options.device,
    });
    const loss = await whole.validationLoss(arch);
    await whole.release();
    return loss;
  }

  /**
   * The nested search; goes on where the study of that name stands.
   * @throws InvalidConfigError if the study was made with other settings.
   */
  async search(storage: Storage, makeSampler: SamplerMaker): Promise<Study> {
    const { config } = this;
    const hardware = await this.hardware(storage, makeSampler);
    const { search, space, seed } = config;
    const { signal, onProgress } = this.#options;
    const nas = nestedNas({
      archSpace: space,
      validationLoss: (arch, stop) => this.validationLoss(arch, stop),
      hardware,
      memoryCeilingMiB: search.memoryCeilingMiB ?? memoryRange(hardware, config),
      latencyCeilingMs: search.latencyCeilingMs ?? undefined,
      innerTrials: search.innerTrials,
      innerSampler: ({ outerTrial, violation, canonical }) =>
        makeSampler(search.innerSampler, {
          seed: Rng.keyed(seed, 'inner-search', outerTrial).int(2 ** 31),
          ...(search.innerSampler === 'evolutionary' ? { ...evolutionOf(config), violation, canonical } : {}),
        }),
      onInnerTrial: (outer, inner, told) =>
        onProgress?.({
          stage: 'inner',
          outerTrial: outer.number,
          done: told.number + 1,
          total: search.innerTrials,
          best: inner.bestTrials[0]?.value ?? null,
        }),
    });
    const sampler = makeSampler(search.outerSampler, { seed });
    const study = await Study.open(
      { storage, defaultSampler: () => sampler },
      { studyName: config.studyName, ifExists: 'load', directions: nas.directions, sampler },
    );
    await this.#claimStudy(study);
    await study.optimize(nas.space, nas.objective, {
      totalTrials: search.outerTrials,
      signal,
      callbacks: [
        (_, trial) =>
          onProgress?.({ stage: 'outer', done: trial.number + 1, total: search.outerTrials, trial }),
      ],
    });
    return study;
  }

  /** What the configuration's latency backend says of an architecture; measures a dataset first if that backend needs one. */
  async hardware(storage: Storage, makeSampler: SamplerMaker): Promise<HardwareModel> {
    const { config, dims } = this;
    const { signal, onProgress } = this.#options;
    if (config.hardware.backend === 'rk3588-model') return rk3588Hardware(dims);
    this.#hardware ??= await predictedHardware(
      await latencyDataset({
        config,
        dims,
        storage,
        makeSampler,
        signal,
        onMeasured: (done, total) => onProgress?.({ stage: 'latency', done, total }),
      }),
      dims,
    );
    return this.#hardware;
  }

  /** The training curve so far; a step that was repeated after an interruption counts once. */
  curve(): readonly CurvePoint[] {
    return readCurve(curvePath(this.checkpoint));
  }

  close(): Promise<void> {
    return this.trainer.close();
  }

  async #evaluatorOf(pairs: number): Promise<SupernetEvaluator> {
    this.#evaluator ??= await SupernetEvaluator.create(this.task, this.trainer.worker, this.corpus.valid, {
      pairs,
      device: this.#options.device,
    });
    return this.#evaluator;
  }

  /** A study belongs to the settings that it was begun with; only the number of outer trials may grow. */
  async #claimStudy(study: Study): Promise<void> {
    const { outerTrials: _, ...search } = this.config.search;
    const settings = createHash('sha256')
      .update(
        JSON.stringify([this.checkpoint.split(/[\\/]/).at(-1), search, this.dims, this.config.hardware]),
      )
      .digest('hex')
      .slice(0, 12);
    const known = study.userAttrs['nasSettings'];
    if (known === undefined) await study.setUserAttr('nasSettings', settings);
    else if (known !== settings)
      throw new InvalidConfigError(
        `study '${study.studyName}'`,
        `it was begun with other settings (${String(known)}, now ${settings}); run with those, or give another study-name`,
      );
  }
}

function memoryRange(hardware: HardwareModel, { space }: NasConfig): Ceiling {
  return {
    low: hardware.cost(space.smallest()).memoryMiB,
    high: hardware.cost(space.largest()).memoryMiB,
  };
}

function evolutionOf({ search }: NasConfig): Readonly<Record<string, number>> {
  const { populationSize, parentSize, mutationSize, crossoverSize, mutationProb } = search;
  return { populationSize, parentSize, mutationSize, crossoverSize, mutationProb };
}

function bestPath(checkpoint: string): string {
  return checkpoint.replace(/\.safetensors$/, '.best.safetensors');
}

function curvePath(checkpoint: string): string {
  return checkpoint.replace(/\.safetensors$/, '.curve.jsonl');
}

function appendCurve(path: string, point: CurvePoint): void {
  appendFileSync(path, `${JSON.stringify(point)}\n`);
}

function readCurve(path: string): readonly CurvePoint[] {
  if (!existsSync(path)) return [];
  const byStep = new Map<number, CurvePoint>();
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (!line.endsWith('}')) continue;
    const point = JSON.parse(line) as CurvePoint;
    byStep.set(point.step, { ...byStep.get(point.step), ...point });
  }
  return [...byStep.values()].sort((a, b) => a.step - b.step);
}
