/** Studies that a trial owns. */
import { InvalidArgumentError } from './errors.ts';
import { SYSTEM_ATTR } from './frozen-trial.ts';
import { shown } from './shown.ts';
import { checkStudyOptions } from './study-checks.ts';
import type { AnyStudyOptions } from './study-options.ts';
import type { OpenStudyOptions } from './study-record.ts';
import type { TrialRecord } from './trial-record.ts';

/**
 * What the child study `name` of a trial is opened with.
 * @param assertHeld throws if the trial is no longer this process's.
 * @throws InvalidArgumentError
 */
export function childOptions(
  studyName: string,
  trial: TrialRecord,
  name: string,
  options: AnyStudyOptions,
  assertHeld: () => Promise<void>,
): OpenStudyOptions & { readonly assertParentHeld: () => Promise<void> } {
  if (typeof name !== 'string' || name === '' || name.includes('/'))
    throw new InvalidArgumentError(
      `a child study needs a non-empty name without '/', but got ${shown(name)}`,
    );
  checkStudyOptions('trial.createStudy', options);
  return {
    ...options,
    studyName: `${studyName}/${trial.number}/${name}`,
    ifExists: 'load',
    systemAttrs: { [SYSTEM_ATTR.parent]: { study: studyName, trial: trial.number } },
    assertParentHeld: assertHeld,
  };
}

/** Adds a child study to those that the trial says it owns. */
export function recordChild(trial: TrialRecord, name: string): void {
  const known = trial.systemAttrs[SYSTEM_ATTR.children];
  const children = Array.isArray(known) ? known : [];
  if (!children.includes(name)) trial.setSystemAttr(SYSTEM_ATTR.children, [...children, name]);
}
