/** Many processes at once on one file, from no file at all to an existing study; some of them killed. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Rng } from '../../src/core/rng.ts';
import { checkSoundness } from './kill-campaign.ts';
import { type Ended, program, programPath, type Running, run, start, thanos } from './process.ts';
import { newFolder, type Setting } from './setting.ts';
import { type FileFacts, readFacts } from './study-facts.ts';
import { Tally } from './tally.ts';
import { firstLine } from './verdict.ts';

const STUDY = 'shared';
const GRID_POINTS = 24;

type Beginning = 'no file' | 'empty file' | 'new study' | 'no name';

interface Race {
  readonly processes: number;
  readonly beginning: Beginning;
  readonly sampler: string;
  readonly killed: number;
  readonly totalTrials: number;
}

export function raceCampaigns(setting: Setting): Promise<Tally>[] {
  const isFull = setting.size === 'full';
  const sampler = (i: number) => ['random', 'tpe', 'grid'][i % 3];
  const starts: Race[] = [];
  for (const beginning of ['no file', 'empty file', 'new study', 'no name'] as const)
    for (const processes of [2, 4, 8])
      for (let i = 0; i < (isFull ? 10 : 1); i++)
        starts.push({
          processes,
          beginning,
          sampler: sampler(starts.length),
          killed: 0,
          totalTrials: GRID_POINTS,
        });
  const loads: Race[] = [];
  for (const processes of [2, 4, 8])
    for (let i = 0; i < (isFull ? 3 : 1); i++) {
      const drawnBy = sampler(loads.length);
      const totalTrials = drawnBy === 'grid' ? GRID_POINTS : isFull ? 400 : 80;
      const killed = Math.max(1, processes / 2 - 1);
      loads.push({ processes, beginning: 'no file', sampler: drawnBy, killed, totalTrials });
    }
  // In the small size every second start will do.
  const started = isFull ? starts : starts.filter((_, i) => i % 2 === 0);
  return [
    races(setting, 'race: starts together, 2, 4 and 8 processes', started),
    races(setting, 'race: some of 2, 4 and 8 processes killed', loads),
    modules(setting, isFull ? 20 : 2),
    withOptuna(setting, isFull ? 3 : 1),
  ];
}

async function races(setting: Setting, name: string, list: readonly Race[]): Promise<Tally> {
  const tally = new Tally(name);
  await Promise.all(list.map((race, i) => setting.slots.run(() => runRace(setting, tally, race, i))));
  return tally;
}

async function runRace(setting: Setting, tally: Tally, race: Race, i: number): Promise<void> {
  const { processes, beginning, sampler, totalTrials } = race;
  const what = `${processes} processes, ${beginning}, ${sampler}, ${race.killed} killed`;
  const folder = newFolder(setting, 'race', beginning, sampler, processes, race.killed, i);
  const file = join(folder, 'study.db');
  const worker = (studyName: string | null) =>
    program('worker.mjs', { studyName, sampler, totalTrials, pauseMs: 2 });
  if (beginning === 'empty file') writeFileSync(file, '');
  if (beginning === 'new study') await runAtOnce([worker('other')], folder);
  const isNamed = beginning !== 'no name';
  const commands = Array.from({ length: processes }, () => worker(isNamed ? STUDY : null));
  const ended = await runAtOnce(commands, folder, race.killed, setting.rng.fork('race', name(what), i));
  tally.add('runs', processes);
  countErrors(tally, what, ended);
  const kills = ended.filter(({ signal }) => signal === 'SIGKILL').length;
  tally.add('kills', kills);
  // What the last one to end had left, if that was killed, is taken up by the next run.
  if (kills > 0) countErrors(tally, what, await runAtOnce([worker(STUDY)], folder));
  const facts = readFacts(file);
  checkSoundness(tally, what, facts);
  tally.add('compared');
  if (isNamed) checkStudy(tally, what, facts, STUDY, totalTrials, sampler === 'grid');
  else {
    const names = Object.keys(facts.studies);
    if (names.length !== processes)
      tally.fault('errors', `${what}: ${processes} studies without a name became ${names.length}`);
    for (const study of names) checkStudy(tally, what, facts, study, totalTrials, sampler === 'grid');
  }
}

const name = (what: string): string => what.replaceAll(/\W/g, '-');

/** Starts all, lets them begin at one moment, and kills some of them a little later. */
async function runAtOnce(
  commands: readonly (readonly string[])[],
  cwd: string,
  killed = 0,
  rng: Rng | null = null,
): Promise<Ended[]> {
  const running: Running[] = commands.map((command) => start(command, { cwd }));
  await Promise.all(running.map((each) => each.untilOutput(/ready/)));
  for (const { child } of running) child.stdin?.end('go');
  for (const { child } of running.slice(0, killed))
    setTimeout(() => child.kill('SIGKILL'), rng!.uniformIn(20, 400)).unref();
  return Promise.all(running.map((each) => each.ended));
}

