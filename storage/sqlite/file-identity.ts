import { statSync } from 'node:fs';

/** Which file stands at a path, whatever it is called; null if there is none. */
export function identityOf(path: string): string | null {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat === undefined ? null : `${stat.dev}:${stat.ino}`;
  } catch {
    return null;
  }
}
