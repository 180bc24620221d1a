/** kill -9 at random moments, and again from the start until it is through: the study must be that of an unbroken run. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { differences } from './differences.ts';
import { runAndKill } from './killer.ts';
import { type Ended, program, programPath, run, thanos } from './process.ts';
import { newFolder, type Setting } from './setting.ts';
import { type FileFacts, readFacts } from './study-facts.ts';
import { Tally } from './tally.ts';
import { firstLine } from './verdict.ts';

const SAMPLERS = ['random', 'tpe', 'nsga2', 'cmaes', 'gp', 'evolutionary', 'auto', 'grid', 'qmc'];
const SLOW_SAMPLERS = ['gp', 'auto'];

/** A program whose result must not depend on kills. All its files lie in the folder that it runs in. */
interface Work {
  readonly name: string;
  readonly command: readonly string[];
  readonly file: string;
  /** Files beside the study that must be the same byte for byte: those in these folders, and these. */
  readonly sameFiles: readonly string[];
  readonly kills: number;
  /** How many times it is killed to its end, each time in a new folder. */
  readonly rounds: number;
}

/** A line `study number` of each evaluation that was begun. */
const EVALUATIONS = 'evaluations.log';

export function killCampaigns(setting: Setting): Promise<Tally>[] {
  const isFull = setting.size === 'full';
  const nested = SAMPLERS.flatMap((sampler) =>
    [1, 4].map((batchSize): Work => {
      const isSlow = SLOW_SAMPLERS.includes(sampler);
      const innerTrials = (isFull ? 24 : 16) / (isSlow ? 2 : 1);
      const options = { sampler, batchSize, outerTrials: isFull ? 5 : 4, innerTrials, pauseMs: 2 };
      return {
        name: `${sampler}-${batchSize}`,
        command: program('nested-study.mjs', options),
        file: 'study.db',
        sameFiles: ['artifacts'],
        kills: isFull ? 4 : 2,
        rounds: isFull ? 9 : 1,
      };
    }),
  );
  const compared = (problem: string, samplers: string): Work => ({
    name: problem,
    command: thanos(
      ...['compare', '--problem', problem, '--samplers', samplers, '--seeds', '3', '--trials', '30'],
      ...['--batch-size', '2', '--storage', 'sqlite:///study.db', '--json'],
    ),
    file: 'study.db',
    sameFiles: [],
    kills: 2,
    rounds: isFull ? 20 : 2,
  });
  const branches: Work = {
    name: 'branches',
    command: thanos('run', programPath('branches.ts'), '--storage', 'sqlite:///study.db', '--json'),
    file: 'study.db',
    sameFiles: [],
    kills: 3,
    rounds: isFull ? 17 : 3,
  };
  const bigOptions = {
    studyName: 'big',
    file: 'study.db',
    totalTrials: 60,
    pauseMs: 0,
    attrBytes: 3_000_000,
  };
  const big: Work = {
    name: 'big',
    command: program('slow-study.mjs', bigOptions),
    file: 'study.db',
    sameFiles: [],
    kills: 3,
    rounds: 12,
  };
  const campaigns = [
    killCampaign(setting, 'kill: nested studies, 9 samplers, batches of 1 and 4', nested),
    killCampaign(setting, 'kill: thanos run, TypeScript', [branches]),
    killCampaign(setting, 'kill: thanos compare', [
      compared('branin', 'random,tpe,nsga2,cmaes'),
      compared('zdt1', 'random,tpe,nsga2'),
    ]),
  ];
  if (isFull)
    campaigns.push(
      killCampaign(setting, 'kill: amid checkpoints of a 180 MB log', [big]),
      killCampaign(setting, 'kill: thanos nas run', [nasWork()]),
    );
  return campaigns;
}

function nasWork(): Work {
  return {
    name: 'nas',
    command: thanos('nas', 'run', programPath('tiny-nas.yaml'), '--dir', 'run', '--json'),
    file: 'run/study.db',
    sameFiles: ['run'],
    kills: 2,
    rounds: 15,
  };
}

