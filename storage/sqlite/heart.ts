import type { Worker } from 'node:worker_threads';
import { OWN_EXTENSION, startThread } from '../../src/core/threads.ts';
import { type HeartbeatTask, keepBeating, SharedState } from './heartbeat.ts';

/** A study that is over by then needs no thread, which takes some milliseconds to start. */
const THREAD_AFTER_MS = 1000;

/** The heart of one open storage: a thread that beats for the trials that run. */
export class Heart {
  readonly #task: HeartbeatTask;
  readonly #state = new SharedState();
  readonly #startAtMs = performance.now() + THREAD_AFTER_MS;
  readonly #timer: NodeJS.Timeout;
  #thread: Worker | null = null;
  #fallback: NodeJS.Timeout | null = null;
  #needsStart = true;
  #isStopped = false;

  constructor(task: Omit<HeartbeatTask, 'shared'>) {
    this.#task = { ...task, shared: this.#state.buffer };
    this.#timer = setTimeout(() => this.#start(), THREAD_AFTER_MS).unref();
  }

  /** Tells it which trials run, before an objective may block the event loop. */
  watch(lowestId: number): void {
    this.#state.lowestId = lowestId;
    if (this.#needsStart && performance.now() >= this.#startAtMs) this.#start();
  }

  #start(): void {
    if (!this.#needsStart || this.#isStopped) return;
    this.#needsStart = false;
    try {
      this.#thread = startThread(new URL(`./heartbeat-thread${OWN_EXTENSION}`, import.meta.url), {
        workerData: this.#task,
      });
      this.#thread.unref();
      this.#thread.once('error', () => this.#beatWithoutThread());
    } catch {
      this.#beatWithoutThread();
    }
  }

  /** A process may not be allowed to start threads, and a bundle of a program leaves their files out. */
  #beatWithoutThread(): void {
    if (!this.#isStopped) this.#fallback ??= keepBeating(this.#task).unref();
  }

  /** When it returns, no connection of the thread is open. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    if (this.#fallback !== null) clearInterval(this.#fallback);
    this.#state.shut();
    void this.#thread?.terminate();
  }
}
