/** A NAS reports, exports and goes on with only what belongs to its study; all else is refused, and nothing is written. */
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readStateFile, writeStateFile } from '../../objectives/onnx/index.ts';
import { exportSubTransformer, translatorOf } from '../../objectives/pipeline/export-subtransformer.ts';
import { readNasYaml } from '../../objectives/pipeline/nas-config.ts';
import { NasRun } from '../../objectives/pipeline/nas-run.ts';
import type { JsonValue } from '../../src/core/frozen-trial.ts';
import { SqliteStorage } from '../../storage/index.ts';
import {
  at,
  bestOf,
  checkpointOf,
  copyOfGood,
  filesOf,
  makeSmallNas,
  nas,
  removeSmallNas,
  SMALL,
  tokenizerOf,
  withChange,
  withStudy,
} from '../support/small-nas.ts';

beforeAll(makeSmallNas, 120_000);
afterAll(removeSmallNas);

const STAGES = ['report', 'export', 'latency', 'train', 'search', 'run'];

describe('a finished run', () => {
  it('goes on with nothing to do, and writes nothing anew', async () => {
    const timesOf = () =>
      Object.keys(filesOf('good'))
        // Ids in charts count up within a process.
        .filter((name) => name !== 'report.html')
        .map((name) => [name, statSync(at('good', name)).mtimeMs]);
    const before = timesOf();
    const { code, stderr } = await nas('run', 'small.yaml', 'good');
    expect([code, stderr.includes('training from step')]).toEqual([0, false]);
    expect(timesOf()).toEqual(before);
  });

  it.each([
    ['seed: 3', 'seed: 0', 'seed was 3, now 0'],
    ['max-update: 12', 'max-update: 13', 'supertransformer.max-update was 12, now 13'],
    ['max-lr: 0.01', 'max-lr: 0.02', 'supertransformer.max-lr was 0.01, now 0.02'],
    ['  max-tokens: 128', '  clip-norm: 1\n  max-tokens: 128', 'supertransformer.clip-norm was 25, now 1'],
    ['vocabulary-size: 60', 'vocabulary-size: 50', 'corpus.vocabulary-size was 60, now 50'],
    ['inner-trials: 3', 'inner-trials: 4', 'search.inner-trials was 3, now 4'],
    ['  valid-pairs: 8', '  memory-ceiling-mib: [1, 2]', 'search.memory-ceiling-mib was null, now [1,2]'],
    [
      'encoder-embed-choice: [8, 16]',
      'encoder-embed-choice: [8, 12]',
      'supertransformer.encoder-embed-choice was [8,16], now [8,12]',
    ],
    ['training:', 'deployment: { source-length: 20 }\ntraining:', 'deployment.source-length was 30, now 20'],
    ['directory: text', 'directory: text, target-language: de', 'corpus was de-en'],
  ])(
    "is not any stage's with %s made %s: it says what differs, and writes nothing",
    async (from, to, expected) => {
      const changed = withChange('changed.yaml', from, to);
      const before = filesOf('good');
      for (const stage of from.startsWith('seed') ? STAGES : ['export', 'run']) {
        const { code, stderr } = await nas(stage, changed, 'good');
        expect([stage, code]).toEqual([stage, 1]);
        expect(stderr).toContain("study 'small': it was begun with other settings");
        expect(stderr).toContain(expected);
        expect(stderr).not.toContain('training from step');
      }
      expect(filesOf('good')).toEqual(before);
    },
  );

  it('is known by its flags, too', async () => {
    const { code, stderr } = await nas(
      'export',
      'small.yaml',
      'good',
      '--seed',
      '4',
      '--vocabulary-size',
      '55',
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/seed was 3, now 4.*corpus\.vocabulary-size was 60, now 55/);
  });

  it('may have more outer trials', async () => {
    const more = withChange('more.yaml', 'outer-trials: 3', 'outer-trials: 4');
    const { code, stdout, stderr } = await nas('search', more, copyOfGood('more'), '--json');
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout).trials).toBe(4);
    expect(stderr).toContain('trial 3 (outer trial 4/4)');
  });

  it('notices that a sentence of the corpus has changed', async () => {
    cpSync(at('text'), at('text2'), { recursive: true });
    writeFileSync(
      at('text2', 'train.de'),
      readFileSync(at('text', 'train.de'), 'utf8').replace('hund', 'katze'),
    );
    const { code, stderr } = await nas('report', 'small.yaml', 'good', '--corpus', at('text2'));
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /corpus was de-en, 60 training and 10 validation pairs, hash (\w+), now .* hash (?!\1)/,
    );
  });

  it('is found at another place', async () => {
    cpSync(at('text'), at('moved'), { recursive: true });
    const out = at('elsewhere.html');
    const { code } = await nas(
      'report',
      'small.yaml',
      copyOfGood('copied'),
      '--corpus',
      at('moved'),
      '--out',
      out,
    );
    expect(code).toBe(0);
    for (const part of ['8 of the 8 validation pairs', '>tpe<'])
      expect(readFileSync(out, 'utf8')).toContain(part);
  });
});

