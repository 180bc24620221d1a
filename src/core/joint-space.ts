/** What spaces that are inferred from trials have in common. */
import {
  type Distribution,
  distributionsEqual,
  extendsChoices,
  isSingle,
  type SearchSpace,
} from './distribution.ts';

/** What two distributions of one parameter have in common: both if they are equal, else the one that adds choices, or null. */
export function unified(a: Distribution, b: Distribution): Distribution | null {
  if (distributionsEqual(a, b) || extendsChoices(b, a)) return a;
  return extendsChoices(a, b) ? b : null;
}

/** Sorted by name, without single-valued distributions. */
export function jointSpace(entries: Iterable<readonly [string, Distribution]>): SearchSpace {
  const kept = [...entries].filter(([, d]) => !isSingle(d));
  return Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What of a space the user declared, with the declared distributions: those it has, or that add choices to them. */
export function declaredPart(space: SearchSpace, declared: SearchSpace): SearchSpace {
  return Object.fromEntries(
    Object.entries(space)
      .filter(([name, d]) => Object.hasOwn(declared, name) && unified(d, declared[name]) !== null)
      .map(([name]) => [name, declared[name]]),
  );
}

/** Whether two spaces have the same parameters, in the same order, with equal distributions. */
export function sameSpace(a: SearchSpace, b: SearchSpace): boolean {
  if (a === b) return true;
  const names = Object.keys(a);
  const others = Object.keys(b);
  return (
    names.length === others.length &&
    names.every((name, i) => name === others[i] && distributionsEqual(a[name], b[name]))
  );
}
