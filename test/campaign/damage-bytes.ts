/** What may become of a file's bytes, whatever is in them. */
import type { Rng } from '../../src/core/rng.ts';

export interface ByteDamage {
  readonly name: string;
  damage(bytes: Buffer, rng: Rng): Buffer;
}

const PAGE = 4096;

/** Changes a copy. */
function changed(bytes: Buffer, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes);
  change(copy);
  return copy;
}

function flipBits(n: number): ByteDamage['damage'] {
  return (bytes, rng) =>
    changed(bytes, (copy) => {
      for (let i = 0; i < n; i++) copy[rng.int(copy.length)] ^= 1 << rng.int(8);
    });
}

/** The whole pages, or the whole file if it is shorter than one. */
function overwritePage(byteAt: (rng: Rng) => number): ByteDamage['damage'] {
  return (bytes, rng) =>
    changed(bytes, (copy) => {
      const start = PAGE * rng.int(Math.max(1, Math.floor(copy.length / PAGE)));
      for (let i = start; i < Math.min(start + PAGE, copy.length); i++) copy[i] = byteAt(rng);
    });
}

export const BYTE_DAMAGES: readonly ByteDamage[] = [
  { name: 'header', damage: (bytes, rng) => changed(bytes, (copy) => void copy.fill(rng.int(256), 0, 100)) },
  {
    name: 'byte of the header',
    damage: (bytes, rng) =>
      changed(bytes, (copy) => {
        copy[rng.int(100)] ^= 1 + rng.int(255);
      }),
  },
  { name: '1 bit', damage: flipBits(1) },
  { name: '200 bits', damage: flipBits(200) },
  { name: 'zero page', damage: overwritePage(() => 0) },
  { name: 'random page', damage: overwritePage((rng) => rng.int(256)) },
  { name: 'truncated', damage: (bytes, rng) => bytes.subarray(0, 1 + rng.int(bytes.length - 1)) },
  { name: 'truncated by a page', damage: (bytes) => bytes.subarray(0, Math.max(0, bytes.length - PAGE)) },
  { name: 'longer', damage: (bytes, rng) => Buffer.concat([bytes, Buffer.alloc(PAGE, rng.int(256))]) },
  { name: 'empty', damage: () => Buffer.alloc(0) },
  { name: 'text', damage: () => Buffer.from('a text that is no database, and long enough. '.repeat(100)) },
  { name: '1 byte', damage: (_, rng) => Buffer.from([rng.int(256)]) },
];
