/** The whole NAS, tiny: run as a user does, killed at random, resumed to the run that was never killed. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Rng } from '../../src/core/rng.ts';
import { SqliteStorage } from '../../storage/index.ts';
import { ensureBuilt, makeProject, startThanos, thanos, thanosLines } from './built-package.ts';

const TINY = `
study-name: tiny
corpus: { train-pairs: 300, vocabulary-size: 150 }
supertransformer:
  qkv-dim-choice: [8, 16]
  encoder-embed-choice: [16, 32]
  decoder-embed-choice: [16, 32]
  encoder-layer-num-choice: [1, 2]
  decoder-layer-num-choice: [1, 2]
  encoder-ffn-embed-dim-choice: [16, 32]
  decoder-ffn-embed-dim-choice: [16, 32]
  encoder-self-attention-heads-choice: [1, 2]
  decoder-self-attention-heads-choice: [1, 2]
  decoder-ende-attention-heads-choice: [1, 2]
  decoder-arbitrary-ende-attn-choice: [-1, 1]
  max-update: 60
  max-tokens: 256
  max-lr: 0.003
  warmup-updates: 10
  dropout: 0.1
training: { checkpoint-every: 7 }
search:
  outer-trials: 5
  inner-trials: 12
  population-size: 6
  parent-size: 3
  mutation-size: 3
  crossover-size: 3
  valid-pairs: 20
`;

let folder: string;
beforeAll(() => {
  ensureBuilt();
  folder = makeProject({ 'tiny.yaml': TINY });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function studiesOf(dir: string) {
  const storage = new SqliteStorage(join(folder, dir, 'study.db'));
  const studies = await Promise.all(
    (await storage.listStudies()).map(async (study) => ({
      name: study.studyName,
      trials: (await storage.getTrials(study.studyId)).map((t) => [
        t.number,
        t.state,
        t.params,
        t.values,
        t.constraints,
        t.userAttrs,
      ]),
    })),
  );
  await storage.close();
  return studies;
}

describe('thanos nas run', { timeout: 240_000 }, () => {
  it('searches, reports and exports', async () => {
    const { code, stdout, stderr } = await thanos(
      folder,
      'nas',
      'run',
      'tiny.yaml',
      '--dir',
      'whole',
      '--json',
    );
    expect(stderr).toContain('outer trial 5/5');
    expect(code).toBe(0);
    const result = JSON.parse(stdout);
    expect(result.trials).toBe(5);
    expect(result.front.length).toBeGreaterThan(0);
    expect(result.front.filter((p: { isKnee: boolean }) => p.isKnee)).toHaveLength(1);
    for (const file of [...result.exported, result.report]) expect(existsSync(file)).toBe(true);
    const report = readFileSync(result.report, 'utf8');
    for (const part of ['Pareto front', 'Outer study', 'Inner searches', 'Training', '<svg'])
      expect(report).toContain(part);
  });

  it('killed at random moments, ends as the run that was never killed', async () => {
    const rng = Rng.keyed('nas-kill');
    let kills = 0;
    for (let i = 0; i < 8; i++) {
      const child = startThanos(folder, ['nas', 'run', 'tiny.yaml', '--dir', 'killed']);
      const timer = setTimeout(() => child.process.kill('SIGKILL'), rng.uniformIn(800, 2600));
      if ((await child.ended).code === null) kills++;
      clearTimeout(timer);
    }
    expect(kills).toBeGreaterThan(2);
    const { code } = await thanos(folder, 'nas', 'run', 'tiny.yaml', '--dir', 'killed');
    expect(code).toBe(0);
    expect(await studiesOf('killed')).toEqual(await studiesOf('whole'));
  });

  it('gives its trials back on SIGINT, says how to go on, and exits 130', async () => {
    const child = startThanos(folder, ['nas', 'run', 'tiny.yaml', '--dir', 'interrupted']);
    await child.untilStderr(/outer trial 1\/5/);
    child.process.kill('SIGINT');
    const { code, stderr } = await child.ended;
    expect(code).toBe(130);
    expect(stderr).toContain('run the same command again');
    expect((await thanos(folder, 'nas', 'run', 'tiny.yaml', '--dir', 'interrupted')).code).toBe(0);
    expect(await studiesOf('interrupted')).toEqual(await studiesOf('whole'));
  });

  it('refuses what is not its study, its corpus, its file, a sampler or a point of its front', async () => {
    writeFileSync(join(folder, 'other.yaml'), TINY.replace('inner-trials: 12', 'inner-trials: 13'));
    writeFileSync(
      join(folder, 'sampler.yaml'),
      TINY.replace('outer-trials', 'outer-sampler: tpee\n  outer-trials'),
    );
    const refused = [
      [['search', 'other.yaml', '--dir', 'whole'], /begun with other settings/],
      [
        ['export', 'tiny.yaml', '--dir', 'whole', '--trial', '99'],
        /must be on the front, whose trials are \d/,
      ],
      [['run', '--corpus', '.'], /train/],
      [['run', 'none.yaml'], /no such file/],
      [['run', 'sampler.yaml'], /tpee.*evolutionary.*tpe/],
    ] as const;
    const ended = await thanosLines(
      folder,
      refused.map(([args]) => ['nas', ...args]),
    );
    for (const [i, [args, reason]] of refused.entries()) {
      expect(ended[i].code, args.join(' ')).toBe(1);
      expect(ended[i].stderr, args.join(' ')).toMatch(reason);
    }
  });
});
