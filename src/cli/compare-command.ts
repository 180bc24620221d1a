import { type SyntheticFactory, syntheticRegistry } from '../../objectives/synthetic/index.ts';
import { samplerRegistry } from '../../samplers/index.ts';
import {
  type ComparedSampler,
  type Comparison,
  checkProblem,
  compareSamplers,
  type Problem,
  verdicts,
} from '../compare/index.ts';
import { nestedParams } from '../core/compiled-space.ts';
import { InvalidArgumentError, InvalidConfigError, ThanosError } from '../core/errors.ts';
import { assertInstalled } from '../core/optional-package.ts';
import { assertOutputFile, writeOutputFile } from '../core/output-file.ts';
import { startProgress } from '../core/progress.ts';
import type { ParamsOf, SpaceEntries } from '../core/space.ts';
import { type GlobalArgs, integerOption, type LoadedCommand, listOption, UsageError } from './command.ts';
import { comparedSamplers } from './compared-samplers.ts';
import { gridOfSpace } from './grid-of-space.ts';
import { interrupted, interruptible, yieldToSignals } from './interrupt.ts';
import { loadStudyDefinition } from './load-module.ts';
import { withStorage } from './open-storage.ts';
import { guardDocument, note, printResult, table } from './output.ts';

const MOST_SEEDS = 10_000;

interface CompareArgs {
  readonly problem?: string | undefined;
  readonly size?: number | undefined;
  readonly module?: string | undefined;
  readonly samplers: string[];
  readonly seeds: number;
  readonly trials: number;
  readonly batchSize?: number | undefined;
  readonly report?: string | undefined;
}

/** More would take the memory of the machine, and no sampler would learn anything. */
const MOST_DIMENSIONS = 10_000;

export const compareCommand: LoadedCommand<CompareArgs> = {
  builder: (yargs) =>
    yargs
      .option('problem', {
        type: 'string',
        requiresArg: true,
        describe:
          `A synthetic problem: ${syntheticRegistry.names().join(', ')}; or the architecture search under a memory ceiling: ` +
          'nas, or the YAML file of a NAS',
      })
      .option('size', {
        type: 'string',
        requiresArg: true,
        coerce: integerOption('size', 1, MOST_DIMENSIONS),
        describe: 'Dimensions of the problem (dtlz2: objectives, at most 10), where they can be chosen',
      })
      .option('module', {
        type: 'string',
        requiresArg: true,
        describe: 'A study module with a space, as for run: its space and objective are the problem',
      })
      .conflicts('problem', 'module')
      .conflicts('size', 'module')
      .option('samplers', {
        type: 'string',
        default: 'random,tpe',
        coerce: listOption('samplers'),
        describe: `Names with commas between, of: ${samplerRegistry.names().join(', ')}`,
      })
      .option('seeds', {
        type: 'string',
        requiresArg: true,
        default: 10,
        coerce: integerOption('seeds', 1, MOST_SEEDS),
        describe: 'How many runs of each sampler: with seeds 0, 1, 2 …',
      })
      .option('trials', {
        type: 'string',
        requiresArg: true,
        default: 100,
        coerce: integerOption('trials', 1),
        describe: 'Trials of each run',
      })
      .option('batch-size', {
        type: 'string',
        requiresArg: true,
        coerce: integerOption('batch-size', 1),
        describe: 'Trials asked together (default 1)',
      })
      .option('report', { type: 'string', requiresArg: true, describe: 'HTML file to write, with charts' })
      .example('$0 compare --problem sphere', 'random against tpe, ten seeds, a hundred trials each')
      .example('$0 compare --problem zdt1 --samplers random,nsga2', 'Several objectives: by hypervolume')
      .example(
        '$0 compare --problem nas --samplers random,evolutionary --seeds 5',
        'On the search space of the NAS',
      )
      .example('$0 compare --module study.ts --seeds 5 --report report.html', 'On a problem of your own')
      .example('$0 compare --problem sphere --json | jq .pairwise', 'The tests, for a script')
      .epilogue(
        'Scores of each pair of samplers are tested by Mann-Whitney U, two-sided, corrected by Holm. Runs are studies named ' +
          'compare/<problem>/<sampler>/<seed>: an interrupted comparison goes on when it is run again, and more seeds, ' +
          'trials or samplers add to what is there.',
      ),
  handler: compare,
};

async function compare(args: GlobalArgs & CompareArgs): Promise<void> {
  if (args.problem === undefined && args.module === undefined)
    throw new UsageError('compare needs --problem NAME or --module FILE');
  if (args.size !== undefined && isNas(args.problem))
    throw new UsageError('--size is for synthetic problems; the size of a NAS stands in its file');
  for (const name of args.samplers) samplerRegistry.get(name);
  if (args.report !== undefined) {
    assertOutputFile(args.report);
    assertInstalled(['echarts'], '--report');
  }
  guardDocument(args);
  const comparison = isNas(args.problem)
    ? await compareOnNas(args, args.problem)
    : await compareOnFunction(args);
  printResult(args, comparison, () => comparisonText(comparison));
  if (args.report !== undefined) {
    // Charts are loaded only if one is drawn.
    const { comparisonReport } = await import('./comparison-report.ts');
    writeOutputFile(args.report, comparisonReport(comparison));
    note(`wrote ${args.report}`);
  }
}

