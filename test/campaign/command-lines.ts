/** Many command lines in one process of the built package, so that thousands of them are affordable. */

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../e2e/built-package.ts';
import { type Ended, start } from './process.ts';
import type { Said } from './verdict.ts';

const LINES = fileURLToPath(new URL('../e2e/cli-lines.mjs', import.meta.url));

/** What each line says; null, with how the process ended, if it did not live to the end. */
export async function sayLines(
  cwd: string,
  lines: readonly (readonly string[])[],
): Promise<{ said: readonly Said[] | null; ended: Ended }> {
  const running = start([process.execPath, LINES, join(ROOT, 'dist/src/cli/run-cli.js')], { cwd });
  running.child.stdin!.end(JSON.stringify(lines));
  const ended = await running.ended;
  const isThrough = ended.code === 0 && ended.stdout.startsWith('[');
  return { said: isThrough ? (JSON.parse(ended.stdout) as Said[]) : null, ended };
}
