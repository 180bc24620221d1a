/**
 * Speed and quality of our samplers beside Optuna and rustuna, in one run on one machine: whole in-memory studies with
 * `study.optimize`, a define-by-run objective, one thread. CPU time decides on a shared machine; wall time is beside it.
 *
 *   THANOS_PEER_PYTHON=/path/to/python npx tsx test/bench/samplers.ts [speed|quality]
 */
import { execFileSync } from 'node:child_process';
import { hartmann6, rastrigin, rosenbrock, sphere, zdt1 } from '../../objectives/synthetic/index.ts';
import { NsgaIISampler, RandomSampler, TpeSampler } from '../../samplers/index.ts';
import { createStudy, type Sampler, type Trial } from '../../src/index.ts';

type ObjectiveOf = (trial: Trial) => number | readonly number[];

interface Case {
  readonly sampler: 'tpe' | 'nsga2' | 'random';
  readonly function: string;
  readonly dimensions: number;
  readonly nObjectives: number;
  readonly nTrials: number;
}

interface Result {
  readonly wallS: number;
  readonly cpuS: number;
  /** Best value; null with several objectives. */
  readonly best: number | null;
}

const python = process.env['THANOS_PEER_PYTHON'];

const SYNTHETIC = { sphere, rosenbrock, rastrigin, hartmann6, zdt1 };

function objectiveOf(name: string, dimensions: number): ObjectiveOf {
  if (name === 'mixed') return mixed;
  if (name === 'ints')
    return (trial) => {
      let sum = 0;
      for (let i = 1; i <= dimensions; i++) sum += (trial.suggestInt(`x${i}`, -50, 50) / 10) ** 2;
      return sum;
    };
  const { space, evaluate } = SYNTHETIC[name as keyof typeof SYNTHETIC](dimensions);
  const entries = Object.entries(space);
  return (trial) => {
    const params: Record<string, number> = {};
    for (const [key, d] of entries) params[key] = trial.suggestFloat(key, d.low, d.high);
    const values = evaluate(params);
    return values.length === 1 ? values[0] : values;
  };
}

/** A made-up training run: its minimum is about 0. The Python side has the same formula. */
function mixed(trial: Trial): number {
  const lr = trial.suggestFloat('lr', 1e-5, 1e-1, { log: true });
  const dropout = trial.suggestInt('dropout', 0, 10);
  const layers = trial.suggestInt('layers', 1, 8);
  const width = trial.suggestInt('width', 16, 512, { log: true });
  const act = trial.suggestCategorical('act', ['relu', 'gelu', 'tanh', 'silu']);
  const norm = trial.suggestCategorical('norm', ['pre', 'post']);
  return (
    (Math.log10(lr) + 3) ** 2 +
    (dropout - 2) ** 2 / 25 +
    0.3 * Math.abs(layers - 6) +
    Math.abs(Math.log2(width / 200)) +
    { relu: 0.4, gelu: 0, tanh: 1, silu: 0.1 }[act] +
    (norm === 'pre' ? 0 : layers < 4 ? 0.5 : 1)
  );
}

function samplerOf(name: Case['sampler'], seed: number): Sampler {
  if (name === 'random') return new RandomSampler({ seed });
  return name === 'tpe' ? new TpeSampler({ seed }) : new NsgaIISampler({ seed });
}

async function ours(one: Case, seeds: readonly number[]): Promise<Result[]> {
  const results: Result[] = [];
  for (const seed of seeds) {
    const study = await createStudy({
      directions: new Array<'minimize'>(one.nObjectives).fill('minimize'),
      sampler: samplerOf(one.sampler, seed),
    });
    const objective = objectiveOf(one.function, one.dimensions);
    const [wall, cpu] = [performance.now(), process.cpuUsage()];
    await study.optimize(objective, { nTrials: one.nTrials });
    const { user, system } = process.cpuUsage(cpu);
    const best = one.nObjectives === 1 ? Math.min(...study.trials.map((t) => t.values![0])) : null;
    results.push({ wallS: (performance.now() - wall) / 1000, cpuS: (user + system) / 1e6, best });
  }
  return results;
}

