/** Real processes, with a limit on how long they may take. */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../e2e/built-package.ts';

export const THANOS = join(ROOT, 'dist/src/cli/main.js');
/** Far beyond what any command here takes, even on a busy machine: who reaches it hangs. */
const LIMIT_MS = 180_000;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** It was ended at the limit. */
  readonly isHung: boolean;
  readonly elapsedMs: number;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves once standard output matches; false if the process ends before. */
  untilOutput(pattern: RegExp): Promise<boolean>;
}

export interface StartOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly limitMs?: number;
  readonly stdio?: StdioOptions;
  /** The user to run as. */
  readonly uid?: number;
}

export function programPath(name: string): string {
  return fileURLToPath(new URL(`programs/${name}`, import.meta.url));
}

export function start(command: readonly string[], options: StartOptions): Running {
  const { THANOS_STORAGE: _, ...inherited } = process.env;
  const begun = performance.now();
  const child = spawn(command[0], command.slice(1), {
    cwd: options.cwd,
    env: { ...inherited, ...options.env },
    stdio: options.stdio ?? 'pipe',
    uid: options.uid,
  });
  let [stdout, stderr, isHung] = ['', '', false];
  child.stdout?.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  // A child that ends early does not read what is written to it.
  child.stdin?.on('error', () => {});
  const timer = setTimeout(() => {
    isHung = true;
    child.kill('SIGKILL');
  }, options.limitMs ?? LIMIT_MS);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stdout, stderr, isHung, elapsedMs: performance.now() - begun });
    });
  });
  const untilOutput = (pattern: RegExp): Promise<boolean> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        if (pattern.test(stdout)) resolve(true);
      };
      child.stdout?.on('data', check);
      check();
      ended.then(() => resolve(false), reject);
    });
  return { child, ended, untilOutput };
}

export function run(command: readonly string[], options: StartOptions): Promise<Ended> {
  return start(command, options).ended;
}

/** A program of this folder, given its options as JSON. */
export function program(name: string, options: object): readonly string[] {
  return [process.execPath, programPath(name), JSON.stringify(options)];
}

export function thanos(...args: readonly string[]): readonly string[] {
  return [process.execPath, THANOS, ...args];
}
