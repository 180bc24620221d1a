import {
  type Distribution,
  isSingle,
  type ParamValue,
  type SearchSpace,
} from '../../src/core/distribution.ts';
import { BOOLEAN, oneOf } from '../../src/core/option-rules.ts';
import { defineOptions, type OptionsOf, option, SEED, type SettingsOf } from '../../src/core/options.ts';
import { Rng } from '../../src/core/rng.ts';
import type {
  RelativeSample,
  SamplerCapabilities,
  SamplerContext,
  StudyTraits,
} from '../../src/core/sampler.ts';
import { assertSupported } from '../../src/core/supported.ts';
import { uniformAt } from '../../src/core/uniform.ts';
import { HALTON_MAX_DIMENSIONS, HaltonSequence } from '../../src/math/halton.ts';
import { PaddedSequence, type PointSequence } from '../../src/math/padded-sequence.ts';
import { SOBOL_MAX_DIMENSIONS, SobolSequence } from '../../src/math/sobol.ts';
import { BaseSampler } from '../base-sampler.ts';
import { drawIndependently, INDEPENDENT_SAMPLER, withIndependentSeed } from '../independent-sampler.ts';

/** The low-discrepancy sequence: Sobol', or Halton's. */
export type QmcType = 'sobol' | 'halton';

const OPTIONS = defineOptions(
  'the qmc sampler',
  {
    /** An integer >= 0; default: drawn by the study. Of the points it decides only if they are scrambled. */
    seed: SEED,
    /** Default 'sobol'. */
    qmcType: option(oneOf<QmcType>('sobol', 'halton'), 'sobol'),
    /** Randomizes the points and keeps them as evenly spread. Default false: every seed gives the same ones. */
    scramble: option(BOOLEAN, false),
    /** Draws what is no dimension: parameters that the first finished trial lacked. Default: uniformly. */
    independentSampler: INDEPENDENT_SAMPLER,
  },
  withIndependentSeed,
);

/** Options of {@link QmcSampler}. */
export interface QmcSamplerOptions extends OptionsOf<typeof OPTIONS> {}

const SEQUENCES = {
  sobol: { Sequence: SobolSequence, most: SOBOL_MAX_DIMENSIONS },
  halton: { Sequence: HaltonSequence, most: HALTON_MAX_DIMENSIONS },
};

/** Sequences kept at hand: that of the first attempts, and those of the last other ones. */
const MAX_KEPT = 8;

/**
 * Quasi-random search: the points of a low-discrepancy sequence fill the space more evenly than random ones (J. Bergstra and
 * Y. Bengio, JMLR 13, 2012). Trial n gets point n, so parallel runs and resumed ones neither repeat nor share one.
 *
 * The dimensions are the declared parameters, sorted by name and those of every branch included, or else the parameters of
 * the first COMPLETE or PRUNED trial; every other parameter is drawn uniformly. A refused point is replaced by
 * point n of a sequence scrambled for that attempt. Beyond the 512 dimensions of the Sobol sequence (6542 of Halton's) further blocks of so many
 * dimensions take its points in other orders: each block is filled evenly, two of them together as random points would.
 */
export class QmcSampler extends BaseSampler<SettingsOf<typeof OPTIONS>> {
  readonly name = 'qmc';
  readonly capabilities: SamplerCapabilities = {
    multiObjective: true,
    constraints: false,
    categorical: true,
    defineByRun: true,
  };
  readonly #sequences = new Map<string, PointSequence>();
  /** By declared space or first trial. */
  readonly #spaces = new WeakMap<object, SearchSpace>();

  /** @throws InvalidArgumentError on an unknown option or a value that it cannot have. */
  constructor(options: QmcSamplerOptions = {}) {
    super(OPTIONS, options);
  }

  /** @throws ThanosError UNSUPPORTED if its independent sampler cannot draw what it is left. */
  validate(study: StudyTraits): void {
    const { independentSampler } = this.settings;
    // Nothing of a declared space is left.
    if (independentSampler != null && study.declaredSpace === null)
      assertSupported(independentSampler, study);
  }

  override inferRelativeSearchSpace({ declaredSpace, trials }: SamplerContext): SearchSpace {
    if (declaredSpace !== null) return this.#dimensionsOf(declaredSpace, declaredSpace);
    const first = trials.find(({ state }) => state === 'COMPLETE' || state === 'PRUNED');
    return first === undefined ? {} : this.#dimensionsOf(first, first.distributions);
  }

  override sampleRelative({ trialNumber, attempt }: SamplerContext, space: SearchSpace): RelativeSample {
    const names = Object.keys(space);
    if (names.length === 0) return { params: {} };
    const point = this.#sequence(names.length, attempt).point(trialNumber);
    return { params: Object.fromEntries(names.map((name, j) => [name, uniformAt(point[j], space[name])])) };
  }

  override sampleIndependent(
    context: SamplerContext,
    name: string,
    distribution: Distribution,
    decided?: Readonly<Record<string, ParamValue>>,
  ): ParamValue {
    const { independentSampler } = this.settings;
    if (independentSampler == null) return super.sampleIndependent(context, name, distribution);
    return drawIndependently(independentSampler, context, name, distribution, decided);
  }

  #dimensionsOf(source: object, distributions: SearchSpace): SearchSpace {
    const known = this.#spaces.get(source);
    if (known !== undefined) return known;
    const dimensions = Object.entries(distributions).filter(([, d]) => !isSingle(d));
    const space = Object.fromEntries(dimensions.sort(([a], [b]) => (a < b ? -1 : 1)));
    this.#spaces.set(source, space);
    return space;
  }

  #sequence(dimensions: number, attempt: number): PointSequence {
    const key = `${attempt}/${dimensions}`;
    let sequence = this.#sequences.get(key);
    if (sequence !== undefined) return sequence;
    const isScrambled = this.settings.scramble || attempt > 0;
    const rng = Rng.keyed(this.seed, 'qmc', this.settings.qmcType, attempt);
    const { Sequence, most } = SEQUENCES[this.settings.qmcType];
    const uniform = isScrambled ? () => rng.uniform() : null;
    sequence =
      dimensions <= most
        ? new Sequence(dimensions, uniform)
        : new PaddedSequence((size, scramble) => new Sequence(size, scramble), most, dimensions, uniform);
    if (this.#sequences.size === MAX_KEPT)
      for (const other of this.#sequences.keys()) if (!other.startsWith('0/')) this.#sequences.delete(other);
    this.#sequences.set(key, sequence);
    return sequence;
  }
}
