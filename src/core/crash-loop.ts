/**
 * The end of crash loops. The owner of a trial may die because of the trial itself (out of memory, say), and whoever
 * re-enters it dies as well. So the deaths of its owners are counted, in the transaction that claims it again; and since a
 * long trial may be killed from outside any number of times, they are counted anew whenever it has got further in between.
 */
import { type Attrs, type FrozenTrial, isFinished, SYSTEM_ATTR } from './frozen-trial.ts';
import type { Storage } from './storage.ts';

export const DEFAULT_MAX_RETRIES = 3;

interface Deaths {
  /** Deaths of owners in a row without progress. */
  readonly count: number;
  /** How far the trial had got when it was last entered; null until that has been looked up. */
  readonly progress: string | null;
  /** Whether its evaluation has not begun yet: a process that dies now does not die of this trial. */
  readonly waits: boolean;
  /** Whether the next death ends it, in a batch. See `runsAlone`. */
  readonly isLast: boolean;
}

const deathsOf = ({ systemAttrs }: Pick<FrozenTrial, 'systemAttrs'>): Deaths =>
  (systemAttrs[SYSTEM_ATTR.deaths] as unknown as Deaths | undefined) ?? {
    count: 0,
    progress: null,
    waits: false,
    isLast: false,
  };

const attrOf = (deaths: Deaths): Attrs => ({ [SYSTEM_ATTR.deaths]: { ...deaths } });

/**
 * What `claimTrial` is to write to a trial whose owner has died. An owner that died before it began the evaluation was ended
 * by something else, and so may those before it have been: they are counted anew. Of a batch that is evaluated one by one (see `runsAlone`) the others may only
 * have waited for their turn.
 */
export function oneMoreDeath(trial: FrozenTrial): Attrs {
  const deaths = deathsOf(trial);
  return attrOf({ ...deaths, count: countAfter(deaths), waits: true });
}

function countAfter({ count, waits, isLast }: Deaths): number {
  if (!waits) return count + 1;
  return isLast ? count : 0;
}

/**
 * Whether a trial of a batch is one that the next death ends. Of a batch that dies it is not known which trial was the cause:
 * so such a one is evaluated when no other is, and the others keep their last try until their turn.
 */
export const runsAlone = (trial: Pick<FrozenTrial, 'systemAttrs'>): boolean => deathsOf(trial).isLast;

/** Whether it is to be written when the evaluation of this trial begins, so that only a death from then on counts. */
export const awaitsTurn = (trial: Pick<FrozenTrial, 'systemAttrs'>): boolean => deathsOf(trial).waits;

/** What is to be written when the evaluation of a re-entered trial begins. */
export function turnHasCome(trial: Pick<FrozenTrial, 'systemAttrs'>): Attrs {
  return attrOf({ ...deathsOf(trial), waits: false });
}

/** A trial that has been claimed after a death: the attributes that it is re-entered with, or the reason not to re-enter it. */
export type Retry = { readonly systemAttrs: Attrs } | { readonly failReason: string };

export async function retryOf(
  claimed: FrozenTrial,
  storage: Storage,
  studyName: string,
  maxRetries: number,
  how: { readonly isEvaluatedHere: boolean; readonly isInBatch: boolean },
): Promise<Retry> {
  const before = deathsOf(claimed);
  const progress = JSON.stringify(await progressOf(claimed, storage, studyName));
  const count =
    before.progress === null || before.progress === progress ? before.count : Math.min(before.count, 1);
  if (count > maxRetries) {
    const failReason =
      `the process that ran it died ${count} time(s) in a row without getting any further, and ` +
      `maxRetries is ${maxRetries}`;
    return { failReason };
  }
  return {
    systemAttrs: attrOf({
      count,
      progress,
      waits: how.isEvaluatedHere,
      isLast: how.isInBatch && count === maxRetries,
    }),
  };
}

type Progress = [params: number, attrs: number, reported: number, finishedBelow: number, deathsBelow: number];

/**
 * How far a trial has got, its child studies included. Two equal ones mean that nothing was added in between. A changed value
 * of an attribute is nothing new: it may be the time at which the trial was entered. A death that was counted in a child study
 * is, since it is not counted a second time.
 */
async function progressOf(trial: FrozenTrial, storage: Storage, studyName: string): Promise<Progress> {
  const { params, userAttrs, systemAttrs, intermediateValues } = trial;
  const ownAttrs = Object.keys(systemAttrs).filter((key) => !key.startsWith('thanos:'));
  const sum: Progress = [
    Object.keys(params).length,
    Object.keys(userAttrs).length + ownAttrs.length,
    intermediateValues.size,
    0,
    0,
  ];
  for (const name of (systemAttrs[SYSTEM_ATTR.children] as string[] | undefined) ?? []) {
    const childName = `${studyName}/${trial.number}/${name}`;
    const child = await storage.findStudy(childName);
    if (child === null) continue;
    for (const below of await storage.getTrials(child.studyId)) {
      const progress = await progressOf(below, storage, childName);
      progress.forEach((part, i) => {
        sum[i] += part;
      });
      if (isFinished(below.state)) sum[3]++;
      sum[4] += deathsOf(below).count;
    }
  }
  return sum;
}
