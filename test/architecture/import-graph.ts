/** Reads imports out of TypeScript sources and looks for what a layering forbids. Pure: files come in as a map. */
import { posix } from 'node:path';

export type Sources = ReadonlyMap<string, string>;

export interface Imports {
  /** Relative specifiers resolved to paths: static, type-only, re-exported, dynamic, workers. */
  readonly files: readonly string[];
  /** Those of `files` of which nothing is left at run time: `import type`, `export type`. */
  readonly typeOnly: readonly string[];
  /** Names of packages and node: modules. */
  readonly packages: readonly string[];
  /** Dynamic imports whose specifier is computed. */
  readonly computed: number;
}

// A string, template or regular expression is matched whole, so that a comment marker inside one is not a comment.
const LITERAL_OR_COMMENT =
  /("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`|(?<=(?:[=(,:[!&|?{};]|\breturn)\s*)\/(?![/*])(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*)|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;

export function withoutComments(source: string): string {
  return source.replace(LITERAL_OR_COMMENT, (_, literal: string | undefined) => literal ?? ' ');
}

const SPECIFIERS = [
  // import 'x'; import … from 'x'; import type … from 'x'; export … from 'x'
  /^[ \t]*(?:import|export)\b(?:[^'"`;()]*?\bfrom)?\s*(['"])([^'"\n]+)\1/gm,
  // import('x'), as an expression or in a type; require('x')
  /\b(?:import|require)\s*\(\s*(['"`])([^'"`$]+)\1\s*[,)]/g,
  // new Worker(new URL('./x', import.meta.url)); the extension may be computed
  /\bnew URL\(\s*(['"`])(\.[^'"`$]+)/g,
];

const TYPE_ONLY = /^\s*(?:import|export)\s+type\s+(?!from\b)/;

export function importsOf(path: string, source: string, sources: Sources): Imports {
  const code = withoutComments(source);
  const specifiers = SPECIFIERS.flatMap((pattern) =>
    [...code.matchAll(pattern)].map(([text, , name]) => ({ name, isType: TYPE_ONLY.test(text) })),
  );
  const atRunTime = new Set(specifiers.filter(({ isType }) => !isType).map(({ name }) => name));
  const files: string[] = [];
  const typeOnly: string[] = [];
  const packages: string[] = [];
  for (const specifier of new Set(specifiers.map(({ name }) => name))) {
    if (specifier.startsWith('.')) {
      const target = posix.join(posix.dirname(path), specifier);
      // A file of a build has its extension in the source as `.js`, or computed.
      const file =
        [`${target}.ts`, target.replace(/\.js$/, '.ts')].find((name) => sources.has(name)) ?? target;
      files.push(file);
      if (!atRunTime.has(specifier)) typeOnly.push(file);
    } else packages.push(packageName(specifier));
  }
  const computed = [...code.matchAll(/\bimport\s*\(\s*(?!['"`)])/g)].length;
  return { files, typeOnly, packages: [...new Set(packages)], computed };
}

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

export function importGraph(sources: Sources): ReadonlyMap<string, Imports> {
  return new Map([...sources].map(([path, source]) => [path, importsOf(path, source, sources)]));
}

/** The row of the table that a file belongs to: the longest key that is the file or a folder above it. */
export function partOf(path: string, parts: readonly string[]): string | null {
  const owners = parts.filter((part) => path === part || path.startsWith(`${part}/`));
  return owners.sort((a, b) => b.length - a.length)[0] ?? null;
}

/** For each part, what it may import besides itself. A key or entry is a file or a folder. */
export type DependencyTable = Readonly<Record<string, readonly string[]>>;

/** Floors from the ground up, each with its staircases: lists of parts of which each may import those before it. */
export type Floors = readonly (readonly (readonly string[])[])[];

/** Returns what each part may import: all lower floors, the stairs below it, and what `across` adds on its own floor. */
export function tableOf(floors: Floors, across: DependencyTable = {}): DependencyTable {
  return Object.fromEntries(
    floors.flatMap((staircases, floor) =>
      staircases.flatMap((stairs) =>
        stairs.map((part, step) => [
          part,
          [...floors.slice(0, floor).flat(2), ...stairs.slice(0, step), ...(across[part] ?? [])],
        ]),
      ),
    ),
  );
}

export function dependencyViolations(sources: Sources, table: DependencyTable): string[] {
  const parts = Object.keys(table);
  const found: string[] = [];
  for (const [path, { files }] of importGraph(sources)) {
    const part = partOf(path, parts);
    if (part === null) {
      found.push(`${path} belongs to no part of the table`);
      continue;
    }
    for (const target of files) {
      const targetPart = partOf(target, parts);
      if (!sources.has(target)) found.push(`${path} imports ${target}, which is not there`);
      else if (targetPart === part) continue;
      else if (targetPart === null || !table[part].includes(targetPart))
        found.push(
          `${path} imports ${target}: ${part} may import ${table[part].join(', ') || 'nothing of ours'}`,
        );
    }
  }
  return found;
}

/**
 * Cycles of files at run time, each written once, from its first file in alphabetical order. Two files may name each other's
 * types.
 */
export function importCycles(sources: Sources): string[] {
  const graph = importGraph(sources);
  const done = new Set<string>();
  const stack: string[] = [];
  const cycles = new Set<string>();
  const visit = (path: string): void => {
    const at = stack.indexOf(path);
    if (at >= 0) {
      const cycle = stack.slice(at);
      const first = cycle.indexOf([...cycle].sort()[0]);
      const ordered = [...cycle.slice(first), ...cycle.slice(0, first)];
      cycles.add([...ordered, ordered[0]].join(' -> '));
      return;
    }
    if (done.has(path)) return;
    stack.push(path);
    const { files = [], typeOnly = [] } = graph.get(path) ?? {};
    for (const target of files) if (!typeOnly.includes(target)) visit(target);
    stack.pop();
    done.add(path);
  };
  for (const path of [...sources.keys()].sort()) visit(path);
  return [...cycles];
}

/** Files that import a package, in order. */
export function importersOf(name: string, sources: Sources): string[] {
  return [...importGraph(sources)]
    .filter(([, { packages }]) => packages.includes(name))
    .map(([path]) => path);
}

/** Files whose code (comments aside) matches a pattern. */
export function filesMatching(pattern: RegExp, sources: Sources): string[] {
  return [...sources].filter(([, source]) => pattern.test(withoutComments(source))).map(([path]) => path);
}
