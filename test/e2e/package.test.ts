/** The packed tarball in an empty project: imported from JavaScript, type-checked from TypeScript. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureBuilt, ROOT } from './built-package.ts';

let project: string;
let installed: string;
/** What npm has to say about the package. */
let npmSays: string;
const OPTIONAL_PEERS = ['echarts', 'onnxruntime-node', 'tokenizers'];

beforeAll(() => {
  ensureBuilt();
  project = mkdtempSync(join(tmpdir(), 'thanos-pack-'));
  const packing = spawnSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', project], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  npmSays = packing.stderr;
  const [{ filename }] = JSON.parse(packing.stdout) as [{ filename: string }];
  installed = join(project, 'node_modules/thanos-hpo');
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', join(project, filename), '-C', installed, '--strip-components', '1']);
  // What `npm install` would fetch: the package's dependencies, without the optional peers, from the checkout.
  for (const name of readdirSync(join(ROOT, 'node_modules')))
    if (!name.startsWith('.') && name !== 'thanos-hpo' && !OPTIONAL_PEERS.includes(name))
      symlinkSync(join(ROOT, 'node_modules', name), join(project, 'node_modules', name));
  writeFileSync(join(project, 'package.json'), '{"type":"module"}');
}, 120_000);
afterAll(() => rmSync(project, { recursive: true, force: true }));

const BLOCK_BYTES = 4096;

/** What a package takes of the disk, without those inside it: whole blocks, and files with two names once. */
function diskBytes(path: string, counted = new Set<number>()): number {
  const { ino, size, nlink } = lstatSync(path);
  if (nlink > 1 && counted.has(ino)) return 0;
  counted.add(ino);
  if (!lstatSync(path).isDirectory()) return Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
  const names = readdirSync(path).filter((name) => name !== 'node_modules');
  return names.reduce((sum, name) => sum + diskBytes(join(path, name), counted), BLOCK_BYTES);
}

/** The folders of a package's dependencies, of theirs, and so on; without optional peers. */
function dependencyFolders(folder: string, found = new Set<string>()): ReadonlySet<string> {
  const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  for (const name of Object.keys(dependencies)) {
    const places = [join(folder, 'node_modules', name), join(ROOT, 'node_modules', name)];
    const place = places.find((path) => existsSync(path));
    if (place === undefined) throw new Error(`${name} is not installed`);
    if (found.has(place)) continue;
    found.add(place);
    dependencyFolders(place, found);
  }
  return found;
}

it('is light: what `npm install thanos-hpo` puts on the disk stays below 50 MB, where SQLite is compiled too', () => {
  const sizes = [installed, ...dependencyFolders(installed)]
    .map((path) => ({ name: relative(join(ROOT, 'node_modules'), path), MB: diskBytes(path) / 1e6 }))
    .map(({ name, MB }) => ({ name: name.startsWith('..') ? 'thanos-hpo' : name, MB }))
    .sort((a, b) => b.MB - a.MB);
  const total = sizes.reduce((sum, { MB }) => sum + MB, 0);
  const largest = sizes.slice(0, 6).map(({ name, MB }) => `${name} ${MB.toFixed(1)}`);
  console.info(`installed: ${total.toFixed(1)} MB of ${sizes.length} packages: ${largest.join(', ')} …`);
  expect(sizes.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['thanos-hpo', 'better-sqlite3', 'bindings']),
  );
  expect(total).toBeLessThan(50);
  expect(sizes.find(({ name }) => name === 'thanos-hpo')!.MB).toBeLessThan(10);
});

it('is packed without a warning of npm about its settings', () => {
  expect(npmSays).not.toMatch(/npm warn/i);
});

it('refers to no source map and no file that is not in it', () => {
  const dist = join(installed, 'dist');
  const names = readdirSync(dist, { recursive: true, encoding: 'utf8' });
  const scripts = names.filter((name) => /\.(?:js|d\.ts)$/.test(name));
  expect(scripts.length).toBeGreaterThan(500);
  expect(names.filter((name) => name.endsWith('.map'))).toEqual([]);
  for (const name of scripts) {
    const code = readFileSync(join(dist, name), 'utf8');
    expect(code.match(/^\/\/[#@] source(?:Mapping)?URL=.*/m), name).toBeNull();
    for (const [, path] of code.matchAll(/(?: from |\bimport\(|\bnew URL\()'(\.{1,2}\/[^']+\.js)'/g))
      expect(existsSync(join(dist, dirname(name), path)), `${name} refers to ${path}`).toBe(true);
  }
});

/** Imports each entry of the package and prints what else that changed. */
const IMPORTS = `
import { readdirSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

const emitters = { process, stdout: process.stdout, stderr: process.stderr };
const listeners = () =>
  Object.entries(emitters).flatMap(([name, emitter]) =>
    emitter.eventNames().map((event) => name + ' ' + String(event) + ' ' + emitter.listenerCount(event)));
const members = { console, Error, 'Object.prototype': Object.prototype, 'Array.prototype': Array.prototype, env: process.env };
const globals = () => [
  // Names alone: Node makes some of the values when they are first asked for.
  ...Reflect.ownKeys(globalThis).map((key) => [String(key), null]),
  ...Object.entries(members).flatMap(([name, object]) =>
    Reflect.ownKeys(object).map((key) => [name + '.' + String(key), object[key]])),
];
const state = () => ({
  listeners: listeners(), timersAndHandles: process.getActiveResourcesInfo().sort(), files: readdirSync('.', { recursive: true }),
});
await setTimeout(5);
const [before, globalsBefore] = [state(), globals()];
const changes = [];
for (const entry of process.argv.slice(2)) {
  await import(entry);
  await setTimeout(5);
  const now = globals();
  const known = new Map(globalsBefore);
  const changed = now.filter(([name, value]) => !known.has(name) || !Object.is(value, known.get(name)));
  if (changed.length > 0 || now.length < globalsBefore.length) changes.push([entry, changed.map(([name]) => name)]);
  if (JSON.stringify(state()) !== JSON.stringify(before)) changes.push([entry, before, state()]);
}
console.log(JSON.stringify(changes));
`;

it('does nothing when it is imported: no listener, no global, no timer, no file', () => {
  const { exports } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
    exports: Record<string, unknown>;
  };
  const entries = Object.keys(exports).filter((entry) => !entry.endsWith('.json'));
  expect(entries.length).toBeGreaterThan(8);
  const script = join(project, 'imports.mjs');
  writeFileSync(script, IMPORTS);
  const empty = join(project, 'empty');
  mkdirSync(empty);
  const args = [script, ...entries.map((entry) => `thanos-hpo${entry.slice(1)}`)];
  const env = { ...process.env, HOME: empty, TMPDIR: empty };
  const options = { cwd: empty, encoding: 'utf8', env, timeout: 60_000 } as const;
  const { stdout, stderr, status } = spawnSync(process.execPath, args, options);
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual([]);
  expect(status, 'it ends by itself').toBe(0);
});

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
