/** Runs several samplers on one problem with several seeds, in resumable studies, and compares what they reach. */

import { compileSpace } from '../core/compiled-space.ts';
import { InvalidArgumentError, ThanosError } from '../core/errors.ts';
import { type FrozenTrial, SYSTEM_ATTR } from '../core/frozen-trial.ts';
import {
  checkOption,
  checkOptions,
  FUNCTION,
  integerFrom,
  listOf,
  type OptionRule,
  objectWith,
} from '../core/option-rules.ts';
import type { Sampler } from '../core/sampler.ts';
import type { SpaceEntries } from '../core/space.ts';
import type { Storage } from '../core/storage.ts';
import { Study } from '../core/study.ts';
import { checkBatching, OPTIMIZE_RULES } from '../core/study-checks.ts';
import { assertSupported, traitsOf } from '../core/supported.ts';
import { type Comparison, comparisonOf } from './comparison.ts';
import { checkProblem, type Problem } from './problem.ts';

/** A sampler to compare: a name, and how to make one for a seed. */
export interface ComparedSampler {
  /** Part of the names of the studies. */
  readonly name: string;
  /** Returns a new sampler with this seed; called once per study, and again when a comparison is resumed. */
  make(seed: number): Sampler;
}

/** How far a comparison is. */
export interface CompareProgress {
  /** The name of the sampler that is running. */
  readonly sampler: string;
  /** The seed that is running. */
  readonly seed: number;
  /** Trials finished of all that the comparison needs; those of an earlier run included. */
  readonly finishedTrials: number;
  /** Samplers × seeds × trials per study. */
  readonly totalTrials: number;
}

/** What `compareSamplers` takes. */
export interface CompareSamplersOptions<S extends SpaceEntries> {
  /** What the samplers are compared on. */
  readonly problem: Problem<S>;
  /** At least one, with distinct names. */
  readonly samplers: readonly ComparedSampler[];
  /** Trials per study. */
  readonly nTrials: number;
  /** At least one, distinct, integers >= 0; each makes one study per sampler. Tests need five or more. */
  readonly seeds: readonly number[];
  /** Holds one study per sampler and seed, `compare/<problem>/<sampler>/<seed>`; one that is there is gone on with. */
  readonly storage: Storage;
  /** Trials that are asked together, before any of them is told. Default: `concurrency`, or 1; the results depend on it. */
  readonly batchSize?: number | undefined;
  /** Trials that run at once, at most `batchSize`; the results do not depend on it. Default: `batchSize`. */
  readonly concurrency?: number | undefined;
  /** Ends the comparison with ABORTED after the trials that run; the same call goes on later. */
  readonly signal?: AbortSignal | undefined;
  /** After each trial; awaited. */
  readonly onProgress?: ((progress: CompareProgress) => void | Promise<void>) | undefined;
}

/**
 * Runs every sampler on one problem, with every seed, and compares what they reach. All samplers run on one seed, then
 * on the next, so that an interrupted comparison has whole seeds.
 *
 * ```ts
 * const comparison = await compareSamplers({
 *   problem: {
 *     name: 'parabola',
 *     space: space({ x: float(-5, 5) }),
 *     directions: ['minimize'],
 *     evaluate: ({ x }) => (x - 2) ** 2,
 *   },
 *   samplers: [
 *     { name: 'random', make: (seed) => new RandomSampler({ seed }) },
 *     { name: 'tpe', make: (seed) => new TpeSampler({ seed }) },
 *   ],
 *   seeds: [0, 1, 2, 3, 4],
 *   nTrials: 60,
 *   storage: new InMemoryStorage(),
 * });
 * for (const verdict of verdicts(comparison)) console.log(verdict);
 * ```
 *
 *
 * @throws InvalidArgumentError on options that make no comparison, or if a study in the storage was run with other
 * sampler options; ThanosError ABORTED if `signal` ends it: call again to go on.
 */
