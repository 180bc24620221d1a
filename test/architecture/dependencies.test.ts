/** Holds the floors of the architecture (ARCHITECTURE.md) against the real imports of every file. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { describe, expect, it } from 'vitest';
import { OPTIONAL_PACKAGES } from '../../src/core/optional-package.ts';
import {
  type DependencyTable,
  dependencyViolations,
  type Floors,
  filesMatching,
  importCycles,
  importersOf,
  importGraph,
  partOf,
  type Sources,
  tableOf,
} from './import-graph.ts';

const ROOT = new URL('../../', import.meta.url);
const SHIPPED = ['src', 'samplers', 'storage', 'objectives'];

/** TypeScript files below these folders, by path from the root with forward slashes. */
function sourcesIn(folders: readonly string[]): Sources {
  return new Map(
    folders
      .filter((folder) => existsSync(new URL(folder, ROOT)))
      .flatMap((folder) =>
        readdirSync(new URL(folder, ROOT), { recursive: true, encoding: 'utf8' })
          .filter((name) => name.endsWith('.ts'))
          .map((name) => `${folder}/${name.replaceAll('\\', '/')}`),
      )
      .sort()
      .map((path) => [path, readFileSync(new URL(path, ROOT), 'utf8')]),
  );
}

/**
 * The house, from the ground up. A part may import from every lower floor. A floor has staircases, whose parts may also import from
 * those before them on the same staircase.
 */
const FLOORS: Floors = [
  [['src/core/errors.ts', 'src/math']],
  [['src/pareto']],
  [['src/core']],
  [
    ['samplers'],
    ['storage'],
    ['src/pruners'],
    ['src/importance', 'src/compare', 'src/plots'],
    ['src/artifacts'],
    ['src/trials-table.ts'],
    ['src/testing'],
    [
      'objectives/synthetic',
      'objectives/onnx',
      'objectives/autodiff',
      'objectives/training',
      'objectives/transformer',
      'objectives/translation',
      'objectives/latency',
      // Its pipeline, and the NAS as an objective: samplers and storages are injected.
      'objectives',
    ],
  ],
  [
    [
      'src/define-study.ts',
      'src/create-study.ts',
      'src/copy-study.ts',
      'src/rename-study.ts',
      'src/study-summaries.ts',
      'src/index.ts',
      'src/cli',
    ],
  ],
];

/** What else may be imported on the same floor. */
const ACROSS: DependencyTable = {
  // A kit needs the contract that it tests.
  'src/testing': ['objectives/latency', 'objectives/transformer'],
};

/** Native or heavy packages: each behind one file, with a small structural type of our own. */
const CONFINED_PACKAGES = ['better-sqlite3', 'onnxruntime-node', 'tokenizers', 'echarts', 'seedrandom'];

/** Sources of randomness other than `Rng`, and clocks, with the files that may use them. */
const IMPURE: readonly { what: string; pattern: RegExp; allowed: Record<string, string> }[] = [
  { what: 'Math.random', pattern: /\bMath\.random\b/, allowed: {} },
  { what: 'Date.now', pattern: /\bDate\.now\b/, allowed: {} },
  {
    what: 'random bytes',
    pattern: /\b(?:randomUUID|randomBytes|randomInt|getRandomValues)\b/,
    allowed: { 'src/create-study.ts': 'a new study without a seed draws one, and records it' },
  },
  {
    what: 'new Date()',
    pattern: /\bnew Date\(\)/,
    allowed: {
      'storage/in-memory.ts': 'trials carry the times of their start and end',
      'storage/sqlite/sqlite-storage.ts': 'trials carry the times of their start and end',
      'storage/sqlite/heartbeat.ts': 'an owner on another host is alive if it was seen lately',
    },
  },
];

/** Files that make errors of JavaScript's own classes, which have neither a code nor a remedy. */
const BUILT_IN_ERRORS: Record<string, string> = {
  'src/cli/typescript-hooks.ts': "answers Node's loader, in its own thread, as Node's parser would",
};
/** Where the family begins; `TrialPruned`, beside it, is a way out of an objective and no error. */
const ERROR_CLASSES = 'src/core/errors.ts';

/** Files that do something when they are imported, to what others see: those that run by themselves, in a process or thread. */
const RUNNING = [
  'objectives/onnx/session-worker.ts',
  'src/cli/main.ts',
  'storage/sqlite/heartbeat-thread.ts',
];
/** Files whose statements fill a table of their own. */
const SELF_FILLING = ['objectives/onnx/proto.ts', 'objectives/synthetic/index.ts', 'storage/register.ts'];

