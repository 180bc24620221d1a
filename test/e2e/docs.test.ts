/** The programs in README.md and docs/guides: each compiles, runs, and prints what the document says that it prints. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt, makeProject, ROOT, startNode } from './built-package.ts';

const GUIDES = join(ROOT, 'docs/guides');
const DOCUMENTS = [
  join(ROOT, 'README.md'),
  ...readdirSync(GUIDES)
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(GUIDES, name)),
];

interface Program {
  readonly document: string;
  /** Where it is saved: the name after the language, or one that is made up. */
  readonly path: string;
  readonly code: string;
  /** What it prints, if the document shows it in the next block. */
  readonly prints: string | null;
}

/** Every block of the language `ts` is a program; a block `text` right after it is its output. */
function programsOf(path: string): Program[] {
  const document = basename(path, '.md');
  const blocks = readFileSync(path, 'utf8').matchAll(
    /^```ts(?: (?<name>\S+))?\n(?<code>[\s\S]*?)^```\n(?:\n```text\n(?<prints>[\s\S]*?)^```)?/gm,
  );
  return [...blocks].map(({ groups }, i) => ({
    document,
    path: `${document}/${groups!['name'] ?? `program-${i + 1}.ts`}`,
    code: groups!['code'],
    prints: groups!['prints'] ?? null,
  }));
}

const PROGRAMS = DOCUMENTS.flatMap(programsOf);
/** Runs each program in its folder, one after the other in one process, and prints what each printed. */
const RUNNER = `
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { formatWithOptions } from 'node:util';
const outputs = [];
const print = console.log;
const paths = process.argv.slice(2).map((path) => resolve(path));
for (const path of paths) {
  let output = '';
  console.log = (...shown) => { output += formatWithOptions({ colors: false }, ...shown) + '\\n'; };
  process.chdir(dirname(path));
  await import(pathToFileURL(path).href);
  outputs.push(output);
}
print(JSON.stringify(outputs));
`;

let folder: string;
beforeAll(() => {
  ensureBuilt();
  folder = makeProject({
    'runner.mjs': RUNNER,
    'package.json': '{"type":"module"}',
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        module: 'NodeNext',
        target: 'ES2023',
        strict: true,
        exactOptionalPropertyTypes: true,
        noEmit: true,
        types: ['node'],
        typeRoots: [join(ROOT, 'node_modules/@types')],
      },
    }),
  });
  for (const { document, path, code } of PROGRAMS) {
    mkdirSync(join(folder, document), { recursive: true });
    writeFileSync(join(folder, path), code);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the programs in the documents', () => {
  it('are there', () => {
    expect(PROGRAMS.length).toBeGreaterThan(DOCUMENTS.length);
  });

  it('compile', () => {
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const run = () =>
      execFileSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8', stdio: 'pipe' });
    expect(run).not.toThrow();
  });

  it('print what the documents show', async () => {
    const { code, stdout, stderr } = await startNode(
      ['--import', 'tsx', join(folder, 'runner.mjs'), ...PROGRAMS.map(({ path }) => join(folder, path))],
      ROOT,
    ).ended;
    expect([code, stderr]).toEqual([0, '']);
    const outputs = JSON.parse(stdout) as string[];
    PROGRAMS.forEach(({ path, prints }, i) => {
      if (prints !== null) expect(outputs[i], path).toBe(prints);
    });
  });
});
