/** What the system attributes that carry a meaning for us (SYSTEM_ATTR) must look like, whoever wrote them. */
import { SYSTEM_ATTR } from '../../src/core/frozen-trial.ts';
import { isPlainObject, type JsonValue } from '../../src/core/json.ts';
import { isConstraintKey } from '../../src/core/named-constraints.ts';

interface Rule {
  /** Completes 'it must be …'. */
  readonly what: string;
  readonly accepts: (value: JsonValue) => boolean;
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isList = (value: JsonValue, accepts: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(accepts);
const isPair = (item: unknown): boolean =>
  Array.isArray(item) && item.length === 2 && item.every(isCount) && item[0] <= item[1];
const isText = (value: unknown): boolean => typeof value === 'string';
const isNumber = (value: unknown): boolean => typeof value === 'number';

function isRelativeSample(value: JsonValue): boolean {
  if (!isPlainObject(value)) return false;
  const { params, distributions } = value;
  if (!isPlainObject(params) || !isPlainObject(distributions)) return false;
  return Object.keys(params).every(
    (name) => Object.hasOwn(distributions, name) && isText(distributions[name]),
  );
}

const RULES: Readonly<Record<string, Rule>> = {
  [SYSTEM_ATTR.owner]: {
    what: 'a text or null',
    accepts: (value) => value === null || isText(value),
  },
  [SYSTEM_ATTR.running]: {
    what: 'a list of trial numbers and pairs of them',
    accepts: (value) => isList(value, (item) => isCount(item) || isPair(item)),
  },
  [SYSTEM_ATTR.batch]: { what: 'a trial number', accepts: isCount },
  [SYSTEM_ATTR.fixedParams]: { what: 'an object of parameters', accepts: isPlainObject },
  [SYSTEM_ATTR.relativeParams]: {
    what: 'an object with params and their distributions',
    accepts: isRelativeSample,
  },
  // Optuna writes null if the study's constraints function threw.
  [SYSTEM_ATTR.constraints]: {
    what: 'a list of numbers or null',
    accepts: (value) => value === null || isList(value, isNumber),
  },
  [SYSTEM_ATTR.children]: {
    what: 'a list of names',
    accepts: (value) => isList(value, isText),
  },
  [SYSTEM_ATTR.deaths]: {
    what: 'an object with a count',
    accepts: (value) =>
      isPlainObject(value) &&
      isCount(value['count']) &&
      (value['progress'] === null || isText(value['progress'])),
  },
  [SYSTEM_ATTR.parent]: {
    what: 'an object with study and trial',
    accepts: (value) => isPlainObject(value) && isText(value['study']) && isCount(value['trial']),
  },
  [SYSTEM_ATTR.sampler]: { what: 'an object', accepts: isPlainObject },
};

const KEYED_CONSTRAINT: Rule = { what: 'a number', accepts: isNumber };

/** @throws what `odd` makes of the rule that is broken; attributes of other names may be anything. */
export function assertOwnAttr(key: string, value: JsonValue, odd: (rule: string) => Error): void {
  const rule = Object.hasOwn(RULES, key) ? RULES[key] : isConstraintKey(key) ? KEYED_CONSTRAINT : null;
  if (rule !== null && !rule.accepts(value))
    throw odd(`it must be ${rule.what}, but is ${JSON.stringify(value)?.slice(0, 80)}`);
}
