import { ARTIFACT_PREFIX, RECORD_ARTIFACT } from './artifact-attr.ts';
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
  type RangeOptions,
  type SearchSpace,
  singleValue,
  toInternalRepr,
  type ValueOf,
} from './distribution.ts';
import { InvalidArgumentError, ThanosError } from './errors.ts';
import type { Attrs, FrozenTrial, JsonValue } from './frozen-trial.ts';
import { JudgedValues } from './judged-values.ts';
import { isLogged, log } from './logging.ts';
import { listedConstraintsAttr, namedConstraintAttr } from './named-constraints.ts';
import { assertName } from './names.ts';
import { queuedValue } from './refusal.ts';
import { shown } from './shown.ts';
import type { Study } from './study-engine.ts';
import type { AnyStudyOptions } from './study-options.ts';
import { floatLike, intLike, NO_OPTIONS } from './suggested-range.ts';
import type { Trial } from './trial.ts';
import type { TrialHost } from './trial-host.ts';
import { TrialRecord } from './trial-record.ts';

/** The parameters that were decided when the trial was asked. */
export interface AskedParams {
  /** Fixed by `enqueueTrial` or stored before the trial was re-entered. */
  readonly fixed: Readonly<Record<string, ParamValue>>;
  readonly relative: Readonly<Record<string, ParamValue>>;
  readonly relativeSpace: SearchSpace;
}

/** The record of a running trial that `ask` or an objective was given; undefined for anything else. */
export let recordOf: (trial: unknown) => TrialRecord | undefined;

/** The trial that an objective receives: it decides parameters as they are asked for; all that it keeps is in its record. */
export class ObjectiveTrial implements Omit<Trial, 'createStudy'> {
  static {
    recordOf = (trial) =>
      typeof trial === 'object' && trial !== null && #record in trial ? trial.#record : undefined;
  }

  readonly trialId: number;
  readonly number: number;
  readonly signal: AbortSignal;
  readonly #host: TrialHost;
  readonly #record: TrialRecord;
  readonly #asked: AskedParams;
  /** What a re-entered trial is judged by; null if it was not re-entered. */
  readonly #judged: JudgedValues | null;

  constructor(host: TrialHost, start: FrozenTrial, asked: AskedParams, signal: AbortSignal) {
    this.trialId = start.trialId;
    this.number = start.number;
    this.signal = signal;
    this.#host = host;
    this.#record = new TrialRecord(host, start);
    this.#asked = asked;
    this.#judged = start.intermediateValues.size === 0 ? null : new JudgedValues(start.intermediateValues);
  }

  get studyName(): string {
    return this.#host.studyName;
  }

  get params(): Readonly<Record<string, ParamValue>> {
    return { ...this.#record.params };
  }

  get distributions(): SearchSpace {
    return { ...this.#record.distributions };
  }

  get userAttrs(): Attrs {
    return { ...this.#record.userAttrs };
  }

  get systemAttrs(): Attrs {
    return { ...this.#record.systemAttrs };
  }

  get datetimeStart(): Date | null {
    return this.#record.start.datetimeStart;
  }

  suggestFloat(
    name: string,
    low: number,
    high: number,
    options: RangeOptions<number | null> = NO_OPTIONS,
  ): number {
    const known = this.#host.knownDistribution(name);
    return this.#suggest(name, floatLike(known, low, high, options)) as number;
  }

  suggestInt(name: string, low: number, high: number, options: RangeOptions<number> = NO_OPTIONS): number {
    const known = this.#host.knownDistribution(name);
    return this.#suggest(name, intLike(known, low, high, options)) as number;
  }

  suggestCategorical<const C extends CategoricalChoice>(name: string, choices: readonly C[]): C {
    return this.#suggest(name, categoricalDistribution(choices)) as C;
  }

  suggest<D extends Distribution>(name: string, distribution: D): ValueOf<D> {
    return this.#suggest(name, checkedDistribution(distribution)) as ValueOf<D>;
  }

  #suggest(name: string, distribution: Distribution): ParamValue {
    const { params, distributions } = this.#record;
    const known = Object.hasOwn(distributions, name)
      ? distributions[name]
      : this.#host.knownDistribution(name);
    if (known !== undefined && known !== distribution) assertCompatible(name, known, distribution);
    if (Object.hasOwn(params, name)) {
      if (isLogged.warn && !distributionsEqual(distributions[name], distribution))
        this.#warn(`another range for '${name}' is ignored: it has its value already`);
      return params[name];
    }
    this.#record.assertOpen('suggest');
    assertName('the name of a parameter', name);
    const value = this.#decide(name, distribution);
    this.#record.setParam(name, distribution, value);
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
    const value = this.#host.sampleIndependent(name, distribution, this.#record.params);
    // A sampler of the user's may give anything; what is no value of the distribution could not be written.
    toInternalRepr(distribution, value);
    return value;
  }

  report(value: number, step: number): void {
    this.#record.assertOpen('report');
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
    const { intermediateValues, start } = this.#record;
    const before = intermediateValues.get(step);
    this.#judged?.report(step, before ?? value);
    if (before === undefined) this.#record.setIntermediateValue(step, value);
    else if (isLogged.warn && !start.intermediateValues.has(step))
      this.#warn(`the value ${value} for step ${step} is ignored: that step was reported before`);
  }

  #warn(text: string): void {
    log('warn', this.studyName, `Trial ${this.number}: ${text}.`);
  }

  shouldPrune(): boolean {
    this.#assertSingleObjective('shouldPrune', 'decide by a rule of your own and throw TrialPruned');
    // These are not a copy: they grow with the trial.
    const reported = this.#judged?.values ?? this.#record.intermediateValues;
    return this.#host.shouldPrune(this.#record.snapshot(reported));
  }

  #assertSingleObjective(call: string, remedy: string): void {
    const { length } = this.#host.directions;
    if (length > 1)
      throw new ThanosError(
        'UNSUPPORTED',
        `${call} needs a single objective, but this study has ${length}; ${remedy}`,
      );
  }

  setUserAttr(key: string, value: JsonValue): void {
    this.#record.setUserAttr(key, value);
  }

  setConstraint(name: string, value: number): void {
    this.#record.setSystemAttr(...namedConstraintAttr(name, value));
  }

  setConstraints(values: readonly number[]): void {
    this.#record.setSystemAttr(...listedConstraintsAttr(values));
  }

  createStudy(name: string, options: AnyStudyOptions = {}): Promise<Study> {
    return this.#host.createChildStudy(this.#record, name, options);
  }

  [RECORD_ARTIFACT](artifactId: string, meta: JsonValue): Promise<void> {
    this.#record.setSystemAttr(ARTIFACT_PREFIX + artifactId, meta);
    return this.#record.flush();
  }
}
