import { type CompiledSpace, distributionsOf } from './compiled-space.ts';
import { NO_CONDITIONS } from './conditions.ts';
import { oneMoreDeath, retryOf } from './crash-loop.ts';
import type { ParamValue } from './distribution.ts';
import { Drawer, type Drawn, NOTHING_DRAWN } from './drawer.ts';
import { type Attrs, type FrozenTrial, frozenTrial, isFinished, SYSTEM_ATTR } from './frozen-trial.ts';
import { historyAtAsk, relativeToAttrs } from './history.ts';
import { NO_ATTRS } from './json.ts';
import { isLogged, log, logStarted } from './logging.ts';
import type { Pruner } from './pruner.ts';
import { asRefusal } from './refusal.ts';
import type { Sampler, SamplerContext } from './sampler.ts';
import { shownError } from './shown.ts';
import type { StudySnapshot } from './snapshot.ts';
import { isForeign, type Storage, type TrialTemplate } from './storage.ts';
import { type AskedParams, Trial, type TrialHost } from './trial.ts';

export interface AskOptions {
  readonly declared: CompiledSpace | null;
  readonly signal: AbortSignal;
  /** No trial is created beyond this many. */
  readonly totalTrials?: number;
  /**
   * Says when not to wait any longer for the signs of life of an owner that cannot be seen; absent: such an owner is taken to
   * live.
   */
  readonly isOver?: () => boolean;
  /** Present if trials are asked in batches of more than one. */
  readonly batch?: { readonly batchStart: number | null; readonly batchSize: number };
}

export interface Asked<S> {
  readonly trial: Trial<S>;
  /** Number of the trial that began its batch. */
  readonly batchStart: number;
}

/** A trial about to be created. */
interface Draft {
  readonly context: SamplerContext;
  readonly drawn: Drawn;
  readonly batchStart: number;
  readonly template: Required<Pick<TrialTemplate, 'state' | 'params' | 'distributions' | 'systemAttrs'>>;
}

const NOTHING_ASKED = Promise.resolve(null);
/** How long to wait before looking for signs of life again. */
const DOUBT_PAUSE_MS = 250;
const NO_PARAMS = Object.freeze({});
/** What the asker needs of its study. */
export interface AskerStudy<S> {
  readonly storage: Storage;
  readonly studyId: number;
  readonly snapshot: StudySnapshot;
  readonly studyName: string;
  readonly sampler: Sampler;
  readonly pruner: Pruner | null;
  readonly directions: SamplerContext['directions'];
  readonly maxRetries: number;
  /** For a trial with this history, of which its sampler sees what is in the context. */
  host(context: SamplerContext, history: readonly FrozenTrial[]): TrialHost<S>;
}

/** Decides which trial is next — queued, re-entered or new — and what its sampler may know; keeps the running ones. */
export class Asker<S> {
  readonly #study: AskerStudy<S>;
  /** Trials asked here and not yet told, by number. */
  readonly #live = new Map<number, Trial<S>>();
  /** The history of the next trial, while none is running. */
  readonly #finished: FrozenTrial[] = [];
  readonly #drawer: Drawer;
  readonly #refusals = new WeakMap<Trial<S>, { readonly error: unknown }>();

  constructor(study: AskerStudy<S>) {
    this.#study = study;
    this.#drawer = new Drawer(study.sampler, study.snapshot);
  }

  running(number: number): Trial<S> | undefined {
    return this.#live.get(number);
  }

  forget(number: number): void {
    this.#live.delete(number);
  }

  /**
   * Null if the batch is complete, or if no trial may be created any more. The snapshot is taken as it is: whoever asks has
   * just refreshed it.
   */
  ask(how: AskOptions): Promise<Asked<S> | null> {
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
    const { trials, settled } = this.#study.snapshot;
    for (let i = settled; i < trials.length; i++)
      if (!isFinished(trials[i].state) && !this.#live.has(i)) return true;
    return false;
  }

  async #claim(how: AskOptions, batchStart: number | null): Promise<Asked<S> | null> {
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
      const entered = hasDied ? await this.#retry(claimed, how.batch !== undefined) : claimed;
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
  async #retry(claimed: FrozenTrial, isInBatch: boolean): Promise<FrozenTrial | null> {
    const { storage, studyName, maxRetries, snapshot } = this.#study;
    const retry = await retryOf(claimed, storage, studyName, maxRetries, isInBatch);
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

  #createIfAllowed(how: AskOptions, batchStart: number | null): Promise<Asked<S> | null> {
    const isEnough = how.totalTrials !== undefined && this.#trialsToCount() >= how.totalTrials;
    return isEnough ? NOTHING_ASKED : this.#create(how, batchStart);
  }

