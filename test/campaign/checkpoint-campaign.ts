/** Damaged checkpoints of a NAS: refused with one typed error before anything is made of them. */
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BYTE_DAMAGES } from './damage-bytes.ts';
import { CHECKPOINT_DAMAGES } from './damage-checkpoint.ts';
import { programPath, run, thanos } from './process.ts';
import { newFolder, type Setting } from './setting.ts';
import { Tally } from './tally.ts';
import { firstLine, judge } from './verdict.ts';

const CONFIG = programPath('checkpoint-nas.yaml');
const SMALL_SHARE = 5;

export async function checkpointCampaign(setting: Setting): Promise<Tally> {
  const tally = new Tally('damage: checkpoints of a NAS');
  const trained = newFolder(setting, 'checkpoint-trained');
  const made = await setting.slots.run(() =>
    run(thanos('nas', 'train', CONFIG, '--dir', 'run'), { cwd: trained }),
  );
  if (made.code !== 0) {
    tally.fault('errors', `the checkpoint could not be made: ${firstLine(made.stderr)}`);
    return tally;
  }
  const rng = setting.rng.fork('checkpoints');
  const damages = [
    ...CHECKPOINT_DAMAGES.map(({ name, damage }) => ({
      name,
      damage,
      file: /\.safetensors$/,
      isRefused: true,
    })),
    // A bit of a weight may be another weight, so these need not be noticed.
    ...BYTE_DAMAGES.flatMap(({ name, damage }) =>
      [/\.safetensors$/, /\.curve\.jsonl$/, /^tokenizer.*\.json$/].map((file) => ({
        name: `${name} of ${file.source}`,
        damage: (bytes: Buffer) => damage(bytes, rng.fork(name, file.source)),
        file,
        isRefused: false,
      })),
    ),
  ];
  const tried = setting.size === 'full' ? damages : rng.shuffled(damages).slice(0, SMALL_SHARE);
  const one = async (
    { name, damage, file, isRefused }: (typeof damages)[number],
    i: number,
  ): Promise<void> => {
    const cwd = newFolder(setting, 'checkpoint', i);
    cpSync(join(trained, 'run'), join(cwd, 'run'), { recursive: true });
    const found = readdirSync(join(cwd, 'run')).find((each) => file.test(each));
    if (found === undefined) throw new Error(`training made no ${file}`);
    const path = join(cwd, 'run', found);
    writeFileSync(path, damage(readFileSync(path)));
    const ended = await run(thanos('nas', 'search', CONFIG, '--dir', 'run', '--json'), {
      cwd,
      limitMs: 90_000,
    });
    if (ended.isHung) tally.fault('errors', `${name}: hangs`);
    else judge(tally, name, ended, true);
    if (ended.code === 0 && isRefused) tally.fault('errors', `${name}: is accepted`);
    rmSync(cwd, { recursive: true });
  };
  await Promise.all(tried.map((damage, i) => setting.slots.run(() => one(damage, i))));
  return tally;
}
