/**
 * The names of constraints. Optuna 5 keeps a named constraint as the attribute `constraints:<name>`; the list `constraints`, which
 * every version of Optuna and optuna-dashboard read, stands for the names '0', '1' …
 */
import { InvalidArgumentError } from './errors.ts';
import { type Attrs, type FrozenTrial, SYSTEM_ATTR } from './frozen-trial.ts';
import { type JsonValue, setOwn } from './json.ts';
import { assertName } from './names.ts';
import { shown } from './shown.ts';

const PREFIX = `${SYSTEM_ATTR.constraints}:`;

/** The key of the system attribute that holds the constraint of this name. */
export const constraintKey = (name: string): string => PREFIX + name;

/** Whether a system attribute of this key holds a named constraint. */
export const isConstraintKey = (key: string): boolean => key.startsWith(PREFIX);

/**
 * The system attribute, as key and value, that keeps a constraint under its name.
 * @throws InvalidArgumentError
 */
export function namedConstraintAttr(name: string, value: number): readonly [key: string, value: JsonValue] {
  assertName('the name of a constraint', name);
  assertConstraint(name, value);
  return [constraintKey(name), value];
}

/** The system attribute, as key and value, that keeps constraints without names. @throws InvalidArgumentError */
export function listedConstraintsAttr(values: readonly number[]): readonly [key: string, value: JsonValue] {
  if (!Array.isArray(values))
    throw new InvalidArgumentError(`constraints must be an array of numbers, but are ${shown(values)}`);
  for (const [i, value] of values.entries()) assertConstraint(String(i), value);
  return [SYSTEM_ATTR.constraints, [...values]];
}

function assertConstraint(name: string, value: unknown): void {
  if (typeof value !== 'number' || Number.isNaN(value))
    throw new InvalidArgumentError(`constraint '${name}' must be a number, but is ${shown(value)}`);
}

/**
 * Returns the constraints of a trial by name, in the order of `trial.constraints`; null if it recorded none. What was recorded
 * without names is called '0', '1' …, as Optuna calls it.
 *
 * ```ts
 * await study.optimize((trial) => {
 *   trial.setConstraint('memory', 12);
 *   return 1;
 * }, { nTrials: 1 });
 * namedConstraints(study.trials[0]); // { memory: 12 }
 * ```
 */
export function namedConstraints({
  systemAttrs,
}: Pick<FrozenTrial, 'systemAttrs'>): Readonly<Record<string, number>> | null {
  const names = constraintNames(systemAttrs);
  if (names === null) return null;
  const named: Record<string, number> = {};
  for (const [name, value] of names) setOwn(named, name, value);
  return named;
}

/** Returns what `namedConstraints` does as pairs, which keep their order whatever the names are. */
export function constraintNames(systemAttrs: Attrs): ReadonlyMap<string, number> | null {
  let names: Map<string, number> | null = null;
  const list = systemAttrs[SYSTEM_ATTR.constraints];
  if (Array.isArray(list)) names = new Map((list as number[]).map((value, i) => [String(i), value]));
  for (const key in systemAttrs) {
    if (!isConstraintKey(key)) continue;
    names ??= new Map();
    names.set(key.slice(PREFIX.length), Number(systemAttrs[key]));
  }
  return names;
}
