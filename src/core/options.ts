import { types } from 'node:util';
import { didYouMean } from './did-you-mean.ts';
import { InvalidArgumentError } from './errors.ts';
import { shown } from './shown.ts';

/** What is wrong with the names of some options, if anything: a misspelled one would be ignored in silence. */
export function problemOfOptions(what: string, options: unknown, known: readonly string[]): string | null {
  if (typeof options !== 'object' || options === null || Array.isArray(options) || types.isMap(options))
    return `${what} needs its options as an object { ${known.join(', ')} }, but got ${shown(options)}`;
  for (const key of Object.keys(options))
    if (!known.includes(key))
      return `${what} has no option '${key}'; ${didYouMean(key, known)}known are: ${known.join(', ') || 'none'}`;
  return null;
}

/** @throws InvalidArgumentError if `options` is not an object or has a key that is not among the known ones. */
export function assertKnownOptions(what: string, options: unknown, known: readonly string[]): void {
  const problem = problemOfOptions(what, options, known);
  if (problem !== null) throw new InvalidArgumentError(problem);
}
