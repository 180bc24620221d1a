/** What is refused at the door of a study. */
import { InvalidArgumentError } from './errors.ts';
import { batchingOf, type OptimizeOptions } from './optimize.ts';
import { assertKnownOptions, shown } from './options.ts';

export function checkDirections(directions: readonly string[] | undefined): void {
  if (directions === undefined) return;
  if (directions.length === 0)
    throw new InvalidArgumentError('a study needs at least one direction, but got []');
  for (const direction of directions)
    if (direction !== 'minimize' && direction !== 'maximize')
      throw new InvalidArgumentError(
        `a direction is 'minimize' or 'maximize', but got ${JSON.stringify(direction)}`,
      );
}

const OPTIMIZE_OPTIONS = [
  'nTrials',
  'totalTrials',
  'timeout',
  'signal',
  'batchSize',
  'concurrency',
  'callbacks',
  'catch',
] as const satisfies readonly (keyof OptimizeOptions<never>)[];

export function checkOptimizeOptions(options: OptimizeOptions<never>): void {
  assertKnownOptions('optimize', options, OPTIMIZE_OPTIONS);
  if (options.catch !== undefined && options.catch !== true && !Array.isArray(options.catch))
    throw new InvalidArgumentError(
      `catch is true or a list of error classes, but is ${shown(options.catch)}`,
    );
  const counts = { nTrials: [options.nTrials, 0], totalTrials: [options.totalTrials, 0] } as const;
  const sizes = { batchSize: [options.batchSize, 1], concurrency: [options.concurrency, 1] } as const;
  for (const [name, [value, least]] of Object.entries({ ...counts, ...sizes }))
    if (value !== undefined && !(Number.isInteger(value) && value >= least))
      throw new InvalidArgumentError(`${name} must be an integer >= ${least}, but is ${value}`);
  if (options.timeout !== undefined && !(options.timeout >= 0))
    throw new InvalidArgumentError(`timeout must be a number of seconds >= 0, but is ${options.timeout}`);
  const { batchSize, concurrency } = batchingOf(options);
  if (concurrency > batchSize)
    throw new InvalidArgumentError(`concurrency must be <= batchSize, but is ${concurrency} > ${batchSize}`);
}