  #trialsToCount(): number {
    const { snapshot } = this.#study;
    return snapshot.trials.length - snapshot.unfinished().filter((n) => isForeign(snapshot.trials[n])).length;
  }

  /** Why a trial could not be given its parameters (an enqueued value that does not fit), if so: it is to FAIL. */
  refusal(trial: Trial<S>): { readonly error: unknown } | undefined {
    return this.#refusals.get(trial);
  }

  /** A handle on a trial that was asked elsewhere, to tell it. */
  reopen(frozen: FrozenTrial, signal: AbortSignal): Trial<S> {
    const running = (frozen.systemAttrs[SYSTEM_ATTR.running] as number[] | undefined) ?? [];
    const context = this.#context(frozen.number, running, null);
    const trial = this.#start(frozen, { ...NOTHING_DRAWN, fixed: {} }, context, signal);
    const { owner } = this.#study.storage;
    // Whoever tells it takes it over.
    if (!isForeign(frozen) && frozen.systemAttrs[SYSTEM_ATTR.owner] !== owner)
      trial.setSystemAttr(SYSTEM_ATTR.owner, owner);
    return trial;
  }

  /** Have all trials of this batch been created, and is each finished or running here? */
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
  async #enter(claimed: FrozenTrial, how: AskOptions, batchStart: number | null): Promise<Asked<S>> {
    const { number, systemAttrs } = claimed;
    if (number >= this.#study.snapshot.trials.length) await this.#study.snapshot.refresh();
    const running = (systemAttrs[SYSTEM_ATTR.running] as number[] | undefined) ?? [];
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
    const trial = this.#start(claimed, { ...drawn, fixed: { ...fixed, ...params } }, context, how.signal);
    if (refusal !== null) this.#refusals.set(trial, { error: asRefusal(refusal.error) });
    for (const [key, value] of Object.entries(drawn.systemAttrs))
      if (!(key in systemAttrs)) trial.setSystemAttr(key, value);
    try {
      for (const name of Object.keys(params ?? {})) trial.suggest(name, how.declared!.flat[name]);
    } catch (error) {
      this.#refusals.set(trial, { error: asRefusal(error) });
    }
    await trial.flush();
    return { trial, batchStart: start };
  }

  /**
   * Creates a trial with the parameters that can be decided now, in one transaction. Null if other processes have created the
   * last ones of `totalTrials`.
   */
  async #create(how: AskOptions, batchStart: number | null): Promise<Asked<S> | null> {
    const { storage, studyId, snapshot, sampler } = this.#study;
    const draft = this.#draft(snapshot.trials.length, how, batchStart);
    const { trialNumber } = draft.context;
    // Of points that are enumerated no two workers may take the same, and the last one may be gone at the second draft.
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
  async #redraft(created: FrozenTrial, how: AskOptions, batchStart: number | null): Promise<Asked<S>> {
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

  #begin(created: FrozenTrial, { drawn, context, batchStart }: Draft, how: AskOptions): Asked<S> {
    return { trial: this.#start(created, { ...drawn, fixed: {} }, context, how.signal), batchStart };
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
      drawn,
      batchStart: start,
      template: {
        state: 'RUNNING',
        params: params ?? NO_PARAMS,
        distributions: params === null ? NO_PARAMS : distributionsOf(how.declared!, params),
        systemAttrs: together(
          bookkeeping(running, how.batch === undefined ? null : start),
          params === null ? relativeToAttrs(drawn.relative, drawn.relativeSpace) : NO_ATTRS,
          drawn.systemAttrs,
        ),
      },
    };
  }

  #runningBelow(number: number): readonly number[] {
    return this.#study.snapshot.unfinished().filter((n) => n < number);
  }

  #start(frozen: FrozenTrial, asked: AskedParams, context: SamplerContext, signal: AbortSignal): Trial<S> {
    this.#study.snapshot.put(frozen);
    const trial = new Trial(
      this.#study.host(this.#amongPeers(context), context.trials),
      frozen,
      asked,
      signal,
    );
    if (isLogged.debug) logStarted(trial, { ...asked.fixed, ...frozen.params });
    this.#live.set(frozen.number, trial);
    return trial;
  }

  /** With the whole history. */
  #context(number: number, running: readonly number[], declared: CompiledSpace | null): SamplerContext {
    return {
      directions: this.#study.directions,
      trialNumber: number,
      trials: this.#historyOf(number, running, declared),
      declaredSpace: declared?.flat ?? null,
      conditions: declared?.conditions ?? NO_CONDITIONS,
      attempt: 0,
    };
  }

  /**
   * Design note: a sequential study hands out one array that grows, rather than a copy for every trial: nobody else is at
   * work then, and of the trials that got the array earlier all are finished.
   */
  #historyOf(
    number: number,
    running: readonly number[],
    declared: CompiledSpace | null,
  ): readonly FrozenTrial[] {
    const { trials } = this.#study.snapshot;
    if (running.length > 0 || number !== trials.length || this.#live.size > 0)
      return historyAtAsk(trials, number, running, declared?.flat ?? null);
    for (let i = this.#finished.length; i < number; i++) this.#finished.push(trials[i]);
    return this.#finished;
  }

  /** What the sampler sees of the whole history. */
  #amongPeers(context: SamplerContext): SamplerContext {
    const { pruner, studyName } = this.#study;
    if (pruner?.peersOf === undefined) return context;
    const { trialNumber, trials } = context;
    return { ...context, trials: pruner.peersOf({ studyName, trialNumber, trials }) };
  }
}

/** What the history of later trials needs to know of this one; nothing in the common case. */
function bookkeeping(running: readonly number[], batchStart: number | null): Attrs {
  if (running.length === 0 && batchStart === null) return NO_ATTRS;
  return {
    ...(running.length > 0 ? { [SYSTEM_ATTR.running]: running } : {}),
    ...(batchStart === null ? {} : { [SYSTEM_ATTR.batch]: batchStart }),
  };
}

function together(...parts: readonly Attrs[]): Attrs {
  const some = parts.filter((part) => part !== NO_ATTRS);
  return some.length === 0 ? NO_ATTRS : Object.assign({}, ...some);
}
