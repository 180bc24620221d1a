import { describe, expect, it } from 'vitest';
import { syntheticRegistry } from '../../objectives/synthetic/index.ts';
import { type CompiledSpace, compileSpace, decideAll } from '../../src/core/compiled-space.ts';
import { contains, type Distribution, type ParamValue, toInternalRepr } from '../../src/core/distribution.ts';
import { Rng } from '../../src/core/rng.ts';
import type { ParamsOf, SpaceEntries } from '../../src/core/space.ts';
import { dominates } from '../../src/pareto/index.ts';

type Params = ParamsOf<SpaceEntries>;
type Flat = Record<string, ParamValue>;

const nested = (compiled: CompiledSpace, flat: Flat): Params => compiled.nested(flat) as Params;

/** Parameters as a trial keeps them. */
function flatten(params: Readonly<Record<string, unknown>>, prefix = ''): Flat {
  return Object.fromEntries(
    Object.entries(params).flatMap(([key, value]): [string, ParamValue][] => {
      if (typeof value !== 'object' || value === null) return [[prefix + key, value as ParamValue]];
      const { choice, ...rest } = value as { choice: string };
      return [[prefix + key, choice], ...Object.entries(flatten(rest, `${prefix}${key}.${choice}.`))];
    }),
  );
}

function randomValue(d: Distribution, rng: Rng): ParamValue {
  if (d.kind === 'categorical') return rng.pick(d.choices);
  if (d.step !== null && !d.log) return d.low + d.step * rng.int(Math.round((d.high - d.low) / d.step) + 1);
  const value = d.log
    ? Math.exp(rng.uniformIn(Math.log(d.low), Math.log(d.high)))
    : rng.uniformIn(d.low, d.high);
  return d.kind === 'int' ? Math.round(value) : value;
}

/** The values next to this one: a small step for a real number, else the next ones. */
function neighbors(d: Distribution, value: ParamValue): ParamValue[] {
  if (d.kind === 'categorical') return d.choices.filter((choice) => choice !== value);
  const x = value as number;
  const step = d.step ?? 1e-3 * (d.log ? x : 1);
  return [x - step, x + step].filter((other) => other >= d.low && other <= d.high);
}

describe.each(syntheticRegistry.names())('%s', (name) => {
  const objective = syntheticRegistry.get(name)();
  const { optimum, directions } = objective;
  const compiled = compileSpace(objective.space);
  const parents = new Set([...compiled.conditions.values()].map(({ parent }) => parent));
  const randomParams = (rng: Rng): Params =>
    nested(
      compiled,
      decideAll(compiled, (_, d) => randomValue(d, rng)),
    );
  const isFeasible = (params: Params): boolean =>
    objective.constraints?.(params).every((value) => value <= 0) ?? true;

  it('carries its registered name and gives one value per direction', () => {
    expect(objective.name).toBe(name);
    expect(objective.evaluate(randomParams(Rng.keyed(0, name)))).toHaveLength(directions.length);
  });

  it('is nowhere better than its optimum', () => {
    const rng = Rng.keyed(1, name);
    const front = optimum.kind === 'front' ? optimum.sample(400) : [];
    for (let i = 0; i < 300; i++) {
      const params = randomParams(rng);
      const values = objective.evaluate(params);
      if (optimum.kind === 'point' && isFeasible(params))
        expect(values[0]).toBeGreaterThanOrEqual(optimum.value);
      const beaten = front.filter((point) =>
        dominates(Float64Array.from([...values.map((v) => v + 1e-9), ...point]), directions.length, 0, 1),
      );
      expect(beaten).toEqual([]);
    }
  });

  if (optimum.kind === 'point')
    it('reaches its optimum at the given parameters, and every neighbor is worse or infeasible', () => {
      expect(optimum.params.length).toBeGreaterThan(0);
      for (const params of optimum.params) {
        const best = flatten(params);
        expect(nested(compiled, best)).toEqual(params);
        expect(objective.evaluate(params)[0]).toBeCloseTo(optimum.value, 8);
        for (const constraint of objective.constraints?.(params) ?? [])
          expect(constraint).toBeLessThanOrEqual(1e-8);
        for (const [key, value] of Object.entries(best)) {
          const d = compiled.flat[key];
          expect(contains(d, toInternalRepr(d, value))).toBe(true);
          for (const other of parents.has(key) ? [] : neighbors(d, value)) {
            const beside = nested(compiled, { ...best, [key]: other });
            if (isFeasible(beside)) expect(objective.evaluate(beside)[0]).toBeGreaterThan(optimum.value);
          }
        }
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
