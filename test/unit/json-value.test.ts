import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../src/core/frozen-trial.ts';
import { frozenJson, parsePythonJson, stringifyPythonJson } from '../../storage/json-value.ts';

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
        expect(parsePythonJson(stringifyPythonJson(value))).toStrictEqual(frozenJson(value));
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

  it('refuses what is not JSON, and what JSON cannot hold', () => {
    for (const text of ['', '{', 'nan', '[NaN,]', 'Infinityy', "{'a': 1}"])
      expect(() => parsePythonJson(text)).toThrow(SyntaxError);
    expect(() => frozenJson((() => 1) as unknown as JsonValue)).toThrow(/must be a JSON value.*function/);
    expect(() => frozenJson({ a: [1n] } as unknown as JsonValue)).toThrow(/bigint/);
  });
});
