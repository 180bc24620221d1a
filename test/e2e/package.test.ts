/** The packed tarball in an empty project: imported from JavaScript, type-checked from TypeScript. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureBuilt, ROOT } from './built-package.ts';

let project: string;
const OPTIONAL_PEERS = ['echarts', 'onnxruntime-node', 'tokenizers'];

beforeAll(() => {
  ensureBuilt();
  project = mkdtempSync(join(tmpdir(), 'thanos-pack-'));
  const [{ filename }] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', project], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  ) as [{ filename: string }];
  const installed = join(project, 'node_modules/thanos-hpo');
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', join(project, filename), '-C', installed, '--strip-components', '1']);
  // What `npm install` would fetch: the package's dependencies, without the optional peers, from the checkout.
  for (const name of readdirSync(join(ROOT, 'node_modules')))
    if (!name.startsWith('.') && name !== 'thanos-hpo' && !OPTIONAL_PEERS.includes(name))
      symlinkSync(join(ROOT, 'node_modules', name), join(project, 'node_modules', name));
  writeFileSync(join(project, 'package.json'), '{"type":"module"}');
}, 120_000);
afterAll(() => rmSync(project, { recursive: true, force: true }));

const PROGRAM = `
import { createStudy, loadStudy, defineStudy, space, float, int, categorical } from 'thanos-hpo';
import { TpeSampler } from 'thanos-hpo/samplers';
import { SqliteStorage } from 'thanos-hpo/storage';
import { ArchSpace } from 'thanos-hpo/objectives';
import { BaseSampler, defineOptions, SEED, StudyCaches, trialRng } from 'thanos-hpo/sampler-kit';
import { isCheckDue, reportedBy } from 'thanos-hpo/pruner-kit';
import { trialFromTemplate, updatedTrial } from 'thanos-hpo/storage-kit';
import { storageConformance } from 'thanos-hpo/testing';

const study = await createStudy({
  studyName: 'demo',
  storage: 'sqlite:///demo.db',
  direction: 'minimize',
  sampler: new TpeSampler({ seed: 1 }),
  loadIfExists: true,
});
await study.optimize((trial) => (trial.suggestFloat('x', -5, 5) - 2) ** 2, { nTrials: 20 });
const arch = space({ lr: float(1e-5, 1e-1, { log: true }), layers: int(1, 6), act: categorical(['relu', 'gelu']) });
const typed = await createStudy({ studyName: 'typed', storage: 'sqlite:///demo.db' });
await typed.optimize(arch, (params) => params.lr * params.layers + (params.act === 'relu' ? 0 : 1), { nTrials: 8, batchSize: 4 });
const trial = await study.ask();
await study.tell(trial, 0.5);
const inner = await (await study.ask()).createStudy('search', { direction: 'minimize', sampler: new TpeSampler() });
const again = await loadStudy({ studyName: 'typed', storage: 'sqlite:///demo.db' });
defineStudy({ studyName: 's', direction: 'minimize', nTrials: 1, objective: () => 1 });
const kits = [BaseSampler, defineOptions, StudyCaches, trialRng, isCheckDue, reportedBy, trialFromTemplate, updatedTrial];
if (kits.some((part) => typeof part !== 'function') || SEED.fallback !== 0) throw new Error('a kit lacks something');
if (typeof SqliteStorage !== 'function' || typeof ArchSpace !== 'function' || typeof storageConformance !== 'function') throw new Error();
console.log(JSON.stringify([study.trials.length, again.trials.length, inner.studyName, study.bestTrial.params, again.bestTrial.params.act]));
`;

it('runs the public surface in JavaScript', () => {
  writeFileSync(join(project, 'program.js'), PROGRAM);
  const printed = execFileSync(process.execPath, ['program.js'], { cwd: project, encoding: 'utf8' });
  const [trials, typedTrials, innerName, best] = JSON.parse(printed);
  expect([trials, typedTrials, innerName]).toEqual([22, 8, 'demo/21/search']);
  expect(best).toHaveProperty('x');
});

it('gives params the exact types of the space in TypeScript', () => {
  writeFileSync(
    join(project, 'program.ts'),
    PROGRAM.replace('if (typeof SqliteStorage', 'if (typeof SqliteStorage'),
  );
  writeFileSync(
    join(project, 'types.ts'),
    `import { createStudy, categorical, float, space } from 'thanos-hpo';
const study = await createStudy();
const s = space({ lr: float(0, 1), act: categorical(['relu', 'gelu']) });
await study.optimize(s, (params) => {
  const lr: number = params.lr;
  const act: 'relu' | 'gelu' = params.act;
  // @ts-expect-error: not a choice
  const wrong: 'tanh' = params.act;
  // @ts-expect-error: not in the space
  params.momentum;
  return lr + act.length + String(wrong).length;
}, { nTrials: 1 });
`,
  );
  writeFileSync(
    join(project, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: { module: 'NodeNext', target: 'ES2023', strict: true, noEmit: true, types: ['node'] },
      include: ['*.ts'],
    }),
  );
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const run = () =>
    execFileSync(process.execPath, [tsc, '-p', '.'], { cwd: project, encoding: 'utf8', stdio: 'pipe' });
  expect(run).not.toThrow();
});

it('says which optional packages are missing and how to install them, before anything else', () => {
  const main = join(project, 'node_modules/thanos-hpo/dist/src/cli/main.js');
  const ended = spawnSync(process.execPath, [main, 'nas', 'run', '--json'], {
    cwd: project,
    encoding: 'utf8',
  });
  expect(ended.status).toBe(1);
  const { error } = JSON.parse(ended.stdout) as { error: { code: string; message: string } };
  expect(error.code).toBe('PACKAGE_MISSING');
  expect(error.message).toMatch(/npm install "onnxruntime-node@\^\d.*" "tokenizers@\^\d.*" "echarts@\^\d/);
  expect(error.message).toContain('ONNXRUNTIME_NODE_INSTALL=skip');
  expect(existsSync(join(project, 'thanos-runs'))).toBe(false);
});

it('has a command line', () => {
  const main = join(project, 'node_modules/thanos-hpo/dist/src/cli/main.js');
  const help = execFileSync(process.execPath, [main, '--help'], { cwd: project, encoding: 'utf8' });
  for (const verb of ['run', 'studies', 'trials', 'best', 'compare', 'nas', 'export'])
    expect(help).toContain(`thanos ${verb}`);
});
