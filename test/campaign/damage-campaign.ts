/** Damaged files and rows under every command: each is read, or refused with one typed error. */
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkpointCampaign } from './checkpoint-campaign.ts';
import { sayLines } from './command-lines.ts';
import { BYTE_DAMAGES } from './damage-bytes.ts';
import { damageRows, type RowDamage, rowDamages } from './damage-rows.ts';
import { program, programPath, run } from './process.ts';
import { newFolder, type Setting } from './setting.ts';
import { Tally } from './tally.ts';
import { firstLine, judge } from './verdict.ts';

const READING = [
  ['best', 'demo'],
  ['trials', 'demo'],
  ['trials', 'demo', '--last', '2'],
  ['export', 'demo', '--format', 'json'],
  ['export', 'demo'],
  ['studies'],
  ['importance', 'demo'],
];
const RESUMING = [['run', programPath('demo-study.mjs')]];
/** A study beside the damaged one, which one odd row must not hide. */
const OTHERS = [['best', 'other'], ['trials', 'other'], ['studies']];
/** Damaged rows that the small size tries. */
const SMALL_SHARE = 40;
/** Tables whose rows concern the whole file. */
const WHOLE_FILE = /^(version_info|alembic_version)|dropped$/;

export function damageCampaigns(setting: Setting): Promise<Tally>[] {
  const sound = makeSound(setting);
  return [damagedBytes(setting, sound), damagedRows(setting, sound), checkpointCampaign(setting)];
}

/** The path of a sound file with several studies. */
async function makeSound(setting: Setting): Promise<string> {
  const folder = newFolder(setting, 'damage-sound');
  const ended = await setting.slots.run(() => run(program('sound-file.mjs', {}), { cwd: folder }));
  if (ended.code !== 0) throw new Error(`the sound file could not be made: ${ended.stderr}`);
  return join(folder, 'study.db');
}

async function damagedBytes(setting: Setting, sound: Promise<string>): Promise<Tally> {
  const tally = new Tally('damage: bytes of the file');
  const original = readFileSync(await sound);
  const rounds = setting.size === 'full' ? 12 : 1;
  const works = BYTE_DAMAGES.flatMap(({ name, damage }) =>
    Array.from({ length: rounds }, (_, i) => async () => {
      const cwd = newFolder(setting, 'bytes', name, i);
      writeFileSync(join(cwd, 'thanos.db'), damage(original, setting.rng.fork('bytes', name, i)));
      await tryCommands(tally, cwd, name, [...READING, ...RESUMING]);
      rmSync(cwd, { recursive: true });
    }),
  );
  await Promise.all(works.map((work) => setting.slots.run(work)));
  return tally;
}

async function damagedRows(setting: Setting, sound: Promise<string>): Promise<Tally> {
  const tally = new Tally('damage: rows');
  const path = await sound;
  const all = rowDamages(path);
  const tried = setting.size === 'full' ? all : setting.rng.fork('rows').shuffled(all).slice(0, SMALL_SHARE);
  await Promise.all(
    tried.map((damage, i) => setting.slots.run(() => damagedRow(setting, tally, path, damage, i))),
  );
  return tally;
}

async function damagedRow(
  setting: Setting,
  tally: Tally,
  sound: string,
  damage: RowDamage,
  i: number,
): Promise<void> {
  const cwd = newFolder(setting, 'rows', i);
  const file = join(cwd, 'thanos.db');
  copyFileSync(sound, file);
  if (damageRows(file, damage)) {
    const others = WHOLE_FILE.test(damage.name) ? [] : OTHERS;
    await tryCommands(tally, cwd, damage.name, [...READING, ...RESUMING], others);
  }
  rmSync(cwd, { recursive: true });
}

/** All with --json and half of them without; `others` must succeed, and come before the file is written to. */
async function tryCommands(
  tally: Tally,
  cwd: string,
  what: string,
  commands: readonly (readonly string[])[],
  others: readonly (readonly string[])[] = [],
): Promise<void> {
  const lines = [...others, ...commands].flatMap((line, i) =>
    i % 2 === 0 ? [[...line, '--json'], line] : [[...line, '--json']],
  );
  const { said, ended } = await sayLines(cwd, lines);
  if (said === null) {
    const how = ended.isHung ? 'a command hangs' : `the process ended with ${ended.code ?? ended.signal}`;
    tally.fault('errors', `${what}: ${how}: ${firstLine(ended.stderr)}`);
    return;
  }
  const mustSucceed = new Set(others.map((line) => line.join(' ')));
  let nOthers = 0;
  said.forEach((each, i) => {
    const isJson = lines[i].includes('--json');
    const line = lines[i].map((word) => word.replace(/^.*\//, '')).join(' ');
    judge(tally, `${what}: ${line}`, each, isJson);
    const isOther = mustSucceed.has(lines[i].filter((word) => word !== '--json').join(' '));
    if (isOther && nOthers++ >= 0 && each.code !== 0)
      tally.fault('errors', `${what}: ${line}: hidden by the damage: ${firstLine(each.stderr)}`);
  });
}
