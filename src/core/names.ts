import { InvalidArgumentError } from './errors.ts';
import { shown } from './shown.ts';

/** `'model 😀'.slice(0, 7)` is such a string. A database keeps it as another one, so it would never be found again. */
const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/** Whether it is a name that a database keeps as it is. */
export const isName = (name: unknown): boolean => typeof name === 'string' && !LONE_SURROGATE.test(name);

/**
 * Checks the name of a study, a parameter or an attribute.
 * @param what as in "the name of a study".
 * @throws InvalidArgumentError for what is no string, or one that a database cannot keep as it is.
 */
export function assertName(what: string, name: unknown): asserts name is string {
  if (typeof name !== 'string')
    throw new InvalidArgumentError(`${what} must be a string, but is ${shown(name)}; pass a string`);
  if (LONE_SURROGATE.test(name))
    throw new InvalidArgumentError(
      `${what} must be whole characters, but ${shown(name)} holds half of a surrogate pair; cut strings by characters, as ` +
        '[...text].slice(0, n)',
    );
}
