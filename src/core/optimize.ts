/**
 * The optimization loop: asks a batch of trials in number order, evaluates them with bounded concurrency, and tells
 * them in number order. So the history that each trial sees depends on the batch size only, never on timing.
 */
import type { Asked, LiveTrial } from './asker.ts';
import { SearchSpaceExhaustedError, TrialPruned } from './errors.ts';
import type { FrozenTrial } from './frozen-trial.ts';
import type { AnyStudy } from './study.ts';

/** A class of errors, as `TypeError`; its subclasses count too. */
export type ErrorClass = abstract new (...args: never[]) => Error;

type TrialOf<S> = S extends { readonly trials: readonly (infer T)[] } ? T : FrozenTrial;

/** Called after each told trial, with its study. */
export interface OptimizeCallback<S = AnyStudy> {
  (study: S, trial: TrialOf<S>): void | Promise<void>;
  /**
   * Asked before the first trial: if true, no trial is created any more, but those that an earlier run left unfinished are
   * finished.
   */
  readonly isDone?: ((study: S) => boolean) | undefined;
}

/** Options of `study.optimize`; without `nTrials`, `totalTrials` and `timeout` it goes on until it is stopped. */
export interface OptimizeOptions<S = AnyStudy> {
  /** Finish this many more trials (re-entered ones included); null, the default, for no limit. */
  readonly nTrials?: number | null | undefined;
  /** Go on until the study holds this many finished trials: running the same program again resumes it. Null for no limit. */
  readonly totalTrials?: number | null | undefined;
  /**
   * Seconds after which no new batch is started, and one that is being asked is cut short: what has been asked is evaluated.
   * Null, the default, for no limit.
   */
  readonly timeout?: number | null | undefined;
  /**
   * Ends the study early, like `stop()`: no new trial is asked, and a running trial whose objective gives up is released
   * to be re-entered later. `optimize` then returns normally.
   */
  readonly signal?: AbortSignal | undefined;
  /** Trials asked together (default 1, or `concurrency` if given). Results depend on it. */
  readonly batchSize?: number | undefined;
  /** How many of a batch run at once (default: all). Results do not depend on it. */
  readonly concurrency?: number | undefined;
  /** Called after each told trial, in number order. */
  readonly callbacks?: readonly OptimizeCallback<S>[] | undefined;
  /**
   * Shows how far it is, on standard error: true for a bar on a terminal and nothing anywhere else, 'always' for a line now and then where
   * there is no terminal. Default false.
   */
  readonly progress?: boolean | 'always' | undefined;
  /** Errors of the objective that fail the trial while the study goes on: `true` for all, or a list of classes. */
  readonly catch?: true | readonly ErrorClass[] | undefined;
}

export type Outcome =
  | { readonly kind: 'values'; readonly values: unknown }
  | { readonly kind: 'pruned' }
  | { readonly kind: 'error'; readonly error: unknown }
  /** The objective gave up because the study was asked to stop. */
  | { readonly kind: 'interrupted' };

/** The steps that the loop is made of. */
export interface OptimizeSteps {
  /**
   * The next trial of the batch that began with `batchStart` (null: begin one). Null if that batch is complete or no
   * trial may be created any more, or if `isOver` says so while it waits.
   */
  ask(batchStart: number | null, batchSize: number, isOver: () => boolean): Promise<Asked | null>;
  evaluate(trial: LiveTrial): Outcome | Promise<Outcome>;
  /** Whether no other trial may be evaluated, or wait to be told, while this one is evaluated. */
  runsAlone(trial: LiveTrial): boolean;
  /**
   * Records the outcome. Null if the trial is not this worker's any more: it was 'interrupted' and is released, or another
   * worker has taken it over.
   */
  tell(trial: LiveTrial, outcome: Outcome): Promise<FrozenTrial | null>;
  finishedCount(): number;
  isStopped(): boolean;
}

/** Batch size and concurrency, where one defaults to the other. */
export function batchingOf(options: { batchSize?: number | undefined; concurrency?: number | undefined }): {
  batchSize: number;
  concurrency: number;
} {
  const batchSize = options.batchSize ?? options.concurrency ?? 1;
  return { batchSize, concurrency: options.concurrency ?? batchSize };
}