function countErrors(tally: Tally, what: string, ended: readonly Ended[]): void {
  for (const { code, signal, stderr, isHung } of ended)
    if (code !== 0 && (signal !== 'SIGKILL' || isHung))
      tally.fault('errors', `${what}: ${isHung ? 'hangs' : `ended with ${code}`}: ${errorLine(stderr)}`);
}

/** The line of an uncaught error that says what it is. */
function errorLine(stderr: string): string {
  return firstLine(/^\w*Error\b.*$/m.exec(stderr)?.[0] ?? stderr);
}

function checkStudy(
  tally: Tally,
  what: string,
  facts: FileFacts,
  study: string,
  wanted: number,
  isGrid: boolean,
): void {
  const trials = Object.values(facts.studies[study]?.trials ?? {});
  if (trials.length !== wanted)
    tally.fault('errors', `${what}: ${wanted} trials wanted, ${trials.length} there`);
  const unfinished = trials.filter(({ state }) => state !== 'COMPLETE').length;
  if (unfinished > 0) tally.fault('errors', `${what}: ${unfinished} trials are not COMPLETE`);
  const points = new Set(trials.map(({ params }) => JSON.stringify(params)));
  if (isGrid && points.size !== trials.length)
    tally.fault('duplicates', `${what}: ${trials.length - points.size} grid points evaluated again`);
}

async function modules(setting: Setting, rounds: number): Promise<Tally> {
  const tally = new Tally('race: thanos run, 4 at once');
  const round = async (i: number): Promise<void> => {
    const cwd = newFolder(setting, 'race-module', i);
    const command = thanos('run', programPath('branches.ts'), '--storage', 'sqlite:///study.db');
    const ended = await Promise.all([1, 2, 3, 4].map(() => run(command, { cwd })));
    tally.add('runs', 4);
    countErrors(tally, `round ${i}`, ended);
    const facts = readFacts(join(cwd, 'study.db'));
    checkSoundness(tally, `round ${i}`, facts);
    const n = Object.keys(facts.studies['branches']?.trials ?? {}).length;
    tally.add('compared');
    if (n !== 60) tally.fault('errors', `round ${i}: 60 trials wanted, ${n} there`);
  };
  await Promise.all(Array.from({ length: rounds }, (_, i) => setting.slots.run(() => round(i))));
  return tally;
}

async function withOptuna(setting: Setting, rounds: number): Promise<Tally> {
  const tally = new Tally('race: an Optuna process beside four of ours');
  const python = process.env['THANOS_PEER_PYTHON'];
  if (python === undefined) {
    tally.skipped.push('THANOS_PEER_PYTHON names no Python with Optuna');
    return tally;
  }
  const round = async (i: number): Promise<void> => {
    const cwd = newFolder(setting, 'race-optuna', i);
    const [each, peers] = [25, 20];
    const worker = program('worker.mjs', { studyName: STUDY, sampler: 'random', nTrials: each, pauseMs: 5 });
    // Optuna loses the race for a file of its own, so the study is there before it comes.
    await runAtOnce([worker], cwd);
    const peer = [python, programPath('optuna_worker.py'), 'sqlite:///study.db', STUDY, String(peers)];
    const ended = await runAtOnce([worker, worker, worker, worker, peer], cwd);
    tally.add('runs', 6);
    countErrors(tally, `round ${i}`, ended);
    const facts = readFacts(join(cwd, 'study.db'));
    checkSoundness(tally, `round ${i}`, facts);
    tally.add('compared');
    checkStudy(tally, `round ${i}`, facts, STUDY, 5 * each + peers, false);
  };
  await Promise.all(Array.from({ length: rounds }, (_, i) => setting.slots.run(() => round(i))));
  return tally;
}
