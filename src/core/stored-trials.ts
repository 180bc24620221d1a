/** Reading the trials of a study from its storage, at the cost of what is asked for; of storages that can `getTrials` only, too. */

import { bestOf, nonDominatedTrials } from './best.ts';
import { damageOf } from './damage.ts';
import type { FrozenTrial } from './frozen-trial.ts';
import type { KnownTrials, Storage, StudyRecord, TrialCursor, TrialOutcome } from './storage.ts';

/** See Storage clause S17. */
export function changedTrials(
  storage: Storage,
  studyId: number,
  known: KnownTrials,
): Promise<readonly FrozenTrial[]> {
  if (storage.getChanges !== undefined) return storage.getChanges(studyId, known);
  return storage.getTrials(studyId, known.unfinished[0]?.number ?? (known.last?.number ?? -1) + 1);
}

const PAGE = 1000;

/** All trials, in order of number, some at a time. */
export async function* trialPages(
  storage: Storage,
  studyId: number,
): AsyncGenerator<readonly FrozenTrial[], void, undefined> {
  if (storage.getTrialPage === undefined) {
    yield await storage.getTrials(studyId);
    return;
  }
  let after: TrialCursor | undefined;
  for (;;) {
    const page = await storage.getTrialPage(studyId, { after, limit: PAGE });
    if (page.length > 0) yield page;
    if (page.length < PAGE) return;
    after = page[page.length - 1];
  }
}

/** The last `count` trials that are wanted, in order of number. */
export async function lastTrials(
  storage: Storage,
  studyId: number,
  count: number,
  isWanted: (trial: FrozenTrial) => boolean = () => true,
): Promise<readonly FrozenTrial[]> {
  if (storage.getTrialPage === undefined)
    return (await storage.getTrials(studyId)).filter(isWanted).slice(-count);
  const pages: (readonly FrozenTrial[])[] = [];
  let before: TrialCursor = { trialId: Number.MAX_SAFE_INTEGER, number: Number.MAX_SAFE_INTEGER };
  // The first page may hold all; those after it are needed only where few trials are wanted ones.
  let limit = Math.min(count, PAGE);
  for (let left = count; left > 0; limit = PAGE) {
    const page = await storage.getTrialPage(studyId, { before, limit });
    const wanted = page.filter(isWanted).slice(-left);
    pages.push(wanted);
    left -= wanted.length;
    if (page.length < limit) break;
    before = page[0];
  }
  return pages.reverse().flat();
}

export function outcomesOf(storage: Storage, studyId: number): Promise<readonly TrialOutcome[]> {
  return storage.getOutcomes?.(studyId) ?? storage.getTrials(studyId);
}

/** When the first trial of a study was begun; null if none was. */
export async function startOf(storage: Storage, studyId: number): Promise<Date | null> {
  if (storage.getStart !== undefined) return storage.getStart(studyId);
  let start: Date | null = null;
  for await (const page of trialPages(storage, studyId))
    for (const { datetimeStart } of page)
      if (datetimeStart !== null && (start === null || datetimeStart < start)) start = datetimeStart;
  return start;
}

/**
 * The feasible COMPLETE trials that no other dominates: for one objective the best one. Those that turn out to be damaged are
 * left out, and handed to `onDamaged`.
 */
export async function bestStoredTrials(
  storage: Storage,
  { studyId, directions }: StudyRecord,
  outcomes: readonly TrialOutcome[],
  onDamaged: (trial: FrozenTrial) => void = () => {},
): Promise<readonly FrozenTrial[]> {
  let left = outcomes;
  for (;;) {
    const best = bestOutcomes(left, directions);
    const trials = await Promise.all(best.map((outcome) => readTrial(storage, studyId, outcome)));
    const lost = new Set<number>();
    for (const trial of trials) {
      if (damageOf(trial) !== null) onDamaged(trial);
      if (trial.state !== 'COMPLETE') lost.add(trial.number);
    }
    if (lost.size === 0) return trials;
    left = left.filter(({ number }) => !lost.has(number));
  }
}

/** Returns what `bestStoredTrials` does, by outcomes only. */
export function bestOutcomes(
  outcomes: readonly TrialOutcome[],
  directions: StudyRecord['directions'],
): readonly TrialOutcome[] {
  if (directions.length > 1) return nonDominatedTrials(outcomes, directions);
  const best = bestOf(outcomes, directions[0]);
  return best === null ? [] : [best];
}

async function readTrial(storage: Storage, studyId: number, outcome: TrialOutcome): Promise<FrozenTrial> {
  const { trialId, number } = outcome;
  const [trial] =
    storage.getTrialPage === undefined
      ? await storage.getTrials(studyId, number)
      : await storage.getTrialPage(studyId, {
          after: { trialId: trialId - 1, number: number - 1 },
          limit: 1,
        });
  return trial;
}
