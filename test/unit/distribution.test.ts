import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  assertCompatible,
  type CategoricalChoice,
  categoricalDistribution,
  checkedDistribution,
  contains,
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
    expect(() => toInternalRepr(a, 1n as unknown as number)).toThrow(
      refusal('INVALID_ARGUMENT', /1n is not one/),
    );
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

describe('what is refused of a range', () => {
  const wrong = (value: unknown): never => value as never;

  it.each([0, 1, 'true', 'false', null, {}])('log: %j, which is neither true nor false', (log) => {
    for (const make of [floatDistribution, intDistribution])
      expect(() => make(1, 10, { log: wrong(log) })).toThrow(
        refusal('INVALID_DISTRIBUTION', /^log must be true or false, but is /),
      );
  });

  it.each(['0.25', Number.POSITIVE_INFINITY, Number.NaN, 0, -1, true, 5n, [1]])('step: %s', (step) => {
    expect(() => floatDistribution(0, 1, { step: wrong(step) })).toThrow(
      refusal('INVALID_DISTRIBUTION', /a float needs step > 0, a finite number/),
    );
    expect(() => intDistribution(0, 9, { step: wrong(step) })).toThrow(
      refusal('INVALID_DISTRIBUTION', /an int needs an integer step from 1 to 2\^53 - 1/),
    );
  });

  it('bounds that are not numbers, and shows what they are', () => {
    expect(() => floatDistribution(wrong('0'), 1)).toThrow(/finite bounds, but got low="0", high=1/);
    expect(() => intDistribution(0, wrong(5n))).toThrow(/got low=0, high=5n/);
    expect(() => intDistribution(0, 2 ** 53)).toThrow(
      /from -\(2\^53 - 1\) to 2\^53 - 1, but got low=0, high=9007199254740992/,
    );
  });

  it.each([
    [{ Log: true }, /a float has no option 'Log'; did you mean 'log'\? known are: log, step/],
    [{ lgo: true }, /'lgo'; did you mean 'log'/],
    [{ stpe: 2 }, /'stpe'; did you mean 'step'/],
    [null, /needs its options as an object \{ log, step \}, but got null/],
    [true, /but got true/],
    [['log'], /but got \[ 'log' \]/],
  ])('the options %j', (options, message) => {
    expect(() => floatDistribution(1, 2, wrong(options))).toThrow(refusal('INVALID_DISTRIBUTION', message));
    expect(() => intDistribution(1, 2, wrong(options))).toThrow(refusal('INVALID_DISTRIBUTION', /an int/));
  });

  it('more steps than can be counted', () => {
    for (const [high, step] of [
      [1e300, 1e-10],
      [1, 5e-324],
      [1, 1e-16],
    ])
      expect(() => floatDistribution(0, high, { step })).toThrow(
        refusal('INVALID_DISTRIBUTION', /2\^53 - 1 steps/),
      );
  });

  it.each(['abc', undefined, null, 3, new Set(['a']), Float64Array.of(1)])('choices: %s', (choices) => {
    expect(() => categoricalDistribution(wrong(choices))).toThrow(
      refusal('INVALID_DISTRIBUTION', /needs a list of choices/),
    );
  });
});

describe('the last value of a grid', () => {
  it.each([
    [0, 1, 0.1, 1],
    [0, 1, 0.3, 0.9],
    [0.5, 1e308, 1e307, 9e307],
    [0, 1e300, 3e299, 9e299],
    [-1e-3, 5e-324, 1e-3, 0],
    [0, 1, 1e-15, 1],
    [0, 1, 1 / 7, 1],
    [0, 12345.6789, 1e-9, 12345.6789],
    [5, 6, 3, 5],
  ])('of [%d, %d] in steps of %d is %d', (low, high, step, last) => {
    expect(floatDistribution(low, high, { step }).high).toBe(last);
  });

  it('of integers is exact, however wide the range', () => {
    const { MAX_SAFE_INTEGER: most } = Number;
    expect(intDistribution(-most, most - 1).high).toBe(most - 1);
    expect(intDistribution(-most, most, { step: 4 }).high).toBe(most - 2);
  });
});

describe('contains', () => {
  it('takes every value of a grid of many steps, and nothing between two', () => {
    for (const [low, high, step] of [
      [0, 1e6, 0.001],
      [-1e6, 0, 0.001],
      [1e6, 1e6 + 1, 1e-6],
      [0, 1e9, 0.01],
    ]) {
      const d = floatDistribution(low, high, { step });
      const places = Math.round(-Math.log10(step));
      for (let i = 1; i < 2000; i++) {
        const k = Math.floor((((i * 7919) % 2003) / 2003) * Math.round((high - low) / step));
        const printed = Number((low + k * step).toFixed(places));
        expect(contains(d, printed), String(printed)).toBe(true);
        expect(contains(d, Math.min(high, low + k * step)), `${low} + ${k} * ${step}`).toBe(true);
        expect(contains(d, printed + step * 0.01), `${printed} and a bit`).toBe(false);
      }
    }
    expect(contains(floatDistribution(0, 1e6, { step: 0.001 }), 346583.046)).toBe(true);
  });

  it('knows no integer between two, however large they are', () => {
    const d = intDistribution(0, 2 ** 52, { step: 2 });
    expect([2 ** 51, 2 ** 51 + 1, 2 ** 51 + 2, 2 ** 51 + 0.5, 1e-9].map((x) => contains(d, x))).toEqual([
      true,
      false,
      true,
      false,
      false,
    ]);
    expect(contains(intDistribution(1 - 2 ** 53, 2 ** 53 - 1, { step: 3 }), 2 ** 53 - 1)).toBe(
      ((2n ** 53n - 1n) * 2n) % 3n === 0n,
    );
  });
});

describe('checkedDistribution', () => {
  it('keeps what was made or read, and makes what was written by hand in full', () => {
    const made = floatDistribution(0, 1);
    expect(checkedDistribution(made)).toBe(made);
    const read = distributionFromJson(distributionToJson(made));
    expect(checkedDistribution(read)).toBe(read);
    expect(checkedDistribution({ ...made })).toStrictEqual(made);
    expect(Object.isFrozen(checkedDistribution({ ...made }))).toBe(true);
    const int = intDistribution(0, 9, { step: 2 });
    expect(checkedDistribution({ ...int, high: 9 })).toStrictEqual(int);
    expect(checkedDistribution({ kind: 'categorical', choices: ['a'] })).toStrictEqual(
      categoricalDistribution(['a']),
    );
  });

  it.each([
    null,
    undefined,
    'float',
    {},
    { kind: 'uniform', low: 0, high: 1, log: false, step: null },
    { kind: 'float', low: 0, high: 1 },
    Object.freeze({ kind: 'float', low: 0, high: 1 }),
    { kind: 'float', low: 0, high: 1, log: 0, step: null },
    { kind: 'float', low: 0, high: 1, log: false, step: null, unit: 's' },
    { kind: 'int', low: 0, high: 1, log: false, step: null },
    { kind: 'categorical', choices: 'ab' },
    { kind: 'categorical', choices: [{}] },
    { kind: 'categorical', low: 0, high: 1 },
  ])('refuses %j', (given) => {
    expect(() => checkedDistribution(given as never)).toThrow(
      refusal('INVALID_DISTRIBUTION', /must be|needs/),
    );
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
