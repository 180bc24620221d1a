import { type Attrs, type JsonValue, SYSTEM_ATTR } from '../src/core/frozen-trial.ts';
import { isPlainObject } from '../src/core/json.ts';

/** What tells whose child a study is. */
export interface Kinship {
  /** The study's id. */
  readonly studyId: number;
  /** The study's name. */
  readonly studyName: string;
  /** The study's `thanos:parent`, if it has one. */
  readonly parent: JsonValue | undefined;
}

/**
 * A child names its parent in its attribute and carries its name. The name alone may be chance, and the attribute alone is
 * what Optuna's `copy_study` copies, which must outlive the original.
 */
function isChild({ studyName, parent }: Kinship, parentName: string): boolean {
  return (
    isPlainObject(parent) &&
    parent['study'] === parentName &&
    studyName.startsWith(`${parentName}/${String(parent['trial'])}/`)
  );
}

/** Ids of a study, its children, theirs, and so on. */
export function familyOf(studyId: number, studies: readonly Kinship[]): readonly number[] {
  const family = studies.filter((study) => study.studyId === studyId);
  for (const { studyName } of family) family.push(...studies.filter((study) => isChild(study, studyName)));
  return family.map((study) => study.studyId);
}

/** The system attributes of a child study whose parent goes by another name. */
export function withRenamedParent(systemAttrs: Attrs, renamed: (name: string) => string): Attrs {
  const parent = systemAttrs[SYSTEM_ATTR.parent] as Attrs;
  const study = renamed(String(parent['study']));
  return Object.freeze({ ...systemAttrs, [SYSTEM_ATTR.parent]: Object.freeze({ ...parent, study }) });
}
