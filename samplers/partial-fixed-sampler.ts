import type { Condition, Conditions } from '../src/core/conditions.ts';
import { didYouMean } from '../src/core/did-you-mean.ts';
import {
  categoricalDistribution,
  type Distribution,
  floatDistribution,
  intDistribution,
  type ParamValue,
  type SearchSpace,
  sameChoice,
} from '../src/core/distribution.ts';
import { InvalidArgumentError } from '../src/core/errors.ts';
import type { Attrs } from '../src/core/frozen-trial.ts';
import { isPlainObject } from '../src/core/json.ts';
import { isName } from '../src/core/names.ts';
import { type OptionRule, objectWith } from '../src/core/option-rules.ts';
import { defineOptions, type OptionsOf, option, optional, required, SEED } from '../src/core/options.ts';
import type {
  RelativeSample,
  Sampler,
  SamplerCapabilities,
  SamplerContext,
  StudyTraits,
} from '../src/core/sampler.ts';
import { shown } from '../src/core/shown.ts';
import { holds } from './holds.ts';

type Params = Readonly<Record<string, ParamValue>>;

const PARAMS: OptionRule<Params> = {
  what: 'an object { parameter: value }',
  accepts: (value) =>
    isPlainObject(value) &&
    Object.keys(value).every(isName) &&
    Object.values(value).every(
      (v) => v === null || ['string', 'boolean'].includes(typeof v) || Number.isFinite(v),
    ),
};
const SAMPLER = objectWith<Sampler>(
  'a Sampler, as new TpeSampler({ seed: 1 })',
  'sampleRelative',
  'sampleIndependent',
);
const NAMED: OptionRule<string | Readonly<Record<string, unknown>>> = {
  what: "the name of a sampler, or an object as { name: 'tpe', seed: 1 }",
  accepts: (value) =>
    typeof value === 'string' || typeof (value as { name?: unknown } | null)?.name === 'string',
};

const FIXED = {
  /** The values that stay, by parameter name; each must lie in its distribution. */
  fixedParams: required(PARAMS),
};
const OPTIONS = defineOptions('the partial-fixed sampler', {
  ...FIXED,
  /** Draws the other parameters. */
  sampler: required(SAMPLER),
});
const PLAIN_OPTIONS = defineOptions('the partial-fixed sampler', {
  ...FIXED,
  /** Name of the base sampler, or `{ name, …its options }`. Default 'tpe'. */
  sampler: option(NAMED, 'tpe'),
  /** Seed of the base sampler. */
  seed: optional(SEED.rule),
});

/** Options of {@link PartialFixedSampler}. */
export interface PartialFixedSamplerOptions extends OptionsOf<typeof OPTIONS> {}

/** The options as plain data, for files and the command line. */
export interface PlainPartialFixedOptions extends OptionsOf<typeof PLAIN_OPTIONS> {}

/**
 * Keeps some parameters at given values and leaves the others to a base sampler. Of a declared space the base sees the fixed
 * parameters with that one value, and only the branches that they leave; of a define-by-run one it does not draw them.
 *
 * Throws InvalidArgumentError for a fixed value outside its distribution, and for a name that the declared space lacks.
 */
export class PartialFixedSampler implements Sampler {
  readonly name = 'partial-fixed';
  readonly seed: number;
  readonly withSeed: Sampler['withSeed'];
  readonly options: Attrs;
  readonly capabilities: SamplerCapabilities;
  readonly fixedParams: Params;
  readonly #base: Sampler;
  /** By declared space, as a study passes it. */
  readonly #narrowed = new WeakMap<SearchSpace, Narrowed>();
  #last: { readonly context: SamplerContext; readonly narrowed: SamplerContext } | null = null;

  /** @throws InvalidArgumentError on an unknown option or a value that it cannot have. */
  constructor(options: PartialFixedSamplerOptions) {
    const { fixedParams, sampler } = OPTIONS.read(options);
    this.#base = sampler;
    this.fixedParams = Object.freeze({ ...fixedParams });
    this.seed = sampler.seed;
    const { withSeed } = sampler;
    this.withSeed = withSeed && ((seed) => new PartialFixedSampler({ fixedParams, sampler: withSeed(seed) }));
    this.capabilities = sampler.capabilities;
    this.options = {
      seed: sampler.seed,
      fixedParams: { ...fixedParams },
      sampler: { name: sampler.name, ...sampler.options },
    };
  }

  /** @throws InvalidArgumentError if a fixed value does not fit the space, and what the base sampler throws of what it is left. */
  validate(study: StudyTraits): void {
    const { declaredSpace: declared, conditions } = study;
    const left = declared ? this.#narrowSpace(declared, conditions) : { space: declared, conditions };
    this.#base.validate?.({ ...study, declaredSpace: left.space, conditions: left.conditions });
  }

