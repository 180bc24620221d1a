/** Dropout from a bank of noise. */
import { describe, expect, it } from 'vitest';
import { gradients } from '../../objectives/autodiff/index.ts';
import { float32, floatScalar, int64Scalar } from '../../objectives/onnx/index.ts';
import { dropout, siteOffset } from '../../objectives/training/index.ts';
import { Rng } from '../../src/core/rng.ts';
import { expectClose, runGraph } from '../support/run-graph.ts';

describe('dropout', () => {
  const rng = Rng.keyed(7, 'noise');
  const bank = float32(Float32Array.from({ length: 5000 }, () => rng.uniform()));
  const ones = float32(new Float32Array(3000).fill(1), [30, 100]);
  const masks = (offset: number, p: number, site = 0) =>
    runGraph({ x: ones, bank, offset: int64Scalar(offset), p: floatScalar(p) }, (g, v) => {
      const y = dropout(g, v.x, v.bank, siteOffset(g, v.offset, site), v.p);
      const [gradient] = gradients(g, g.op.reduceSum(y, [0, 1], false), [v.x]);
      return { y, gradient };
    });

  it('zeroes where the noise is below p, scales the rest, and passes the gradient alike', async () => {
    const { y, gradient } = await masks(10, 0.3);
    const expected = Array.from(bank.data.subarray(10, 3010), (u) => (u < Math.fround(0.3) ? 0 : 1 / 0.7));
    expectClose(y.data, expected);
    expectClose(gradient.data, expected);
    const kept = y.data.filter((value) => value > 0).length / 3000;
    expect(Math.abs(kept - 0.7)).toBeLessThan(4 * Math.sqrt((0.3 * 0.7) / 3000));
  });

  it('is the identity at p = 0', async () => {
    expect((await masks(10, 0)).y.data.every((value) => value === 1)).toBe(true);
  });

  it('depends on the offset and the site alone, and wraps around the bank', async () => {
    const [first, again, other, site, wrapped] = [
      await masks(10, 0.5),
      await masks(10, 0.5),
      await masks(11, 0.5),
      await masks(10, 0.5, 1),
      await masks(10 + 2001 * 1000, 0.5),
    ];
    expect(again.y.data).toEqual(first.y.data);
    expect(wrapped.y.data).toEqual(first.y.data);
    expect(other.y.data).not.toEqual(first.y.data);
    expect(site.y.data).not.toEqual(first.y.data);
  });
});
