import {
  assertCompatible,
  type CategoricalChoice,
  categoricalDistribution,
  checkedDistribution,
  contains,
  type Distribution,
  distributionsEqual,
  isSingle,
  type ParamValue,
  type SearchSpace,
  singleValue,
  toInternalRepr,
} from './distribution.ts';
import { InvalidArgumentError, ThanosError } from './errors.ts';
import {
  type Attrs,
  type FrozenTrial,
  frozenTrial,
  type JsonValue,
  type StudyDirection,
  SYSTEM_ATTR,
} from './frozen-trial.ts';
import { assertJsonValue, setOwn } from './json.ts';
import { JudgedValues } from './judged-values.ts';
import { isLogged, log } from './logging.ts';
import { assertName } from './names.ts';
import { queuedValue } from './refusal.ts';
import { shown } from './shown.ts';
import type { TrialUpdate } from './storage.ts';
import type { StudyOptions } from './study-options.ts';
import { floatLike, intLike, NO_OPTIONS, type SuggestOptions } from './suggested-range.ts';
import { together } from './trial-update.ts';

/** What a running trial needs from its study. `ChildStudy` is Study: a parameter, so that the two files do not import each other. */
export interface TrialHost<ChildStudy> {
  readonly studyName: string;
  readonly directions: readonly StudyDirection[];
  sampleIndependent(
    name: string,
    distribution: Distribution,
    decided: Readonly<Record<string, ParamValue>>,
  ): ParamValue;
  /** The distribution that the study's history has for this name, if any. */
  knownDistribution(name: string): Distribution | undefined;
  /** Whether the trial's declared space, or an earlier trial, has a parameter of this name. */
  hasParameter(name: string): boolean;
  /** The same distributions as an earlier trial has them, or else these: trials of one space share one object. */
  shared(distributions: SearchSpace): SearchSpace;
  shouldPrune(trial: FrozenTrial): boolean;
  createChildStudy(trial: Trial<ChildStudy>, name: string, options: StudyOptions): Promise<ChildStudy>;
  /** Persists buffered changes of a running trial, in order. */
  write(trialId: number, update: TrialUpdate): Promise<void>;
}

/** The parameters that were decided when the trial was asked. */
export interface AskedParams {
  /** Fixed by `enqueueTrial` or stored before the trial was re-entered. */
  readonly fixed: Readonly<Record<string, ParamValue>>;
  readonly relative: Readonly<Record<string, ParamValue>>;
  readonly relativeSpace: SearchSpace;
}

/**
 * A running trial: what an objective receives. `suggest*` is synchronous; everything set here is written, in order,
 * before the trial is told.
 */
export class Trial<ChildStudy = unknown> {
  readonly trialId: number;
  readonly number: number;
  /** Aborted when the study is asked to stop: a long objective may end early; the trial is then re-entered later. */
  readonly signal: AbortSignal;
  readonly #host: TrialHost<ChildStudy>;
  readonly #start: FrozenTrial;
  readonly #asked: AskedParams;
  // Each is that of `#start` until it changes, and then a copy of this trial's own.
  #params: Readonly<Record<string, ParamValue>>;
  #distributions: Readonly<Record<string, Distribution>>;
  #userAttrs: Attrs;
  #systemAttrs: Attrs;
  #intermediateValues: ReadonlyMap<number, number>;
  /** What a re-entered trial is judged by; null if it was not re-entered. */
  readonly #judged: JudgedValues | null;
  #constraints: Map<string, number> | null = null;
  /** `#params` when they were last written; what it has beyond these is still to be written. */
  #writtenParams: Readonly<Record<string, ParamValue>>;
  /** What else is not yet written; null if nothing. */
  #pending: Mutable<TrialUpdate> | null = null;
  #writing: Promise<void> | null = null;
  #scheduled: ReturnType<typeof setImmediate> | null = null;
  #isFinished = false;

