/** Decides the parameters of a trial that is being asked: by the sampler, under the rules of the space. */
import { type CompiledSpace, decideAll, paramsIfComplete } from './compiled-space.ts';
import { isSingle, type ParamValue, singleValue } from './distribution.ts';
import { InfeasibleSpaceError, InvalidArgumentError, SearchSpaceExhaustedError } from './errors.ts';
import type { Attrs, FrozenTrial } from './frozen-trial.ts';
import { relativeFromAttrs } from './history.ts';
import { NO_ATTRS } from './json.ts';
import type { AskedParams } from './objective-trial.ts';
import { Rng } from './rng.ts';
import type { RunningTrials } from './running-trials.ts';
import type { RelativeSample, Sampler, SamplerContext } from './sampler.ts';
import { SeenPoints } from './seen-points.ts';
import { shown } from './shown.ts';
import type { StudySnapshot } from './snapshot.ts';
import { uniformAt } from './uniform.ts';

type Params = Readonly<Record<string, ParamValue>>;

export interface Drawn extends Omit<AskedParams, 'fixed'> {
  readonly systemAttrs: Attrs;
}

/** Parameters of a declared space are decided at ask; of another (null) the jointly drawn ones only. */
export interface Decided {
  readonly drawn: Drawn;
  readonly params: Params | null;
}

export const NOTHING_DRAWN: Drawn = { relative: {}, relativeSpace: {}, systemAttrs: NO_ATTRS };

/** How many times a sampler (that does not enumerate) is asked for an allowed and new point; then points are uniform. */
const SAMPLER_ATTEMPTS = 32;
/** After so many attempts in all a repeated point is taken, and a space without an allowed one is held to be infeasible. */
const MAX_ATTEMPTS = 2000;
/** A space of more points is as good as infinite: repetition is rare, and the points seen are not kept. */
const MAX_FINITE_SIZE = 1e6;

export class Drawer {
  readonly #sampler: Sampler;
  readonly #snapshot: StudySnapshot;
  #seen: SeenPoints | null = null;

  constructor(sampler: Sampler, snapshot: StudySnapshot) {
    this.#sampler = sampler;
    this.#snapshot = snapshot;
  }

  /** A queued trial may bring its own parameters although the sampler has none left, and may bring impossible ones. */
  enter(
    claimed: FrozenTrial,
    context: SamplerContext,
    declared: CompiledSpace | null,
    fixed: Params,
    running: RunningTrials,
  ): Decided & { readonly refusal: { readonly error: unknown } | null } {
    const decidedBefore = relativeFromAttrs(claimed.systemAttrs);
    if (declared === null && Object.keys(decidedBefore.params).length > 0) {
      const { params: relative, distributions: relativeSpace } = decidedBefore;
      return { drawn: { relative, relativeSpace, systemAttrs: {} }, params: null, refusal: null };
    }
    const given = declared === null ? null : paramsIfComplete(declared, fixed);
    try {
      if (given !== null) {
        if (!declared!.allows(given)) throw notAllowed(given);
        return { drawn: NOTHING_DRAWN, params: given, refusal: null };
      }
      return { ...this.#decideQueued(context, declared, fixed, running), refusal: null };
    } catch (error) {
      return { drawn: NOTHING_DRAWN, params: given, refusal: { error } };
    }
  }

  #decideQueued(...asked: [SamplerContext, CompiledSpace | null, Params, RunningTrials]): Decided {
    try {
      return this.decide(...asked);
    } catch (error) {
      if (!(error instanceof SearchSpaceExhaustedError)) throw error;
      return asked[1] === null ? { drawn: NOTHING_DRAWN, params: null } : this.decide(...asked, 0);
    }
  }