/** Even if no objective ever waits, the process attends to signals and timers at least this often. */
const TURN_MS = 50;

/** Lets the event loop have its turns. */
class Turns {
  #next = performance.now() + TURN_MS;

  /** Null if no turn is due: then nobody need wait, not even for a microtask. */
  take(): Promise<void> | null {
    if (performance.now() < this.#next) return null;
    return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      this.#next = performance.now() + TURN_MS;
    });
  }
}

export async function runOptimize(
  study: AnyStudy,
  steps: OptimizeSteps,
  options: OptimizeOptions,
): Promise<void> {
  const { batchSize } = batchingOf(options);
  const deadline = performance.now() + (options.timeout ?? Infinity) * 1000;
  const turns = new Turns();
  const isOver = (): boolean =>
    steps.isStopped() || options.signal?.aborted === true || performance.now() >= deadline;
  let left = options.nTrials ?? Infinity;
  for (;;) {
    const turn = turns.take();
    if (turn !== null) await turn;
    const room = Math.min(left, (options.totalTrials ?? Infinity) - steps.finishedCount(), batchSize);
    if (room <= 0 || isOver()) return;
    const told =
      batchSize === 1
        ? await runOne(study, steps, options, isOver)
        : await runBatch(study, { ...steps, turns, isOver }, options, room, batchSize);
    if (told === null) return;
    left -= told;
  }
}

/**
 * One trial. Null if the study ends: there is none left to ask.
 * Design note: as a batch of one, but a sequential study should not pay for the bookkeeping of a batch.
 */
async function runOne(
  study: AnyStudy,
  steps: OptimizeSteps,
  options: OptimizeOptions,
  isOver: () => boolean,
): Promise<number | null> {
  const trial = await askOne(steps, isOver);
  if (trial === null) return null;
  const evaluated = evaluateUnlessAborted(steps, trial, options);
  const outcome = evaluated instanceof Promise ? await evaluated : evaluated;
  if (outcome.kind === 'error' && !isCaught(outcome.error, options.catch)) {
    // What goes wrong in telling it is not what the user needs to know first.
    const told = await steps.tell(trial, outcome).catch(() => undefined);
    if (told === null) return 0;
    throw outcome.error;
  }
  const finished = await steps.tell(trial, outcome);
  if (finished === null) return 0;
  if (options.callbacks !== undefined)
    for (const callback of options.callbacks) await callback(study, finished);
  return 1;
}

async function askOne(steps: OptimizeSteps, isOver: () => boolean): Promise<LiveTrial | null> {
  try {
    return (await steps.ask(null, 1, isOver))?.trial ?? null;
  } catch (error) {
    if (error instanceof SearchSpaceExhaustedError) return null;
    throw error;
  }
}

function evaluateUnlessAborted(
  steps: OptimizeSteps,
  trial: LiveTrial,
  options: OptimizeOptions,
): Outcome | Promise<Outcome> {
  return options.signal?.aborted === true ? { kind: 'interrupted' } : steps.evaluate(trial);
}

/** The steps of a batch, with what keeps a large one from holding everything else up. */
interface BatchSteps extends OptimizeSteps {
  readonly turns: Turns;
  readonly isOver: () => boolean;
}

/** Up to `room` trials. Null if the study ends: there are none left to ask. */
async function runBatch(
  study: AnyStudy,
  steps: BatchSteps,
  options: OptimizeOptions,
  room: number,
  batchSize: number,
): Promise<number | null> {
  const { batch, exhausted } = await askBatch(steps, room, batchSize);
  const { told, fatal } = await evaluateBatch(study, steps, batch, options);
  if (fatal !== null) throw fatal.error;
  return exhausted || batch.length === 0 ? null : told;
}