async function killCampaign(setting: Setting, name: string, works: readonly Work[]): Promise<Tally> {
  const tally = new Tally(name);
  await Promise.all(
    works.map(async (work) => {
      const unbroken = await setting.slots.run(() => runUnbroken(setting, tally, work));
      if (unbroken === null) return;
      await Promise.all(
        Array.from({ length: work.rounds }, (_, round) =>
          setting.slots.run(() => killed(setting, tally, work, round, unbroken)),
        ),
      );
    }),
  );
  return tally;
}

interface Unbroken {
  readonly folder: string;
  readonly facts: FileFacts;
  readonly ended: Ended;
}

async function runUnbroken(setting: Setting, tally: Tally, work: Work): Promise<Unbroken | null> {
  const folder = newFolder(setting, work.name, 'unbroken');
  const ended = await run(work.command, { cwd: folder });
  tally.add('runs');
  if (ended.code === 0) return { folder, facts: readFacts(join(folder, work.file)), ended };
  tally.fault(
    'errors',
    `${work.name}: the unbroken run ended with ${ended.code}: ${firstLine(ended.stderr)}`,
  );
  return null;
}

async function killed(
  setting: Setting,
  tally: Tally,
  work: Work,
  round: number,
  unbroken: Unbroken,
): Promise<void> {
  const what = `${work.name}, round ${round}`;
  const folder = newFolder(setting, work.name, 'killed', round);
  const file = join(folder, work.file);
  let complete: ReadonlySet<string> = new Set();
  let evaluations = 0;
  const { kills, last } = await runAndKill(
    {
      command: work.command,
      cwd: folder,
      file,
      unbrokenMs: unbroken.ended.elapsedMs,
      beforeRun: () => {
        complete = new Set(existsSync(file) ? readFacts(file).complete : []);
        evaluations = evaluationsIn(folder).length;
      },
      afterRun: () => {
        tally.add('runs');
        for (const evaluation of evaluationsIn(folder).slice(evaluations))
          if (complete.has(evaluation)) tally.fault('re-evaluated', `${what}: trial ${evaluation}`);
      },
    },
    work.kills,
    setting.rng.fork('kill', work.name, round),
  );
  tally.add('kills', kills);
  if (last.code !== 0) {
    tally.fault(
      'errors',
      `${what}: ended with ${last.isHung ? 'a hang' : last.code}: ${firstLine(last.stderr)}`,
    );
    return;
  }
  const facts = readFacts(file);
  tally.add('compared');
  checkSoundness(tally, what, facts);
  const changes = [
    ...differences(unbroken.facts, facts),
    ...differences(outputOf(unbroken.ended, unbroken.folder), outputOf(last, folder), 'output'),
    ...work.sameFiles.flatMap((name) =>
      differences(contentOf(join(unbroken.folder, name)), contentOf(join(folder, name)), name),
    ),
  ];
  if (changes.length > 0) tally.fault('not identical', `${what}: ${changes.slice(0, 3).join('; ')}`);
}

/** What no file may have, however it came about. */
export function checkSoundness(tally: Tally, what: string, facts: FileFacts): void {
  for (const place of facts.duplicateNumbers) tally.fault('duplicates', `${what}: number of trial ${place}`);
  for (const place of facts.running) tally.fault('RUNNING left', `${what}: trial ${place}`);
  if (facts.integrity !== 'ok') tally.fault('errors', `${what}: integrity check: ${facts.integrity}`);
  for (const [table, n] of Object.entries(facts.orphans))
    tally.fault('errors', `${what}: ${n} rows of ${table} belong to nothing`);
}

function evaluationsIn(folder: string): string[] {
  const log = join(folder, EVALUATIONS);
  return existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
}

/** The result less its times and the folder that it names, if it is JSON: messages say how far a run has come. */
function outputOf({ stdout }: Ended, folder: string): unknown {
  if (!stdout.startsWith('{')) return null;
  return JSON.parse(stdout.replaceAll(folder, '.'), (key, value) =>
    /^(datetime|duration)/.test(key) ? undefined : value,
  );
}

/** Content by path. Study files are compared row by row; a report names its own path; hidden files are unfinished ones. */
function contentOf(path: string): Readonly<Record<string, string>> {
  if (!existsSync(path)) return {};
  return Object.fromEntries(
    readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/^\.|\.(db|db-wal|db-shm|html)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [relative(path, file), readFileSync(file).toString('base64')]),
  );
}
