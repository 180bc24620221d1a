import { NO_CONDITIONS } from './conditions.ts';
import {
  assertCompatible,
  isSingle,
  type ParamValue,
  type SearchSpace,
  singleValue,
} from './distribution.ts';
import { SearchSpaceExhaustedError } from './errors.ts';
import { type Attrs, type FrozenTrial, frozenTrial, isFinished, SYSTEM_ATTR } from './frozen-trial.ts';
import { historyAtAsk, relativeToAttrs } from './history.ts';
import type { Pruner } from './pruner.ts';
import type { RelativeSample, Sampler, SamplerContext } from './sampler.ts';
import type { StudySnapshot } from './snapshot.ts';
import type { Storage, TrialTemplate } from './storage.ts';
import { type AskedParams, Trial, type TrialHost } from './trial.ts';

export interface AskOptions {
  readonly declared: SearchSpace | null;
  readonly signal: AbortSignal;
  /** No trial is created beyond this many. */
  readonly totalTrials?: number;
  /** Present if trials are asked in batches of more than one. */
  readonly batch?: { readonly batchStart: number | null; readonly batchSize: number };
}

export interface Asked<S> {
  readonly trial: Trial<S>;
  /** Number of the trial that began its batch. */
  readonly batchStart: number;
}

interface Drawn extends AskedParams {
  readonly systemAttrs: Attrs;
}

/** A trial about to be created. */
interface Draft {
  readonly context: SamplerContext;
  readonly drawn: Drawn;
  readonly batchStart: number;
  readonly template: Required<Pick<TrialTemplate, 'params' | 'distributions' | 'systemAttrs'>>;
}

const NOTHING_DRAWN: Drawn = { fixed: {}, relative: {}, relativeSpace: {}, systemAttrs: {} };

/** What the asker needs of its study. */
export interface AskerStudy<S> {
  readonly storage: Storage;
  readonly studyId: number;
  readonly snapshot: StudySnapshot;
  readonly studyName: string;
  readonly sampler: Sampler;
  readonly pruner: Pruner | undefined;
  readonly directions: SamplerContext['directions'];
  host(context: SamplerContext): TrialHost<S>;
}

/** Decides which trial is next — queued, re-entered or new — and what its sampler may know; keeps the running ones. */
export class Asker<S> {
  readonly #study: AskerStudy<S>;
  /** Trials asked here and not yet told, by number. */
  readonly #live = new Map<number, Trial<S>>();
  readonly #refusals = new WeakMap<Trial<S>, { readonly error: unknown }>();

  constructor(study: AskerStudy<S>) {
    this.#study = study;
  }

  running(number: number): Trial<S> | undefined {
    return this.#live.get(number);
  }

  forget(number: number): void {
    this.#live.delete(number);
  }

  /** Null if the batch is complete, or if no trial may be created any more. */
  async ask(how: AskOptions): Promise<Asked<S> | null> {
    const { storage, studyId, snapshot } = this.#study;
    await snapshot.refresh();
    const batchStart = how.batch?.batchStart ?? null;
    if (
      how.batch !== undefined &&
      batchStart !== null &&
      this.#isBatchComplete(batchStart, how.batch.batchSize)
    )
      return null;
    const claimed = await storage.claimTrial(studyId, (number) =>
      bookkeeping(this.#runningBelow(number), how.batch === undefined ? null : (batchStart ?? number)),
    );
    if (claimed !== null) return this.#enter(claimed, how, batchStart);
    if (how.totalTrials !== undefined && this.#trialsToCount() >= how.totalTrials) return null;
    return this.#create(how, batchStart);
  }

  /** All but the RUNNING trials of other tools, which may never end (Storage clause S6). */
  #trialsToCount(): number {
    const { snapshot } = this.#study;
    const foreign = snapshot
      .unfinished()
      .filter(
        (n) =>
          snapshot.trials[n].state === 'RUNNING' && !(SYSTEM_ATTR.owner in snapshot.trials[n].systemAttrs),
      );
    return snapshot.trials.length - foreign.length;
  }

  /** Why a trial could not be given its parameters (an enqueued value that does not fit), if so: it is to FAIL. */
  refusal(trial: Trial<S>): { readonly error: unknown } | undefined {
    return this.#refusals.get(trial);
  }

  /** A handle on a trial that was asked elsewhere, to tell it. */
  reopen(frozen: FrozenTrial, signal: AbortSignal): Trial<S> {
    const running = (frozen.systemAttrs[SYSTEM_ATTR.running] as number[] | undefined) ?? [];
    return this.#start(frozen, NOTHING_DRAWN, this.#context(frozen.number, running, null), signal);
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
    const isDecided =
      how.declared !== null && Object.keys(how.declared).every((name) => Object.hasOwn(fixed, name));
    const drawn = isDecided ? NOTHING_DRAWN : this.#drawIfLeft(context);
    const trial = this.#start(claimed, { ...drawn, fixed }, context, how.signal);
    for (const [key, value] of Object.entries(drawn.systemAttrs))
      if (!(key in systemAttrs)) trial.setSystemAttr(key, value);
    try {
      for (const [name, distribution] of Object.entries(how.declared ?? {}))
        trial.suggest(name, distribution);
    } catch (error) {
      this.#refusals.set(trial, { error });
    }
    await trial.flush();
    return { trial, batchStart: start };
  }

  /** Creates a trial with the parameters that can be decided now, in one transaction. */
  async #create(how: AskOptions, batchStart: number | null): Promise<Asked<S>> {
    const { storage, studyId, snapshot } = this.#study;
    let draft = this.#draft(snapshot.trials.length, how, batchStart);
    let created = await storage.createTrial(studyId, { state: 'RUNNING', ...draft.template });
    if (created.number !== draft.context.trialNumber) {
      // Another process created trials meanwhile: decide again, for the number that this trial really got.
      await snapshot.refresh();
      draft = this.#draft(created.number, how, batchStart);
      await storage.updateTrial(created.trialId, draft.template);
      const { params, distributions, systemAttrs } = draft.template;
      created = frozenTrial({
        ...created,
        params,
        distributions,
        systemAttrs: { ...created.systemAttrs, ...systemAttrs },
      });
    }
    return {
      trial: this.#start(created, draft.drawn, draft.context, how.signal),
      batchStart: draft.batchStart,
    };
  }