  inferRelativeSearchSpace(context: SamplerContext): SearchSpace {
    const space = this.#base.inferRelativeSearchSpace(this.#narrow(context));
    if (!Object.keys(space).some((name) => this.#isFixed(name))) return space;
    return Object.fromEntries(Object.entries(space).filter(([name]) => !this.#isFixed(name)));
  }

  sampleRelative(context: SamplerContext, space: SearchSpace): RelativeSample {
    return this.#base.sampleRelative(this.#narrow(context), space);
  }

  sampleIndependent(
    context: SamplerContext,
    name: string,
    distribution: Distribution,
    decided?: Params,
  ): ParamValue {
    if (this.#isFixed(name)) return this.#valueIn(name, distribution);
    return this.#base.sampleIndependent(this.#narrow(context), name, distribution, decided);
  }

  #isFixed(name: string): boolean {
    return Object.hasOwn(this.fixedParams, name);
  }

  #valueIn(name: string, distribution: Distribution): ParamValue {
    const value = this.fixedParams[name];
    if (holds(distribution, value)) return value;
    throw new InvalidArgumentError(
      `fixedParams.${name} must lie in the parameter's distribution, but is ${shown(value)} and the distribution is ` +
        `${shown(distribution)}; fix it to a value inside, or widen the distribution`,
    );
  }

  /** The context as the base sampler sees it: one object for one context, since samplers go by that. */
  #narrow(context: SamplerContext): SamplerContext {
    const { declaredSpace, conditions } = context;
    if (declaredSpace === null) return context;
    if (this.#last?.context === context) return this.#last.narrowed;
    let known = this.#narrowed.get(declaredSpace);
    if (known?.of !== conditions) {
      known = this.#narrowSpace(declaredSpace, conditions);
      this.#narrowed.set(declaredSpace, known);
    }
    const narrowed = { ...context, declaredSpace: known.space, conditions: known.conditions };
    this.#last = { context, narrowed };
    return narrowed;
  }

  #narrowSpace(declared: SearchSpace, of: Conditions): Narrowed {
    for (const name of Object.keys(this.fixedParams))
      if (!Object.hasOwn(declared, name)) {
        const known = Object.keys(declared);
        throw new InvalidArgumentError(
          `fixedParams must name parameters of the space, but '${name}' is none; ${didYouMean(name, known)}` +
            `known are: ${known.join(', ')}`,
        );
      }
    const conditions = new Map<string, Condition>();
    const space: [string, Distribution][] = [];
    for (const [name, distribution] of Object.entries(declared)) {
      const condition = this.#conditionLeft(of, name);
      if (condition === 'never') continue;
      if (condition !== null) conditions.set(name, condition);
      const isFixed = this.#isFixed(name);
      space.push([name, isFixed ? only(distribution, this.#valueIn(name, distribution)) : distribution]);
    }
    return { of, space: Object.freeze(Object.fromEntries(space)), conditions };
  }

  /** What must hold for a parameter to exist, given what is fixed; null if it always does. */
  #conditionLeft(conditions: Conditions, name: string): Condition | 'never' | null {
    const condition = conditions.get(name);
    if (condition === undefined) return null;
    const above = this.#conditionLeft(conditions, condition.parent);
    if (above === 'never') return 'never';
    if (!this.#isFixed(condition.parent)) return condition;
    return sameChoice(this.fixedParams[condition.parent], condition.choice) ? above : 'never';
  }
}

/**
 * Makes the sampler of plain options.
 * @param make the sampler of a name and options.
 */
export function partialFixedSampler(
  options: PlainPartialFixedOptions,
  make: (name: string, options: Readonly<Record<string, unknown>>) => Sampler,
): PartialFixedSampler {
  const { fixedParams, sampler, seed } = PLAIN_OPTIONS.read(options);
  const { name, ...given } = typeof sampler === 'string' ? { name: sampler } : sampler;
  return new PartialFixedSampler({
    fixedParams,
    sampler: make(name as string, seed === undefined ? given : { seed, ...given }),
  });
}

interface Narrowed {
  /** The conditions that the space was narrowed with. */
  readonly of: Conditions;
  readonly space: SearchSpace;
  readonly conditions: Conditions;
}

/** Returns a distribution of the same kind with one value. */
function only(d: Distribution, value: ParamValue): Distribution {
  if (d.kind === 'categorical') return categoricalDistribution([value]);
  const { log } = d;
  return (d.kind === 'int' ? intDistribution : floatDistribution)(value as number, value as number, { log });
}
