/**
 * Options declared once. From one declaration follow the type of the options, their checks, their defaults, their plain form and
 * a table of them:
 *
 * ```ts
 * const OPTIONS = defineOptions('the annealing sampler', {
 *   seed: SEED,
 *   coolingRate: option(PROBABILITY, 0.95),
 * });
 * export interface AnnealingOptions extends OptionsOf<typeof OPTIONS> {}
 * ```
 *
 * A comment above an option is its documentation: editors show it where the option is given.
 */
import { InvalidArgumentError } from './errors.ts';
import type { Attrs, JsonValue } from './json.ts';
import { assertKnownOptions, checkOption, integerFrom, type OptionRule } from './option-rules.ts';
import { shown } from './shown.ts';

/** What values an option may have, and the one that it has if it is left out. Made by `option`, `optional` and `required`. */
export interface Option<T, D> {
  /** Which values it may have. */
  readonly rule: OptionRule<T>;
  /** The value that it has if it is left out. */
  readonly fallback: D;
  /** Whether it must be given. */
  readonly isRequired: boolean;
}

/** Options by name. */
export type OptionTable = Readonly<Record<string, Option<unknown, unknown>>>;

/** An option with a default. */
export function option<T>(rule: OptionRule<T>, fallback: NoInfer<T>): Option<T, T> {
  return { rule, fallback, isRequired: false };
}

/** An option that is undefined if it is left out. */
export function optional<T>(rule: OptionRule<T>): Option<T, undefined> {
  return { rule, fallback: undefined, isRequired: false };
}

/** An option that must be given. */
export function required<T>(rule: OptionRule<T>): Option<T, never> {
  return { rule, fallback: undefined as never, isRequired: true };
}

/** The seed of a sampler. */
export const SEED: Option<number, number> = option(integerFrom(0), 0);

type ValueOf<O> = O extends Option<infer T, unknown> ? T : never;
type NeedOf<O, K> = O extends { readonly fallback: infer D } ? ([D] extends [never] ? K : never) : never;
type RequiredIn<D> = { [K in keyof D]: NeedOf<D[K], K> }[keyof D];
type TableOf<O> = O extends { readonly table: infer D; readonly rows: unknown } ? D : O;

/** The type of options as they are given: of a definition, or of a table of one. */
export type OptionsOf<O> = {
  readonly [K in keyof TableOf<O> as K extends RequiredIn<TableOf<O>> ? never : K]?:
    | ValueOf<TableOf<O>[K]>
    | undefined;
} & {
  readonly [K in keyof TableOf<O> as K extends RequiredIn<TableOf<O>> ? K : never]: ValueOf<TableOf<O>[K]>;
};

type WithDefaults<D> = {
  readonly [K in keyof D]: D[K] extends Option<infer T, infer F> ? T | F : never;
};

/** The type of options with their defaults: of a definition, or of a table of one. */
export type SettingsOf<O> = O extends Pick<Options<unknown, infer S>, 'read'> ? S : WithDefaults<O>;

/** One row of the table of some options. */
export interface OptionRow {
  /** The option's name. */
  readonly name: string;
  /** What follows "must be". */
  readonly values: string;
  /** The default as an error message shows it; null if the option must be given. */
  readonly default: string | null;
}

/** Declared options: how to read, check and show them. */
export interface Options<D, S> {
  /** The options as they were declared. */
  readonly table: D;
  /** The options with their defaults. @throws InvalidArgumentError on an unknown option, or one against its rule. */
  read(given: unknown): S;
  /** The settings as JSON, in the order of the declaration; without functions. */
  plain(settings: S): Attrs;
  /** What there is to choose from, for people. */
  rows(): readonly OptionRow[];
}

/**
 * Declares the options of a sampler, pruner or evaluator.
 * @param owner as in "the tpe sampler".
 * @param settle checks what concerns several options, and may add what follows from them.
 */
export function defineOptions<const D extends OptionTable, S extends object = WithDefaults<D>>(
  owner: string,
  table: D,
  settle?: (settings: WithDefaults<D>) => S,
): Options<D, S> {
  const entries = Object.entries(table);
  return {
    table,
    read: (given) => {
      assertKnownOptions(owner, given, Object.keys(table));
      const settings: Record<string, unknown> = {};
      for (const [name, { rule, fallback, isRequired }] of entries) {
        const value = (given as Readonly<Record<string, unknown>>)[name];
        if (value !== undefined) checkOption(name, value, rule);
        else if (isRequired)
          throw new InvalidArgumentError(
            `${owner} needs ${name}, which must be ${rule.what}, but it is missing`,
          );
        settings[name] = value === undefined ? fallback : value;
      }
      const complete = settings as WithDefaults<D>;
      // Without `settle` the two types are one.
      return Object.freeze(settle === undefined ? (complete as unknown as S) : settle(complete));
    },
    plain: (settings) => {
      const plain: Record<string, JsonValue> = {};
      for (const [name, { rule }] of entries) {
        const value = (settings as Readonly<Record<string, unknown>>)[name];
        const kept =
          value === null || value === undefined || rule.plain === undefined ? value : rule.plain(value);
        if (kept !== undefined) plain[name] = kept as JsonValue;
      }
      return plain;
    },
    rows: () =>
      entries.map(([name, { rule, fallback, isRequired }]) => ({
        name,
        values: rule.what,
        default: isRequired ? null : shown(fallback),
      })),
  };
}
