import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  assertCompatible,
  type CategoricalChoice,
  categoricalDistribution,
  distributionFromJson,
  distributionsEqual,
  distributionToJson,
  floatDistribution,
  intDistribution,
  toExternalRepr,
  toInternalRepr,
} from '../../src/core/distribution.ts';
import { float, space } from '../../src/core/space.ts';

const refusal = (code: string, message: RegExp): unknown =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

describe('categorical choices', () => {
  it('that JSON does not know survive Optuna’s JSON', () => {
    const choices = [Infinity, -Infinity, NaN, -0, null, 'NaN', 'Infinity', true, 1e300];
    const d = categoricalDistribution<CategoricalChoice>(choices);
    expect(distributionToJson(d)).toBe(
      '{"name": "CategoricalDistribution", "attributes": {"choices": [Infinity, -Infinity, NaN, -0.0, null, ' +
        '"NaN", "Infinity", true, 1e+300]}}',
    );
    expect(distributionFromJson(distributionToJson(d))).toStrictEqual(d);
    expect(choices.map((choice) => toInternalRepr(d, choice))).toEqual(choices.map((_, i) => i));
    expect(choices.map((_, i) => toExternalRepr(d, i))).toStrictEqual(choices);
    expect(distributionFromJson(distributionToJson(categoricalDistribution([Infinity, null])))).toStrictEqual(
      categoricalDistribution([Infinity, null]),
    );
  });

  it('are compared as in Optuna: 0 equals -0, NaN equals NaN', () => {
    expect(() => categoricalDistribution([0, -0])).toThrow(refusal('INVALID_DISTRIBUTION', /\[0, -0\.0\]/));
    expect(() => categoricalDistribution([NaN, NaN])).toThrow(/distinct, but got \[NaN, NaN\]/);
    expect(toInternalRepr(categoricalDistribution([1, 0]), -0)).toBe(1);
    expect(toInternalRepr(categoricalDistribution([1, -0]), 0)).toBe(1);
    const [a, b] = [categoricalDistribution([0, NaN]), categoricalDistribution([-0, NaN])];
    expect(distributionsEqual(a, b)).toBe(true);
    assertCompatible('x', a, b);
    expect(() => toInternalRepr(a, Infinity)).toThrow(/Infinity is not one of the choices \[0, NaN\]/);
    expect(() => toInternalRepr(a, 1n as unknown as number)).toThrow(refusal('INVALID_ARGUMENT', /bigint/));
  });
});

describe('floatDistribution', () => {
  it('refuses a range wider than numbers go', () => {
    const { MAX_VALUE } = Number;
    expect(() => floatDistribution(-MAX_VALUE, MAX_VALUE)).toThrow(
      refusal('INVALID_DISTRIBUTION', /high - low.*; narrow the range/),
    );
    expect(floatDistribution(-MAX_VALUE / 2, MAX_VALUE / 2).high).toBe(MAX_VALUE / 2);
  });
});

describe('distributionFromJson', () => {
  it('reads back what was written', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, min: -1e6, max: 1e6 }),
        fc.integer({ min: 1, max: 9 }),
        (low, n) => {
          for (const d of [
            floatDistribution(low, low + n),
            floatDistribution(low, low + n, { step: n / 7 }),
            intDistribution(Math.round(low), Math.round(low) + n * 3, { step: n }),
          ])
            expect(distributionFromJson(distributionToJson(d))).toStrictEqual(d);
        },
      ),
    );
  });

  const stored = (name: string, attributes: string): string =>
    `{"name": "${name}", "attributes": ${attributes}}`;

  it('reads what Optuna allows and we would not declare', () => {
    const tuples = distributionFromJson(
      stored('CategoricalDistribution', '{"choices": [[1, 2], {"a": NaN}, "x", 1, 1.0]}'),
    );
    expect(tuples).toEqual({ kind: 'categorical', choices: ['[1, 2]', '{"a": NaN}', 'x', 1, 1] });
    expect(
      distributionFromJson(
        stored('IntDistribution', '{"log": false, "step": 1, "low": 0, "high": 9223372036854775807}'),
      ),
    ).toEqual({ kind: 'int', low: 0, high: 2 ** 63, log: false, step: 1 });
    expect(
      distributionFromJson(
        stored('FloatDistribution', '{"step": null, "low": -1e308, "high": 1e308, "log": false}'),
      ),
    ).toEqual({ kind: 'float', low: -1e308, high: 1e308, log: false, step: null });
  });

  it('refuses what is none', () => {
    for (const json of [
      '',
      '{',
      '5',
      'null',
      '[]',
      '{"name": "FloatDistribution"}',
      stored('FloatDistribution', '{"low": "0", "high": 1}'),
      stored('FloatDistribution', '{"low": 2, "high": 1}'),
      stored('FloatDistribution', '{"low": NaN, "high": 1}'),
      stored('FloatDistribution', '{"low": 0, "high": 1, "step": 0}'),
      stored('IntDistribution', '{"low": 0.5, "high": 1}'),
      stored('IntDistribution', '{"low": 0, "high": 1, "step": 0}'),
      stored('CategoricalDistribution', '{"choices": []}'),
      stored('CategoricalDistribution', '{"choices": 3}'),
      stored('UniformDistribution', '{"low": 0, "high": 1}'),
    ])
      expect(() => distributionFromJson(json), json).toThrow(
        refusal('INVALID_DISTRIBUTION', /a stored distribution must be/),
      );
  });
});

describe('space', () => {
  it('takes names that objects inherit', () => {
    const names = ['constructor', 'toString', 'hasOwnProperty', '__proto__', 'kind'];
    const declared = Object.fromEntries(names.map((name, i) => [name, float(0, i + 1)]));
    expect(Object.entries(space(declared))).toEqual(Object.entries(declared));
    expect(Object.keys(space({ ['__proto__']: float(0, 1) }))).toEqual(['__proto__']);
  });

  it('notices a literal __proto__, which declares no parameter', () => {
    const literal = { __proto__: float(0, 1), x: float(0, 1) };
    expect(() => space(literal)).toThrow(refusal('INVALID_ARGUMENT', /\['__proto__'\]/));
  });
});