  constructor(host: TrialHost<ChildStudy>, start: FrozenTrial, asked: AskedParams, signal: AbortSignal) {
    this.trialId = start.trialId;
    this.number = start.number;
    this.signal = signal;
    this.#host = host;
    this.#start = start;
    this.#asked = asked;
    this.#params = start.params;
    this.#writtenParams = start.params;
    this.#distributions = start.distributions;
    this.#userAttrs = start.userAttrs;
    this.#systemAttrs = start.systemAttrs;
    this.#intermediateValues = start.intermediateValues;
    this.#judged = start.intermediateValues.size === 0 ? null : new JudgedValues(start.intermediateValues);
  }

  /** Of the study that the trial belongs to. */
  get studyName(): string {
    return this.#host.studyName;
  }

  /** Parameters suggested so far. */
  get params(): Readonly<Record<string, ParamValue>> {
    return { ...this.#params };
  }

  get distributions(): Readonly<Record<string, Distribution>> {
    return { ...this.#distributions };
  }

  get userAttrs(): Attrs {
    return { ...this.#userAttrs };
  }

  get systemAttrs(): Attrs {
    return { ...this.#systemAttrs };
  }

  get datetimeStart(): Date | null {
    return this.#start.datetimeStart;
  }

  suggestFloat(
    name: string,
    low: number,
    high: number,
    options: SuggestOptions<number | null> = NO_OPTIONS,
  ): number {
    const known = this.#host.knownDistribution(name);
    return this.#suggest(name, floatLike(known, low, high, options)) as number;
  }

  suggestInt(name: string, low: number, high: number, options: SuggestOptions<number> = NO_OPTIONS): number {
    const known = this.#host.knownDistribution(name);
    return this.#suggest(name, intLike(known, low, high, options)) as number;
  }

  suggestCategorical<const C extends CategoricalChoice>(name: string, choices: readonly C[]): C {
    return this.#suggest(name, categoricalDistribution(choices)) as C;
  }

  /**
   * The value of a parameter: a second call with the same name returns the same value.
   * @throws ThanosError INCOMPATIBLE_DISTRIBUTION if the study knows the name with another kind, log setting or choices;
   *   INVALID_DISTRIBUTION if it is none that `float`, `int` or `categorical` would make.
   */
  suggest(name: string, distribution: Distribution): ParamValue {
    return this.#suggest(name, checkedDistribution(distribution));
  }

  #suggest(name: string, distribution: Distribution): ParamValue {
    const known = Object.hasOwn(this.#distributions, name)
      ? this.#distributions[name]
      : this.#host.knownDistribution(name);
    if (known !== undefined && known !== distribution) assertCompatible(name, known, distribution);
    if (Object.hasOwn(this.#params, name)) {
      if (isLogged.warn && !distributionsEqual(this.#distributions[name], distribution))
        this.#warn(`another range for '${name}' is ignored: it has its value already`);
      return this.#params[name];
    }
    this.#assertOpen('suggest');
    assertName('the name of a parameter', name);
    const value = this.#decide(name, distribution);
    if (this.#params === this.#writtenParams) {
      this.#params = { ...this.#params };
      this.#distributions = { ...this.#distributions };
    }
    setOwn(this.#params as Record<string, ParamValue>, name, value);
    setOwn(this.#distributions as Record<string, Distribution>, name, distribution);
    this.#writeSoon();
    return value;
  }

  #decide(name: string, distribution: Distribution): ParamValue {
    const { fixed, relative, relativeSpace } = this.#asked;
    if (Object.hasOwn(fixed, name)) return queuedValue(name, fixed[name], distribution);
    if (isSingle(distribution)) return singleValue(distribution);
    if (Object.hasOwn(relative, name) && relativeSpace[name].kind === distribution.kind) {
      const value = relative[name];
      if (contains(distribution, toInternalRepr(distribution, value))) return value;
    }
    const value = this.#host.sampleIndependent(name, distribution, this.#params);
    // A sampler of the user's may give anything; what is no value of the distribution could not be written.
    toInternalRepr(distribution, value);
    return value;
  }

  /**
   * Reports an intermediate value; the first value of a step counts.
   * @throws ThanosError UNSUPPORTED in a multi-objective study.
   */
  report(value: number, step: number): void {
    this.#assertOpen('report');
    this.#assertSingleObjective(
      'report',
      'keep intermediate values of several objectives in user attributes',
    );
    if (typeof value !== 'number')
      throw new InvalidArgumentError(`report needs a number, but got ${shown(value)} (${typeof value})`);
    if (!Number.isSafeInteger(step) || step < 0)
      throw new InvalidArgumentError(
        `report needs an integer step >= 0 (up to 2^53 - 1), but got step=${shown(step)}`,
      );
    if (this.#intermediateValues.has(step)) {
      this.#judged?.report(step, this.#intermediateValues.get(step)!);
      if (isLogged.warn && !this.#start.intermediateValues.has(step))
        this.#warn(`the value ${value} for step ${step} is ignored: that step was reported before`);
      return;
    }
    if (this.#intermediateValues === this.#start.intermediateValues)
      this.#intermediateValues = new Map(this.#intermediateValues);
    (this.#intermediateValues as Map<number, number>).set(step, value);
    this.#judged?.report(step, value);
    this.#pending ??= {};
    this.#pending.intermediateValues ??= new Map();
    (this.#pending.intermediateValues as Map<number, number>).set(step, value);
    this.#writeSoon();
  }

  #warn(text: string): void {
    log('warn', this.studyName, `Trial ${this.number}: ${text}.`);
  }

  /**
   * True if the study's pruner would stop this trial now (throw `TrialPruned` then).
   * @throws ThanosError UNSUPPORTED in a multi-objective study.
   */
  shouldPrune(): boolean {
    this.#assertSingleObjective('shouldPrune', 'decide by a rule of your own and throw TrialPruned');
    return this.#host.shouldPrune(this.#asReported());
  }

  /** Its intermediate values are not a copy: they grow with the trial. */
  #asReported(): FrozenTrial {
    return this.#withValues(this.#judged?.values ?? this.#intermediateValues);
  }

  #assertSingleObjective(call: string, remedy: string): void {
    const { length } = this.#host.directions;
    if (length > 1)
      throw new ThanosError(
        'UNSUPPORTED',
        `${call} needs a single objective, but this study has ${length}; ${remedy}`,
      );
  }

  /** @throws InvalidArgumentError if the value is not JSON; a copy is kept. */
  setUserAttr(key: string, value: JsonValue): void {
    this.#assertOpen('setUserAttr');
    const kept = assertJsonValue(key, value);
    if (this.#userAttrs === this.#start.userAttrs) this.#userAttrs = { ...this.#userAttrs };
    setOwn(this.#userAttrs as Record<string, JsonValue>, key, kept);
    this.#buffer('userAttrs', key, kept);
  }

  setSystemAttr(key: string, value: JsonValue): void {
    this.#assertOpen('setSystemAttr');
    const kept = assertJsonValue(key, value);
    if (this.#systemAttrs === this.#start.systemAttrs) this.#systemAttrs = { ...this.#systemAttrs };
    setOwn(this.#systemAttrs as Record<string, JsonValue>, key, kept);
    this.#buffer('systemAttrs', key, kept);
  }

  /** Records one constraint; <= 0 is feasible. The order of first calls is the order in `FrozenTrial.constraints`. */
  setConstraint(name: string, value: number): void {
    assertName('the name of a constraint', name);
    if (typeof value !== 'number' || Number.isNaN(value))
      throw new InvalidArgumentError(`constraint '${name}' must be a number, but is ${shown(value)}`);
    this.#constraints ??= new Map();
    this.#constraints.set(name, value);
    this.setSystemAttr(SYSTEM_ATTR.constraints, [...this.#constraints.values()]);
  }

  /** Records all constraints of this trial; <= 0 is feasible. */
  setConstraints(values: readonly number[]): void {
    if (!Array.isArray(values))
      throw new InvalidArgumentError(`constraints must be an array of numbers, but are ${shown(values)}`);
    this.#constraints = null;
    for (const [i, value] of values.entries()) this.setConstraint(String(i), value);
  }

  /** Creates the child study `<study>/<trial number>/<name>` in the same storage, or loads it if it is there. */
  createStudy(name: string, options: StudyOptions = {}): Promise<ChildStudy> {
    return this.#host.createChildStudy(this, name, options);
  }

  /** This trial as data, buffered changes included. */
  snapshot(): FrozenTrial {
    return this.#withValues(new Map(this.#intermediateValues));
  }

  #withValues(intermediateValues: ReadonlyMap<number, number>): FrozenTrial {
    return frozenTrial({
      ...this.#start,
      state: 'RUNNING',
      params: this.params,
      distributions: this.distributions,
      userAttrs: this.userAttrs,
      systemAttrs: this.systemAttrs,
      intermediateValues,
    });
  }

  /** Value at the highest reported step, or null. */
  lastIntermediateValue(): number | null {
    if (this.#intermediateValues.size === 0) return null;
    let last = Number.NEGATIVE_INFINITY;
    for (const step of this.#intermediateValues.keys()) if (step > last) last = step;
    return this.#intermediateValues.get(last) ?? null;
  }

  /** Names that the parameters of a trial of this study may have, as far as it is known. */
  mayHave(name: string): boolean {
    return Object.hasOwn(this.#params, name) || this.#host.hasParameter(name);
  }

  /** Whether it has been told or given back. */
  get isOver(): boolean {
    return this.#isFinished;
  }

  /** Is a write under way that must end before the next? */
  get isWriting(): boolean {
    return this.#writing !== null;
  }

  /** Takes what is not yet written, unless a write is under way; the caller writes it. */
  takeNow(): TrialUpdate {
    if (this.#scheduled !== null) clearImmediate(this.#scheduled);
    this.#scheduled = null;
    return this.#takePending() ?? NOTHING;
  }

  /** Does what `takeNow` does, after the writes under way; what one that failed was to write is there again. */
  async takePending(): Promise<TrialUpdate> {
    await this.#writing?.catch(() => {});
    return this.takeNow();
  }

  /** Takes back what was taken and could not be written. */
  putBack(update: TrialUpdate): void {
    this.#pending = together(update, this.#takePending() ?? NOTHING);
  }

  /** Writes what is not yet written. */
  async flush(): Promise<void> {
    await this.#writing?.catch(() => {});
    await this.#writePending();
  }

  /** From now on every change is refused: the trial has been told, or given back. */
  finish(): void {
    this.#isFinished = true;
  }

  /**
   * Writes once the objective waits for something, so that others see what was decided while it runs; an objective that
   * never waits is written with its result. An error surfaces when the trial is told.
   */
  #writeSoon(): void {
    this.#scheduled ??= setImmediate(() => {
      this.#scheduled = null;
      if (this.#isFinished) return;
      this.#writing = (this.#writing ?? Promise.resolve()).then(() => this.#writePending());
      this.#writing.catch(() => {});
    });
  }

  #assertOpen(call: string): void {
    if (this.#isFinished)
      throw new ThanosError(
        'TRIAL_FINISHED',
        `${call}: trial ${this.number} has been told or given back and can no longer change`,
      );
  }

  #takePending(): TrialUpdate | null {
    const pending = this.#pending;
    this.#pending = null;
    if (this.#params === this.#writtenParams) return pending;
    return pending === null ? this.#takeNewParams() : together(pending, this.#takeNewParams());
  }

  #takeNewParams(): Pick<TrialUpdate, 'params' | 'distributions'> {
    const written = this.#writtenParams;
    this.#writtenParams = Object.freeze(this.#params);
    this.#distributions = this.#host.shared(Object.freeze(this.#distributions));
    if (isEmpty(written)) return { params: this.#params, distributions: this.#distributions };
    const names = Object.keys(this.#params).filter((name) => !Object.hasOwn(written, name));
    return {
      params: Object.fromEntries(names.map((name) => [name, this.#params[name]])),
      distributions: Object.fromEntries(names.map((name) => [name, this.#distributions[name]])),
    };
  }

  async #writePending(): Promise<void> {
    const pending = this.#takePending();
    if (pending === null) return;
    try {
      await this.#host.write(this.trialId, pending);
    } catch (error) {
      this.putBack(pending);
      throw error;
    }
  }

  #buffer(part: 'userAttrs' | 'systemAttrs', key: string, value: JsonValue): void {
    this.#pending ??= {};
    this.#pending[part] ??= {};
    setOwn(this.#pending[part] as Record<string, JsonValue>, key, value);
    this.#writeSoon();
  }
}

const NOTHING: TrialUpdate = {};

function isEmpty(record: object): boolean {
  for (const _ in record) return false;
  return true;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
