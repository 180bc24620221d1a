/**
 * The stages of a NAS on one folder: corpus, SuperTransformer, nested search. Each stage finds what an earlier run left
 * and goes on from there, so an interrupted run is repeated, not restarted.
 */
import { join } from 'node:path';
import { makeFolder } from '../../src/core/output-file.ts';
import { Rng } from '../../src/core/rng.ts';
import type { Sampler } from '../../src/core/sampler.ts';
import type { Storage } from '../../src/core/storage.ts';
import { Study } from '../../src/core/study.ts';
import {
  type Ceiling,
  type HardwareModel,
  type InnerSearch,
  nestedNas,
  OUTER_DIRECTIONS,
  outerSpace,
} from '../nested-nas.ts';
import type { Device } from '../onnx/index.ts';
import { natsToBits, type Trainer } from '../training/index.ts';
import type { ArchConfig, ModelDims } from '../transformer/arch-config.ts';
import type { ArchParams } from '../transformer/arch-space.ts';
import { BestWeights, type Validation } from './best-weights.ts';
import { type DeploymentFit, deploymentFit } from './deployment-fit.ts';
import { removeStaleTemporaries } from './files.ts';
import { latencyDataset, predictedHardware, rk3588Hardware } from './hardware.ts';
import { evolutionOf, type NasConfig } from './nas-config.ts';
import type { NasProgress } from './nas-progress.ts';
import { claimStudy, type NasSettings, settingsOf } from './nas-settings.ts';
import { type PreparedCorpus, prepareCorpus, saveTokenizer } from './prepare-corpus.ts';
import { type SamplerMaker, usableSampler } from './sampler-maker.ts';
import { assertRecordedCheckpoint, assertTrained, recordCheckpoint } from './study-of-run.ts';
import { assertLearned, isOver, type SupernetCourse, trainToEnd, weightsUsed } from './supernet-course.ts';
import { SupernetEvaluator } from './supernet-evaluator.ts';
import {
  checkpointPath,
  createSupernetTrainer,
  leftOut,
  type SupernetTask,
  supernetTask,
} from './supernet-training.ts';
import { appendCurve, type CurvePoint, curvePath, readCurve } from './training-curve.ts';

/** What {@link NasRun.open} takes. */
export interface NasRunOptions {
  /** The whole NAS, as `readNasYaml` reads it. */
  readonly config: NasConfig;
  /** Folder of tokenizer, checkpoint and training curve. */
  readonly directory: string;
  /** Where the SuperTransformer is trained and evaluated. Default `cpu`. */
  readonly device?: Device | undefined;
  /** Ends training or search early; the same run goes on later. */
  readonly signal?: AbortSignal | undefined;
  /** Told of each step forward. */
  readonly onProgress?: ((progress: NasProgress) => void) | undefined;
}

/** A course with its whole trainer. */
type Course = SupernetCourse & { readonly trainer: Trainer };

/**
 * A whole NAS on one folder: opens the corpus, trains the SuperTransformer, then searches. Every stage goes on from
 * what the folder and the storage hold, so an interrupted run is repeated with the same calls.
 *
 * ```ts
 * const run = await NasRun.open({ config: readNasYaml(text, 'nas.yaml'), directory: 'nas' });
 * try {
 *   await run.train();
 *   const study = await run.search(storage, makeSampler);
 *   console.log(study.bestTrials.length);
 * } finally {
 *   await run.close();
 * }
 * ```
 */
export class NasRun {
  /** The configuration that it was opened with. */
  readonly config: NasConfig;
  /** Text, vocabulary and token ids. */
  readonly corpus: PreparedCorpus;
  /** The SuperTransformer and the batches that it is trained on. */
  readonly task: SupernetTask;
  /** What the deployed model is compiled for. */
  readonly dims: ModelDims;
  /** Path of the file that training goes on from, whether it is there yet or not. */
  readonly checkpoint: string;
  /** How many of the sentences that the search judges by the deployed model can take. */
  readonly deployment: DeploymentFit;
  /** All that the trials of its study depend on, by key of the configuration. */
  readonly settings: NasSettings;
  readonly #options: NasRunOptions;
  #course: Course | null = null;
  #evaluator: SupernetEvaluator | null = null;
  #hardware: HardwareModel | null = null;

  private constructor(
    options: NasRunOptions,
    corpus: PreparedCorpus,
    task: SupernetTask,
    checkpoint: string,
    deployment: DeploymentFit,
  ) {
    this.config = options.config;
    this.corpus = corpus;
    this.task = task;
    this.checkpoint = checkpoint;
    this.deployment = deployment;
    this.settings = settingsOf(options.config, corpus);
    this.#options = options;
    const { sourceVocabSize, targetVocabSize } = task.vocabulary;
    this.dims = { sourceVocabSize, targetVocabSize, ...options.config.deployment };
  }

