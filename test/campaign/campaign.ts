/**
 * Kills, races and damages studies as users run them: the built package, real processes, real files.
 *
 *   npx tsx test/campaign/campaign.ts [--kinds kill,race,damage,container,files,input] [--size small|full] [--seed n]
 *
 * Prints a line for each campaign and a table at the end; exits with 1 if anything fell short.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Rng } from '../../src/core/rng.ts';
import { ensureBuilt } from '../e2e/built-package.ts';
import { containerCampaigns } from './container-campaign.ts';
import { crashCampaigns } from './crash-campaign.ts';
import { damageCampaigns } from './damage-campaign.ts';
import { filesCampaigns } from './files-campaign.ts';
import { inputCampaigns } from './input-campaign.ts';
import { killCampaigns } from './kill-campaign.ts';
import { raceCampaigns } from './race-campaign.ts';
import type { Setting, Size } from './setting.ts';
import { Slots } from './slots.ts';
import { summaryTable, type Tally } from './tally.ts';

/** Those that wait most come first. */
const CAMPAIGNS: Readonly<Record<string, (setting: Setting) => Promise<Tally>[]>> = {
  container: containerCampaigns,
  race: raceCampaigns,
  kill: (setting) => [...killCampaigns(setting), ...crashCampaigns(setting)],
  files: filesCampaigns,
  damage: damageCampaigns,
  input: inputCampaigns,
};

const { values } = parseArgs({
  options: {
    kinds: { type: 'string', default: Object.keys(CAMPAIGNS).join() },
    size: { type: 'string', default: 'small' },
    seed: { type: 'string', default: '1' },
    keep: { type: 'boolean', default: false },
  },
});
const kinds = values.kinds.split(',');
const unknown = kinds.filter((kind) => !Object.hasOwn(CAMPAIGNS, kind));
const seed = Number(values.seed);
if (unknown.length > 0 || !['small', 'full'].includes(values.size) || !Number.isSafeInteger(seed)) {
  console.error(
    `--kinds must be of ${Object.keys(CAMPAIGNS).join()}, --size small or full, --seed an integer, but they are ` +
      `${values.kinds}, ${values.size}, ${values.seed}`,
  );
  process.exit(2);
}

ensureBuilt();
const folder = mkdtempSync(join(tmpdir(), 'thanos-campaign-'));
process.on('exit', () => {
  if (values.keep) console.log(`files are in ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
console.log(`size ${values.size}, seed ${seed}`);
const setting: Setting = {
  size: values.size as Size,
  rng: Rng.keyed('campaign', seed),
  slots: new Slots(availableParallelism()),
  folder,
};
const begun = performance.now();
const tallies = await Promise.all(
  kinds
    .flatMap((kind) => CAMPAIGNS[kind](setting))
    .map(async (campaign) => {
      const tally = await campaign;
      console.log(`${tally.report} (at ${Math.round((performance.now() - begun) / 1000)} s)`);
      return tally;
    }),
);
console.log(`\nsize ${values.size}, seed ${seed}, ${Math.round((performance.now() - begun) / 1000)} s`);
console.log(summaryTable(tallies));
const short = tallies.filter((tally) => tally.fellShort);
console.log(short.length === 0 ? 'all held' : `${short.length} of ${tallies.length} campaigns fell short`);
process.exitCode = short.length === 0 ? 0 : 1;
