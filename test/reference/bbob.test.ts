/** Our BBOB is COCO's: the same functions on the same instances, at points inside the box and outside. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { BBOB_FUNCTIONS, bbob } from '../../objectives/synthetic/index.ts';
import { Rng } from '../../src/core/rng.ts';
import { peerHas, peerPython } from '../support/python-peer.ts';

interface Reference {
  /** [function, dimension, instance, minimum, values at three points]; see generate_bbob.py. */
  readonly rows: readonly (readonly [number, number, number, number, readonly number[]])[];
}

const { rows } = JSON.parse(readFileSync(new URL('./bbob.json', import.meta.url), 'utf8')) as Reference;

function valueAt(number: number, dimension: number, instance: number, x: readonly number[]): number {
  const params = Object.fromEntries(x.map((value, i) => [`x${i + 1}`, value]));
  return bbob(number, dimension, instance).evaluate(params)[0];
}

/** Returns the point that generate_bbob.py takes. */
function point(number: number, dimension: number, k: number): number[] {
  const scale = k === 2 ? 1.5 : 1;
  return Array.from(
    { length: dimension },
    (_, i) => scale * (((i * 37 + number * 11 + k * 53) % 81) / 8 - 5),
  );
}

/** f16, f19 and f23 magnify rounding a hundred thousand times. */
const relativeError = (a: number, b: number): number => Math.abs(a - b) / Math.max(1, Math.abs(b));

it.each(BBOB_FUNCTIONS)('f%i', (number) => {
  const mine = rows.filter(([f]) => f === number);
  expect(mine.length).toBeGreaterThan(0);
  for (const [, dimension, instance, minimum, values] of mine) {
    expect(bbob(number, dimension, instance).optimum).toMatchObject({ value: minimum });
    values.forEach((value, k) => {
      const ours = valueAt(number, dimension, instance, point(number, dimension, k));
      expect(relativeError(ours, value), `${dimension}-d, instance ${instance}`).toBeLessThan(1e-9);
    });
  }
});

const hasCoco = peerHas('cocoex');

it.skipIf(!hasCoco)('as COCO says now (skipped if THANOS_PEER_PYTHON has no coco-experiment)', () => {
  const rng = Rng.keyed('bbob');
  const asked = BBOB_FUNCTIONS.flatMap((number) =>
    Array.from({ length: 10 }, () => {
      const dimension = 2 + rng.int(30);
      const x = Array.from({ length: dimension }, () => rng.uniformIn(-6, 6));
      return [number, dimension, 1 + rng.int(200), x] as const;
    }),
  );
  const script = new URL('./generate_bbob.py', import.meta.url).pathname;
  const theirs = JSON.parse(
    execFileSync(peerPython!, [script, '--points'], { input: JSON.stringify(asked), encoding: 'utf8' }),
  ) as number[];
  asked.forEach((args, i) => {
    expect(relativeError(valueAt(...args), theirs[i]), args.slice(0, 3).join()).toBeLessThan(1e-9);
  });
});
