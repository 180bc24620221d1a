import { attrsTogether, bookkeeping } from './bookkeeping.ts';
import { type CompiledSpace, distributionsOf } from './compiled-space.ts';
import { NO_CONDITIONS } from './conditions.ts';
import { oneMoreDeath, retryOf } from './crash-loop.ts';
import type { ParamValue } from './distribution.ts';
import { Drawer, type Drawn, NOTHING_DRAWN } from './drawer.ts';
import { type FrozenTrial, frozenTrial, isFinished, SYSTEM_ATTR } from './frozen-trial.ts';
import { relativeToAttrs, TrialHistory } from './history.ts';
import { NO_ATTRS } from './json.ts';
import { isLogged, log, logStarted } from './logging.ts';
import { type AskedParams, ObjectiveTrial, recordOf } from './objective-trial.ts';
import type { Pruner } from './pruner.ts';
import { asRefusal } from './refusal.ts';
import { RunningTrials } from './running-trials.ts';
import type { Sampler, SamplerContext } from './sampler.ts';
import { shownError } from './shown.ts';
import type { StudySnapshot } from './snapshot.ts';
import { isForeign, type Storage, type TrialTemplate } from './storage.ts';
import type { Trial } from './trial.ts';
import type { TrialHost } from './trial-host.ts';
import type { TrialRecord } from './trial-record.ts';

export interface AskOptions {
  readonly declared: CompiledSpace | null;
  readonly signal: AbortSignal;
  /** No trial is created beyond this many. */
  readonly totalTrials?: number | undefined;
  /**
   * Says when not to wait any longer for the signs of life of an owner that cannot be seen; absent: such an owner is taken to
   * live.
   */
  readonly isOver?: (() => boolean) | undefined;
  /** Present if trials are asked in batches of more than one. */
  readonly batch?: { readonly batchStart: number | null; readonly batchSize: number } | undefined;
}

/** A trial that has been asked and is not yet told. */
export interface LiveTrial {
  /** What its objective sees. */
  readonly trial: Trial;
  readonly record: TrialRecord;
  /** Why it could not be given its parameters (an enqueued value that does not fit), if so: it is to FAIL. */
  readonly refusal: { readonly error: unknown } | null;
}

export interface Asked {
  readonly trial: LiveTrial;
  /** Number of the trial that began its batch. */
  readonly batchStart: number;
}

/** A trial about to be created. */
interface Draft {
  readonly context: SamplerContext;
  readonly running: RunningTrials;
  readonly drawn: Drawn;
  readonly batchStart: number;
  readonly template: Required<Pick<TrialTemplate, 'state' | 'params' | 'distributions' | 'systemAttrs'>>;
}

const NOTHING_ASKED = Promise.resolve(null);
/** How long to wait before looking for signs of life again. */
const DOUBT_PAUSE_MS = 250;
const NO_PARAMS = Object.freeze({});
/** What the asker needs of its study. */
export interface AskerStudy {
  readonly storage: Storage;
  readonly studyId: number;
  readonly snapshot: StudySnapshot;
  readonly studyName: string;
  readonly sampler: Sampler;
  readonly pruner: Pruner | null;
  readonly directions: SamplerContext['directions'];
  readonly maxRetries: number;
  /** For a trial whose sampler sees what is in the context, and whose pruner sees all `finished` trials of its history. */
  host(context: SamplerContext, finished: () => readonly FrozenTrial[]): TrialHost;
}

/** Decides which trial is next — queued, re-entered or new — and what its sampler may know; keeps the running ones. */
export class Asker {
  readonly #study: AskerStudy;
  /** Trials asked here and not yet told, by number. */
  readonly #live = new Map<number, TrialRecord>();
  readonly #history: TrialHistory;
  readonly #drawer: Drawer;

  constructor(study: AskerStudy) {
    this.#study = study;
    this.#drawer = new Drawer(study.sampler, study.snapshot);
    this.#history = new TrialHistory(study.snapshot.trials);
  }

  running(number: number): TrialRecord | undefined {
    return this.#live.get(number);
  }

  forget(number: number): void {
    this.#live.delete(number);
  }