describe('a checkpoint that is not the one of the study', () => {
  it.each(['report', 'export'])(
    'that is missing is refused by %s, and trained again by a run',
    async (stage) => {
      const dir = copyOfGood(`missing-${stage}`);
      const path = checkpointOf(dir);
      const bytes = readFileSync(path);
      rmSync(path);
      const before = filesOf(dir);
      const { code, stderr } = await nas(stage, 'small.yaml', dir);
      expect(code).toBe(1);
      expect(stderr).toMatch(/must be trained to step 12, but there is no such checkpoint/);
      expect(filesOf(dir)).toEqual(before);
      if (stage === 'export') return;
      expect((await nas('search', 'small.yaml', dir)).code).toBe(0);
      expect(readFileSync(path).equals(bytes)).toBe(true);
    },
  );

  it('that is half trained is refused, in the library as well', async () => {
    const dir = copyOfGood('half');
    rmSync(checkpointOf(dir));
    const config = readNasYaml(SMALL, at('small.yaml'));
    const run = await NasRun.open({ config, directory: at(dir) });
    await (await run.trainer()).trainTo(7);
    const arch = config.space.largest();
    await expect(exportSubTransformer(run, arch, at('half', 'new'))).rejects.toThrow(/stands at step 7/);
    await expect(translatorOf(run, arch)).rejects.toThrow(/trained to step 12/);
    await run.close();
    const before = filesOf(dir);
    expect((await nas('export', 'small.yaml', dir)).stderr).toContain('stands at step 7');
    expect(filesOf(dir)).toEqual(before);
  });

  it.each([
    ['run', checkpointOf],
    ['report', bestOf],
    ['export', checkpointOf],
  ])('with a flipped byte is refused by %s', async (stage, fileOf) => {
    const dir = copyOfGood(`flipped-${stage}`);
    const bytes = readFileSync(fileOf(dir));
    bytes[bytes.length - 2] ^= 1;
    writeFileSync(fileOf(dir), bytes);
    const before = filesOf(dir);
    const { code, stderr } = await nas(stage, 'small.yaml', dir);
    expect(code).toBe(1);
    expect(stderr).toContain('its bytes have changed');
    expect(filesOf(dir)).toEqual(before);
  });

  it('with a flipped byte is noticed before there is a study', async () => {
    expect((await nas('train', 'small.yaml', 'trained')).code).toBe(0);
    const bytes = readFileSync(checkpointOf('trained'));
    bytes[bytes.length - 2] ^= 1;
    writeFileSync(checkpointOf('trained'), bytes);
    expect(readdirSync(at('trained'))).not.toContain('study.db');
    expect((await nas('search', 'small.yaml', 'trained')).stderr).toContain('its bytes have changed');
  });

  it('with other weights of the same step is refused by the hash in the study, and by the loss of the trial', async () => {
    const dir = copyOfGood('weights');
    const path = bestOf(dir);
    const { tensors, metadata } = readStateFile(path);
    const [name, tensor] = Object.entries(tensors).find(([key]) => /ffn|fc1/i.test(key))!;
    const changed = { ...tensor, data: (tensor.data as Float32Array).map((value) => 4 * value + 0.5) };
    writeStateFile(path, { tensors: { ...tensors, [name]: changed as typeof tensor }, metadata });
    for (const stage of ['run', 'export'])
      expect((await nas(stage, 'small.yaml', dir)).stderr).toContain(
        "trials of study 'small' were judged with",
      );
    const hashes = [checkpointOf(dir), path].map((file) => [
      basename(file),
      createHash('sha256').update(readFileSync(file)).digest('hex'),
    ]);
    await withStudy(dir, (storage, id) =>
      storage.setStudyAttr(id, 'user', 'nasCheckpoint', Object.fromEntries(hashes) as JsonValue),
    );
    const before = filesOf(dir);
    for (const stage of ['report', 'export'])
      expect((await nas(stage, 'small.yaml', dir)).stderr).toMatch(
        /must have the validation loss .* recorded/,
      );
    expect(filesOf(dir)).toEqual(before);
  });

  it('with a tokenizer of other tokens is refused, and one without is learned again', async () => {
    const dir = copyOfGood('tokens');
    const path = tokenizerOf(dir);
    const text = readFileSync(path, 'utf8');
    const tokenizer = JSON.parse(text) as { model: { vocab: Record<string, number> } };
    const { vocab } = tokenizer.model;
    const [a, b] = Object.keys(vocab).slice(-2);
    [vocab[a], vocab[b]] = [vocab[b], vocab[a]];
    writeFileSync(path, JSON.stringify(tokenizer));
    for (const stage of ['run', 'report', 'export']) {
      const { code, stderr } = await nas(stage, 'small.yaml', dir);
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(/tokenizer was sha256 \w+, now sha256 .*deleted/),
      ]);
    }
    writeFileSync(path, text.slice(0, 200));
    expect((await nas('export', 'small.yaml', dir)).stderr).toContain('delete the file');
    rmSync(path);
    expect((await nas('export', 'small.yaml', dir)).code).toBe(0);
    expect(existsSync(path)).toBe(false);
    expect((await nas('search', 'small.yaml', dir)).code).toBe(0);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });
});