  /**
   * Asks the sampler, again if its answer breaks a predicate of the space or repeats a point of a finite one, and after some
   * attempts (`sampled`) draws uniformly.
   * @throws InfeasibleSpaceError if no allowed point is found in a bounded number of attempts.
   */
  decide(
    base: SamplerContext,
    declared: CompiledSpace | null,
    fixed: Params,
    running: RunningTrials,
    sampled = this.#sampler.capabilities.enumerates === true ? Infinity : SAMPLER_ATTEMPTS,
  ): Decided {
    let allowed: Decided | null = null;
    let last = NOTHING_DRAWN;
    let refused: Params = {};
    for (let attempt = 0; attempt < Math.max(sampled, MAX_ATTEMPTS); attempt++) {
      const context = attempt === 0 ? base : { ...base, attempt };
      const isUniform = attempt >= sampled;
      last = isUniform ? this.#drawUniform(context, last) : this.#drawRelative(context);
      const params =
        declared === null ? null : this.#complete(isUniform ? null : context, declared, last, fixed);
      const decided = { drawn: last, params };
      if (params !== null && !declared!.allows(params)) {
        refused = params;
        continue;
      }
      if (!this.#isRepeated(decided, declared, base.trialNumber, running)) return decided;
      allowed ??= decided;
    }
    if (allowed !== null) return allowed;
    throw noPointFound(refused);
  }

  /** The parameters of a declared space; what is not drawn jointly is drawn on its own, unless the context is null. */
  #complete(
    context: SamplerContext | null,
    declared: CompiledSpace,
    { relative }: Drawn,
    fixed: Params,
  ): Params {
    return decideAll(declared, (name, distribution) => {
      if (Object.hasOwn(fixed, name)) return fixed[name];
      if (isSingle(distribution)) return singleValue(distribution);
      if (Object.hasOwn(relative, name)) return relative[name];
      return this.#sampler.sampleIndependent(context!, name, distribution);
    });
  }

  /** Whether an earlier trial had the point, on a finite space that has others left. */
  #isRepeated(
    { drawn, params }: Decided,
    declared: CompiledSpace | null,
    trialNumber: number,
    running: RunningTrials,
  ): boolean {
    const snapshot = this.#snapshot;
    const size = declared?.size ?? snapshot.sizeOfWhole(drawn.relativeSpace);
    if (size > MAX_FINITE_SIZE) return false;
    const names = declared?.names ?? Object.keys(drawn.relativeSpace);
    const isKnown =
      names.length > 0 && (params !== null || Object.keys(drawn.relative).length === names.length);
    if (!isKnown) return false;
    if (this.#seen?.isOf(names) !== true) this.#seen = new SeenPoints(names, snapshot.trials);
    return this.#seen.count < size && this.#seen.has(params ?? drawn.relative, trialNumber, running);
  }

  /** Uniform values of everything that can be drawn now. */
  #drawUniform({ trialNumber, attempt, declaredSpace }: SamplerContext, last: Drawn): Drawn {
    const { seed, fixedParams = {} } = this.#sampler;
    const relative: Record<string, ParamValue> = {};
    for (const [name, distribution] of Object.entries(declaredSpace ?? last.relativeSpace))
      relative[name] = Object.hasOwn(fixedParams, name)
        ? fixedParams[name]
        : uniformAt(Rng.uniformOf(seed, trialNumber, 'redraw', attempt, name), distribution);
    return { ...last, relative };
  }

  #drawRelative(context: SamplerContext): Drawn {
    const sampler = this.#sampler;
    const relativeSpace = sampler.inferRelativeSearchSpace(context);
    const sample: RelativeSample = sampler.sampleRelative(context, relativeSpace);
    return { relative: sample.params, relativeSpace, systemAttrs: sample.systemAttrs ?? NO_ATTRS };
  }
}

function notAllowed(params: Params): InvalidArgumentError {
  return new InvalidArgumentError(
    `the enqueued parameters must satisfy the predicates of the space, but ${shown(params)} do not; ` +
      'enqueue a point that does',
  );
}

function noPointFound(last: Params): InfeasibleSpaceError {
  return new InfeasibleSpaceError(
    `no point that satisfies the predicates of the space was found in ${MAX_ATTEMPTS} attempts, the last one ` +
      `${shown(last)}; relax them, or declare a space in which allowed points are not so rare`,
    Number.POSITIVE_INFINITY,
    last,
  );
}
