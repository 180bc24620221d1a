import { setImmediate } from 'node:timers/promises';
import { ThanosError } from '../core/errors.ts';
import { ENDING_SIGNALS } from '../core/processes.ts';
import { note } from './output.ts';

/** The exit code of a run that was asked to stop, whichever signal asked. */
export const INTERRUPTED_EXIT_CODE = 130;

/**
 * Runs work that SIGINT, SIGTERM and SIGHUP end in good order: the first aborts the signal that the work is given, the second
 * ends the process at once (a trial cut off is re-entered by the next run).
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) {
      // Shell and system may both send one when a terminal is closed.
      if (name === 'SIGHUP') return;
      process.exit(INTERRUPTED_EXIT_CODE);
    }
    controller.abort();
    note('\nstopping: the running trials are given back; interrupt once more to stop at once');
  };
  for (const signal of ENDING_SIGNALS) process.on(signal, onSignal);
  try {
    return await work(controller.signal);
  } finally {
    for (const signal of ENDING_SIGNALS) process.off(signal, onSignal);
    // The process is about to end: a late second one of a closed terminal must not end it otherwise.
    if (controller.signal.aborted) process.on('SIGHUP', () => {});
  }
}

/** Lets signals in: an objective and a storage that never wait would keep them out for the whole study. */
export async function yieldToSignals(): Promise<void> {
  await setImmediate();
}

/** The end of an interrupted command. */
export function interrupted(message: string): ThanosError {
  return new ThanosError('ABORTED', `interrupted: ${message}; run the same command again to go on`);
}
