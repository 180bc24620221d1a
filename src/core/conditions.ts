import type { CategoricalChoice, ParamValue } from './distribution.ts';

/** A parameter exists only where its parent, itself a parameter, has this choice. */
export interface Condition {
  /** The name of the parent parameter. */
  readonly parent: string;
  /** The value that the parent must have. */
  readonly choice: CategoricalChoice;
}

/** Conditions by the name of the parameter that has one; every other parameter always exists. */
export type Conditions = ReadonlyMap<string, Condition>;

/** The conditions of a space without a `choice`. */
export const NO_CONDITIONS: Conditions = new Map();

/** Whether the parameter exists, given those that are decided. Its ancestors must be among them. */
export function isActive(
  conditions: Conditions,
  name: string,
  params: Readonly<Record<string, ParamValue>>,
): boolean {
  const condition = conditions.get(name);
  if (condition === undefined) return true;
  return Object.hasOwn(params, condition.parent) && params[condition.parent] === condition.choice;
}