  /**
   * Null if the batch is complete, or if no trial may be created any more. The snapshot is taken as it is: whoever asks has
   * just refreshed it.
   */
  ask(how: AskOptions): Promise<Asked | null> {
    const { damage } = this.#study.snapshot;
    if (damage !== null) return Promise.reject(damage);
    const batchStart = how.batch?.batchStart ?? null;
    if (
      how.batch !== undefined &&
      batchStart !== null &&
      this.#isBatchComplete(batchStart, how.batch.batchSize)
    )
      return NOTHING_ASKED;
    return this.#othersAreUnfinished()
      ? this.#claim(how, batchStart)
      : this.#createIfAllowed(how, batchStart);
  }

  /** Trials that are queued, or run by someone else, who may be dead. */
  #othersAreUnfinished(): boolean {
    for (const number of this.#study.snapshot.unfinished.keys()) if (!this.#live.has(number)) return true;
    return false;
  }

  async #claim(how: AskOptions, batchStart: number | null): Promise<Asked | null> {
    const { storage, studyId } = this.#study;
    for (;;) {
      let hasDied = false;
      const claimed = await storage.claimTrial(
        studyId,
        (number) =>
          bookkeeping(this.#runningBelow(number), how.batch === undefined ? null : (batchStart ?? number)),
        (trial) => {
          hasDied = true;
          return oneMoreDeath(trial);
        },
      );
      if (claimed === null) {
        if (how.isOver === undefined || !(await storage.hasOwnerInDoubt?.(studyId)))
          return this.#createIfAllowed(how, batchStart);
        if (!(await this.#outwait(how.isOver))) return null;
        continue;
      }
      const entered = hasDied ? await this.#retry(claimed, how) : claimed;
      if (entered !== null) return this.#enter(entered, how, batchStart);
    }
  }

  /**
   * Waits until it is known of every owner whether it lives: if one is dead, its trial comes first, or else this study would not be
   * the one that it would have been without the death. False if it is over before that.
   */
  async #outwait(isOver: () => boolean): Promise<boolean> {
    const { storage, studyId, studyName, snapshot } = this.#study;
    log(
      'warn',
      studyName,
      'A trial is running on a machine or in a container that cannot be seen from here. Waiting for a sign of life of it.',
    );
    while (await storage.hasOwnerInDoubt?.(studyId)) {
      if (isOver()) return false;
      await new Promise((resolve) => setTimeout(resolve, DOUBT_PAUSE_MS));
    }
    await snapshot.refresh();
    return true;
  }

  /** The trial as it is to be re-entered after the death of its owner; null if it has FAILed, as too many have died of it. */
  async #retry(claimed: FrozenTrial, { batch, isOver }: AskOptions): Promise<FrozenTrial | null> {
    const { storage, studyName, maxRetries, snapshot } = this.#study;
    const retry = await retryOf(claimed, storage, studyName, maxRetries, {
      isEvaluatedHere: isOver !== undefined,
      isInBatch: batch !== undefined,
    });
    if ('systemAttrs' in retry) {
      await storage.updateTrial(claimed.trialId, { systemAttrs: retry.systemAttrs });
      return frozenTrial({ ...claimed, systemAttrs: { ...claimed.systemAttrs, ...retry.systemAttrs } });
    }
    const { failReason } = retry;
    await storage.updateTrial(claimed.trialId, {
      state: 'FAIL',
      systemAttrs: { [SYSTEM_ATTR.failReason]: failReason },
      dropSystemAttrs: [SYSTEM_ATTR.deaths],
    });
    log('warn', studyName, `Trial ${claimed.number} failed: ${failReason}.`);
    await snapshot.refresh();
    return null;
  }

