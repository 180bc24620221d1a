import { didYouMean } from './did-you-mean.ts';
import { InvalidArgumentError } from './errors.ts';

/**
 * A misspelled option would be ignored in silence: refuse it, with the known ones.
 * @throws InvalidArgumentError if `options` is not an object or has another key.
 */
export function assertKnownOptions(what: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null)
    throw new InvalidArgumentError(`${what} takes an object of options, but got ${String(options)}`);
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    throw new InvalidArgumentError(
      `${what} has no option '${key}'; ${didYouMean(key, known)}known are: ${known.join(', ')}`,
    );
  }
}

/** A name of a study or a parameter, a value …: shown in an error whatever it is. */
export function shown(value: unknown): string {
  try {
    return typeof value === 'string' ? JSON.stringify(value) : String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}
