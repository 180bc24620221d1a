import type { Distribution, ParamValue } from './distribution.ts';
import { ThanosError } from './errors.ts';
import { type Attrs, type FrozenTrial, frozenTrial, type JsonValue } from './frozen-trial.ts';
import { assertJsonValue, isEmpty, setOwn } from './json.ts';
import type { TrialUpdate } from './storage.ts';
import type { TrialHost } from './trial-host.ts';
import { together } from './trial-update.ts';

/**
 * What a running trial has so far, and what of that is not yet written. The study holds it; an objective sees the trial only,
 * and so cannot finish it or write to it behind the study's back.
 */
export class TrialRecord {
  readonly trialId: number;
  readonly number: number;
  /** The trial as it was when it was asked. */
  readonly start: FrozenTrial;
  readonly #host: TrialHost;
  // Each is that of `start` until it changes, and then a copy of this trial's own.
  #params: Readonly<Record<string, ParamValue>>;
  #distributions: Readonly<Record<string, Distribution>>;
  #userAttrs: Attrs;
  #systemAttrs: Attrs;
  #intermediateValues: ReadonlyMap<number, number>;
  /** `#params` when they were last written; what it has beyond these is still to be written. */
  #writtenParams: Readonly<Record<string, ParamValue>>;
  /** What else is not yet written; null if nothing. */
  #pending: Mutable<TrialUpdate> | null = null;
  #writing: Promise<void> | null = null;
  #scheduled: ReturnType<typeof setImmediate> | null = null;
  #isFinished = false;

  constructor(host: TrialHost, start: FrozenTrial) {
    this.trialId = start.trialId;
    this.number = start.number;
    this.start = start;
    this.#host = host;
    this.#params = start.params;
    this.#writtenParams = start.params;
    this.#distributions = start.distributions;
    this.#userAttrs = start.userAttrs;
    this.#systemAttrs = start.systemAttrs;
    this.#intermediateValues = start.intermediateValues;
  }

  get params(): Readonly<Record<string, ParamValue>> {
    return this.#params;
  }

  get distributions(): Readonly<Record<string, Distribution>> {
    return this.#distributions;
  }

  get userAttrs(): Attrs {
    return this.#userAttrs;
  }

  get systemAttrs(): Attrs {
    return this.#systemAttrs;
  }

  /** In the order in which they were reported. The map grows. */
  get intermediateValues(): ReadonlyMap<number, number> {
    return this.#intermediateValues;
  }

  setParam(name: string, distribution: Distribution, value: ParamValue): void {
    if (this.#params === this.#writtenParams) {
      this.#params = { ...this.#params };
      this.#distributions = { ...this.#distributions };
    }
    setOwn(this.#params as Record<string, ParamValue>, name, value);
    setOwn(this.#distributions as Record<string, Distribution>, name, distribution);
    this.#writeSoon();
  }

  /** @throws InvalidArgumentError if the value is not JSON; a copy is kept. */
  setUserAttr(key: string, value: JsonValue): void {
    this.assertOpen('setUserAttr');
    const kept = assertJsonValue(key, value);
    if (this.#userAttrs === this.start.userAttrs) this.#userAttrs = { ...this.#userAttrs };
    setOwn(this.#userAttrs as Record<string, JsonValue>, key, kept);
    this.#buffer('userAttrs', key, kept);
  }

  /** @throws InvalidArgumentError if the value is not JSON; a copy is kept. */
  setSystemAttr(key: string, value: JsonValue): void {
    this.assertOpen('setSystemAttr');
    const kept = assertJsonValue(key, value);
    if (this.#systemAttrs === this.start.systemAttrs) this.#systemAttrs = { ...this.#systemAttrs };
    setOwn(this.#systemAttrs as Record<string, JsonValue>, key, kept);
    this.#buffer('systemAttrs', key, kept);
  }

  setIntermediateValue(step: number, value: number): void {
    if (this.#intermediateValues === this.start.intermediateValues)
      this.#intermediateValues = new Map(this.#intermediateValues);
    (this.#intermediateValues as Map<number, number>).set(step, value);
    this.#pending ??= {};
    this.#pending.intermediateValues ??= new Map();
    (this.#pending.intermediateValues as Map<number, number>).set(step, value);
    this.#writeSoon();
  }

  /** This trial as data, buffered changes included. */
  snapshot(intermediateValues: ReadonlyMap<number, number> = new Map(this.#intermediateValues)): FrozenTrial {
    return frozenTrial({
      ...this.start,
      state: 'RUNNING',
      params: { ...this.#params },
      distributions: { ...this.#distributions },
      userAttrs: { ...this.#userAttrs },
      systemAttrs: { ...this.#systemAttrs },
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

  /** Whether a trial of this study may have a parameter of this name, as far as it is known. */
  mayHave(name: string): boolean {
    return Object.hasOwn(this.#params, name) || this.#host.hasParameter(name);
  }

  /** Whether it has been told or given back. */
  get isOver(): boolean {
    return this.#isFinished;
  }

  /** @throws ThanosError TRIAL_FINISHED */
  assertOpen(call: string): void {
    if (this.#isFinished)
      throw new ThanosError(
        'TRIAL_FINISHED',
        `${call}: trial ${this.number} has been told or given back and can no longer change`,
      );
  }

  /** Whether a write is under way that must end before the next. */
  get isWriting(): boolean {
    return this.#writing !== null;
  }

  /** Takes what is not yet written, unless a write is under way; the caller writes it. */
  takeNow(): TrialUpdate {
    if (this.#scheduled !== null) clearImmediate(this.#scheduled);
    this.#scheduled = null;
    return this.#takePending() ?? NOTHING;
  }

  /** Takes what `takeNow` does, after the writes under way; what a failed one was to write is there again. */
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

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