  #createIfAllowed(how: AskOptions, batchStart: number | null): Promise<Asked | null> {
    const { totalTrials = Number.POSITIVE_INFINITY } = how;
    return this.#holdsTrials(totalTrials) ? NOTHING_ASKED : this.#create(how, batchStart);
  }

  /** Whether there are this many trials, not counting those that another tool may never finish. */
  #holdsTrials(count: number): boolean {
    const { trials, unfinished } = this.#study.snapshot;
    if (trials.length < count) return false;
    let nForeign = 0;
    for (const trial of unfinished.values()) if (isForeign(trial)) nForeign++;
    return trials.length - nForeign >= count;
  }

  /** The record of a trial that was asked elsewhere, to tell it. */
  reopen(frozen: FrozenTrial, signal: AbortSignal): TrialRecord {
    const running = RunningTrials.readFrom(frozen.systemAttrs);
    const context = this.#context(frozen.number, running, null);
    const { record } = this.#start(frozen, { ...NOTHING_DRAWN, fixed: {} }, context, running, signal);
    const { owner } = this.#study.storage;
    // Whoever tells it takes it over.
    if (!isForeign(frozen) && frozen.systemAttrs[SYSTEM_ATTR.owner] !== owner)
      record.setSystemAttr(SYSTEM_ATTR.owner, owner);
    return record;
  }

  /** Whether all trials of this batch have been created, and each is finished or running here. */
  #isBatchComplete(batchStart: number, batchSize: number): boolean {
    const { trials } = this.#study.snapshot;
    let members = 0;
    for (let i = batchStart; i < trials.length; i++) {
      if (trials[i].systemAttrs[SYSTEM_ATTR.batch] !== batchStart) continue;
      members++;
      if (!isFinished(trials[i].state) && !this.#live.has(i)) return false;
    }
    return members >= batchSize;
  }

  /** Starts a queued trial, or one whose owner died, with the history that it had or would have had. */
  async #enter(claimed: FrozenTrial, how: AskOptions, batchStart: number | null): Promise<Asked> {
    const { number, systemAttrs } = claimed;
    if (number >= this.#study.snapshot.trials.length) await this.#study.snapshot.refresh();
    const running = RunningTrials.readFrom(systemAttrs);
    const start = (systemAttrs[SYSTEM_ATTR.batch] as number | undefined) ?? batchStart ?? number;
    const context = this.#context(number, running, how.declared);
    const queued = systemAttrs[SYSTEM_ATTR.fixedParams] as Record<string, ParamValue> | undefined;
    const fixed = { ...queued, ...claimed.params };
    const { drawn, params, refusal } = this.#drawer.enter(
      claimed,
      this.#amongPeers(context),
      how.declared,
      fixed,
      running,
    );
    const asked = { ...drawn, fixed: { ...fixed, ...params } };
    const { trial, record } = this.#start(claimed, asked, context, running, how.signal);
    let cause = refusal;
    try {
      for (const [key, value] of Object.entries(drawn.systemAttrs))
        if (!(key in systemAttrs)) record.setSystemAttr(key, value);
      for (const name of Object.keys(params ?? {})) trial.suggest(name, how.declared!.flat[name]);
    } catch (error) {
      cause = { error };
    }
    await record.flush();
    const refused = cause === null ? null : { error: asRefusal(cause.error) };
    return { trial: { trial, record, refusal: refused }, batchStart: start };
  }

  /**
   * Creates a trial with the parameters that can be decided now, in one transaction. Null if other processes have created the
   * last ones of `totalTrials`.
   */
  async #create(how: AskOptions, batchStart: number | null): Promise<Asked | null> {
    const { storage, studyId, snapshot, sampler } = this.#study;
    const draft = this.#draft(snapshot.trials.length, how, batchStart);
    const { trialNumber } = draft.context;
    // No two workers may take the same of the points that are enumerated, and the last one may be gone at the second draft.
    const number = sampler.capabilities.enumerates === true ? trialNumber : undefined;
    const created = await storage.createTrial(studyId, draft.template, {
      number,
      fewerThan: how.totalTrials,
    });
    if (created === null) {
      await snapshot.refresh();
      return this.#createIfAllowed(how, batchStart);
    }
    return created.number === trialNumber
      ? this.#begin(created, draft, how)
      : this.#redraft(created, how, batchStart);
  }

  /** Another process created trials meanwhile: decides again, for the number that the trial really got. */
  async #redraft(created: FrozenTrial, how: AskOptions, batchStart: number | null): Promise<Asked> {
    const { storage, snapshot } = this.#study;
    try {
      await snapshot.refresh();
      const draft = this.#draft(created.number, how, batchStart);
      const { params, distributions, systemAttrs } = draft.template;
      await storage.updateTrial(created.trialId, { params, distributions, systemAttrs });
      const decided = { params, distributions, systemAttrs: { ...created.systemAttrs, ...systemAttrs } };
      return this.#begin(frozenTrial({ ...created, ...decided }), draft, how);
    } catch (error) {
      // Nobody would ever end it.
      await storage.updateTrial(created.trialId, {
        state: 'FAIL',
        systemAttrs: { [SYSTEM_ATTR.failReason]: `no parameters could be decided: ${shownError(error)}` },
      });
      throw error;
    }
  }

  #begin(created: FrozenTrial, draft: Draft, how: AskOptions): Asked {
    const { drawn, context, running, batchStart } = draft;
    const started = this.#start(created, { ...drawn, fixed: {} }, context, running, how.signal);
    return { trial: { ...started, refusal: null }, batchStart };
  }

  #draft(number: number, how: AskOptions, batchStart: number | null): Draft {
    const { snapshot } = this.#study;
    const running = this.#runningBelow(number);
    const context = this.#context(number, running, how.declared);
    if (how.declared !== null) snapshot.assertCompatible(how.declared.flat);
    const { drawn, params } = this.#drawer.decide(
      this.#amongPeers(context),
      how.declared,
      NO_PARAMS,
      running,
    );
    const start = batchStart ?? number;
    return {
      context,
      running,
      drawn,
      batchStart: start,
      template: {
        state: 'RUNNING',
        params: params ?? NO_PARAMS,
        distributions: params === null ? NO_PARAMS : distributionsOf(how.declared!, params),
        systemAttrs: attrsTogether(
          bookkeeping(running, how.batch === undefined ? null : start),
          params === null ? relativeToAttrs(drawn.relative, drawn.relativeSpace) : NO_ATTRS,
          drawn.systemAttrs,
        ),
      },
    };
  }

  #runningBelow(number: number): RunningTrials {
    return RunningTrials.below(number, this.#study.snapshot.unfinished.keys());
  }

  #start(
    frozen: FrozenTrial,
    asked: AskedParams,
    context: SamplerContext,
    running: RunningTrials,
    signal: AbortSignal,
  ): Omit<LiveTrial, 'refusal'> {
    const finished = (): readonly FrozenTrial[] =>
      running.isEmpty ? context.trials : context.trials.filter((trial) => isFinished(trial.state));

    this.#study.snapshot.put(frozen);
    const host = this.#study.host(this.#amongPeers(context), finished);
    const trial = new ObjectiveTrial(host, frozen, asked, signal);
    const record = recordOf(trial)!;
    if (isLogged.debug) logStarted(trial, { ...asked.fixed, ...frozen.params });
    this.#live.set(frozen.number, record);
    // The types of a child study follow from its options; the engine knows nothing of them.
    return { trial: trial as unknown as Trial, record };
  }

  /** With the whole history, which is put together if somebody looks at it. */
  #context(number: number, running: RunningTrials, declared: CompiledSpace | null): SamplerContext {
    const atAsk = (): readonly FrozenTrial[] =>
      this.#history.atAsk(
        number,
        running,
        declared?.flat ?? null,
        this.#live.size > (this.#live.has(number) ? 1 : 0),
      );
    let trials: readonly FrozenTrial[] | null = null;
    return {
      directions: this.#study.directions,
      trialNumber: number,
      get trials() {
        trials ??= atAsk();
        return trials;
      },
      declaredSpace: declared?.flat ?? null,
      conditions: declared?.conditions ?? NO_CONDITIONS,
      attempt: 0,
    };
  }

  /** What the sampler sees of the whole history. */
  #amongPeers(context: SamplerContext): SamplerContext {
    const { pruner, studyName } = this.#study;
    if (pruner?.peersOf === undefined) return context;
    const { trialNumber, trials } = context;
    return { ...context, trials: pruner.peersOf({ studyName, trialNumber, trials }) };
  }
}
