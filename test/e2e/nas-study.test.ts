/** A NAS reports, exports and goes on with only what belongs to its study; everything else is refused, and nothing is written. */
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readStateFile, writeStateFile } from '../../objectives/onnx/index.ts';
import { exportSubTransformer, translatorOf } from '../../objectives/pipeline/export-subtransformer.ts';
import { readNasYaml } from '../../objectives/pipeline/nas-config.ts';
import { NasRun } from '../../objectives/pipeline/nas-run.ts';
import type { JsonValue } from '../../src/core/frozen-trial.ts';
import { SqliteStorage } from '../../storage/index.ts';
import { runInProcess } from '../support/run-in-process.ts';

/** One QKV dim and one layer: seconds. */
const SMALL = `study-name: small
seed: 3
corpus: { directory: text, vocabulary-size: 60 }
supertransformer:
  qkv-dim-choice: [8]
  encoder-embed-choice: [8, 16]
  decoder-embed-choice: [8, 16]
  encoder-layer-num-choice: [1]
  decoder-layer-num-choice: [1]
  encoder-ffn-embed-dim-choice: [8, 16]
  decoder-ffn-embed-dim-choice: [8, 16]
  encoder-self-attention-heads-choice: [1]
  decoder-self-attention-heads-choice: [1]
  decoder-ende-attention-heads-choice: [1]
  decoder-arbitrary-ende-attn-choice: [-1]
  max-update: 12
  max-tokens: 128
  max-lr: 0.01
  warmup-updates: 2
training: { checkpoint-every: 5 }
search:
  outer-trials: 3
  inner-trials: 3
  population-size: 3
  parent-size: 2
  mutation-size: 1
  crossover-size: 1
  valid-pairs: 8
`;

const WORDS = ['ein', 'hund', 'katze', 'haus', 'baum', 'läuft', 'singt', 'sieht', 'alt', 'rot'];

/** Pairs of sentences of 2 to 5 words. */
function sentences(count: number, word: (index: number) => string): string {
  return Array.from({ length: count }, (_, i) =>
    Array.from({ length: 2 + (i % 4) }, (_, j) => word((i * 7 + j * 3) % WORDS.length)).join(' '),
  ).join('\n');
}

const STAGES = ['report', 'export', 'latency', 'train', 'search', 'run'];

let folder: string;
const at = (...parts: string[]): string => join(folder, ...parts);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'thanos-nas-study-'));
  mkdirSync(at('text'));
  for (const [split, count] of [
    ['train', 60],
    ['valid', 10],
  ] as const) {
    writeFileSync(
      at('text', `${split}.de`),
      sentences(count, (i) => WORDS[i]),
    );
    writeFileSync(
      at('text', `${split}.en`),
      sentences(count, (i) => [...WORDS[i]].reverse().join('')),
    );
  }
  writeFileSync(at('small.yaml'), SMALL);
  const { code, stderr } = await nas('run', 'small.yaml', 'good');
  expect(code, stderr).toBe(0);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function nas(stage: string, config: string, dir: string, ...more: string[]) {
  return runInProcess('nas', stage, at(config), '--dir', at(dir), ...more);
}

function withChange(name: string, from: string, to: string): string {
  const text = SMALL.replace(from, to);
  expect(text).not.toBe(SMALL);
  writeFileSync(at(name), text);
  return name;
}

/** Names, contents and times of all files of a folder. */
function filesOf(dir: string): Record<string, string> {
  if (!existsSync(at(dir))) return {};
  return Object.fromEntries(
    readdirSync(at(dir), { recursive: true, encoding: 'utf8' })
      .sort()
      .filter((name) => statSync(at(dir, name)).isFile())
      // Opening a database writes into it.
      .filter((name) => !name.startsWith('study.db'))
      .map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(at(dir, name)))
          .digest('hex'),
      ]),
  );
}

/** A copy of the good run, to be damaged. */
function copyOfGood(name: string): string {
  cpSync(at('good'), at(name), { recursive: true });
  return name;
}

const checkpointOf = (dir: string): string => only(dir, /^supernet-\w+\.safetensors$/);
const bestOf = (dir: string): string => only(dir, /^supernet-\w+\.best\.safetensors$/);
const tokenizerOf = (dir: string): string => only(dir, /^tokenizer-.*\.json$/);
function only(dir: string, pattern: RegExp): string {
  const names = readdirSync(at(dir)).filter((name) => pattern.test(name));
  expect(names).toHaveLength(1);
  return at(dir, names[0]);
}

