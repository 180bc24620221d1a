import { constraintsOf } from './constraints.ts';
import { didYouMean } from './did-you-mean.ts';
import { StorageError, StorageLostError } from './errors.ts';
import { type FrozenTrial, frozenTrial, type StudyDirection, SYSTEM_ATTR } from './frozen-trial.ts';
import { isLogged, type LoggedStudy, log, logFinished } from './logging.ts';
import type { Outcome } from './optimize.ts';
import { isRefusal } from './refusal.ts';
import type { Sampler } from './sampler.ts';
import { shownError } from './shown.ts';
import type { StudySnapshot } from './snapshot.ts';
import { isLost, type Storage } from './storage.ts';
import type { StudyOptions } from './study-options.ts';
import { failedBy, resultOf, type ToldOutcome, type TrialResult } from './tell.ts';
import type { TrialRecord } from './trial-record.ts';

/** What the finisher needs of its study. */
export interface FinisherStudy {
  readonly storage: Storage;
  readonly snapshot: StudySnapshot;
  readonly studyName: string;
  readonly directions: readonly StudyDirection[];
  readonly sampler: Sampler;
  readonly constraints: StudyOptions['constraints'];
  /** Throws if this is the child study of a trial that another worker has taken over. */
  readonly assertParentHeld?: (() => Promise<void>) | undefined;
  /** The trial is no longer running here. */
  forget(trialNumber: number): void;
}

export interface Finished {
  readonly trial: FrozenTrial;
  /** Why it is FAIL, if that is not what it was told: its constraints, or values that could not be recorded. */
  readonly failure: { readonly error: unknown } | null;
}

/** Ends running trials: each one COMPLETE, PRUNED or FAIL with a reason, or given back. */
export class Finisher {
  readonly #study: FinisherStudy;
  readonly #logged: LoggedStudy;
  /** What was told while the storage could not be written to, by number. */
  readonly #unrecorded = new Map<number, { readonly trial: TrialRecord; readonly outcome: ToldOutcome }>();
  /** Names fixed by the sampler that were found missing in a trial before. */
  readonly #warned = new Set<string>();

  constructor(study: FinisherStudy) {
    this.#study = study;
    const { studyName, directions, snapshot } = study;
    this.#logged = { studyName, directions, trials: snapshot.trials };
  }

  /** Null if the trial has been given back, or if another worker has taken it over: that one's result counts. */
  async finishIfHeld(trial: TrialRecord, outcome: Outcome): Promise<Finished | null> {
    if (trial.isOver)
      throw new StorageError(
        'TRIAL_FINISHED',
        `trial ${trial.number} was told while its objective ran; an objective returns its value, and optimize tells it`,
      );
    try {
      if (outcome.kind === 'interrupted') return await this.#release(trial);
      return await this.finish(trial, outcome);
    } catch (error) {
      if (!isLost(error)) throw error;
      // A child study ends with the trial that owns it, if that one is lost as well.
      await this.#study.assertParentHeld?.();
      log('warn', this.#study.studyName, `Trial ${trial.number} is dropped: ${error.message}.`);
      await this.#forget(trial);
      return null;
    }
  }

  /**
   * @throws StorageError STORAGE_UNAVAILABLE if it cannot be recorded now: it is kept, and may be told again by whoever
   *   told it, or by `finishUnrecorded`.
   */
  async finish(trial: TrialRecord, outcome: ToldOutcome): Promise<Finished> {
    const { snapshot, directions } = this.#study;
    const told = resultOf(outcome, trial.lastIntermediateValue(), directions.length);
    const constrained = told.state === 'FAIL' ? null : this.#recordConstraints(trial, told);
    const result = constrained === null ? told : failedBy(constrained.error);
    if (outcome.kind === 'error' && isRefusal(outcome.error)) trial.setSystemAttr(SYSTEM_ATTR.refused, true);
    const unrecordable = await this.#record(trial, outcome, result);
    await this.#forget(trial);
    const finished = snapshot.trials[trial.number];
    if (isLogged.warn) {
      logFinished(this.#logged, finished, outcome.kind);
      this.#warnOfUnasked(trial, finished);
    }
    return { trial: finished, failure: constrained ?? unrecordable };
  }

  /** Records what could not be recorded when it was told, so that no evaluation is lost to a storage that was locked or full. */
  async finishUnrecorded(): Promise<void> {
    for (const { trial, outcome } of [...this.#unrecorded.values()]) await this.finishIfHeld(trial, outcome);
  }

  /** From now on the trial is not this worker's: what its objective may still do to it is refused. */
  async #forget(trial: TrialRecord): Promise<void> {
    trial.finish();
    this.#unrecorded.delete(trial.number);
    this.#study.forget(trial.number);
    await this.#study.snapshot.refresh();
  }

  /** Gives a running trial back, to be re-entered by whoever asks next. */
  async #release(trial: TrialRecord): Promise<null> {
    trial.setSystemAttr(SYSTEM_ATTR.owner, null);
    await trial.flush();
    await this.#forget(trial);
    return null;
  }

  #recordConstraints(trial: TrialRecord, { state, values }: TrialResult): { readonly error: unknown } | null {
    const { constraints, snapshot } = this.#study;
    if (constraints === undefined) return null;
    try {
      const evaluated = frozenTrial({ ...trial.snapshot(), state, values });
      trial.setSystemAttr(SYSTEM_ATTR.constraints, constraintsOf(constraints, evaluated, snapshot.trials));
      return null;
    } catch (error) {
      return { error };
    }
  }

  /** What cannot be recorded whatever one does ends the trial as FAIL; the error says why. */
  async #record(
    trial: TrialRecord,
    outcome: ToldOutcome,
    result: TrialResult,
  ): Promise<{ readonly error: unknown } | null> {
    for (let attempt = 1; ; attempt++)
      try {
        await this.#write(trial, result);
        return null;
      } catch (error) {
        if (!(error instanceof StorageError)) {
          await this.#writeFailure(trial, error);
          return { error };
        }
        if (error.code !== 'STORAGE_UNAVAILABLE' || error instanceof StorageLostError) throw error;
        this.#unrecorded.set(trial.number, { trial, outcome });
        if (attempt === ATTEMPTS) throw unrecorded(error, trial.number, result);
      }
  }

