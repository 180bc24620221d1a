/** The worker thread's entry: executes commands one after the other, since a run blocks the thread it is on. */
import { parentPort } from 'node:worker_threads';
import { GraphError } from './errors.ts';
import { SessionHost } from './session-host.ts';
import type { Result, SessionRequest, SessionResponse } from './worker-protocol.ts';

const port = parentPort;
if (port === null)
  throw new GraphError(
    'RUN_FAILED',
    'session-worker is the entry of a worker thread: start it with SessionWorker',
  );

const host = new SessionHost();
let queue = Promise.resolve();

port.on('message', (request: SessionRequest) => {
  queue = queue.then(async () => {
    port.postMessage(...(await respond(request)));
    if (request.kind === 'close') port.close();
  });
});

async function respond({ id, ...command }: SessionRequest): Promise<[SessionResponse, ArrayBuffer[]]> {
  try {
    const result = await host.execute(command);
    return [{ id, ok: true, result }, command.kind === 'getState' ? buffersOf(result) : []];
  } catch (error) {
    const code = error instanceof GraphError ? error.code : 'RUN_FAILED';
    return [{ id, ok: false, code, message: error instanceof Error ? error.message : String(error) }, []];
  }
}

/** State is read as copies, so their buffers can move to the other thread. */
function buffersOf(result: Result): ArrayBuffer[] {
  if (result.kind !== 'tensors') return [];
  return Object.values(result.tensors).map((tensor) => tensor.data.buffer as ArrayBuffer);
}
