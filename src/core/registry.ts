import { didYouMean } from './did-you-mean.ts';
import { InvalidArgumentError, ThanosError } from './errors.ts';
import { shown } from './shown.ts';

/** Name -> factory. A name can be registered once; an unknown name lists the known ones. */
export class Registry<T> {
  readonly #what: string;
  readonly #factories = new Map<string, T>();

  constructor(what: string) {
    this.#what = what;
  }

  /** Adds a factory, and returns the registry. @throws InvalidArgumentError if the name is taken. */
  register(name: string, factory: T): this {
    if (this.#factories.has(name))
      throw new InvalidArgumentError(
        `the ${this.#what} '${name}' is already registered; choose another name`,
      );
    this.#factories.set(name, factory);
    return this;
  }

  /** @throws ThanosError UNKNOWN_NAME with the known names. */
  get(name: string): T {
    const factory = this.#factories.get(name);
    if (factory !== undefined) return factory;
    const known = this.names();
    throw new ThanosError(
      'UNKNOWN_NAME',
      typeof name === 'string'
        ? `unknown ${this.#what} '${name}'; ${didYouMean(name, known)}known are: ${known.join(', ')}`
        : `a ${this.#what} goes by its name, but got ${shown(name)}; known are: ${known.join(', ')}`,
    );
  }

  /** What is registered, in order of registration. */
  values(): readonly T[] {
    return [...this.#factories.values()];
  }

  /** The registered names, sorted. */
  names(): readonly string[] {
    return [...this.#factories.keys()].sort();
  }
}