  async #write(trial: TrialRecord, { state, values, reason }: TrialResult): Promise<void> {
    if (reason !== undefined) trial.setSystemAttr(SYSTEM_ATTR.failReason, reason);
    const pending = trial.isWriting ? await trial.takePending() : trial.takeNow();
    const { storage, snapshot } = this.#study;
    const hadDeaths = SYSTEM_ATTR.deaths in (snapshot.trials[trial.number]?.systemAttrs ?? {});
    try {
      await storage.updateTrial(trial.trialId, {
        ...pending,
        state,
        values,
        ...(hadDeaths ? { dropSystemAttrs: [SYSTEM_ATTR.deaths] } : undefined),
      });
    } catch (error) {
      trial.putBack(pending);
      throw error;
    }
  }

  async #writeFailure({ trialId }: TrialRecord, error: unknown): Promise<void> {
    const systemAttrs = { [SYSTEM_ATTR.failReason]: shownError(error) };
    await this.#study.storage.updateTrial(trialId, { state: 'FAIL', values: null, systemAttrs });
  }

  /** A name that somebody fixed and the objective does not know is most likely misspelled, and the rest of the study in vain. */
  #warnOfUnasked(trial: TrialRecord, { state, number, params, systemAttrs }: FrozenTrial): void {
    if (state !== 'COMPLETE') return;
    const { studyName, sampler } = this.#study;
    const warn = (name: string, whose: string): void => {
      const asked = Object.keys(params);
      const known = asked.length === 0 ? 'it asked for none' : `it asked for ${asked.join(', ')}`;
      const text = `Trial ${number} never asked for '${name}', ${whose}; ${didYouMean(name, asked)}${known}.`;
      log('warn', studyName, text);
    };
    for (const name in systemAttrs[SYSTEM_ATTR.fixedParams] as object | undefined)
      if (!trial.mayHave(name)) warn(name, 'which was enqueued for it');
    for (const name in sampler.fixedParams) {
      if (this.#warned.has(name) || trial.mayHave(name)) continue;
      this.#warned.add(name);
      warn(name, 'which the sampler fixes');
    }
  }
}

/** A write waits for a lock as long as the storage does; what took hours to evaluate may wait twice. */
const ATTEMPTS = 2;

function unrecorded(error: StorageError, number: number, { state, values }: TrialResult): StorageError {
  const end = values === null ? state : `[${values.join(', ')}]`;
  return new StorageError(
    'STORAGE_UNAVAILABLE',
    `${error.message}; so trial ${number}, which ended with ${end}, is not recorded yet: tell it again, or call optimize ` +
      'again, which records it first',
    { cause: error },
  );
}