async function withStudy<T>(
  dir: string,
  use: (storage: SqliteStorage, studyId: number) => Promise<T>,
): Promise<T> {
  const storage = new SqliteStorage(at(dir, 'study.db'));
  try {
    return await use(storage, (await storage.findStudy('small'))!.studyId);
  } finally {
    await storage.close();
  }
}

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
    expect(readFileSync(out, 'utf8')).toContain('8 of the 8 validation pairs');
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
      expect((await nas('run', 'small.yaml', dir)).code).toBe(0);
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
    for (const stage of ['run', 'report', 'export'])
      expect((await nas(stage, 'small.yaml', dir)).stderr).toMatch(
        /must have the validation loss .* recorded/,
      );
    expect(filesOf(dir)).toEqual(before);
  });

  it('with a tokenizer of other tokens is refused, and one without is learnt again', async () => {
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
    expect((await nas('run', 'small.yaml', dir)).code).toBe(0);
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

  it.each([5, null, 'x', { qkvDim: 8 }, { qkvDim: 8, decoderArbitraryEndeAttn: 'x' }])(
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

describe('where there is no run', () => {
  it.each(['report', 'export'])('%s is refused and leaves nothing', async (stage) => {
    mkdirSync(at(`empty-${stage}`));
    const { code, stdout } = await nas(stage, 'small.yaml', `empty-${stage}`, '--json');
    expect([code, JSON.parse(stdout).error.code]).toEqual([1, 'STORAGE_UNAVAILABLE']);
    expect(readdirSync(at(`empty-${stage}`))).toEqual([]);
    expect((await nas(stage, 'small.yaml', 'absent')).code).toBe(1);
    expect(existsSync(at('absent'))).toBe(false);
  });

  it('latency estimates and leaves nothing', async () => {
    mkdirSync(at('empty'));
    const { code, stdout } = await nas('latency', 'small.yaml', 'empty', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ hardware: 'rk3588-model', memory: 'rk3588-model' });
    expect(readdirSync(at('empty'))).toEqual([]);
  });
});

describe('what can be refused at once', () => {
  it.each([
    [
      'an inner sampler that needs more than its name',
      '  outer-trials: 3',
      '  outer-trials: 3\n  inner-sampler: grid',
      'search.inner-sampler',
    ],
    [
      'an inner sampler within another',
      '  outer-trials: 3',
      '  outer-trials: 3\n  inner-sampler: partial-fixed',
      'search.inner-sampler',
    ],
    [
      'an outer sampler for one objective',
      '  outer-trials: 3',
      '  outer-trials: 3\n  outer-sampler: cmaes',
      'search.outer-sampler',
    ],
    [
      'an outer sampler for finite spaces',
      '  outer-trials: 3',
      '  outer-trials: 3\n  outer-sampler: brute-force',
      'search.outer-sampler',
    ],
    [
      'an outer grid',
      '  outer-trials: 3',
      '  outer-trials: 3\n  outer-sampler: grid',
      'search.outer-sampler',
    ],
    [
      'lengths that no validation sentence has',
      'training:',
      'deployment: { target-length: 1 }\ntraining:',
      'deployment.target-length',
    ],
    ['a corpus that is not there', 'directory: text', 'directory: nowhere', 'nowhere'],
  ])('is %s', async (_, from, to, expected) => {
    const { code, stderr } = await nas('run', withChange('refused.yaml', from, to), 'refused');
    expect(code).toBe(1);
    expect(stderr).toContain(expected);
    expect(stderr).not.toContain('training from step');
    expect(filesOf('refused')).toEqual({});
  });
});

describe('folders', () => {
  it('may have characters that a URL has for itself', async () => {
    const dir = copyOfGood('run #1, a ?');
    const { code, stdout } = await nas('report', 'small.yaml', dir, '--json');
    expect([code, existsSync(JSON.parse(stdout).report)]).toEqual([0, true]);
    expect((await nas('run', 'small.yaml', dir)).code).toBe(0);
  });

  it('that are files are refused, as are configurations that are folders', async () => {
    expect((await nas('run', 'small.yaml', 'small.yaml')).stderr).toContain('must be a folder');
    const { stdout } = await nas('run', 'text', 'x', '--json');
    expect(JSON.parse(stdout).error.code).toBe('INVALID_CONFIG');
  });

  it('are shared by studies that do not overwrite one another', async () => {
    const dir = copyOfGood('shared');
    const before = filesOf(dir);
    const { code, stdout, stderr } = await nas(
      'run',
      withChange('second.yaml', 'study-name: small', 'study-name: second'),
      dir,
      '--json',
    );
    expect(code, stderr).toBe(0);
    expect(stderr).not.toContain('training from step');
    const { report, exported } = JSON.parse(stdout);
    for (const path of [report, ...exported]) expect(path.startsWith(at(dir, 'second'))).toBe(true);
    expect(filesOf(dir)).toMatchObject(before);
  });

  it('are rid of what killed processes left, and only of that', async () => {
    const dir = copyOfGood('stale');
    const dead = ['supernet-x.safetensors.4194999.tmp', 'tokenizer-x.json.4194998.tmp'];
    const kept = [`decoder.onnx.${process.pid}.tmp`, 'notes.tmp'];
    for (const name of [...dead, ...kept]) writeFileSync(at(dir, name), '');
    expect((await nas('run', 'small.yaml', dir)).code).toBe(0);
    expect(
      readdirSync(at(dir))
        .filter((name) => name.endsWith('.tmp'))
        .sort(),
    ).toEqual([...kept].sort());
  });

  it('for what is exported can be chosen; the manifest says what it was made from', async () => {
    const { code, stdout } = await nas('export', 'small.yaml', 'good', '--out', at('mine'), '--json');
    expect(code).toBe(0);
    const { trial, validationLossBits } = JSON.parse(stdout);
    expect(readdirSync(at('mine')).sort()).toEqual(
      ['decoder.onnx', 'encoder.onnx', 'manifest.json', 'subtransformer.yml', 'tokenizer.json'].sort(),
    );
    expect(JSON.parse(readFileSync(at('mine', 'manifest.json'), 'utf8'))).toMatchObject({
      study: 'small',
      trial,
      validationLossBits,
      deployment: { sourceLength: 30, targetLength: 30, judgedPairs: 8, fittingPairs: 8 },
      tokenizerSha256: createHash('sha256')
        .update(readFileSync(at('mine', 'tokenizer.json')))
        .digest('hex'),
    });
  });

  it('that cannot be written are refused with their reason', async () => {
    writeFileSync(at('file'), '');
    const { code, stdout } = await nas('export', 'small.yaml', 'good', '--out', at('file', 'x'), '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout).error).toMatchObject({
      code: 'INVALID_DATA',
      message: expect.stringContaining(at('file', 'x')),
    });
  });
});

describe('what is said', () => {
  it('has the latency ceiling in progress, table, report and JSON, and names the one that is out of reach', async () => {
    const config = withChange(
      'latency.yaml',
      '  valid-pairs: 8',
      '  valid-pairs: 8\n  latency-ceiling-ms: 0.001\n  memory-ceiling-mib: 50\n  inner-sampler: random',
    );
    const { code, stderr, stdout } = await nas('run', config, 'latency');
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(
      /trial 0 \(outer trial 1\/3\): QKV 8, ceilings 50\.00 MiB, 0\.00 ms -> .*\(latency ceiling out of reach\)/,
    );
    expect(stdout).toContain('no trial is within its ceilings');
    const wide = withChange(
      'wide.yaml',
      '  valid-pairs: 8',
      '  valid-pairs: 8\n  latency-ceiling-ms: [1, 20]',
    );
    const found = await nas('run', wide, 'wide');
    expect(found.stdout).toContain('ceiling (ms)');
    expect(readFileSync(at('wide', 'report.html'), 'utf8')).toContain('ceiling (ms)');
    const { front } = JSON.parse((await nas('run', wide, 'wide', '--json')).stdout);
    expect(front[0].latencyCeilingMs).toBeGreaterThanOrEqual(1);
    expect(front[0].latencyMs).toBeLessThanOrEqual(front[0].latencyCeilingMs);
  });

  it('counts sentences and complete trials as they are', async () => {
    const dir = copyOfGood('counted');
    await withStudy(dir, (storage, id) => storage.createTrial(id, { state: 'FAIL' }));
    const text = await nas('run', 'small.yaml', dir);
    expect(text.stdout).toMatch(/Pareto front of 3 complete outer trials \(1 more failed\)/);
    expect(text.stdout).toContain('(10 validation sentences, beam 4)');
    const data = JSON.parse((await nas('run', 'small.yaml', dir, '--json')).stdout);
    expect(data).toMatchObject({ trials: 3, failedTrials: 1, bleuSentences: 10 });
    expect(readFileSync(data.report, 'utf8')).toContain('3 complete outer trials (1 more failed)');
  });

  it('says how many of the sentences it was judged by the exported model can take', async () => {
    const config = withChange('short.yaml', 'training:', 'deployment: { target-length: 9 }\ntraining:');
    const { stdout, stderr } = await nas('run', config, 'short', '--json');
    const { deployment, exported } = JSON.parse(stdout);
    expect(deployment.fittingPairs).toBeLessThan(8);
    expect(deployment.fittingPairs).toBeGreaterThan(0);
    const line = `${deployment.fittingPairs} of the 8 validation pairs`;
    expect(stderr).toContain(line);
    expect(readFileSync(at('short', 'report.html'), 'utf8')).toContain(line);
    const manifest = exported.find((path: string) => path.endsWith('manifest.json'));
    expect(JSON.parse(readFileSync(manifest, 'utf8')).deployment).toEqual(deployment);
  });

  it('takes the direction from the command line, and says which validation files it leaves aside', async () => {
    cpSync(at('text'), at('wmt'), { recursive: true });
    for (const language of ['de', 'en'])
      cpSync(at('wmt', `valid.${language}`), at('wmt', `newstest2013.tok.${language}`));
    for (const language of ['de', 'en']) rmSync(at('wmt', `valid.${language}`));
    const args = ['--corpus', at('wmt'), '--source', 'en'];
    const turned = await nas('latency', 'small.yaml', 'turned', ...args, '--hold-out-every', '20');
    expect(turned.stderr).toContain('corpus: en-de, 57 training pairs');
    expect(turned.stderr).toMatch(/3 pairs, one in 20 .*not used: newstest2013\.tok .*--valid/);
    const chosen = await nas('latency', 'small.yaml', 'turned', ...args, '--valid', 'newstest2013.tok');
    expect(chosen.stderr).toContain('validation: 10 pairs\n');
  });
});
