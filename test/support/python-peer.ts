/** Python beside the tests: what it has, and a process of it that answers all the questions of a file, for a start takes seconds. */
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { JsonValue } from '../../src/core/frozen-trial.ts';
import { parsePythonJson } from '../../src/core/python-json.ts';

export const peerPython = process.env['THANOS_PEER_PYTHON'];

/** Whether the peer's Python has all these modules; they are found, not imported, which would take seconds. */
export function peerHas(...modules: readonly string[]): boolean {
  if (peerPython === undefined) return false;
  const program =
    'import sys; from importlib.util import find_spec; sys.exit(not all(map(find_spec, sys.argv[1:])))';
  try {
    execFileSync(peerPython, ['-c', program, ...modules], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The `COMMANDS` of a Python script, run in one process from the first question to `close`. */
export class PythonPeer {
  readonly #script: string;
  #process: ChildProcessWithoutNullStreams | null = null;
  #answers: AsyncIterator<string> | null = null;
  #stderr = '';

  constructor(script: string) {
    this.#script = script;
  }

  /** The answer to a question; a question is asked once the one before is answered. */
  async ask(command: string, ...args: readonly string[]): Promise<JsonValue> {
    const child = this.#start();
    child.stdin.write(`${JSON.stringify([command, ...args])}\n`);
    const { value, done } = await this.#answers!.next();
    if (done !== true) return parsePythonJson(value);
    if (child.exitCode === null) await once(child, 'close');
    throw new Error(`${command} failed: ${this.#stderr}`);
  }

  async close(): Promise<void> {
    if (this.#process === null || this.#process.exitCode !== null) return;
    this.#process.stdin.end();
    await once(this.#process, 'close');
  }

  #start(): ChildProcessWithoutNullStreams {
    if (this.#process !== null) return this.#process;
    const answering = join(import.meta.dirname, 'answer_lines.py');
    // Optuna shows times in the local zone.
    const env = { ...process.env, TZ: 'UTC' };
    this.#process = spawn(peerPython!, [answering, this.#script], { env });
    this.#process.stderr.on('data', (text) => {
      this.#stderr += text;
    });
    // A process that has ended is noticed by its missing answer.
    this.#process.stdin.on('error', () => {});
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
    return this.#process;
  }
}
