import { SYSTEM_ATTR } from '../../src/core/frozen-trial.ts';
import { withRenamedParent } from '../child-studies.ts';
import { checkNewName } from '../new-trial.ts';
import { duplicatedStudy } from '../refusals.ts';
import type { Database } from './driver.ts';
import { type FamilyMember, writeAttrs } from './tables.ts';

/**
 * Gives a study and its child studies their new names. Runs inside its caller's transaction.
 * @param family the study first.
 * @throws StorageError DUPLICATED_STUDY; InvalidArgumentError if the name of a child would become too long.
 */
export function renameFamily(db: Database, family: readonly FamilyMember[], studyName: string): void {
  const root = family[0].studyName;
  const renamed = (name: string): string => studyName + name.slice(root.length);
  const ids = new Set(family.map(({ studyId }) => studyId));
  const isTaken = db.prepare('SELECT study_id FROM studies WHERE study_name = ?');
  for (const { studyName: name } of family) {
    checkNewName(renamed(name));
    const holder = isTaken.get(renamed(name)) as [number] | undefined;
    if (holder !== undefined && !ids.has(holder[0])) throw duplicatedStudy(renamed(name));
  }
  // Two steps, since a name of the family may be the new name of another member.
  const rename = db.prepare('UPDATE studies SET study_name = ? WHERE study_id = ?');
  for (const { studyId } of family) rename.run(`thanos:renamed/${studyId}`, studyId);
  for (const { studyId, studyName: name, parent } of family) {
    rename.run(renamed(name), studyId);
    if (studyId === family[0].studyId) continue;
    writeAttrs(
      db,
      'study_system_attributes',
      studyId,
      withRenamedParent({ [SYSTEM_ATTR.parent]: parent! }, renamed),
    );
  }
}
