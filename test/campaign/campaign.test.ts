/** The campaigns' own tools: the comparer notices each planted difference, and each damager damages what it says. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RandomSampler } from '../../samplers/index.ts';
import { Rng } from '../../src/core/rng.ts';
import { createStudy } from '../../src/index.ts';
import { openDatabase } from '../../storage/sqlite/driver.ts';
import { BYTE_DAMAGES } from './damage-bytes.ts';
import { CHECKPOINT_DAMAGES, parseCheckpoint } from './damage-checkpoint.ts';
import { damageRows, rowDamages } from './damage-rows.ts';
import { differences } from './differences.ts';
import { checkSoundness } from './kill-campaign.ts';
import { oddLine } from './odd-lines.ts';
import { Slots } from './slots.ts';
import { type FileFacts, readFacts } from './study-facts.ts';
import { Tally } from './tally.ts';
import { judge } from './verdict.ts';

let folder: string;
let sound: string;
let copies = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'thanos-campaign-test-'));
  sound = await makeStudy('sound.db');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function makeStudy(name: string): Promise<string> {
  const path = join(folder, name);
  const study = await createStudy({
    studyName: 'demo',
    storage: `sqlite:///${path}`,
    sampler: new RandomSampler({ seed: 1 }),
    constraints: () => [-1],
  });
  await study.setUserAttr('note', 'n');
  await study.optimize(
    (trial) => {
      trial.report(trial.number, 0);
      trial.setUserAttr('mark', [trial.number]);
      return trial.suggestFloat('x', 0, 1) + (trial.suggestCategorical('c', ['a', 'b']) === 'a' ? 0 : 1);
    },
    { nTrials: 6 },
  );
  await study.storage.close();
  return path;
}

/** What a copy holds after this SQL. */
function changed(sql: string): FileFacts {
  const path = join(folder, `copy-${copies++}.db`);
  copyFileSync(sound, path);
  const db = openDatabase(path, 0);
  db.pragma('foreign_keys = OFF');
  db.exec(sql);
  db.close();
  return readFacts(path);
}

const AT_2 = 'trial_id = (SELECT trial_id FROM trials WHERE number = 2)';

describe('the comparer', () => {
  it('finds two runs of one program the same', async () => {
    const again = await makeStudy('again.db');
    const facts = readFacts(sound);
    expect(differences(facts, readFacts(again))).toEqual([]);
    expect(Object.keys(facts.studies['demo'].trials)).toHaveLength(6);
    expect(facts.complete).toHaveLength(6);
    expect(facts.integrity).toBe('ok');
  });

  it.each([
    ['a value', `UPDATE trial_values SET value = value + 1e-12 WHERE ${AT_2}`, 'demo > trials > 2 > values'],
    [
      'a parameter',
      `UPDATE trial_params SET param_value = 0.5 WHERE ${AT_2} AND param_name = 'x'`,
      'params > x',
    ],
    [
      'a distribution',
      `UPDATE trial_params SET distribution_json = replace(distribution_json, 'false', 'true') WHERE ${AT_2} AND param_name = 'x'`,
      'params > x > 1',
    ],
    ['a state', `UPDATE trials SET state = 'FAIL' WHERE number = 2`, '2 > state'],
    [
      'an intermediate value',
      `DELETE FROM trial_intermediate_values WHERE ${AT_2}`,
      'intermediateValues > 0',
    ],
    [
      'a user attribute',
      `UPDATE trial_user_attributes SET value_json = '[3]' WHERE ${AT_2}`,
      'userAttrs > mark',
    ],
    [
      'a system attribute',
      `UPDATE trial_system_attributes SET value_json = '[1]' WHERE ${AT_2} AND "key" = 'constraints'`,
      'systemAttrs > constraints',
    ],
    ['a study attribute', 'DELETE FROM study_user_attributes', 'demo > userAttrs > note'],
    ['a direction', `UPDATE study_directions SET direction = 'MAXIMIZE'`, 'directions > 0'],
    ['a trial', 'DELETE FROM trials WHERE number = 5', 'trials > 5'],
    ['a row of nothing', 'DELETE FROM trials WHERE number = 5', 'orphans > trial_params'],
    ['another study', "INSERT INTO studies (study_name) VALUES ('more')", 'studies > more'],
  ])('notices %s', (_, sql, place) => {
    const found = differences(readFacts(sound), changed(sql));
    expect(
      found.some((difference) => difference.includes(place)),
      found.join('\n'),
    ).toBe(true);
  });

  it('looks over who worked on a trial, and when', () => {
    const facts = changed(
      `UPDATE trial_system_attributes SET value_json = '"another"' WHERE "key" = 'thanos:owner';
       UPDATE trials SET datetime_start = '2001-01-01 00:00:00.000000'`,
    );
    expect(differences(readFacts(sound), facts)).toEqual([]);
  });

  it('counts duplicate numbers, RUNNING trials and rows of nothing', () => {
    const tally = new Tally('planted');
    checkSoundness(tally, 'sound', readFacts(sound));
    expect(tally.fellShort).toBe(false);
    checkSoundness(tally, 'twice', changed('UPDATE trials SET number = 1 WHERE number = 2'));
    checkSoundness(tally, 'running', changed(`UPDATE trials SET state = 'RUNNING' WHERE number > 3`));
    checkSoundness(tally, 'orphan', changed('DELETE FROM trials WHERE number = 0'));
    expect(tally.counts).toMatchObject({ duplicates: 1, 'RUNNING left': 2 });
    expect(tally.counts.errors).toBeGreaterThan(0);
    expect(tally.report).toMatch(/^FELL SHORT: planted: .*1 duplicates, 2 RUNNING left/);
  });
});

