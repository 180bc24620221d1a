/**
 * What a large study costs: builds a SQLite file of random trials with 10 parameters, then prints the time and the peak memory
 * of opening it and of each verb that reads it. Runs built code (`npm run build`), and another built checkout beside it if one
 * is named, on the same file. Usage: npx tsx test/bench/scale.ts [--trials 20000] [--file FILE] [--base CHECKOUT] [--only WORD]
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const PARAMS = 10;
/** A verb that is slower than this is stopped. */
const TIMEOUT_MS = 300_000;

interface Case {
  readonly name: string;
  /** Arguments of node, given the built checkout and the study file. */
  readonly args: (checkout: string, file: string) => readonly string[];
}

interface Cost {
  /** Null if it was stopped or failed. */
  readonly seconds: number | null;
  /** The processor's time, all threads: what to compare by on a busy machine. */
  readonly cpuSeconds: number;
  readonly peakMiB: number;
}

/** Written by the measured process itself, since a parent cannot ask for it. */
const USAGE_TO_FD_3 = `data:text/javascript,import{writeSync}from'node:fs';process.on('exit',()=>{const u=process.resourceUsage();writeSync(3,JSON.stringify([u.maxRSS/1024,(u.userCPUTime+u.systemCPUTime)/1e6]))})`;

function script(checkout: string, body: string): readonly string[] {
  const from = (path: string): string => pathToFileURL(join(checkout, 'dist', path)).href;
  const imports = `import { createStudy } from '${from('src/index.js')}'; import { RandomSampler } from '${from('samplers/index.js')}';`;
  return ['--input-type=module', '-e', `${imports}\n${body}`];
}

const STUDY = (file: string): string =>
  `const study = await createStudy({ studyName: 'scale', storage: 'sqlite:///${file}', loadIfExists: true, sampler: new RandomSampler({ seed: 1 }) });`;
const OBJECTIVE = `(trial) => { let sum = 0; for (let k = 0; k < ${PARAMS}; k++) sum += trial.suggestFloat('x' + k, 0, 1); return sum; }`;

function build(checkout: string, file: string, trials: number): readonly string[] {
  return script(
    checkout,
    `${STUDY(file)} await study.optimize(${OBJECTIVE}, { nTrials: ${trials} }); await study.storage.close();`,
  );
}

function verb(name: string, ...rest: readonly string[]): Case {
  return {
    name: [name, ...rest].join(' '),
    args: (checkout, file) => [
      join(checkout, 'dist/src/cli/main.js'),
      name,
      ...(name === 'studies' ? [] : ['scale']),
      ...rest,
      '--storage',
      `sqlite:///${file}`,
    ],
  };
}

const CASES: readonly Case[] = [
  { name: 'start of the program', args: (checkout) => script(checkout, '') },
  {
    name: 'open, study.trials',
    args: (checkout, file) =>
      script(checkout, `${STUDY(file)} if (study.trials.length === 0) throw new Error('empty');`),
  },
  {
    name: 'open, 100 more trials',
    args: (checkout, file) =>
      script(checkout, `${STUDY(file)} await study.optimize(${OBJECTIVE}, { nTrials: 100 });`),
  },
  verb('best'),
  verb('best', '--json'),
  verb('studies'),
  verb('trials', '--last', '5'),
  verb('trials'),
  verb('trials', '--json'),
  verb('export'),
  verb('export', '--format', 'json'),
  verb('importance'),
];

function measure(args: readonly string[]): Cost {
  const start = performance.now();
  const { status, output } = spawnSync(process.execPath, ['--import', USAGE_TO_FD_3, ...args], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
    encoding: 'utf8',
  });
  const seconds = (performance.now() - start) / 1000;
  if (status !== 0) console.error(output[2]);
  const [peakMiB, cpuSeconds] = JSON.parse(output[3] || '[0, 0]') as [number, number];
  return { seconds: status === 0 ? seconds : null, cpuSeconds, peakMiB };
}

const shown = ({ seconds, cpuSeconds, peakMiB }: Cost): string =>
  seconds === null
    ? 'stopped'.padStart(34)
    : `${seconds.toFixed(2).padStart(8)} s (${cpuSeconds.toFixed(2).padStart(6)} s) ${peakMiB.toFixed(0).padStart(5)} MiB`;

const { values: options } = parseArgs({
  options: {
    trials: { type: 'string', default: '20000' },
    file: { type: 'string' },
    base: { type: 'string' },
    only: { type: 'string', default: '' },
  },
});
const checkouts = [resolve('.'), ...(options.base === undefined ? [] : [resolve(options.base)])];
const directory = mkdtempSync(join(tmpdir(), 'thanos-scale-'));
try {
  const file = options.file === undefined ? join(directory, 'scale.db') : resolve(options.file);
  if (!existsSync(file)) {
    console.log(`building ${options.trials} trials of ${PARAMS} parameters:`);
    checkouts.forEach((checkout, i) => {
      const built = i === 0 ? file : join(directory, `base-${i}.db`);
      console.log(`  ${shown(measure(build(checkout, built, Number(options.trials))))}  ${checkout}`);
    });
  }
  console.log(
    `${(statSync(file).size / 2 ** 20).toFixed(0)} MiB file; seconds (of the processor) and peak of memory, one run each`,
  );
  for (const { name, args } of CASES.filter((each) => each.name.includes(options.only))) {
    const costs = checkouts.map((checkout) => measure(args(checkout, file)));
    const [ours, base] = costs;
    const ratio =
      base?.seconds && ours.seconds ? `  ${(base.cpuSeconds / ours.cpuSeconds).toFixed(1)} times` : '';
    console.log(`${name.padEnd(24)}${costs.map(shown).join('')}${ratio}`);
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