async function askBatch(
  steps: BatchSteps,
  room: number,
  batchSize: number,
): Promise<{ batch: LiveTrial[]; exhausted: boolean }> {
  const batch: LiveTrial[] = [];
  let batchStart: number | null = null;
  try {
    while (batch.length < room && !(batch.length > 0 && steps.isOver())) {
      await steps.turns.take();
      const asked: Asked | null = await steps.ask(batchStart, batchSize, steps.isOver);
      if (asked === null) break;
      batchStart = asked.batchStart;
      batch.push(asked.trial);
    }
  } catch (error) {
    if (error instanceof SearchSpaceExhaustedError) return { batch, exhausted: true };
    for (const trial of batch) await steps.tell(trial, { kind: 'interrupted' });
    throw error;
  }
  return { batch, exhausted: false };
}

/** Evaluates and tells one batch; `fatal` is the first error that must end the study. */
async function evaluateBatch(
  study: AnyStudy,
  steps: BatchSteps,
  batch: readonly LiveTrial[],
  options: OptimizeOptions,
): Promise<{ told: number; fatal: { error: unknown } | null }> {
  const areOneByOne = batch.some((trial) => steps.runsAlone(trial));
  const outcomes = areOneByOne ? null : startBatch(steps, batch, options);
  let fatal: { error: unknown } | null = null;
  let told = 0;
  for (let i = 0; i < batch.length; i++) {
    await steps.turns.take();
    const outcome = await (outcomes?.[i] ?? evaluateUnlessAborted(steps, batch[i], options));
    const isFatal = outcome.kind === 'error' && !isCaught(outcome.error, options.catch);
    try {
      // Every member of the batch is told or given back, whatever became of the others.
      const finished = await steps.tell(batch[i], outcome);
      if (finished === null) continue;
      told++;
      if (isFatal) fatal ??= { error: outcome.error };
      if (fatal !== null || options.callbacks === undefined) continue;
      for (const callback of options.callbacks) await callback(study, finished);
    } catch (error) {
      fatal ??= { error: isFatal ? outcome.error : error };
    }
  }
  return { told, fatal };
}

function startBatch(
  steps: BatchSteps,
  batch: readonly LiveTrial[],
  options: OptimizeOptions,
): Promise<Outcome>[] {
  const { concurrency } = batchingOf(options);
  const outcomes: Promise<Outcome>[] = [];
  const slots: Promise<unknown>[] = Array.from({ length: concurrency }, () => Promise.resolve());
  batch.forEach((trial, i) => {
    // Design note: trial i waits for slot i mod concurrency. Which slot runs a trial cannot change its result.
    const slot = i % slots.length;
    const evaluated = (): Outcome | Promise<Outcome> => evaluateUnlessAborted(steps, trial, options);
    outcomes[i] = slots[slot].then(() => steps.turns.take()?.then(evaluated) ?? evaluated());
    slots[slot] = outcomes[i];
  });
  return outcomes;
}

/** Whether the study goes on although this error ended a trial. */
export function isCaught(error: unknown, caught: true | readonly ErrorClass[] | undefined): boolean {
  if (caught === true) return true;
  return caught?.some((type) => answers(() => error instanceof type)) ?? false;
}

/** Runs an objective and classifies how it ended; at once, if it does not return a promise. */
export function outcomeOf(
  run: () => unknown | Promise<unknown>,
  signal: AbortSignal,
): Outcome | Promise<Outcome> {
  try {
    const values = run();
    if (!isThenable(values)) return { kind: 'values', values };
    return Promise.resolve(values).then(
      (awaited) => ({ kind: 'values', values: awaited }),
      (error: unknown) => outcomeOfError(error, signal),
    );
  } catch (error) {
    return outcomeOfError(error, signal);
  }
}

function outcomeOfError(error: unknown, signal: AbortSignal): Outcome {
  // By name too: the objective may have another copy of this package.
  if (answers(() => error instanceof TrialPruned || (error instanceof Error && error.name === 'TrialPruned')))
    return { kind: 'pruned' };
  if (signal.aborted) return { kind: 'interrupted' };
  return { kind: 'error', error };
}

/** Whether a question about something that was thrown has the answer yes: it may be a proxy, and throw again. */
function answers(question: () => boolean): boolean {
  try {
    return question();
  } catch {
    return false;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}
