import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/** How the files of this package end: `.js` in a build, `.ts` in its source. */
export const OWN_EXTENSION = extname(fileURLToPath(import.meta.url));

/** Starts a thread with a file of this package: as JavaScript from a build, or from source, where tsx has to be registered first. */
export function startThread(entry: URL, options?: WorkerOptions): Worker {
  if (OWN_EXTENSION !== '.ts') return new Worker(entry, options);
  const tsx = import.meta.resolve('tsx/esm/api');
  const source = `import { register } from '${tsx}'; register(); await import('${entry.href}');`;
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), options);
}