export async function compareSamplers<S extends SpaceEntries>(
  options: CompareSamplersOptions<S>,
): Promise<Comparison> {
  checkComparison(options);
  const { problem, samplers, seeds, nTrials } = options;
  const totalTrials = samplers.length * seeds.length * nTrials;
  const trials = samplers.map((): (readonly FrozenTrial[])[] => []);
  let finishedBefore = 0;
  for (const seed of seeds)
    for (const [i, sampler] of samplers.entries()) {
      const study = await openStudy(options, sampler, seed);
      const report = (finished: number) =>
        options.onProgress?.({
          sampler: sampler.name,
          seed,
          finishedTrials: finishedBefore + finished,
          totalTrials,
        });
      await study.optimize(problem.space, (params, trial) => problem.evaluate(params, trial), {
        totalTrials: nTrials,
        batchSize: options.batchSize,
        concurrency: options.concurrency,
        signal: options.signal,
        callbacks: [(_, trial) => report(trial.number + 1)],
      });
      if (options.signal?.aborted === true)
        throw new ThanosError(
          'ABORTED',
          `the comparison was stopped at study '${study.studyName}'; run it again with the same storage to go on`,
        );
      await report(nTrials);
      finishedBefore += nTrials;
      // A study of an earlier, longer comparison counts as far as this one goes.
      trials[i].push(study.trials.slice(0, nTrials));
    }
  return comparisonOf({
    problem,
    samplers: samplers.map((sampler, i) => ({ name: sampler.name, trials: trials[i] })),
    seeds,
    nTrials,
  });
}

async function openStudy<S extends SpaceEntries>(
  { problem, storage }: CompareSamplersOptions<S>,
  compared: ComparedSampler,
  seed: number,
): Promise<Study> {
  const sampler = compared.make(seed);
  const studyName = `compare/${problem.name}/${compared.name}/${seed}`;
  const study = await Study.open(
    { storage, defaultSampler: () => compared.make(seed) },
    {
      studyName,
      directions: problem.directions,
      constraints: problem.constraints,
      sampler,
      ifExists: 'load',
    },
  );
  const { name, seed: used, options } = study.sampler;
  const identity = { name, seed: used, options };
  const [before, now] = [study.systemAttrs[SYSTEM_ATTR.sampler], identity].map((it) => JSON.stringify(it));
  if (before !== now)
    throw new InvalidArgumentError(
      `study '${studyName}' must be gone on with the sampler that began it, ${before}, but is now asked for with ${now}; ` +
        'give the sampler another name, or use another storage',
    );
  return study;
}

const RULES: Readonly<Record<keyof CompareSamplersOptions<SpaceEntries>, OptionRule>> = {
  problem: objectWith('a problem { name, space, directions, evaluate }', 'evaluate'),
  samplers: listOf('{ name, make }', objectWith('', 'make').accepts),
  nTrials: integerFrom(1),
  seeds: listOf('integers >= 0', integerFrom(0).accepts),
  storage: objectWith('a Storage', 'createTrial'),
  batchSize: OPTIMIZE_RULES.batchSize,
  concurrency: OPTIMIZE_RULES.concurrency,
  signal: OPTIMIZE_RULES.signal,
  onProgress: FUNCTION,
};

function checkComparison<S extends SpaceEntries>(options: CompareSamplersOptions<S>): void {
  checkOptions<CompareSamplersOptions<SpaceEntries>>('compareSamplers', options as never, RULES);
  for (const name of ['problem', 'samplers', 'nTrials', 'seeds', 'storage'] as const)
    checkOption(name, options[name], RULES[name]);
  checkBatching(options);
  const { problem, samplers, seeds } = options;
  checkProblem(problem);
  const lists = { samplers: samplers.map((sampler) => sampler.name), seeds };
  for (const [what, list] of Object.entries(lists))
    if (list.length === 0 || new Set<string | number>(list).size < list.length)
      throw new InvalidArgumentError(
        `a comparison needs distinct ${what}, at least one, but got [${list.join(', ')}]`,
      );
  // Before anything is written: the last sampler shall not end what the others have begun.
  const traits = traitsOf(problem.directions, compileSpace(problem.space));
  for (const sampler of samplers) assertSupported(sampler.make(seeds[0]), traits);
}
