/** The distributions that Optuna wrote before 3.0, as those that it writes today (its migration v3.0.0.a). */
import { distributionToJson, floatDistribution, intDistribution } from '../../src/core/distribution.ts';
import { isPlainObject, type JsonValue } from '../../src/core/json.ts';
import { parsePythonJson } from '../../src/core/python-json.ts';

type Attributes = Readonly<Record<string, JsonValue>>;

const number = (value: JsonValue | undefined): number => value as number;

const CONVERSIONS: Readonly<Record<string, (attributes: Attributes) => string>> = {
  UniformDistribution: ({ low, high }) => distributionToJson(floatDistribution(number(low), number(high))),
  LogUniformDistribution: ({ low, high }) =>
    distributionToJson(floatDistribution(number(low), number(high), { log: true })),
  DiscreteUniformDistribution: ({ low, high, q }) =>
    distributionToJson(floatDistribution(number(low), number(high), { step: number(q) })),
  IntUniformDistribution: ({ low, high, step = 1 }) =>
    distributionToJson(intDistribution(number(low), number(high), { step: number(step) })),
  // It could have a step once, which log scales no longer have.
  IntLogUniformDistribution: ({ low, high }) =>
    distributionToJson(intDistribution(number(low), number(high), { log: true })),
};

/**
 * Returns the JSON text of today for one of a stored distribution; the same text if it is one of today.
 * @throws ThanosError INVALID_DISTRIBUTION for an old one with impossible bounds; SyntaxError for what is no JSON.
 */
export function modernDistribution(json: string): string {
  const stored = parsePythonJson(json);
  if (!isPlainObject(stored) || !isPlainObject(stored['attributes'])) return json;
  const convert = CONVERSIONS[String(stored['name'])];
  return convert === undefined ? json : convert(stored['attributes'] as Attributes);
}
