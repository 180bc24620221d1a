/** What a NAS refuses at once, where it writes, and what it says. */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runInProcess } from '../support/run-in-process.ts';
import {
  at,
  copyOfGood,
  filesOf,
  makeSmallNas,
  nas,
  removeSmallNas,
  withChange,
  withStudy,
} from '../support/small-nas.ts';

beforeAll(makeSmallNas, 120_000);
afterAll(removeSmallNas);

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

describe('a latency dataset', () => {
  it('is gone on with only for the space and the lengths that it was measured for', async () => {
    const hardware = 'hardware: { backend: onnxruntime, dataset-size: 8 }\ntraining:';
    const measured = await nas(
      'latency',
      withChange('measured.yaml', 'training:', hardware),
      'measured',
      '--json',
    );
    expect(measured.code, measured.stderr).toBe(0);
    expect(JSON.parse(measured.stdout)).toMatchObject({
      hardware: expect.stringContaining('onnxruntime'),
      memory: 'rk3588-model',
    });
    const shorter = withChange('shorter.yaml', 'training:', `deployment: { source-length: 9 }\n${hardware}`);
    const { code, stderr } = await nas('latency', shorter, 'measured');
    expect(code).toBe(1);
    expect(stderr).toContain("study 'small-latency'");
    expect(stderr).toContain('deployment.source-length was 30, now 9');
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

  it('is a comparison with a sampler that needs more than its name', async () => {
    const problem = ['--problem', at('small.yaml'), '--storage', 'memory'];
    const { code, stderr } = await runInProcess('compare', ...problem, '--samplers', 'random,partial-fixed');
    expect(code).toBe(1);
    expect(stderr).toContain(
      "samplers are compared by their names alone, but 'partial-fixed' cannot be made of it",
    );
    expect(stderr).not.toContain('training from step');
  });
});

describe('folders', () => {
  it('may have characters that a URL has for itself', async () => {
    const dir = copyOfGood('run #1, a ?');
    const { code, stdout } = await nas('report', 'small.yaml', dir, '--json');
    expect([code, existsSync(JSON.parse(stdout).report)]).toEqual([0, true]);
    expect((await nas('search', 'small.yaml', dir)).code).toBe(0);
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
    const [exported] = readdirSync(at(dir)).filter((name) => name.startsWith('subtransformer-'));
    // Beyond the largest pid of Linux.
    const dead = [
      'supernet-x.safetensors.4194999.tmp',
      'tokenizer-x.json.4194998.tmp',
      '.thanos-3.4194997.tmp',
      join(exported, 'decoder.onnx.4194996.tmp'),
    ];
    const kept = [`decoder.onnx.${process.pid}.tmp`, 'notes.tmp', 'of-others.4194999.tmp'];
    for (const name of [...dead, ...kept]) writeFileSync(at(dir, name), '');
    expect((await nas('train', 'small.yaml', dir)).code).toBe(0);
    expect(
      readdirSync(at(dir), { recursive: true, encoding: 'utf8' })
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
    const report = await nas('report', 'small.yaml', 'good', '--out', at('text'));
    expect([report.code, report.stderr]).toEqual([1, expect.stringContaining('it is a folder')]);
    const { code, stdout } = await nas('export', 'small.yaml', 'good', '--out', at('file', 'x'), '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout).error).toMatchObject({
      code: 'FILE_NOT_WRITTEN',
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
    const { code, stderr, stdout } = await nas('search', config, 'latency');
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
    const { front } = JSON.parse((await nas('run', wide, 'wide', '--json')).stdout);
    expect((await nas('search', wide, 'wide')).stdout).toContain('ceiling (ms)');
    expect(readFileSync(at('wide', 'report.html'), 'utf8')).toContain('ceiling (ms)');
    expect(front[0].latencyCeilingMs).toBeGreaterThanOrEqual(1);
    expect(front[0].latencyMs).toBeLessThanOrEqual(front[0].latencyCeilingMs);
  });

  it('counts sentences and complete trials as they are', async () => {
    const dir = copyOfGood('counted');
    await withStudy(dir, (storage, id) => storage.createTrial(id, { state: 'FAIL' }));
    const text = await nas('search', 'small.yaml', dir);
    expect(text.stdout).toMatch(/Pareto front of 3 complete outer trials \(1 more failed\)/);
    const data = JSON.parse((await nas('run', 'small.yaml', dir, '--json')).stdout);
    expect(data).toMatchObject({ trials: 3, failedTrials: 1, bleuSentences: 10 });
    expect(readFileSync(data.report, 'utf8')).toContain('on 10 validation sentences');
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
