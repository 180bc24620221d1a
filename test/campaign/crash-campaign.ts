/** An objective that takes its process with it each time: the study must end nevertheless, without that trial. */
import { join } from 'node:path';
import { differences } from './differences.ts';
import { checkSoundness } from './kill-campaign.ts';
import { program, run } from './process.ts';
import { newFolder, type Setting } from './setting.ts';
import { readFacts } from './study-facts.ts';
import { Tally } from './tally.ts';
import { firstLine } from './verdict.ts';

/** The default `maxRetries`: so many times a trial is begun again, so the next crash would be one too many. */
const MAX_RETRIES = 3;
const FATAL_TRIAL = 5;
const WAYS = ['kill', 'abort', 'exit', 'rejection', 'timer'];

export function crashCampaigns(setting: Setting): Promise<Tally>[] {
  return [crashCampaign(setting)];
}

async function crashCampaign(setting: Setting): Promise<Tally> {
  const tally = new Tally('crash loop');
  const ways = setting.size === 'full' ? WAYS : ['kill', 'exit'];
  await Promise.all(
    ways.flatMap((way) =>
      [1, 4].flatMap((batchSize) =>
        (setting.size === 'full' ? ['random', 'tpe'] : ['random']).map((sampler) =>
          setting.slots.run(() => crashLoop(setting, tally, way, batchSize, sampler)),
        ),
      ),
    ),
  );
  return tally;
}

async function crashLoop(
  setting: Setting,
  tally: Tally,
  way: string,
  batchSize: number,
  sampler: string,
): Promise<void> {
  const what = `${way}, batches of ${batchSize}, ${sampler}`;
  const folder = newFolder(setting, 'crash', way, batchSize, sampler);
  const command = (file: string, how: string) =>
    program('fatal-trial.mjs', { file, way: how, fatal: FATAL_TRIAL, batchSize, sampler });
  const thrown = await run(command('thrown.db', 'throw'), { cwd: folder });
  if (thrown.code !== 0) {
    tally.fault('errors', `${what}: with a throw it ended with ${thrown.code}: ${firstLine(thrown.stderr)}`);
    return;
  }
  let crashes = 0;
  // More than maxRetries allows, so that a study that never ends is told from one that ends late.
  while (crashes < 3 * MAX_RETRIES) {
    tally.add('runs');
    const { code } = await run(command('crashed.db', way), { cwd: folder });
    if (code === 0) break;
    crashes++;
  }
  tally.add('kills', crashes);
  tally.add('compared');
  const facts = readFacts(join(folder, 'crashed.db'));
  checkSoundness(tally, what, facts);
  if (crashes !== MAX_RETRIES + 1)
    tally.fault('errors', `${what}: ${crashes} crashes, but there should be ${MAX_RETRIES + 1}`);
  const ended = facts.studies['study'];
  const fatal = ended?.trials[FATAL_TRIAL];
  if (fatal?.state !== 'FAIL') tally.fault('errors', `${what}: trial ${FATAL_TRIAL} is ${fatal?.state}`);
  else if (fatal.systemAttrs['thanos:fail_reason'] === undefined)
    tally.fault('errors', `${what}: trial ${FATAL_TRIAL} is FAIL without a reason`);
  const others = (trials: object) => Object.entries(trials).filter(([n]) => Number(n) !== FATAL_TRIAL);
  const expected = readFacts(join(folder, 'thrown.db')).studies['study'];
  const changes = differences(others(expected.trials), others(ended?.trials ?? {}), 'trials');
  if (changes.length > 0) tally.fault('not identical', `${what}: ${changes.slice(0, 3).join('; ')}`);
}
