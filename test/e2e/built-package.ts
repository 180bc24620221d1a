/** The package as users get it: built, found by its name from a folder of its own, its CLI run as a process. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const MAIN = join(ROOT, 'dist/src/cli/main.js');
const LOCK = join(ROOT, 'node_modules/.thanos-build-lock');
const LOCK_EXPIRES_MS = 120_000;

/** Builds `dist` unless it is newer than every source; one process at a time. */
export function ensureBuilt(): void {
  while (!takeLock()) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  try {
    if (isFresh()) return;
    rmSync(join(ROOT, 'dist'), { recursive: true, force: true });
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    // A type error does not keep tsc from writing; finding those is the business of `npm run check`.
    spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: ROOT, stdio: 'inherit' });
  } finally {
    rmdirSync(LOCK);
  }
}

function takeLock(): boolean {
  try {
    mkdirSync(LOCK);
    return true;
  } catch {
    const since = statSync(LOCK, { throwIfNoEntry: false })?.mtimeMs;
    // Left behind by a process that was killed.
    if (since !== undefined && performance.timeOrigin + performance.now() - since > LOCK_EXPIRES_MS)
      rmSync(LOCK, { recursive: true, force: true });
    return false;
  }
}

function isFresh(): boolean {
  if (!existsSync(MAIN)) return false;
  const builtMs = statSync(MAIN).mtimeMs;
  const isOlder = (path: string): boolean => statSync(join(ROOT, path)).mtimeMs < builtMs;
  if (!['tsconfig.json', 'tsconfig.build.json'].every(isOlder)) return false;
  return ['src', 'samplers', 'storage', 'objectives'].every((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .every((name) => isOlder(join(folder, name))),
  );
}

/** An empty folder in which 'thanos-hpo' can be imported. */
export function makeProject(files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'thanos-'));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules/thanos-hpo'), 'junction');
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves once standard error matches; rejects if the process ends before. */
  untilStderr(pattern: RegExp): Promise<void>;
}

export function startNode(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): Running {
  return start(process.execPath, args, cwd, env);
}

export function start(
  program: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = {},
): Running {
  const { THANOS_STORAGE: _, ...inherited } = process.env;
  const child = spawn(program, args, { cwd, env: { ...inherited, ...env } });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  const untilStderr = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        if (pattern.test(stderr)) resolve();
      };
      child.stderr.on('data', check);
      check();
      ended.then(() => reject(new Error(`ended before ${pattern}: ${stderr}`)), reject);
    });
  return { process: child, ended, untilStderr };
}

/** What each of many command lines says, run one after the other in one process: a start costs more than most of them. */
export async function thanosLines(cwd: string, lines: readonly (readonly string[])[]): Promise<Ended[]> {
  const script = fileURLToPath(new URL('cli-lines.mjs', import.meta.url));
  const run = startNode([script, join(ROOT, 'dist/src/cli/run-cli.js')], cwd);
  run.process.stdin!.end(JSON.stringify(lines));
  const { stdout, stderr } = await run.ended;
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Ended[];
}

/** Runs `thanos` with these arguments in a folder. */
export function thanos(cwd: string, ...args: string[]): Promise<Ended> {
  return startThanos(cwd, args).ended;
}

export function startThanos(cwd: string, args: readonly string[], env?: NodeJS.ProcessEnv): Running {
  return startNode([MAIN, ...args], cwd, env);
}
