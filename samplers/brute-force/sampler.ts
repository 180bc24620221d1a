import {
  type Distribution,
  isSingle,
  type ParamValue,
  type SearchSpace,
  sameChoice,
} from '../../src/core/distribution.ts';
import { type InfeasibleSpaceError, SearchSpaceExhaustedError } from '../../src/core/errors.ts';
import { BOOLEAN } from '../../src/core/option-rules.ts';
import { defineOptions, type OptionsOf, option, SEED, type SettingsOf } from '../../src/core/options.ts';
import type { RelativeSample, SamplerCapabilities, SamplerContext } from '../../src/core/sampler.ts';
import { BaseSampler } from '../base-sampler.ts';
import { noneAllowed } from '../enumeration.ts';
import { History, StudyCaches } from '../history-cache.ts';
import { trialRng } from '../trial-rng.ts';
import { sampleUniformFor } from '../uniform.ts';
import { Exploration, PLAN_ATTR } from './exploration.ts';
import { indexOf } from './finite-values.ts';
import type { Params } from './tree.ts';

const OPTIONS = defineOptions('the brute-force sampler', {
  /** An integer >= 0 that the order of the combinations follows from. Default: a new study draws one, and records it. */
  seed: SEED,
  /**
   * What a define-by-run study does when only running trials are left, which may yet come upon parameters that nobody
   * has seen. Default false: they count as they are, and the study ends. True: later trials follow them, and may repeat
   * a combination; a batched study with conditional parameters needs it. (Of a declared space everything is known.)
   */
  avoidPrematureStop: option(BOOLEAN, false),
});

/** Options of {@link BruteForceSampler}. */
export interface BruteForceSamplerOptions extends OptionsOf<typeof OPTIONS> {}

/**
 * Tries every combination of a finite space once, in an order drawn from the seed, conditional parameters included. The
 * combinations are those of the declared space, or what the trials of a define-by-run study have shown of it: which
 * parameter follows which values. A trial counts whatever became of it and whoever made it, so a resumed study goes on.
 *
 * Throws SearchSpaceExhaustedError when nothing is left.
 */
export class BruteForceSampler extends BaseSampler<SettingsOf<typeof OPTIONS>> {
  readonly name = 'brute-force';
  readonly capabilities: SamplerCapabilities = {
    multiObjective: true,
    constraints: false,
    categorical: true,
    defineByRun: true,
    continuous: false,
    enumerates: true,
  };
  readonly #studies = new StudyCaches((history) => new Exploration(history));
  /** The exploration of the first trial, which no history tells from another's, and which may be asked for many times. */
  readonly #first = new Exploration(new History());
  /** Several parameters are asked for with one context. */
  #last: { readonly context: SamplerContext; readonly plan: Params | null } | null = null;

  /** @throws InvalidArgumentError on an unknown option or a value that it cannot have. */
  constructor(options: BruteForceSamplerOptions = {}) {
    super(OPTIONS, options);
  }

  override inferRelativeSearchSpace({ declaredSpace }: SamplerContext): SearchSpace {
    return Object.fromEntries(
      Object.entries(declaredSpace ?? {}).filter(([, distribution]) => !isSingle(distribution)),
    );
  }

  override sampleRelative(context: SamplerContext, space: SearchSpace): RelativeSample {
    const plan = this.#plan(context);
    if (plan === null) throw this.#failure(context);
    if (context.declaredSpace === null)
      return { params: {}, systemAttrs: Object.keys(plan).length === 0 ? {} : { [PLAN_ATTR]: plan } };
    return {
      params: Object.fromEntries(Object.entries(plan).filter(([name]) => Object.hasOwn(space, name))),
    };
  }

  override sampleIndependent(
    context: SamplerContext,
    name: string,
    distribution: Distribution,
    decided: Params = {},
  ): ParamValue {
    const plan = this.#plan(context) ?? {};
    const isPlanned = Object.hasOwn(plan, name) && indexOf(distribution, plan[name]) >= 0;
    if (
      isPlanned &&
      Object.keys(decided).every((key) => !Object.hasOwn(plan, key) || sameChoice(plan[key], decided[key]))
    )
      return plan[name];
    // The trial has left its plan, since some of its parameters were enqueued; or it is where none has been.
    const rng = trialRng(this.seed, context, 'brute-force', name);
    const value = this.#study(context).draw(decided, name, distribution, rng);
    return value ?? sampleUniformFor(this.seed, context, name, distribution);
  }

  #study(context: SamplerContext): Exploration {
    return context.trials.length === 0 ? this.#first : this.#studies.of(context);
  }

  #plan(context: SamplerContext): Params | null {
    if (this.#last?.context === context) return this.#last.plan;
    const rngOf = (attempt: number) => trialRng(this.seed, { ...context, attempt }, 'brute-force');
    const repeatsRunning = this.settings.avoidPrematureStop && context.declaredSpace === null;
    const plan = this.#study(context).plan(context, rngOf, repeatsRunning);
    this.#last = { context, plan };
    return plan;
  }

  #failure(context: SamplerContext): InfeasibleSpaceError | SearchSpaceExhaustedError {
    const { attempt, declaredSpace, trials } = context;
    if (attempt > 0 && trials.length === 0) return noneAllowed(attempt);
    const { size } = this.#study(context);
    const all =
      declaredSpace === null ? 'all combinations that trials came upon' : `all ${size} combinations`;
    const refused = attempt === 0 ? '' : `, or refused for trial ${context.trialNumber}`;
    return new SearchSpaceExhaustedError(`${all} have been tried${refused}; widen the space to go on`);
  }
}
