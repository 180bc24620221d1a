/** Starts workers of `study-worker.mjs` and lets them go at one instant. */
import { fileURLToPath } from 'node:url';
import { type Running, startNode } from './built-package.ts';

const SCRIPT = fileURLToPath(new URL('study-worker.mjs', import.meta.url));

export interface WorkerTask {
  readonly task: string;
  readonly storage: string;
  readonly [option: string]: unknown;
}

async function startWorker(task: WorkerTask): Promise<Running> {
  const worker = startNode([SCRIPT, JSON.stringify(task)], process.cwd());
  await new Promise<void>((resolve, reject) => {
    worker.process.stdout!.once('data', () => resolve());
    worker.ended.then(({ stderr }) => reject(new Error(stderr)), reject);
  });
  return worker;
}

/** What each of `count` processes returned that began the same task at the same instant. @throws what one of them wrote to standard error. */
export async function workTogether(count: number, task: WorkerTask): Promise<unknown[]> {
  const workers = await Promise.all(Array.from({ length: count }, () => startWorker(task)));
  for (const worker of workers) worker.process.stdin!.write('go\n');
  const ended = await Promise.all(workers.map((worker) => worker.ended));
  return ended.map(({ code, stdout, stderr }) => {
    if (code !== 0) throw new Error(`a worker ended with ${code}: ${stderr}`);
    return JSON.parse(stdout.trim().split('\n').at(-1)!);
  });
}
