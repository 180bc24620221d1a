import { describe, expect, it } from 'vitest';
import { bbob } from '../../objectives/synthetic/index.ts';

describe('bbob', () => {
  it.each([
    [0, 5, 1, /functions 1 to 24, but 0/],
    [25, 5, 1, /functions 1 to 24, but 25/],
    [1.5, 5, 1, /functions 1 to 24/],
    [1, 1, 1, /at least 2 dimensions, but got 1/],
    [1, 2.5, 1, /at least 2 dimensions/],
    [10, 501, 1, /a rotated function has at most 500 dimensions, but got 501/],
    [22, 10_000, 1, /at most 500 dimensions, but got 10000/],
    [1, 5, 0, /integer >= 1, but this is 0/],
  ])('refuses function %d in %d-d, instance %d', (number, dimension, instance, message) => {
    expect(() => bbob(number, dimension, instance)).toThrow(message);
  });

  it.each([1, 2, 3, 4, 5])('has f%d, which is not rotated, in 10000-d', (number) => {
    expect(Object.keys(bbob(number, 10_000).space)).toHaveLength(10_000);
  });

  it('has instances that differ in optimum and rotation', () => {
    const at = (instance: number): number[] => {
      const { evaluate, optimum } = bbob(10, 3, instance);
      if (optimum.kind !== 'point') throw new Error('unreachable');
      const [best] = optimum.params;
      const beside = evaluate({ ...best, x1: best.x1 + 1 })[0] - optimum.value;
      return [...Object.values(best), optimum.value, beside];
    };
    const [first, second] = [at(1), at(2)];
    first.forEach((value, i) => {
      expect(value).not.toBe(second[i]);
    });
  });
});