/** Files that load what the user names. */
const COMPUTED_IMPORTS: Record<string, string> = {
  'src/cli/load-module.ts': "the user's study module",
};

const MAX_LINES = 450;

const shipped = sourcesIn(SHIPPED);
const examples = sourcesIn(['examples']);
const manifest = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8')) as {
  sideEffects: readonly string[];
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
  peerDependenciesMeta: Record<string, { optional: boolean }>;
};
const everything = new Map([...shipped, ...examples, ...sourcesIn(['test'])]);

describe('architecture', () => {
  it('finds the files', () => {
    for (const folder of SHIPPED)
      expect([...shipped.keys()].filter((path) => path.startsWith(`${folder}/`)).length, folder).not.toBe(0);
    expect(examples.size).not.toBe(0);
    expect([...importGraph(shipped).values()].flatMap((imports) => imports.files).length).toBeGreaterThan(
      100,
    );
  });

  it('has every part that the floors name', () => {
    const named = FLOORS.flat(2);
    const paths = [...shipped.keys()];
    expect(named.filter((part) => !paths.some((path) => partOf(path, [part]) === part))).toEqual([]);
  });

  it('imports only from lower floors', () => {
    expect(dependencyViolations(shipped, tableOf(FLOORS, ACROSS))).toEqual([]);
  });

  it('has no import cycles', () => {
    expect(importCycles(everything)).toEqual([]);
  });

  it.each(CONFINED_PACKAGES)('imports %s in exactly one file', (name) => {
    expect(importersOf(name, shipped)).toHaveLength(1);
  });

  it('ships code that needs only declared dependencies', () => {
    const { dependencies, peerDependencies } = manifest;
    const known = new Set([
      ...Object.keys(dependencies),
      ...Object.keys(peerDependencies),
      ...builtinModules,
    ]);
    const foreign = [...importGraph(shipped)].flatMap(([path, { packages }]) =>
      packages.filter((name) => !known.has(name.replace('node:', ''))).map((name) => `${path}: ${name}`),
    );
    expect(foreign).toEqual([]);
  });

  it('loads optional peers when they are used, and declares the versions that its errors name', () => {
    expect(manifest.peerDependencies).toEqual(OPTIONAL_PACKAGES);
    expect(manifest.devDependencies).toMatchObject(OPTIONAL_PACKAGES);
    for (const name of Object.keys(OPTIONAL_PACKAGES)) {
      expect(manifest.peerDependenciesMeta[name], name).toEqual({ optional: true });
      const [path] = importersOf(name, shipped);
      expect(shipped.get(path), path).toMatch(new RegExp(`import type \\* as \\w+ from '${name}'`));
    }
  });

  it('shows in its examples only what the package exports', () => {
    for (const [path, { files, packages }] of importGraph(examples)) {
      expect(files, path).toEqual([]);
      expect(
        packages.filter((name) => name !== 'thanos-hpo' && !name.startsWith('node:')),
        path,
      ).toEqual([]);
    }
  });

  it.each(IMPURE)('uses $what only where it is allowed', ({ pattern, allowed }) => {
    expect(filesMatching(pattern, shipped)).toEqual(Object.keys(allowed).sort());
  });

  it('throws only errors of its own family', () => {
    const builtIn = /\bnew (?:Range|Type|Syntax|Eval|URI|Aggregate)?Error\(/;
    expect(filesMatching(builtIn, shipped)).toEqual(Object.keys(BUILT_IN_ERRORS));
    expect(filesMatching(/\bextends (?:Range|Type|Syntax)?Error\b/, shipped)).toEqual([ERROR_CLASSES]);
  });

  it('does nothing on import outside the files that run by themselves, which bundlers are told of', () => {
    const statement =
      /^(?:(?:await |void )?[\w.]+\(|(?:if|for|while|try|switch|do|new|delete)\b|[\w.[\]]+ \W?= |import ')/m;
    expect(filesMatching(statement, shipped)).toEqual([...RUNNING, ...SELF_FILLING].sort());
    const built = RUNNING.map((path) => `./dist/${path.replace(/\.ts$/, '.js')}`);
    expect([...manifest.sideEffects].sort()).toEqual(built.sort());
  });

  it('computes the name of an import only where users name modules', () => {
    const computing = [...importGraph(shipped)].filter(([, { computed }]) => computed > 0);
    expect(computing.map(([path]) => path)).toEqual(Object.keys(COMPUTED_IMPORTS));
  });

  it(`keeps every file within ${MAX_LINES} lines`, () => {
    const lines = ([path, source]: [string, string]) => ({ path, lines: source.split('\n').length - 1 });
    expect([...everything].map(lines).filter((file) => file.lines > MAX_LINES)).toEqual([]);
  });
});