  /**
   * Prepares the corpus, and writes nothing. Close the run, or it keeps the process alive.
   * @throws InvalidConfigError if the deployed model could take none of the sentences that the search judges by.
   */
  static async open(options: NasRunOptions): Promise<NasRun> {
    const { config, directory, onProgress } = options;
    const corpus = await prepareCorpus(config.corpus, config.seed, directory);
    const task = supernetTask(config, corpus);
    const deployment = deploymentFit(config, corpus, task.maxLength);
    const { sourceLanguage, targetLanguage, heldOutEvery = null, unusedFiles = [] } = corpus.corpus;
    onProgress?.({
      stage: 'corpus',
      pairs: task.batches.pairs,
      vocabularySize: corpus.tokenizer.vocabSize,
      languages: `${sourceLanguage}-${targetLanguage}`,
      validation: { pairs: corpus.valid.source.length, heldOutEvery, unusedFiles },
      deployment,
      notes: [
        ...leftOut(corpus, task),
        ...(config.ignoredKeys.length === 0
          ? []
          : [`not supported, ignored: ${config.ignoredKeys.join(', ')}`]),
      ],
    });
    const checkpoint = checkpointPath(directory, config, corpus.key);
    return new NasRun(options, corpus, task, checkpoint, deployment);
  }

