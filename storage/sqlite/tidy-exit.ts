import { ENDING_SIGNALS } from '../../src/core/processes.ts';

/**
 * Closes the storages that are open when the process ends, so that a program which ends without `close()`, or is stopped by a
 * signal, leaves one whole file.
 */

interface Closable {
  closeNow(): void;
}

const openStorages = new Set<Closable>();

export function closeAtExit(storage: Closable): void {
  if (openStorages.size === 0) {
    process.on('exit', closeAll);
    listen();
  }
  openStorages.add(storage);
}

/** For a storage that has been closed. */
export function leaveExit(storage: Closable): void {
  openStorages.delete(storage);
  if (openStorages.size > 0) return;
  process.off('exit', closeAll);
  for (const signal of ENDING_SIGNALS) process.off(signal, onSignal);
}

function listen(): void {
  for (const signal of ENDING_SIGNALS)
    if (!process.listeners(signal).includes(onSignal)) process.prependListener(signal, onSignal);
}

function closeAll(): void {
  for (const storage of openStorages) storage.closeNow();
}

/**
 * Where the program listens to the signal itself, it decides what is to happen. So this one steps back first: there are
 * listeners that act only if they find themselves alone.
 */
function onSignal(signal: NodeJS.Signals): void {
  process.off(signal, onSignal);
  if (process.listenerCount(signal) > 0) {
    setImmediate(() => {
      if (openStorages.size > 0) listen();
    });
    return;
  }
  closeAll();
  process.kill(process.pid, signal);
}
