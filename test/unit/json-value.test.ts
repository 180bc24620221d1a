import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../src/core/frozen-trial.ts';
import { assertAttrs, assertJsonValue } from '../../src/core/json.ts';
import { parsePythonJson, stringifyPythonJson } from '../../src/core/python-json.ts';

const jsonValue = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('NaN', '#NaN', '-Infinity', '"', '\\', '\ud800', '__proto__'),
    fc.string({ unit: 'grapheme' }),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value')),
    fc.dictionary(fc.string(), tie('value')),
  ),
})).value;

describe('JSON in the dialect of Python', () => {
  it('reads back what it wrote, with NaN, infinities and -0', () => {
    fc.assert(
      fc.property(jsonValue, (value) => {
        expect(parsePythonJson(stringifyPythonJson(value))).toStrictEqual(assertJsonValue('a', value));
      }),
    );
  });

  // json.dumps({"a": [nan, inf, -inf], "t": "NaN \\ \" -Infinity", "i": 1, "f": 1.0, "u": "ü"}) of CPython 3.11
  it('reads the text of json.dumps', () => {
    const text =
      '{"a": [NaN, Infinity, -Infinity], "t": "NaN \\\\ \\" -Infinity", "i": 1, "f": 1.0, "u": "\\u00fc"}';
    expect(parsePythonJson(text)).toEqual({
      a: [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
      t: 'NaN \\ " -Infinity',
      i: 1,
      f: 1,
      u: 'ü',
    });
  });

  it('refuses what is not JSON', () => {
    for (const text of ['', '{', 'nan', '[NaN,]', 'Infinityy', "{'a': 1}"])
      expect(() => parsePythonJson(text)).toThrow(SyntaxError);
  });
});

describe('JSON that is large or hostile', () => {
  it.each(['', 'NaN, '])('is refused if it is nested 100 000 deep (%j)', (inner) => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a": ', '}'],
    ]) {
      const text = `${open.repeat(100_000)}[${inner}1]${close.repeat(100_000)}`;
      expect(() => parsePythonJson(text)).toThrow(/nested more than/);
    }
    const readable = `${'['.repeat(900)}[${inner}1]${']'.repeat(900)}`;
    expect(stringifyPythonJson(parsePythonJson(readable))).toBe(readable);
  });

  it('takes time in proportion to its length', () => {
    const marks = `["${'#'.repeat(300_000)}", NaN]`;
    expect(parsePythonJson(marks)).toEqual(['#'.repeat(300_000), Number.NaN]);
    expect(() => parsePythonJson(`[NaN, "${'\\"'.repeat(300_000)}`)).toThrow(SyntaxError);
  });

  it('keeps a key __proto__ whose value is a number that JSON has not', () => {
    const parsed = parsePythonJson('{"__proto__": NaN, "a": -Infinity}');
    expect(Object.entries(parsed as object)).toEqual([
      ['__proto__', Number.NaN],
      ['a', Number.NEGATIVE_INFINITY],
    ]);
  });
});

describe('assertJsonValue', () => {
  it('refuses what is nested 100 000 deep, as data and as an attribute', () => {
    let deep: JsonValue = [];
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect(() => assertJsonValue('deep', deep)).toThrow(/nested more than 500/);
    expect(() => assertAttrs({ deep })).toThrow(/nested more than 500/);
  });

  it('returns a deeply frozen copy', () => {
    const value = { list: [1, { deep: 'x' }], absent: undefined, bare: Object.create(null) as object };
    const copy = assertJsonValue('key', value);
    value.list.push(2);
    (value.list[1] as { deep: string }).deep = 'changed';
    expect(copy).toEqual({ list: [1, { deep: 'x' }], bare: {} });
    expect(Object.isFrozen(copy)).toBe(true);
    expect(Object.isFrozen((copy as { list: object[] }).list[1])).toBe(true);
  });

  it('refuses what JSON cannot hold, naming the key', () => {
    const cyclic: unknown[] = [];
    cyclic.push([cyclic, cyclic]);
    const refused: readonly (readonly [value: unknown, message: RegExp])[] = [
      [undefined, /'key' is undefined/],
      [1n, /'key' is a bigint/],
      [() => 1, /'key' is a function/],
      [Symbol('s'), /'key' is a symbol/],
      [new Date(0), /'key' is an instance of Date; .*toISOString/],
      [new Map([['a', 1]]), /'key' is an instance of Map/],
      [new Float64Array(2), /'key' is an instance of Float64Array/],
      [new (class Point {})(), /'key' is an instance of Point/],
      [{ a: [0, 1n] }, /'key\.a\[1\]' is a bigint/],
      [[1, undefined], /'key\[1\]' is undefined/],
      [Array(1), /'key\[0\]' is undefined/],
      [cyclic, /'key.*contains itself or is nested/],
    ];
    for (const [value, message] of refused)
      expect(() => assertJsonValue('key', value)).toThrow(
        expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(message) }),
      );
    expect(() => assertJsonValue(5 as unknown as string, 1)).toThrow(/key of an attribute must be a string/);
  });

  it('keeps names that objects inherit', () => {
    const attrs = Object.fromEntries(
      ['__proto__', 'constructor', 'toString'].map((key) => [key, { [key]: 1 }]),
    );
    expect(Object.entries(assertAttrs(attrs))).toEqual(Object.entries(attrs));
    expect(parsePythonJson(stringifyPythonJson(attrs))).toEqual(attrs);
  });
});
