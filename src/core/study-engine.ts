import { importedTrials } from './add-trial.ts';
import { Asker } from './asker.ts';
import { bestTrialOf, leastViolating, nonDominatedTrials } from './best.ts';
import { childOptions, recordChild } from './child-study.ts';
import { type CompiledSpace, compileSpace } from './compiled-space.ts';
import { awaitsTurn, DEFAULT_MAX_RETRIES, runsAlone, turnHasCome } from './crash-loop.ts';
import { damageOf } from './damage.ts';
import { checkQueued, type EnqueueOptions, isQueuedOrHad, type QueuedParams } from './enqueue.ts';
import { InvalidArgumentError, ThanosError } from './errors.ts';
import { Finisher } from './finisher.ts';
import {
  type Attrs,
  type CompleteTrial,
  type FrozenTrial,
  isFinished,
  type JsonValue,
  type StudyDirection,
  SYSTEM_ATTR,
} from './frozen-trial.ts';
import { type GetTrialsOptions, trialsIn } from './get-trials.ts';
import { assertJsonValue } from './json.ts';
import { log } from './logging.ts';
import { checkMetricNames, METRIC_NAMES_ATTRS, metricNamesOf } from './metric-names.ts';
import { recordOf } from './objective-trial.ts';
import { isCaught, type OptimizeOptions, outcomeOf, runOptimize } from './optimize.ts';
import { ANYTHING } from './option-rules.ts';
import { type TrialProgress, trialProgress } from './progress.ts';
import type { Pruner } from './pruner.ts';
import type { Sampler } from './sampler.ts';
import { shown } from './shown.ts';
import { StudySnapshot } from './snapshot.ts';
import type { SpaceEntries } from './space.ts';
import type { Storage, StudyRecord } from './storage.ts';
import { checkOptimizeOptions, checkStudyOptions, STUDY_NAME } from './study-checks.ts';
import { prunerOf, type StudyEnvironment, samplerOf } from './study-environment.ts';
import type { AnyStudyOptions } from './study-options.ts';
import { findOrCreate, type OpenStudyOptions } from './study-record.ts';
import { recordedSeed, seedOfChild } from './study-seed.ts';
import { assertSupported, traitsOf } from './supported.ts';
import {
  assertCanBeTold,
  checkTellOptions,
  outcomeOfTold,
  type TellOptions,
  type TellResult,
} from './tell.ts';
import type { Trial } from './trial.ts';
import { type HostingStudy, hostOf } from './trial-host.ts';
import type { TrialRecord } from './trial-record.ts';

type AnyObjective = (trial: Trial) => unknown;
type AnySpaceObjective = (params: Readonly<Record<string, unknown>>, trial: Trial) => unknown;

/** Runs a study. Its types are those of a study of any space; `Study` of study.ts says what its users see. */
export class Study {
  readonly studyName: string;
  readonly directions: readonly StudyDirection[];
  readonly sampler: Sampler;
  /** Null for several objectives. */
  readonly pruner: Pruner | null;
  readonly #environment: StudyEnvironment;
  readonly #studyId: number;
  /** The space of all its trials; null if each `ask` and `optimize` may have its own. */
  readonly #space: CompiledSpace | null;
  #userAttrs: Attrs;
  #systemAttrs: Attrs;
  readonly #snapshot: StudySnapshot;
  readonly #asker: Asker;
  readonly #finisher: Finisher;
  /** The space that the sampler was last found able to draw. */
  #supported: CompiledSpace | null | undefined;
  #stopped = false;
  #optimizing = false;

