import {
  assertCompatible,
  type CategoricalChoice,
  categoricalDistribution,
  checkedDistribution,
  contains,
  type Distribution,
  floatDistribution,
  intDistribution,
  type ParamValue,
  type RangeOptions,
  type SearchSpace,
  toInternalRepr,
  type ValueOf,
} from './distribution.ts';
import { InvalidArgumentError, ThanosError } from './errors.ts';
import type { Attrs, JsonValue } from './frozen-trial.ts';
import { assertJsonValue, isPlainObject, setOwn } from './json.ts';
import { log } from './logging.ts';
import { listedConstraintsAttr, namedConstraintAttr } from './named-constraints.ts';
import { checkOption, integerFrom } from './option-rules.ts';
import { shown } from './shown.ts';
import type { Trial } from './trial.ts';

/**
 * A trial that belongs to no study and gives every parameter the value that it was made with: to call an objective with the best
 * parameters of a study, or in a test. `report` does nothing and `shouldPrune` is false. Optuna: `FixedTrial`.
 *
 * ```ts
 * const loss = await objective(new FixedTrial(study.bestParams));
 * ```
 */
export class FixedTrial implements Trial {
  readonly trialId = -1;
  readonly number: number;
  readonly studyName = '';
  /** Never aborted. */
  readonly signal: AbortSignal = new AbortController().signal;
  readonly datetimeStart = null;
  readonly #given: Readonly<Record<string, ParamValue>>;
  readonly #params: Record<string, ParamValue> = {};
  readonly #distributions: Record<string, Distribution> = {};
  readonly #userAttrs: Record<string, JsonValue> = {};
  readonly #systemAttrs: Record<string, JsonValue> = {};

  /**
   * @param params All parameters that the objective will ask for, by name.
   * @param number What `trial.number` is to be, an integer >= 0.
   * @throws InvalidArgumentError
   */
  constructor(params: Readonly<Record<string, ParamValue>>, number = 0) {
    if (!isPlainObject(params))
      throw new InvalidArgumentError(
        `a FixedTrial needs its parameters as an object { name: value }, but got ${shown(params)}`,
      );
    checkOption('the number of a FixedTrial', number, integerFrom(0));
    this.#given = { ...params };
    this.number = number;
  }

  /** Those that the objective has asked for. */
  get params(): Readonly<Record<string, ParamValue>> {
    return { ...this.#params };
  }

  get distributions(): SearchSpace {
    return { ...this.#distributions };
  }

  /** What the objective has kept with this trial. */
  get userAttrs(): Attrs {
    return { ...this.#userAttrs };
  }

  /** Its constraints, as a trial of a study keeps them. */
  get systemAttrs(): Attrs {
    return { ...this.#systemAttrs };
  }

  suggestFloat(name: string, low: number, high: number, options: RangeOptions<number | null> = {}): number {
    return this.suggest(name, floatDistribution(low, high, options));
  }

  suggestInt(name: string, low: number, high: number, options: RangeOptions<number> = {}): number {
    return this.suggest(name, intDistribution(low, high, options));
  }

  suggestCategorical<const C extends CategoricalChoice>(name: string, choices: readonly C[]): C {
    return this.suggest(name, categoricalDistribution(choices)) as C;
  }

  /**
   * Returns the value that the trial was made with. One outside a numeric range is told as a warning, as in Optuna: whoever gives
   * it may want just that.
   * @throws InvalidArgumentError if there is none of this name, or it is none of the choices; ThanosError
   *   INCOMPATIBLE_DISTRIBUTION if the name was asked for with another kind before.
   */
  suggest<D extends Distribution>(name: string, distribution: D): ValueOf<D> {
    const checked = checkedDistribution(distribution);
    if (!Object.hasOwn(this.#given, name))
      throw new InvalidArgumentError(
        `a FixedTrial needs a value for every parameter, but '${name}' has none; it was made with: ` +
          `${Object.keys(this.#given).join(', ') || 'nothing'}`,
      );
    const value = this.#given[name];
    if (Object.hasOwn(this.#distributions, name)) assertCompatible(name, this.#distributions[name], checked);
    if (!contains(checked, toInternalRepr(checked, value)))
      log('warn', 'FixedTrial', `The value ${shown(value)} of '${name}' is outside ${shown(checked)}.`);
    setOwn(this.#params, name, value);
    setOwn(this.#distributions, name, checked);
    return value as ValueOf<D>;
  }

  report(): void {}

  shouldPrune(): boolean {
    return false;
  }

  setUserAttr(key: string, value: JsonValue): void {
    setOwn(this.#userAttrs, key, assertJsonValue(key, value));
  }

  setConstraint(name: string, value: number): void {
    setOwn(this.#systemAttrs, ...namedConstraintAttr(name, value));
  }

  setConstraints(values: readonly number[]): void {
    setOwn(this.#systemAttrs, ...listedConstraintsAttr(values));
  }

  /** @throws ThanosError UNSUPPORTED: there is no storage to keep the child study in. */
  async createStudy(): Promise<never> {
    throw new ThanosError(
      'UNSUPPORTED',
      'a FixedTrial belongs to no study, so it can own none; enqueue its parameters in a study, and run that',
    );
  }
}
