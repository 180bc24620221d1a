/**
 * How good our samplers are, beside the real Optuna on the very same functions: the best value of a study, over seeds.
 *
 *   THANOS_PEER_PYTHON=/path/to/python npx tsx test/bench/quality.ts [options]
 *
 *   --samplers tpe,auto    of our registry; options as JSON behind a name: 'tpe{"multivariate":true}'
 *   --peer tpe             Optuna's sampler: tpe (its default), gp, cmaes, qmc, random
 *   --held-out             problems that the gate does not name, instead of the gate
 *   --quick                5 seeds, few problems
 *   --only TEXT            only problems whose name contains it
 *   --seeds 20 --trials 100
 *   --declared             our studies declare their space; by default it is found while the objective runs, as Optuna's is
 *   --json FILE            writes all scores
 *   --peer-from FILE       takes Optuna's scores from such a file instead of running it
 *
 * Without --held-out, NSGA-II's hypervolume is compared too, after 100 and after 1000 trials.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { samplerRegistry } from '../../samplers/index.ts';
import { type BenchProblem, GATE, HELD_OUT, MULTI_OBJECTIVE, quick } from './quality-problems.ts';
import { runStudies, type StudyJob } from './quality-run.ts';
import { type Series, scoreOf } from './quality-score.ts';
import { comparison } from './quality-tables.ts';

const MULTI_TRIALS = [100, 1000];

const { values: options } = parseArgs({
  options: {
    samplers: { type: 'string' },
    peer: { type: 'string', default: 'tpe' },
    'held-out': { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    seeds: { type: 'string' },
    trials: { type: 'string', default: '100' },
    declared: { type: 'boolean', default: false },
    json: { type: 'string' },
    'peer-from': { type: 'string' },
  },
});

const python = process.env['THANOS_PEER_PYTHON'];
const nSeeds = Number(options.seeds ?? (options.quick ? 5 : 20));
const nTrials = Number(options.trials);
const ourSamplers =
  options.samplers?.split(/,(?![^{]*\})/) ??
  ['tpe', 'auto'].filter((name) => samplerRegistry.names().includes(name));
const earlier =
  options['peer-from'] === undefined
    ? null
    : (JSON.parse(readFileSync(options['peer-from'], 'utf8')) as { series: Series[] }).series.filter(
        ({ side }) => side === 'optuna',
      );

function chosen(problems: readonly BenchProblem[]): readonly BenchProblem[] {
  return (options.quick ? quick(problems) : problems).filter(({ label }) => label.includes(options.only));
}

type Contestant = Pick<StudyJob, 'side' | 'sampler'>;

/** Every contestant on every problem, scored after each of `after` trials; of the peer nothing that a file has already. */
async function measure(
  problems: readonly BenchProblem[],
  contestants: readonly Contestant[],
  after: readonly number[],
): Promise<Series[]> {
  const running = contestants.filter(({ side }) => side === 'thanos' || earlier === null);
  const jobs = problems.flatMap((problem) =>
    running.flatMap((contestant) =>
      Array.from({ length: nSeeds }, (_, seed): StudyJob => {
        const declared = contestant.side === 'thanos' && options.declared;
        return { ...contestant, problem, seed, nTrials: Math.max(...after), declared };
      }),
    ),
  );
  const series: Series[] = [];
  const seriesOf = ({ side, sampler }: Contestant, problem: string): Series => {
    const found = series.find((s) => s.problem === problem && s.side === side && s.sampler === sampler);
    if (found !== undefined) return found;
    const made: Series = { problem, side, sampler, scores: [], cpuS: [] };
    series.push(made);
    return made;
  };
  let finished = 0;
  await runStudies(jobs, {
    python,
    onFinished: (job, { trials, cpuS }) => {
      for (const n of after) {
        const { scores, cpuS: times } = seriesOf(job, measureName(job.problem, n, after));
        scores[job.seed] = scoreOf(job.problem, trials.slice(0, n));
        times[job.seed] = cpuS;
      }
      finished++;
      if (process.stderr.isTTY) process.stderr.write(`\r${finished} of ${jobs.length} studies `);
    },
  });
  return problems.length === 0 ? [] : [...series, ...(earlier ?? [])];
}

function measureName({ label }: BenchProblem, n: number, after: readonly number[]): string {
  return after.length === 1 ? label : `${label}, ${n} trials`;
}

/** A table for each of our samplers. */
function print(title: string, series: readonly Series[], samplers: readonly string[], peer: string): void {
  if (series.length === 0) return;
  const of = (side: string, sampler: string) =>
    series.filter((each) => each.side === side && each.sampler === sampler);
  for (const sampler of samplers)
    console.log(`\n${title}\n${comparison(of('thanos', sampler), of('optuna', peer))}`);
}

if (python === undefined && earlier === null) {
  console.error('set THANOS_PEER_PYTHON to a Python with optuna 5.0.0, or give --peer-from FILE');
  process.exit(2);
}
const optuna =
  earlier === null
    ? execFileSync(python!, ['-c', 'import optuna; print(optuna.__version__)'], { encoding: 'utf8' }).trim()
    : `as in ${options['peer-from']}`;
console.log(`${nSeeds} seeds; optuna ${optuna}, node ${process.version}`);

const problems = chosen(options['held-out'] ? HELD_OUT : GATE);
const single = await measure(
  problems,
  [
    { side: 'optuna', sampler: options.peer },
    ...ourSamplers.map((sampler) => ({ side: 'thanos' as const, sampler })),
  ],
  [nTrials],
);
const title = options['held-out'] ? 'Held-out problems' : 'Gate';
print(
  `${title}: best value above the optimum after ${nTrials} trials, median of ${nSeeds} seeds`,
  single,
  ourSamplers,
  options.peer,
);

const multi = await measure(
  options['held-out'] ? [] : chosen(MULTI_OBJECTIVE),
  [
    { side: 'optuna', sampler: 'nsga2' },
    { side: 'thanos', sampler: 'nsga2' },
  ],
  options.quick ? MULTI_TRIALS.slice(0, 1) : MULTI_TRIALS,
);
print(`Gate: hypervolume, median of ${nSeeds} seeds`, multi, ['nsga2'], 'nsga2');

if (options.json !== undefined) {
  const series = [...new Set([...single, ...multi])];
  writeFileSync(options.json, JSON.stringify({ optuna, options, series }));
}