  #draft(number: number, how: AskOptions, batchStart: number | null): Draft {
    const { snapshot, sampler } = this.#study;
    const running = this.#runningBelow(number);
    const context = this.#context(number, running, how.declared);
    const drawn = this.#drawRelative(context);
    const params = Object.create(null) as Record<string, ParamValue>;
    for (const [name, distribution] of Object.entries(how.declared ?? {})) {
      const known = snapshot.knownDistribution(name);
      if (known !== undefined && known !== distribution) assertCompatible(name, known, distribution);
      if (isSingle(distribution)) params[name] = singleValue(distribution);
      else if (Object.hasOwn(drawn.relative, name)) params[name] = drawn.relative[name];
      else params[name] = sampler.sampleIndependent(context, name, distribution);
    }
    const start = batchStart ?? number;
    return {
      context,
      drawn,
      batchStart: start,
      template: {
        params: { ...params },
        distributions: how.declared ?? {},
        systemAttrs: {
          ...bookkeeping(running, how.batch === undefined ? null : start),
          ...(how.declared === null ? relativeToAttrs(drawn.relative, drawn.relativeSpace) : {}),
          ...drawn.systemAttrs,
        },
      },
    };
  }

  #runningBelow(number: number): readonly number[] {
    return this.#study.snapshot.unfinished().filter((n) => n < number);
  }

  #start(frozen: FrozenTrial, asked: AskedParams, context: SamplerContext, signal: AbortSignal): Trial<S> {
    this.#study.snapshot.put(frozen);
    const trial = new Trial(this.#study.host(context), frozen, asked, signal);
    this.#live.set(frozen.number, trial);
    return trial;
  }

  #context(number: number, running: readonly number[], declared: SearchSpace | null): SamplerContext {
    const { directions, snapshot } = this.#study;
    return {
      directions,
      trialNumber: number,
      trials: this.#peersOf(number, historyAtAsk(snapshot.trials, number, running, declared)),
      declaredSpace: declared,
      conditions: NO_CONDITIONS,
      attempt: 0,
    };
  }

  #peersOf(trialNumber: number, trials: readonly FrozenTrial[]): readonly FrozenTrial[] {
    const { pruner, studyName } = this.#study;
    return pruner?.peersOf?.({ studyName, trialNumber, trials }) ?? trials;
  }

  /** A queued trial may bring its own parameters although the sampler has none left. */
  #drawIfLeft(context: SamplerContext): Drawn {
    try {
      return this.#drawRelative(context);
    } catch (error) {
      if (error instanceof SearchSpaceExhaustedError) return NOTHING_DRAWN;
      throw error;
    }
  }

  #drawRelative(context: SamplerContext): Drawn {
    const { sampler } = this.#study;
    const relativeSpace = sampler.inferRelativeSearchSpace(context);
    const sample: RelativeSample = sampler.sampleRelative(context, relativeSpace);
    return { fixed: {}, relative: sample.params, relativeSpace, systemAttrs: sample.systemAttrs ?? {} };
  }
}

/** What the history of later trials needs to know of this one; nothing in the common case. */
function bookkeeping(running: readonly number[], batchStart: number | null): Attrs {
  return {
    ...(running.length > 0 ? { [SYSTEM_ATTR.running]: running } : {}),
    ...(batchStart === null ? {} : { [SYSTEM_ATTR.batch]: batchStart }),
  };
}
