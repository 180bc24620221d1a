/**
 * How long whole studies take in memory, beside Rustuna and Optuna, one process at a time and the sides alternating; and how
 * much memory ours keep. Each process runs the study twice: the first time is what a program that runs one study sees, the
 * second is without the compiler's warming up.
 *
 *   THANOS_PEER_PYTHON=/path/to/python npx tsx test/bench/speed.ts [options]
 *
 *   --rounds 3       processes per side (Optuna: 1); the best counts
 *   --only TEXT      only cases whose name contains it
 *   --long           TPE with 10 000 trials, too
 *   --no-optuna      without the slow side
 *
 * The peers' CMA-ES needs the package `cmaes` beside them.
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { samplerRegistry } from '../../samplers/index.ts';
import { ensureBuilt } from '../e2e/built-package.ts';
import { table } from './quality-tables.ts';
import { SPEED_CASES, type SpeedCase, type SpeedJob, type StudyTime } from './speed-cases.ts';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    long: { type: 'boolean', default: false },
    'no-optuna': { type: 'boolean', default: false },
  },
});
ensureBuilt();
const python = process.env['THANOS_PEER_PYTHON'];
const rounds = Number(options.rounds);

type SideName = SpeedJob['side'];

/** Null if this side cannot run it, with the reason on stderr. */
function run(job: SpeedJob): StudyTime[] | null {
  const isOurs = job.side === 'declared' || job.side === 'define-by-run';
  if (isOurs ? !samplerRegistry.names().includes(job.sampler) : python === undefined) return null;
  const script = new URL(isOurs ? './speed-ours.mjs' : './speed-peers.py', import.meta.url).pathname;
  const [command, args] = isOurs ? [process.execPath, ['--expose-gc', script]] : [python!, [script]];
  const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
  try {
    const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe'];
    return JSON.parse(
      execFileSync(command, [...args, JSON.stringify(job)], { encoding: 'utf8', env, stdio }),
    ) as StudyTime[];
  } catch (error) {
    const reason = String((error as { stderr?: string }).stderr ?? error)
      .trim()
      .split('\n')
      .at(-1);
    process.stderr.write(`${job.side}, ${job.name}: ${reason}\n`);
    return null;
  }
}

/** The best first study and the best later one over all rounds; each null if there was none. */
interface Best {
  readonly first: StudyTime | null;
  readonly later: StudyTime | null;
}

function measure(one: SpeedCase): Map<SideName, Best> {
  const all = new Map<SideName, StudyTime[][]>();
  for (let round = 0; round < rounds; round++)
    for (const side of ['declared', 'define-by-run', 'rustuna', 'optuna'] as const) {
      if (side === 'optuna' && (round > 0 || one.skipsOptuna === true || options['no-optuna'])) continue;
      const studies = side === 'optuna' || one.isLong === true ? 1 : 2;
      const times = run({ ...one, side, studies });
      if (times !== null) all.set(side, [...(all.get(side) ?? []), times]);
    }
  return new Map(
    [...all].map(([side, runs]) => [
      side,
      { first: best(runs.map(([first]) => first)), later: best(runs.flatMap(([, ...later]) => later)) },
    ]),
  );
}

/** Wall and CPU time each by itself: on a shared machine they need not be of the same run. */
function best(times: readonly StudyTime[]): StudyTime | null {
  if (times.length === 0) return null;
  return {
    wallS: Math.min(...times.map((time) => time.wallS)),
    cpuS: Math.min(...times.map((time) => time.cpuS)),
    memoryMB: times[0].memoryMB,
  };
}

const seconds = (time: StudyTime | null | undefined): string =>
  time ? `${time.wallS.toFixed(3)} (${time.cpuS.toFixed(3)})` : '-';

/** How many times longer theirs takes, by wall and by CPU time. */
function ratio(theirs: StudyTime | null | undefined, ours: StudyTime | null | undefined): string {
  if (!theirs || !ours) return '-';
  return `${(theirs.wallS / ours.wallS).toFixed(2)} (${(theirs.cpuS / ours.cpuS).toFixed(2)})`;
}

console.log(
  `Wall (CPU) seconds of a study, best of ${rounds}; ratios above 1: ours is faster. node ${process.version}`,
);
const times: string[][] = [];
const memory: string[] = [];
for (const one of SPEED_CASES.filter((each) => each.name.includes(options.only))) {
  if (one.isLong === true && !options.long) continue;
  process.stderr.write(`${one.name} …\n`);
  const measured = measure(one);
  const rustuna = measured.get('rustuna');
  const optuna = measured.get('optuna')?.first;
  for (const side of ['declared', 'define-by-run'] as const) {
    const ours = measured.get(side);
    times.push([
      `${one.name}, ${side}`,
      seconds(ours?.first),
      seconds(ours?.later),
      seconds(rustuna?.first),
      seconds(optuna),
      ratio(rustuna?.first, ours?.first),
      ratio(rustuna?.later, ours?.later),
      ratio(optuna, ours?.first),
    ]);
    if (one.nTrials === 10000 && ours?.first)
      memory.push(`${one.name}, ${side}: ${ours.first.memoryMB!.toFixed(1)} MB`);
  }
}
console.log(
  table(['case', 'ours', 'ours, 2nd', 'rustuna', 'optuna', 'rustuna/ours', '2nd/2nd', 'optuna/ours'], times),
);
if (memory.length > 0) console.log(`\nMemory kept after a study of 10 000 trials\n${memory.join('\n')}`);