function peer(name: 'optuna' | 'rustuna', one: Case, seeds: readonly number[]): Result[] | null {
  if (python === undefined) return null;
  const script = new URL('./samplers-peers.py', import.meta.url).pathname;
  const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
  try {
    return JSON.parse(
      execFileSync(python, [script, JSON.stringify({ ...one, peer: name, seeds })], {
        encoding: 'utf8',
        env,
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    ) as Result[];
  } catch {
    return null;
  }
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

const describeCase = (one: Case): string =>
  `${one.sampler} ${one.function} ${one.dimensions}-d, ${one.nObjectives} objective(s), ${one.nTrials} trials`;

async function speed(): Promise<void> {
  const base = { nObjectives: 1, dimensions: 10 };
  const cases: readonly Case[] = [
    { ...base, sampler: 'random', function: 'sphere', nTrials: 1000 },
    { ...base, sampler: 'tpe', function: 'sphere', nTrials: 1000 },
    { ...base, sampler: 'tpe', function: 'ints', nTrials: 1000 },
    { ...base, sampler: 'tpe', function: 'mixed', nTrials: 1000, dimensions: 6 },
    { ...base, sampler: 'tpe', function: 'zdt1', nObjectives: 2, nTrials: 500 },
    { ...base, sampler: 'nsga2', function: 'zdt1', nObjectives: 2, nTrials: 2000 },
  ];
  console.log('Speed: median of 3 studies (optuna: 1), CPU s (wall s); ratio of CPU times to ours');
  for (const one of cases) {
    const seeds = [1, 2, 3];
    const mine = await ours(one, seeds);
    const cpu = median(mine.map((r) => r.cpuS));
    const parts = [`thanos ${cpu.toFixed(3)} (${median(mine.map((r) => r.wallS)).toFixed(3)})`];
    for (const name of ['optuna', 'rustuna'] as const) {
      const theirs = peer(name, one, name === 'optuna' ? seeds.slice(0, 1) : seeds);
      if (theirs === null) parts.push(`${name} did not run`);
      else {
        const theirCpu = median(theirs.map((r) => r.cpuS));
        parts.push(
          `${name} ${theirCpu.toFixed(3)} (${median(theirs.map((r) => r.wallS)).toFixed(3)}) ratio ${(theirCpu / cpu).toFixed(2)}`,
        );
      }
    }
    console.log(`${describeCase(one)}: ${parts.join('; ')}`);
  }
}

async function quality(): Promise<void> {
  const seeds = Array.from({ length: 10 }, (_, i) => i + 1);
  console.log('Quality: best value of 100 TPE trials, median [min, max] of 10 seeds');
  for (const [name, dimensions] of [
    ['sphere', 5],
    ['rosenbrock', 5],
    ['rastrigin', 5],
    ['hartmann6', 6],
    ['mixed', 6],
  ] as const) {
    const one: Case = { sampler: 'tpe', function: name, dimensions, nObjectives: 1, nTrials: 100 };
    const summary = (label: string, results: readonly Result[] | null): string => {
      if (results === null) return `${label} did not run`;
      const best = results.map((r) => r.best!);
      return `${label} ${median(best).toPrecision(4)} [${Math.min(...best).toPrecision(3)}, ${Math.max(...best).toPrecision(3)}]`;
    };
    const parts = [summary('thanos', await ours(one, seeds))];
    for (const peerName of ['optuna', 'rustuna'] as const)
      parts.push(summary(peerName, peer(peerName, one, seeds)));
    parts.push(summary('(random)', await ours({ ...one, sampler: 'random' }, seeds)));
    console.log(`${name} ${dimensions}-d: ${parts.join('; ')}`);
  }
}

const [which] = process.argv.slice(2);
if (python === undefined) console.log('THANOS_PEER_PYTHON is not set: the peers are left out');
if (which !== 'quality') await speed();
if (which !== 'speed') await quality();