/** `nas` (its default configuration) or the YAML file of one. */
function isNas(problem: string | undefined): problem is string {
  return problem === 'nas' || /\.ya?ml$/.test(problem ?? '');
}

async function compareOnNas(args: GlobalArgs & CompareArgs, problem: string): Promise<Comparison> {
  const { withNasProblem } = await import('./nas-problem.ts');
  const nasArgs = { config: problem === 'nas' ? undefined : problem, device: 'cpu' as const };
  return withNasProblem(nasArgs, args.samplers, (nas, signal) =>
    runComparison(args, nas.problem, nas.samplers, signal),
  );
}

async function compareOnFunction(args: GlobalArgs & CompareArgs): Promise<Comparison> {
  const problem =
    args.module === undefined ? syntheticProblem(args.problem!, args.size) : await moduleProblem(args.module);
  checkProblem(problem);
  const samplers = comparedSamplers(args.samplers, (name) =>
    name === 'grid' ? { searchSpace: gridOfSpace(problem.space) } : {},
  );
  return interruptible((signal) => runComparison(args, problem, samplers, signal));
}

function runComparison(
  args: GlobalArgs & CompareArgs,
  problem: Problem,
  samplers: readonly ComparedSampler[],
  signal: AbortSignal,
): Promise<Comparison> {
  return withStorage(args.storage, async (storage) => {
    const progress = startProgress('compare', args.samplers.length * args.seeds * args.trials, 0);
    try {
      return await compareSamplers({
        problem,
        samplers,
        nTrials: args.trials,
        seeds: Array.from({ length: args.seeds }, (_, seed) => seed),
        storage,
        batchSize: args.batchSize,
        signal,
        onProgress: async ({ sampler, seed, finishedTrials }) => {
          progress.update(finishedTrials, `${sampler}, seed ${seed}`);
          await yieldToSignals();
        },
      });
    } catch (error) {
      throw signal.aborted ? interrupted('the comparison is not complete') : error;
    } finally {
      progress.stop();
    }
  });
}

function syntheticProblem(name: string, size: number | undefined): Problem {
  const known = syntheticRegistry.names();
  if (!known.includes(name))
    throw new ThanosError(
      'UNKNOWN_NAME',
      `unknown problem '${name}'; known are: ${known.join(', ')}, nas, or the YAML file of a NAS`,
    );
  const make = syntheticRegistry.get(name);
  if (size !== undefined && shapeOf(make(2)) === shapeOf(make(3)))
    throw new InvalidArgumentError(
      `the size of '${name}' cannot be chosen, but --size is ${size}; leave it out`,
    );
  const { space, directions, evaluate, constraints } = make(size);
  return {
    name: size === undefined ? name : `${name}-${size}`,
    space,
    directions,
    evaluate,
    constraints:
      constraints && ((trial) => constraints(nestedParams(space, trial.params) as ParamsOf<SpaceEntries>)),
  };
}

/** How many parameters and objectives it has. */
const shapeOf = ({ space, directions }: ReturnType<SyntheticFactory>): string =>
  `${Object.keys(space).length} ${directions.length}`;

async function moduleProblem(path: string): Promise<Problem> {
  const definition = await loadStudyDefinition(path);
  if (definition.space === undefined)
    throw new InvalidConfigError(
      path,
      'samplers are compared on a space, but the study declares none; add space: space({ … })',
    );
  const { space, objective, studyName, direction, directions, constraints } = definition;
  return {
    name: studyName,
    space,
    directions: directions ?? [direction ?? 'minimize'],
    evaluate: objective,
    constraints,
  };
}

function comparisonText(comparison: Comparison): string {
  const { problem, samplers, pairwise, seeds, nTrials, score, scoreDirection } = comparison;
  const results = table(
    ['sampler', `median ${score}`, 'lower quartile', 'upper quartile', 'wins'],
    samplers.map(({ name, median, q1, q3, wins }) => [name, median, q1, q3, wins]),
  );
  const tests = table(
    ['pair', 'first is better', 'p', 'p (Holm)'],
    pairwise.map(({ a, b, probabilityABetter, pValue, adjustedPValue }) => [
      `${a} : ${b}`,
      `${Math.round(100 * probabilityABetter)} %`,
      pValue,
      adjustedPValue,
    ]),
  );
  const heading = `${problem}: ${seeds.length} seeds of ${nTrials} trials, ${score}, ${scoreDirection}`;
  return [heading, results, ...(pairwise.length === 0 ? [] : [tests]), ...verdicts(comparison)].join('\n');
}
