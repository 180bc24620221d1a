import { SYSTEM_ATTR } from './frozen-trial.ts';
import type { StudyRecord } from './storage.ts';

/** Whether a study belongs to a trial of another. */
export function isChildStudy({ systemAttrs }: Pick<StudyRecord, 'systemAttrs'>): boolean {
  return systemAttrs[SYSTEM_ATTR.parent] !== undefined;
}
