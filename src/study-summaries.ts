import { BOOLEAN, checkOption, checkOptions } from './core/option-rules.ts';
import type { Storage } from './core/storage.ts';
import { isChildStudy } from './core/stored-studies.ts';
import { type StudySummary, summaryOf } from './core/study-summary.ts';
import { openStorage, STORAGE } from './create-study.ts';

/** Options of {@link studySummaries}. */
export interface StudySummariesOptions {
  /** Read the best trial of each study. Default true; of several objectives there is no single one. */
  readonly includeBestTrial?: boolean | undefined;
  /** Studies that belong to a trial of another study, too. Default false. */
  readonly includeChildStudies?: boolean | undefined;
}

/**
 * Returns a summary of every study of a storage, in the order in which they were created: how many trials there are in each state,
 * the best one, and when the first began. Optuna: `get_all_study_summaries`.
 *
 * ```ts
 * for (const { studyName, nTrials, bestTrial } of await studySummaries('sqlite:///studies.db'))
 *   console.log(studyName, nTrials, bestTrial?.value);
 * ```
 *
 * Only the state, values and constraints of each trial are read, so studies of many trials are summarized quickly. A database
 * that is not there is created, as by `createStudy`.
 * @param storage A URL, as `sqlite:///studies.db`, or a Storage.
 * @throws InvalidArgumentError; StorageError STORAGE_UNAVAILABLE, STORAGE_CORRUPT, SCHEMA_MISMATCH.
 */
export async function studySummaries(
  storage: string | Storage,
  options: StudySummariesOptions = {},
): Promise<readonly StudySummary[]> {
  checkOption('storage', storage, STORAGE);
  checkOptions('studySummaries', options, { includeBestTrial: BOOLEAN, includeChildStudies: BOOLEAN });
  const { includeBestTrial, includeChildStudies = false } = options;
  const opened = await openStorage(storage);
  const summaries: StudySummary[] = [];
  for (const record of await opened.listStudies())
    if (includeChildStudies || !isChildStudy(record))
      summaries.push(await summaryOf(opened, record, { includeBestTrial }));
  return summaries;
}