  private constructor(environment: StudyEnvironment, record: StudyRecord, options: OpenStudyOptions) {
    this.#environment = environment;
    this.#studyId = record.studyId;
    this.#space = options.space === undefined ? null : compileSpace(options.space);
    this.#snapshot = new StudySnapshot(environment.storage, record.studyId, damageOf(record));
    this.studyName = record.studyName;
    this.directions = record.directions;
    this.#userAttrs = record.userAttrs;
    this.#systemAttrs = record.systemAttrs;
    this.sampler = samplerOf(environment, options, record.directions, () => recordedSeed(record));
    this.pruner = prunerOf(environment, options, record.directions);
    const { studyName, directions, sampler, pruner } = this;
    const { storage } = environment;
    const parts = { storage, snapshot: this.#snapshot, studyName, directions, sampler, pruner };
    const hosting: HostingStudy = {
      ...parts,
      createChildStudy: (trial, name, asked) => this.#createChildStudy(trial, name, asked),
      write: (trialId, update) => storage.updateTrial(trialId, update),
    };
    this.#asker = new Asker({
      ...parts,
      studyId: record.studyId,
      maxRetries: options.maxRetries ?? DEFAULT_MAX_RETRIES,
      host: (context, finished) => hostOf(hosting, context, finished),
    });
    this.#finisher = new Finisher({
      ...parts,
      constraints: options.constraints,
      assertParentHeld: options.assertParentHeld,
      forget: (number) => this.#asker.forget(number),
    });
  }

  /** Creates the study or, if `ifExists` is 'load', opens the one of that name. */
  static async open(environment: StudyEnvironment, options: OpenStudyOptions): Promise<Study> {
    checkStudyOptions('a study', options, {
      studyName: STUDY_NAME,
      ifExists: ANYTHING,
      systemAttrs: ANYTHING,
      assertParentHeld: ANYTHING,
    });
    const asked = options.directions ?? (options.direction === undefined ? undefined : [options.direction]);
    const record = await findOrCreate(environment, options, asked);
    const study = new Study(environment, record, options);
    await study.sync();
    if (study.#space !== null) study.#snapshot.assertCompatible(study.#space.flat);
    const { damage } = study.#snapshot;
    if (damage !== null)
      log('warn', study.studyName, `The study can be read only, as it is damaged: ${damage.message}.`);
    return study;
  }

  get direction(): StudyDirection {
    if (this.directions.length > 1)
      throw new ThanosError(
        'UNSUPPORTED',
        `the study has ${this.directions.length} directions; read 'directions'`,
      );
    return this.directions[0];
  }

  get storage(): Storage {
    return this.#environment.storage;
  }

  get userAttrs(): Attrs {
    return this.#userAttrs;
  }

  get systemAttrs(): Attrs {
    return this.#systemAttrs;
  }

  get trials(): readonly FrozenTrial[] {
    return [...this.#snapshot.trials];
  }

  get bestTrial(): CompleteTrial {
    return bestTrialOf(this.studyName, this.#snapshot.trials, this.directions);
  }

  get bestValue(): number {
    return this.bestTrial.values[0];
  }

  get bestParams(): FrozenTrial['params'] {
    return this.bestTrial.params;
  }

  get bestTrials(): readonly CompleteTrial[] {
    return nonDominatedTrials(this.#snapshot.trials, this.directions);
  }

  get leastViolatingTrials(): readonly CompleteTrial[] {
    return leastViolating(this.#snapshot.trials, this.directions);
  }

  getTrials(options: GetTrialsOptions = {}): readonly FrozenTrial[] {
    return trialsIn(this.#snapshot.trials, options);
  }

  get metricNames(): readonly string[] | null {
    return metricNamesOf(this.#systemAttrs, this.directions.length);
  }

  async setMetricNames(names: readonly string[]): Promise<void> {
    checkMetricNames(names, this.directions.length);
    for (const key of METRIC_NAMES_ATTRS) await this.setSystemAttr(key, [...names]);
  }

  sync(): Promise<void> {
    return this.#snapshot.refresh();
  }

  /** @throws StorageError STORAGE_CORRUPT: a damaged study can be read, but not gone on with. */
  #assertSound(): void {
    if (this.#snapshot.damage !== null) throw this.#snapshot.damage;
  }

  stop(): void {
    this.#stopped = true;
  }

  async setUserAttr(key: string, value: JsonValue): Promise<void> {
    const kept = assertJsonValue(key, value);
    await this.storage.setStudyAttr(this.#studyId, 'user', key, kept);
    this.#userAttrs = { ...this.#userAttrs, [key]: kept };
  }

  async setSystemAttr(key: string, value: JsonValue): Promise<void> {
    const kept = assertJsonValue(key, value);
    await this.storage.setStudyAttr(this.#studyId, 'system', key, kept);
    this.#systemAttrs = { ...this.#systemAttrs, [key]: kept };
  }

  async enqueueTrial(params: QueuedParams, options: EnqueueOptions = {}): Promise<void> {
    checkQueued(params, options, this.#space?.flat ?? null);
    await this.sync();
    this.#assertSound();
    const isThere = (trial: FrozenTrial): boolean => isQueuedOrHad(trial, params);
    if (options.skipIfExists === true && this.#snapshot.trials.some(isThere)) return;
    await this.storage.createTrial(this.#studyId, {
      state: 'WAITING',
      userAttrs: options.userAttrs ?? {},
      systemAttrs: { [SYSTEM_ATTR.fixedParams]: params },
    });
    await this.sync();
  }

  addTrial(trial: FrozenTrial): Promise<void> {
    return this.addTrials([trial]);
  }

  async addTrials(trials: readonly FrozenTrial[]): Promise<void> {
    await this.sync();
    this.#assertSound();
    const { directions } = this;
    const knownDistribution = (name: string) => this.#snapshot.knownDistribution(name);
    for (const template of importedTrials(trials, { directions, knownDistribution }))
      await this.storage.createTrial(this.#studyId, template);
    await this.sync();
  }

  async ask(space?: SpaceEntries): Promise<Trial> {
    const declared = space === undefined ? this.#space : this.#spaceOfCall('ask()', space);
    this.#assertSupported(declared);
    await this.sync();
    const asked = await this.#asker.ask({ declared, signal: NEVER });
    const { trial, record, refusal } = asked!.trial;
    if (refusal === null) return trial;
    await this.#finisher.finish(record, { kind: 'error', error: refusal.error });
    throw refusal.error;
  }

  async tell(
    trial: Trial<unknown> | number,
    result: TellResult,
    options: TellOptions = {},
  ): Promise<FrozenTrial> {
    checkTellOptions(options);
    const outcome = outcomeOfTold(result);
    const before = options.skipIfFinished === true ? await this.#finished(trial) : null;
    if (before !== null) return before;
    const running = typeof trial === 'number' ? await this.#runningTrial(trial) : this.#own(trial);
    const finished = await this.#finisher.finish(running, outcome);
    if (finished.failure !== null) throw finished.failure.error;
    return finished.trial;
  }

  /** Takes (objective, options), or (space, objective, options). */
  async optimize(...given: readonly unknown[]): Promise<void> {
    const isSpaceGiven = typeof given[0] !== 'function';
    const [objective, options = {}] = (isSpaceGiven ? given.slice(1) : given) as [unknown, OptimizeOptions?];
    if (typeof objective !== 'function')
      throw new InvalidArgumentError(
        'optimize needs an objective function: optimize(objective, options) or optimize(space, objective, options)',
      );
    checkOptimizeOptions(options);
    const declared = isSpaceGiven
      ? this.#spaceOfCall('optimize(objective, options)', given[0] as SpaceEntries)
      : this.#space;
    const run: AnyObjective =
      declared === null
        ? (objective as AnyObjective)
        : (trial) => (objective as AnySpaceObjective)(declared.nested(trial.params), trial);
    if (this.#optimizing)
      throw new InvalidArgumentError(
        'one Study runs one optimize at a time; use batchSize and concurrency, or open the study a second time',
      );
    this.#assertSupported(declared);
    this.#optimizing = true;
    this.#stopped = false;
    const signal = options.signal ?? NEVER;
    let progress: TrialProgress | null = null;
    try {
      await this.sync();
      this.#assertSound();
      await this.#finisher.finishUnrecorded();
      // A study that is done according to its callbacks only finishes what an earlier run has begun.
      const isDone = options.callbacks?.some((callback) => callback.isDone?.(this)) === true;
      const totalTrials = isDone ? 0 : (options.totalTrials ?? undefined);
      progress = trialProgress(this, options, this.#snapshot.finishedCount);
      await runOptimize(
        this,
        {
          ask: (batchStart, batchSize, isOver) =>
            this.#asker.ask({
              declared,
              isOver,
              signal,
              totalTrials,
              batch: batchSize > 1 ? { batchStart, batchSize } : undefined,
            }),
          evaluate: ({ trial, record, refusal }) => {
            if (refusal !== null) return { kind: 'error', ...refusal };
            return awaitsTurn(record)
              ? this.#runInTurn(record, () => outcomeOf(() => run(trial), signal))
              : outcomeOf(() => run(trial), signal);
          },
          runsAlone: ({ record }) => runsAlone(record),
          tell: async ({ record }, outcome) => {
            const finished = await this.#finisher.finishIfHeld(record, outcome);
            if (finished === null) return null;
            const { failure } = finished;
            progress?.onTrial(finished.trial);
            if (failure !== null && !isCaught(failure.error, options.catch)) throw failure.error;
            return finished.trial;
          },
          finishedCount: () => this.#snapshot.finishedCount,
          isStopped: () => this.#stopped,
        },
        options,
      );
    } finally {
      progress?.stop();
      this.#optimizing = false;
    }
  }

  /** @throws ThanosError UNSUPPORTED, InvalidArgumentError if the sampler cannot draw the space (null: one that it will discover). */
  #assertSupported(declared: CompiledSpace | null): void {
    if (declared === this.#supported) return;
    assertSupported(this.sampler, traitsOf(this.directions, declared));
    this.#supported = declared;
  }

  /** @throws InvalidArgumentError for a second space. */
  #spaceOfCall(call: string, space: SpaceEntries): CompiledSpace {
    if (this.#space !== null)
      throw new InvalidArgumentError(
        `a study has one space, and this one was created with it, but another was given; call ${call}, or leave the space ` +
          'out of createStudy',
      );
    return compileSpace(space);
  }

  async #runInTurn<T>(trial: TrialRecord, run: () => T): Promise<Awaited<T>> {
    await this.storage.updateTrial(trial.trialId, { systemAttrs: turnHasCome(trial) });
    return await run();
  }

  async #createChildStudy(trial: TrialRecord, name: string, options: AnyStudyOptions): Promise<Study> {
    const child = childOptions(this.studyName, trial, name, options, () =>
      this.storage.updateTrial(trial.trialId, {}),
    );
    await child.assertParentHeld();
    const drawSeed = (childName: string): number => seedOfChild(this.sampler.seed, childName);
    const study = await Study.open({ ...this.#environment, drawSeed }, child);
    recordChild(trial, name);
    await trial.flush();
    return study;
  }

  async #runningTrial(number: number): Promise<TrialRecord> {
    const live = this.#asker.running(number);
    if (live !== undefined) return live;
    await this.sync();
    const frozen = this.#snapshot.trials[number];
    assertCanBeTold(frozen, number, this.studyName);
    return this.#asker.reopen(frozen, NEVER);
  }

  async #finished(trial: Trial<unknown> | number): Promise<FrozenTrial | null> {
    await this.sync();
    const frozen = this.#snapshot.trials[typeof trial === 'number' ? trial : this.#own(trial).number];
    return frozen !== undefined && isFinished(frozen.state) ? frozen : null;
  }

  /** @throws InvalidArgumentError if the trial was asked of another study. */
  #own(trial: Trial<unknown>): TrialRecord {
    const record = recordOf(trial);
    if (record === undefined)
      throw new InvalidArgumentError(
        `tell needs a running trial, as ask returned it, or its number, but got ${shown(trial)}`,
      );
    const known = this.#asker.running(record.number) ?? this.#snapshot.trials[record.number];
    if (known !== undefined && known.trialId === record.trialId) return record;
    throw new InvalidArgumentError(
      `a trial is told to the study that it was asked of, but trial ${record.number} is not one of '${this.studyName}'`,
    );
  }
}

const NEVER = new AbortController().signal;
