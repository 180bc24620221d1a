/** Sessions in a worker thread, which keeps the calling thread free, with tensors that stay there between runs. */
import type { Worker } from 'node:worker_threads';
import { OWN_EXTENSION, startThread } from '../../src/core/threads.ts';
import { GraphError } from './errors.ts';
import type { SessionOptions } from './runtime.ts';
import type { TensorMap } from './state-file.ts';
import type { TensorData } from './tensor.ts';
import type {
  Command,
  Result,
  SessionRequest,
  SessionResponse,
  ShapesByName,
  Updates,
} from './worker-protocol.ts';

interface Pending {
  resolve(result: Result): void;
  reject(error: GraphError): void;
}

/** One model in the worker. */
export interface RemoteSession {
  /**
   * Runs the model on `feeds` and, for inputs that are not fed, on the resident tensors of the same name; then replaces
   * resident tensors as the session's `updates` say. Returns the outputs named in `fetches`.
   */
  run(feeds: TensorMap, fetches?: readonly string[]): Promise<TensorMap>;
  release(): Promise<void>;
}

/** A worker thread with sessions and resident tensors, which its sessions share by name. Close it, or it keeps the process alive. */
export class SessionWorker {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #sent = 0;
  #failure: GraphError | null = null;

  constructor() {
    this.#worker = startThread(new URL(`./session-worker${OWN_EXTENSION}`, import.meta.url));
    this.#worker.on('message', (response: SessionResponse) => this.#settle(response));
    this.#worker.on('error', (error) => this.#fail(`the session worker failed: ${error.message}`, error));
    this.#worker.on('exit', (code) =>
      this.#fail(`the session worker has ended (exit code ${code}): start a new one`),
    );
  }

  /**
   * Loads a model. After each run, `updates` ({ resident name: output name }) replaces resident tensors by outputs, which stay
   * on the device.
   */
  async open(
    model: Uint8Array,
    options: SessionOptions & { readonly updates?: Updates | undefined } = {},
  ): Promise<RemoteSession> {
    const { updates = {}, ...sessionOptions } = options;
    const { session } = await this.#ask(
      { kind: 'open', model: compact(model), options: sessionOptions, updates },
      'session',
    );
    return {
      run: async (feeds, fetches = []) =>
        (await this.#ask({ kind: 'run', session, feeds: compactAll(feeds), fetches }, 'tensors')).tensors,
      release: async () => {
        await this.#ask({ kind: 'release', session }, 'done');
      },
    };
  }

  /** Sets resident tensors; copies are sent. */
  async setState(tensors: TensorMap): Promise<void> {
    await this.#ask({ kind: 'setState', tensors: compactAll(tensors) }, 'done');
  }

  /** Copies of resident tensors; default: all. */
  async getState(names?: readonly string[]): Promise<TensorMap> {
    return (await this.#ask({ kind: 'getState', names: names ?? null }, 'tensors')).tensors;
  }

  async deleteState(names: readonly string[]): Promise<void> {
    await this.#ask({ kind: 'deleteState', names }, 'done');
  }

  /** Writes resident tensors (default: all) to a safetensors file, atomically. */
  async saveState(
    path: string,
    {
      names,
      metadata = {},
    }: {
      readonly names?: readonly string[] | undefined;
      readonly metadata?: Readonly<Record<string, string>> | undefined;
    } = {},
  ): Promise<void> {
    await this.#ask({ kind: 'saveState', path, names: names ?? null, metadata }, 'done');
  }

  /**
   * Makes the tensors of a file resident; returns its metadata.
   * @param expected shapes by name of the float32 tensors that the file has to hold; default: whatever it holds.
   */
  async loadState(path: string, expected?: ShapesByName): Promise<Readonly<Record<string, string>>> {
    return (await this.#ask({ kind: 'loadState', path, expected: expected ?? null }, 'metadata')).metadata;
  }

  /** Releases all sessions and ends the thread. */
  async close(): Promise<void> {
    if (this.#failure !== null) return;
    const ended = new Promise<void>((resolve) => this.#worker.once('exit', () => resolve()));
    await this.#ask({ kind: 'close' }, 'done');
    await ended;
  }

  async #ask<K extends Result['kind']>(command: Command, kind: K): Promise<Extract<Result, { kind: K }>> {
    const result = await new Promise<Result>((resolve, reject) => {
      if (this.#failure !== null) {
        reject(this.#failure);
        return;
      }
      const id = ++this.#sent;
      this.#pending.set(id, { resolve, reject });
      this.#worker.postMessage({ ...command, id } satisfies SessionRequest);
    });
    if (result.kind !== kind)
      throw new GraphError('RUN_FAILED', `the session worker answered '${result.kind}' to '${command.kind}'`);
    return result as Extract<Result, { kind: K }>;
  }

  #settle(response: SessionResponse): void {
    const pending = this.#pending.get(response.id);
    this.#pending.delete(response.id);
    if (response.ok) pending?.resolve(response.result);
    else pending?.reject(new GraphError(response.code, response.message));
  }

  #fail(message: string, cause?: Error): void {
    this.#failure ??= new GraphError('RUN_FAILED', message, { cause });
    for (const pending of this.#pending.values()) pending.reject(this.#failure);
    this.#pending.clear();
  }
}

/** Returns the bytes over a buffer of their own size: posting a view would copy all of the buffer behind it. */
function compact<T extends TensorData['data'] | Uint8Array>(array: T): T {
  return array.byteLength === array.buffer.byteLength ? array : (array.slice() as T);
}

function compactAll(tensors: TensorMap): TensorMap {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [
      name,
      { ...tensor, data: compact(tensor.data) } as TensorData,
    ]),
  );
}
