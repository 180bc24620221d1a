import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Rng } from '../../src/core/rng.ts';
import type { Slots } from './slots.ts';

export type Size = 'small' | 'full';

/** What every campaign is run with. */
export interface Setting {
  readonly size: Size;
  readonly rng: Rng;
  /** Bounds the processes of all campaigns. */
  readonly slots: Slots;
  readonly folder: string;
}

/** A new folder of that name. */
export function newFolder({ folder }: Setting, ...names: readonly (string | number)[]): string {
  const path = join(folder, names.join('-').replaceAll(/[^\w.-]/g, '_'));
  mkdirSync(path, { recursive: true });
  return path;
}