  /** The trainer, opened at its checkpoint if there is one when it is first asked for. */
  async trainer(): Promise<Trainer> {
    return (await this.#opened()).trainer;
  }

  async #opened(): Promise<Course> {
    if (this.#course !== null) return this.#course;
    const { device, onProgress } = this.#options;
    const { config, checkpoint } = this;
    const { training } = config;
    const trainer = await createSupernetTrainer(config, this.task, {
      checkpoint,
      device,
      onReport: (report) => {
        const { step, tokensPerSecond } = report;
        appendCurve(curvePath(checkpoint), { step, trainingLoss: natsToBits(report.loss), tokensPerSecond });
        onProgress?.({ stage: 'training', step, steps: training.steps, report });
      },
    });
    try {
      const course = { trainer, weights: new BestWeights(trainer, bestPath(checkpoint)), training };
      if (this.#isTrained(course)) await this.#useBest(course);
      this.#course = course;
      return course;
    } catch (error) {
      await trainer.close();
      throw error;
    }
  }

  /** Whether the SuperTransformer is trained to its end; its weights are then the best that it had. */
  async isTrained(): Promise<boolean> {
    return this.#isTrained(await this.#opened());
  }

  #isTrained(course: Course): boolean {
    return isOver(course) && this.#lastValidation?.step === course.trainer.step;
  }

  /** Which weights are used, and why; null before the end of training. */
  get trainingSummary(): string | null {
    const best = this.#bestOfTrained;
    return best === null ? null : weightsUsed(best, this.#lastValidation, this.config.training.steps);
  }

  /** The step after which the weights were as they are used; null before the end of training. */
  get stepOfWeights(): number | null {
    return this.#bestOfTrained?.step ?? null;
  }

  get #bestOfTrained(): Validation | null {
    const course = this.#course;
    return course !== null && this.#isTrained(course) ? course.weights.best : null;
  }

  /** The files with what was learned. */
  get checkpointFiles(): readonly string[] {
    return [this.checkpoint, bestPath(this.checkpoint)];
  }

  /**
   * Trains the SuperTransformer to its end; returns at once if it is there.
   * @throws ThanosError RUN_FAILED if it learned nothing; the signal's reason on abort.
   */
  async train(): Promise<void> {
    const { signal, onProgress, directory } = this.#options;
    const { space, training, search } = this.config;
    makeFolder(directory);
    for (const folder of [directory, join(directory, this.config.studyName)]) removeStaleTemporaries(folder);
    saveTokenizer(this.corpus);
    if (await this.isTrained()) return;
    const course = await this.#opened();
    onProgress?.({ stage: 'training', step: course.trainer.step, steps: training.steps, report: null });
    const evaluator = await this.#evaluatorOf(search.validPairs);
    await trainToEnd(
      course,
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
    await this.#useBest(course);
    evaluator.reset();
    onProgress?.({ stage: 'trained', summary: this.trainingSummary ?? '' });
  }

  get #lastValidation(): Validation | undefined {
    return this.curve().findLast((point): point is Validation => point.largest !== undefined);
  }

  async #useBest(course: Course): Promise<void> {
    assertLearned(course, this.#lastValidation);
    await course.weights.use();
  }

  /** Validation loss of a SubTransformer with inherited weights, bits per target token, on the pairs that the search uses. */
  async validationLoss(arch: ArchConfig, signal?: AbortSignal): Promise<number> {
    return (await this.#evaluatorOf(this.config.search.validPairs)).validationLoss(arch, signal);
  }

  /** Validation loss of a SubTransformer with inherited weights, bits per target token, on all validation pairs. */
  async fullValidationLoss(arch: ArchConfig): Promise<number> {
    const whole = await SupernetEvaluator.create(
      this.task,
      (await this.trainer()).worker,
      this.corpus.valid,
      {
        device: this.#options.device,
      },
    );
    const loss = await whole.validationLoss(arch);
    await whole.release();
    return loss;
  }

  /**
   * The sampler of the outer study.
   * @throws InvalidConfigError if it, or the inner one, cannot search its space; InvalidArgumentError for an impossible ceiling.
   */
  outerSampler(makeSampler: SamplerMaker): Sampler {
    const { search, space, seed } = this.config;
    const ceilings = {
      memoryCeilingMiB: search.memoryCeilingMiB ?? memoryRange(rk3588Hardware(this.dims), this.config),
      latencyCeilingMs: search.latencyCeilingMs ?? undefined,
    };
    const anySearch = { outerTrial: 0, violation: () => 0, canonical: (params: ArchParams) => params };
    usableSampler(
      () => this.#innerSampler(makeSampler, anySearch),
      'search.inner-sampler',
      ['minimize'],
      space.fix({ qkvDim: space.choices.qkvDim[0] }).searchSpace,
    );
    return usableSampler(
      () => makeSampler(search.outerSampler, { seed }),
      'search.outer-sampler',
      OUTER_DIRECTIONS,
      outerSpace({ archSpace: space, ...ceilings }),
    );
  }

  /**
   * The study of the configuration's name, begun with its settings if it is new. Whatever the search would refuse is refused here:
   * call it before {@link train}.
   * @throws InvalidConfigError naming each setting that is not the study's, and as {@link outerSampler}.
   */
  async claim(storage: Storage, makeSampler: SamplerMaker): Promise<Study> {
    const sampler = this.outerSampler(makeSampler);
    const study = await Study.open(
      { storage, defaultSampler: () => sampler },
      { studyName: this.config.studyName, ifExists: 'load', directions: OUTER_DIRECTIONS, sampler },
    );
    await claimStudy(study, this.settings);
    await assertRecordedCheckpoint(this, study);
    return study;
  }

  /**
   * The nested search; goes on where the study of that name stands.
   * @throws InvalidConfigError as {@link claim}, or if the SuperTransformer is not trained to its last step.
   */
  async search(storage: Storage, makeSampler: SamplerMaker): Promise<Study> {
    const { config } = this;
    const study = await this.claim(storage, makeSampler);
    await assertTrained(this);
    await recordCheckpoint(this, study);
    const hardware = await this.hardware(storage, makeSampler);
    const { search, space } = config;
    const { signal, onProgress } = this.#options;
    const nas = nestedNas({
      archSpace: space,
      validationLoss: (arch, stop) => this.validationLoss(arch, stop),
      hardware,
      memoryCeilingMiB: search.memoryCeilingMiB ?? memoryRange(hardware, config),
      latencyCeilingMs: search.latencyCeilingMs ?? undefined,
      innerTrials: search.innerTrials,
      innerSampler: (innerSearch) => this.#innerSampler(makeSampler, innerSearch),
      onInnerTrial: (outer, inner, told) =>
        onProgress?.({
          stage: 'inner',
          outerTrial: outer.number,
          done: told.number + 1,
          total: search.innerTrials,
          best: inner.bestTrials[0]?.value ?? null,
        }),
    });
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
    if (this.#hardware !== null) return this.#hardware;
    this.#hardware = await predictedHardware(
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
    const { warning } = this.#hardware;
    if (warning !== undefined) onProgress?.({ stage: 'warning', text: warning });
    return this.#hardware;
  }

  /** The training curve so far; a step that was repeated after an interruption counts once. */
  curve(): readonly CurvePoint[] {
    return readCurve(curvePath(this.checkpoint));
  }

  /** Ends the trainer and its worker; the folder stays as it is. */
  async close(): Promise<void> {
    await this.#course?.trainer.close();
  }

  async #evaluatorOf(pairs: number): Promise<SupernetEvaluator> {
    this.#evaluator ??= await SupernetEvaluator.create(
      this.task,
      (await this.trainer()).worker,
      this.corpus.valid,
      {
        pairs,
        device: this.#options.device,
      },
    );
    return this.#evaluator;
  }

  #innerSampler(makeSampler: SamplerMaker, { outerTrial, violation, canonical }: InnerSearch): Sampler {
    const { search, seed } = this.config;
    return makeSampler(search.innerSampler, {
      seed: Rng.keyed(seed, 'inner-search', outerTrial).int(2 ** 31),
      ...(search.innerSampler === 'evolutionary' ? { ...evolutionOf(search), violation, canonical } : {}),
    });
  }
}

function memoryRange(hardware: HardwareModel, { space }: NasConfig): Ceiling {
  return {
    low: hardware.cost(space.smallest()).memoryMiB,
    high: hardware.cost(space.largest()).memoryMiB,
  };
}

function bestPath(checkpoint: string): string {
  return checkpoint.replace(/\.safetensors$/, '.best.safetensors');
}
