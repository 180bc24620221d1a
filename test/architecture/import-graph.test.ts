import { describe, expect, it } from 'vitest';
import {
  type DependencyTable,
  dependencyViolations,
  filesMatching,
  importCycles,
  importersOf,
  importsOf,
  tableOf,
  withoutComments,
} from './import-graph.ts';

const files = (entries: Record<string, string>): Map<string, string> => new Map(Object.entries(entries));
const filesOf = (source: string): readonly string[] => importsOf('src/a/x.ts', source, new Map()).files;

describe('importsOf', () => {
  it.each([
    ["import { b } from '../b.ts';"],
    ['import { b } from "../b.ts";'],
    ["import '../b.ts';"],
    ["import b from '../b.ts';"],
    ["import * as b from '../b.ts';"],
    ["import type { B } from '../b.ts';"],
    ["import { type B } from '../b.ts';"],
    ["import {\n  type B,\n  b as c,\n} from '../b.ts';"],
    ["export * from '../b.ts';"],
    ["export * as b from '../b.ts';"],
    ["export { b } from '../b.ts';"],
    ["export type { B } from '../b.ts';"],
    ["const b = await import('../b.ts');"],
    ["const b = import(\n  '../b.ts',\n);"],
    ['const b = import(`../b.ts`);'],
    ["let b: import('../b.ts').B;"],
    ["const b = require('../b.ts');"],
    ["new Worker(new URL('../b.ts', import.meta.url));"],
  ])('finds %j', (source) => {
    expect(filesOf(source)).toEqual(['src/b.ts']);
  });

  it('resolves a worker whose extension is computed', () => {
    const source = 'new Worker(new URL(`./worker$' + '{extension}`, import.meta.url))';
    const sources = files({ 'src/a/worker.ts': '' });
    expect(importsOf('src/a/x.ts', source, sources).files).toEqual(['src/a/worker.ts']);
    const built = "new URL('./worker.js', import.meta.url)";
    expect(importsOf('src/a/x.ts', built, sources).files).toEqual(['src/a/worker.ts']);
  });

  it.each([
    ["// import { b } from '../b.ts';"],
    ["/*\nimport { b } from '../b.ts';\n*/"],
    ["/** As `import('../b.ts')` does. */"],
    ["export const from = '../b.ts';"],
    ["export interface A {\n  /** Taken from '../b.ts'. */\n  a: string;\n}"],
    ["const url = 'http://example.org'; // import '../b.ts'"],
  ])('is not misled by %j', (source) => {
    expect(filesOf(source)).toEqual([]);
  });

  it('is not misled by literals that hold comment markers', () => {
    const source =
      "const a = '/*';\nconst b = /\\/\\*[`'\"]/;\nimport { c } from '../b.ts';\nconst d = '*/';";
    expect(filesOf(source)).toEqual(['src/b.ts']);
    expect(withoutComments("f('//'); // gone")).toBe("f('//');  ");
  });

  it('names packages without their subpaths, and counts computed imports', () => {
    const source = "import a from '@s/p/q';\nimport b from 'n/x.js';\nimport 'node:fs';\nawait import(path);";
    expect(importsOf('a.ts', source, new Map())).toEqual({
      files: [],
      typeOnly: [],
      packages: ['@s/p', 'n', 'node:fs'],
      computed: 1,
    });
  });
});

describe('dependencyViolations', () => {
  const table: DependencyTable = {
    core: [],
    'core/deep': ['core'],
    shell: ['core'],
    'main.ts': ['core', 'core/deep', 'shell'],
  };

  it('allows what the table says, and files of the same part', () => {
    const sources = files({
      'core/a.ts': "import './b.ts';",
      'core/b.ts': '',
      'core/deep/c.ts': "import '../a.ts';",
      'shell/d.ts': "import '../core/a.ts';",
      'main.ts': "import './shell/d.ts';",
    });
    expect(dependencyViolations(sources, table)).toEqual([]);
  });

  it.each([
    ['core/a.ts', "import type { D } from '../shell/d.ts';", /core may import nothing of ours/],
    ['core/a.ts', "export * from './deep/c.ts';", /core may import nothing of ours/],
    ['shell/d.ts', "let x: import('../core/deep/c.ts').C;", /shell may import core/],
    ['shell/d.ts', "import '../main.ts';", /shell may import core/],
    ['shell/d.ts', "import '../core/gone.ts';", /not there/],
    ['cored/x.ts', '', /no part of the table/],
  ])('finds that %s has %j', (path, source, message) => {
    const all = { 'core/a.ts': '', 'core/deep/c.ts': '', 'shell/d.ts': '', 'main.ts': '' };
    const found = dependencyViolations(files({ ...all, [path]: source }), table);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(message);
  });
});

it('tableOf allows lower floors, earlier parts of the staircase, and what is named across', () => {
  const floors = [[['ground']], [['left', 'left/up'], ['right']], [['roof']]];
  expect(tableOf(floors, { right: ['left'] })).toEqual({
    ground: [],
    left: ['ground'],
    'left/up': ['ground', 'left'],
    right: ['ground', 'left'],
    roof: ['ground', 'left', 'left/up', 'right'],
  });
});

describe('importCycles', () => {
  it('finds each cycle once, self imports included', () => {
    const sources = files({
      'a.ts': "import './b.ts';\nimport './c.ts';",
      'b.ts': "import { C } from './c.ts';",
      'c.ts': "export * from './b.ts';",
      'd.ts': "import './d.ts';",
      'e.ts': "import './a.ts';",
    });
    expect(importCycles(sources)).toEqual(['b.ts -> c.ts -> b.ts', 'd.ts -> d.ts']);
  });

  it('is silent on cycles of which nothing is left at run time', () => {
    const sources = files({
      'a.ts': "import type { B } from './b.ts';",
      'b.ts': "export type { A } from './a.ts';\nimport { type C } from './c.ts';",
      'c.ts': "import type { B } from './b.ts';\nimport { b } from './b.ts';",
    });
    expect(importCycles(sources)).toEqual(['b.ts -> c.ts -> b.ts']);
  });

  it('is silent on a diamond', () => {
    const sources = files({
      'a.ts': "import './b.ts';\nimport './c.ts';",
      'b.ts': "import './d.ts';",
      'c.ts': "import './d.ts';",
      'd.ts': '',
    });
    expect(importCycles(sources)).toEqual([]);
  });
});

it('importersOf and filesMatching look at code, not at comments', () => {
  const sources = files({
    'a.ts': "import n from 'native';\nMath.random();",
    'b.ts': "import { x } from 'native/sub';\n// never Math.random()",
    'c.ts': "/** `import n from 'native'` */",
  });
  expect(importersOf('native', sources)).toEqual(['a.ts', 'b.ts']);
  expect(filesMatching(/\bMath\.random\b/, sources)).toEqual(['a.ts']);
});