describe('a study that is no such study', () => {
  it('of an earlier version, with only a hash of its settings, is refused with that reason', async () => {
    const dir = copyOfGood('old');
    await withStudy(dir, (storage, id) => storage.setStudyAttr(id, 'user', 'nasSettings', 'd781aeb2d0da'));
    for (const stage of ['run', 'report'])
      expect((await nas(stage, 'small.yaml', dir)).stderr).toMatch(
        /only a hash .*d781aeb2d0da.*earlier version/,
      );
  });

  it('of something else is refused', async () => {
    mkdirSync(at('other'));
    const storage = new SqliteStorage(at('other', 'study.db'));
    const id = (await storage.createStudy('small', ['minimize', 'minimize', 'minimize'])).studyId;
    await storage.createTrial(id, { state: 'COMPLETE', values: [1, 2, 3] });
    await storage.close();
    for (const stage of ['run', 'export'])
      expect((await nas(stage, 'small.yaml', 'other')).stderr).toContain('not the study of a NAS');
    expect(readdirSync(at('other'))).toEqual(['study.db']);
  });

  it.each([5, { qkvDim: 8 }, { qkvDim: 8, decoderArbitraryEndeAttn: 'x' }])(
    'with a trial whose architecture is %j is refused as corrupt',
    async (arch) => {
      const dir = `arch-${JSON.stringify(arch).replaceAll(/\W/g, '')}`;
      copyOfGood(dir);
      await withStudy(dir, async (storage, id) => {
        const [{ distributions }] = await storage.getTrials(id);
        await storage.createTrial(id, {
          state: 'COMPLETE',
          params: { qkvDim: 8 },
          distributions: { qkvDim: distributions['qkvDim'] },
          values: [0.1, 0.1, 0.1],
          userAttrs: { arch: arch as JsonValue },
        });
      });
      const { code, stdout, stderr } = await nas('report', 'small.yaml', dir, '--json');
      expect(code, stderr).toBe(1);
      expect(JSON.parse(stdout).error).toMatchObject({
        code: 'STORAGE_CORRUPT',
        message: expect.stringContaining('trial 3'),
      });
    },
  );
});
