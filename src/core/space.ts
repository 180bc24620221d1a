/** Typed search spaces (define-and-run): `space({ lr: float(1e-5, 1e-1, { log: true }), act: categorical(['relu', 'gelu']) })`. */
import {
  type CategoricalChoice,
  type CategoricalDistribution,
  categoricalDistribution,
  type Distribution,
  type FloatDistribution,
  floatDistribution,
  type IntDistribution,
  intDistribution,
} from './distribution.ts';
import { InvalidArgumentError } from './errors.ts';
import { isPlainObject } from './json.ts';

export const float = floatDistribution;
export const int = intDistribution;
export const categorical = categoricalDistribution;

export type Space<S extends Record<string, Distribution> = Record<string, Distribution>> = Readonly<S>;

type ExternalValue<D extends Distribution> =
  D extends CategoricalDistribution<infer C>
    ? C
    : D extends FloatDistribution | IntDistribution
      ? number
      : CategoricalChoice;

/** The exact type of the parameters that a space declares. */
export type ParamsOf<S extends Record<string, Distribution>> = {
  readonly [K in keyof S]: ExternalValue<S[K]>;
};

/** @throws InvalidArgumentError on an empty space or an entry that is not a distribution. */
export function space<const S extends Record<string, Distribution>>(distributions: S): Space<S> {
  // A literal `__proto__: float(…)` sets the prototype and declares nothing.
  if (!isPlainObject(distributions))
    throw new InvalidArgumentError(
      "a space must be a plain object of distributions; write a parameter named __proto__ as ['__proto__']",
    );
  const names = Object.keys(distributions);
  if (names.length === 0) throw new InvalidArgumentError('a space needs at least one parameter, but got {}');
  for (const name of names) {
    const d: unknown = distributions[name];
    if (typeof d !== 'object' || d === null || !('kind' in d))
      throw new InvalidArgumentError(
        `'${name}' of a space must be float(…), int(…) or categorical(…), but is ${JSON.stringify(d)}`,
      );
  }
  return Object.freeze({ ...distributions });
}
