/**
 * The names of constraints. Optuna 5 keeps a named constraint as the attribute `constraints:<name>`; the list `constraints`, which
 * every version of Optuna and optuna-dashboard read, stands for the names '0', '1' …
 */
import { type Attrs, type FrozenTrial, SYSTEM_ATTR } from './frozen-trial.ts';
import { setOwn } from './json.ts';

const PREFIX = `${SYSTEM_ATTR.constraints}:`;

/** The key of the system attribute that holds the constraint of this name. */
export const constraintKey = (name: string): string => PREFIX + name;

/** Whether a system attribute of this key holds a named constraint. */
export const isConstraintKey = (key: string): boolean => key.startsWith(PREFIX);

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

/** The same as pairs, which keep their order whatever the names are. */
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
