/** The programs of this folder compile against the declarations of the built package, with every way of resolving it. */
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureBuilt, makeProject, ROOT } from '../e2e/built-package.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
let project: string;

beforeAll(() => {
  ensureBuilt();
  project = makeProject({ 'package.json': '{ "type": "module" }' });
  for (const name of readdirSync(HERE))
    if (name.endsWith('.ts') && !name.endsWith('.test.ts')) cpSync(join(HERE, name), join(project, name));
}, 120_000);
afterAll(() => rmSync(project, { recursive: true, force: true }));

/** What tsc says to these files; nothing if they compile. */
function tsc(include: readonly string[], compilerOptions: Readonly<Record<string, unknown>>): string {
  const config = {
    compilerOptions: {
      target: 'ES2023',
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      allowImportingTsExtensions: true,
      typeRoots: [join(ROOT, 'node_modules/@types')],
      types: ['node'],
      ...compilerOptions,
    },
    include,
  };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(config));
  return spawnSync(process.execPath, [TSC, '-p', '.'], { cwd: project, encoding: 'utf8' }).stdout;
}

it.each([
  { module: 'node16', moduleResolution: 'node16', exactOptionalPropertyTypes: true },
  { module: 'nodenext', moduleResolution: 'nodenext', exactOptionalPropertyTypes: true },
  { module: 'esnext', moduleResolution: 'bundler', exactOptionalPropertyTypes: true },
  { module: 'nodenext', moduleResolution: 'nodenext', exactOptionalPropertyTypes: false },
])('compile: $moduleResolution, exactOptionalPropertyTypes $exactOptionalPropertyTypes', (options) => {
  expect(tsc(['*.ts'], options)).toBe('');
});
