import { damageOf } from '../core/damage.ts';
import { note } from './output.ts';

const MOST_NOTED = 5;

/** Says which of these trials or studies could not be read whole, and how their rows are mended. */
export function noteDamage(records: Iterable<object>): void {
  let nDamaged = 0;
  for (const record of records) {
    const damage = damageOf(record);
    if (damage === null) continue;
    if (nDamaged++ < MOST_NOTED) note(`warning: ${damage.message}`);
  }
  if (nDamaged > MOST_NOTED) note(`warning: and ${nDamaged - MOST_NOTED} more like these`);
}