describe('the damagers', () => {
  const bytes = Buffer.from(Array.from({ length: 3 * 4096 }, (_, i) => 1 + (i % 255)));

  it.each(BYTE_DAMAGES)('change a file: $name', ({ name, damage }) => {
    const before = Buffer.from(bytes);
    const damaged = damage(bytes, Rng.keyed('bytes', name));
    expect(damaged.equals(before)).toBe(false);
    expect(bytes.equals(before)).toBe(true);
    expect(damage(bytes, Rng.keyed('bytes', name)).equals(damaged)).toBe(true);
  });

  it('change rows of every table and column, and nothing of a study beside', async () => {
    const storage = `sqlite:///${sound}`;
    const other = await createStudy({ studyName: 'other', storage, sampler: new RandomSampler({ seed: 2 }) });
    await other.optimize((trial) => trial.suggestFloat('x', 0, 1), { nTrials: 2 });
    await other.storage.close();
    const whole = readFacts(sound);
    const path = join(folder, 'rows.db');
    const reached = new Set<string>();
    for (const damage of rowDamages(sound).filter(({ name }) => / = (NULL|text|number)$/.test(name))) {
      copyFileSync(sound, path);
      if (!damageRows(path, damage)) continue;
      const found = differences(whole, readFacts(path));
      // The name of the study is its key; ids say to which study or trial a row belongs.
      if (!/_id|studies\./.test(damage.name)) expect(found.join(), damage.name).not.toContain('> other');
      if (found.length > 0) reached.add(damage.name.split(' ')[0]);
    }
    for (const place of ['trials.state', 'trials.number', 'trial_params.param_value', 'trial_values.value'])
      expect([...reached]).toContain(place);
    for (const place of ['study_directions.direction', 'trial_user_attributes.value_json'])
      expect([...reached]).toContain(place);
  });

  it.each(CHECKPOINT_DAMAGES)('change a checkpoint: $name', ({ damage }) => {
    const header = JSON.stringify({
      __metadata__: { step: '12' },
      a: { dtype: 'F32', shape: [10, 4], data_offsets: [0, 160] },
      b: { dtype: 'F32', shape: [2], data_offsets: [160, 168] },
    });
    const checkpoint = Buffer.concat([Buffer.alloc(8), Buffer.from(header), Buffer.alloc(168, 1)]);
    checkpoint.writeBigUInt64LE(BigInt(header.length));
    expect(Object.keys(parseCheckpoint(checkpoint).header)).toEqual(['__metadata__', 'a', 'b']);
    expect(damage(checkpoint).equals(checkpoint)).toBe(false);
  });
});

describe('the verdict on a command', () => {
  const judged = (said: { code: number | null; stdout?: string; stderr?: string }, asJson = false) => {
    const tally = new Tally('one');
    judge(tally, 'it', { stdout: '', stderr: '', ...said }, asJson);
    return tally.counts;
  };

  it('is none for success, and for one typed error', () => {
    for (const counts of [
      judged({ code: 0, stdout: 'fine' }),
      judged({ code: 1, stderr: 'error: x must be 1, but is 2; give 1\n' }),
      judged({ code: 1, stdout: '{"error": {"code": "INVALID_ARGUMENT"}}', stderr: 'error: x' }, true),
      judged({ code: 1, stderr: 'error: a.mjs: the module does not load: TypeError: at the top\n' }),
    ])
      expect(counts).toMatchObject({ errors: 0, untyped: 0, traces: 0 });
  });

  it.each([
    ['an odd exit code', { code: 13, stderr: 'x' }, false, 'errors'],
    ['a signal', { code: null, stderr: 'x' }, false, 'errors'],
    ['silence', { code: 1 }, false, 'errors'],
    ['a stack trace', { code: 1, stderr: 'error: x\n    at read (file.ts:1:2)' }, false, 'traces'],
    ['an error without a rule', { code: 1, stderr: 'error: TypeError: x is undefined' }, false, 'untyped'],
    [
      'UNEXPECTED',
      { code: 1, stdout: '{"error": {"code": "UNEXPECTED"}}', stderr: 'error: x' },
      true,
      'untyped',
    ],
    ['two documents', { code: 0, stdout: '{}\n{}' }, true, 'errors'],
    ['JSON without an error', { code: 1, stdout: '{}', stderr: 'error: x' }, true, 'errors'],
  ] as const)('notices %s', (_, said, asJson, column) => {
    expect(judged(said, asJson)[column]).toBeGreaterThan(0);
  });
});

it('slots bound what runs at once, in the order of asking', async () => {
  const slots = new Slots(2);
  const begun: number[] = [];
  let [running, most] = [0, 0];
  await Promise.all(
    Array.from({ length: 7 }, (_, i) =>
      slots.run(async () => {
        begun.push(i);
        most = Math.max(most, ++running);
        await new Promise(setImmediate);
        running--;
      }),
    ),
  );
  expect(most).toBe(2);
  expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

it('odd command lines follow from the seed', () => {
  const lines = (seed: number) => {
    const rng = Rng.keyed('lines', seed);
    return Array.from({ length: 50 }, () => oddLine(rng));
  };
  expect(lines(1)).toEqual(lines(1));
  expect(lines(1)).not.toEqual(lines(2));
});
