import { describe, expect, it } from 'vitest';
import { syntheticRegistry } from '../../objectives/synthetic/index.ts';
import { contains } from '../../src/core/index.ts';
import { Rng } from '../../src/core/rng.ts';
import { dominates } from '../../src/pareto/index.ts';

describe.each(syntheticRegistry.names())('%s', (name) => {
  const objective = syntheticRegistry.get(name)();
  const { evaluate, optimum, space, directions } = objective;
  const randomParams = (rng: Rng): Record<string, number> =>
    Object.fromEntries(Object.entries(space).map(([key, d]) => [key, rng.uniformIn(d.low, d.high)]));

  it('carries its registered name and gives one value per direction', () => {
    expect(objective.name).toBe(name);
    expect(evaluate(randomParams(Rng.keyed(0, name)))).toHaveLength(directions.length);
  });

  it('is nowhere better than its optimum', () => {
    const rng = Rng.keyed(1, name);
    const front = optimum.kind === 'front' ? optimum.sample(400) : [];
    for (let i = 0; i < 300; i++) {
      const values = evaluate(randomParams(rng));
      if (optimum.kind === 'point') expect(values[0]).toBeGreaterThanOrEqual(optimum.value);
      const beaten = front.filter((point) =>
        dominates(Float64Array.from([...values.map((v) => v + 1e-9), ...point]), directions.length, 0, 1),
      );
      expect(beaten).toEqual([]);
    }
  });

  if (optimum.kind === 'point')
    it('reaches its optimum at the given parameters, where the gradient is zero', () => {
      expect(optimum.params.length).toBeGreaterThan(0);
      for (const params of optimum.params) {
        for (const [key, d] of Object.entries(space)) expect(contains(d, params[key])).toBe(true);
        expect(evaluate(params)[0]).toBeCloseTo(optimum.value, 9);
        for (const key of Object.keys(space))
          for (const h of [-1e-3, 1e-3])
            expect(evaluate({ ...params, [key]: params[key] + h })[0]).toBeGreaterThan(optimum.value);
      }
    });
  else
    it('has a front of mutually non-dominated points', () => {
      const front = optimum.sample(300);
      expect(front.length).toBeGreaterThan(60);
      const losses = Float64Array.from(front.flat());
      const isBeaten = front.map((_, b) =>
        front.some((_point, a) => dominates(losses, directions.length, a, b)),
      );
      expect(isBeaten).not.toContain(true);
    });
});

it('the fronts are reached: zdt at x2 = … = 0, dtlz2 at x = 0.5 in its distance parameters', () => {
  for (const name of ['zdt1', 'zdt2', 'zdt3']) {
    const { evaluate, optimum, space } = syntheticRegistry.get(name)(5);
    if (optimum.kind !== 'front') throw new Error('unreachable');
    for (const [f1, f2] of optimum.sample(50)) {
      const params = { ...Object.fromEntries(Object.keys(space).map((key) => [key, 0])), x1: f1 };
      expect(evaluate(params)[1]).toBeCloseTo(f2, 12);
    }
  }
  const { evaluate, space } = syntheticRegistry.get('dtlz2')(3);
  const params = { ...Object.fromEntries(Object.keys(space).map((key) => [key, 0.5])), x1: 0.3, x2: 0.8 };
  expect(Math.hypot(...evaluate(params))).toBeCloseTo(1, 12);
});
