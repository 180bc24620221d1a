/** Processes that cannot see each other, as in containers: killed and restarted at once, or blocked for long. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { differences } from './differences.ts';
import { checkSoundness } from './kill-campaign.ts';
import { type Ended, program, run, start } from './process.ts';
import { newFolder, type Setting } from './setting.ts';
import { readFacts } from './study-facts.ts';
import { Tally } from './tally.ts';
import { firstLine } from './verdict.ts';

/** A process in a pid namespace of its own, which ends with the one that made it. */
const CONTAINER = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'];
/** A restarted container waits until the trial of the one before has shown no sign of life for long enough. */
const LIMIT_MS = 400_000;
/** Longer than the time without a sign of life after which a trial counts as abandoned. */
const BLOCKED_MS = 150_000;

export function containerCampaigns(setting: Setting): Promise<Tally>[] {
  const tally = new Tally('containers: killed and restarted at once');
  const tried = spawnSync(CONTAINER[0], [...CONTAINER.slice(1), 'true'], { encoding: 'utf8' });
  if (tried.status !== 0) {
    tally.skipped.push(
      `unshare makes no pid namespace here: ${firstLine(tried.stderr ?? String(tried.error))}`,
    );
    return [Promise.resolve(tally)];
  }
  // They mostly wait, so they take no slot.
  const restarts = Array.from({ length: setting.size === 'full' ? 4 : 1 }, (_, i) =>
    restart(setting, tally, i),
  );
  const campaigns = [Promise.all(restarts).then(() => tally)];
  if (setting.size === 'full') campaigns.push(blocked(setting));
  return campaigns;
}

async function restart(setting: Setting, tally: Tally, i: number): Promise<void> {
  const rng = setting.rng.fork('container', i);
  const batchSize = [1, 4][i % 2];
  const what = `restart ${i}, batches of ${batchSize}`;
  const folder = newFolder(setting, 'container', i);
  const command = (file: string) => [
    ...CONTAINER,
    ...program('blocking-worker.mjs', { file, batchSize, totalTrials: 30, pauseMs: 40, blockedMs: 0 }),
  ];
  const unbroken = await run(command('unbroken.db'), { cwd: folder });
  const killed = start(command('killed.db'), { cwd: folder });
  await killed.untilOutput(/ready/);
  setTimeout(() => killed.child.kill('SIGKILL'), rng.uniformIn(100, 700));
  if ((await killed.ended).signal === 'SIGKILL') tally.add('kills');
  const again = await run(command('killed.db'), { cwd: folder, limitMs: LIMIT_MS });
  tally.add('runs', 3);
  for (const ended of [unbroken, again]) countError(tally, what, ended);
  const facts = readFacts(join(folder, 'killed.db'));
  checkSoundness(tally, what, facts);
  tally.add('compared');
  const changes = differences(readFacts(join(folder, 'unbroken.db')), facts);
  if (changes.length > 0) tally.fault('not identical', `${what}: ${changes.slice(0, 3).join('; ')}`);
}

/** One of two containers blocks its event loop: its trial must stay its own, and neither may fail. */
async function blocked(setting: Setting): Promise<Tally> {
  const tally = new Tally('containers: an event loop blocked for long');
  const folder = newFolder(setting, 'container-blocked');
  const command = (blockedMs: number) => [
    ...CONTAINER,
    ...program('blocking-worker.mjs', {
      file: 'study.db',
      batchSize: 1,
      totalTrials: 12,
      pauseMs: 40,
      blockedMs,
    }),
  ];
  const first = start(command(BLOCKED_MS), { cwd: folder, limitMs: LIMIT_MS });
  await first.untilOutput(/blocked/);
  const ended = await Promise.all([run(command(0), { cwd: folder, limitMs: LIMIT_MS }), first.ended]);
  tally.add('runs', 2);
  for (const each of ended) countError(tally, 'blocked', each);
  const facts = readFacts(join(folder, 'study.db'));
  checkSoundness(tally, 'blocked', facts);
  tally.add('compared');
  const evaluations = ended.flatMap(({ stdout }) => stdout.match(/^trial \d+$/gm) ?? []);
  const repeated = evaluations.length - new Set(evaluations).size;
  if (repeated > 0) tally.fault('re-evaluated', `${repeated} trials were begun twice`, repeated);
  return tally;
}

function countError(tally: Tally, what: string, { code, stderr, isHung }: Ended): void {
  if (code !== 0)
    tally.fault('errors', `${what}: ${isHung ? 'hangs' : `ended with ${code}`}: ${firstLine(stderr)}`);
}
