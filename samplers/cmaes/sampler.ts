import type { Distribution, ParamValue, SearchSpace } from '../../src/core/distribution.ts';
import type { Rng } from '../../src/core/rng.ts';
import type {
  RelativeSample,
  SamplerCapabilities,
  SamplerContext,
  StudyTraits,
} from '../../src/core/sampler.ts';
import { assertSupported } from '../../src/core/supported.ts';
import { BaseSampler } from '../base-sampler.ts';
import { StudyCaches } from '../history-cache.ts';
import { drawIndependently } from '../independent-sampler.ts';
import { trialRng } from '../trial-rng.ts';
import { DRAWN_ATTR } from './evolution.ts';
import { CMAES_OPTIONS, type CmaEsSamplerOptions, type Settings } from './options.ts';
import { CmaStudy, GENERATION_ATTR } from './study.ts';
import { isNumeric } from './unit-space.ts';

export type { CmaEsSamplerOptions } from './options.ts';

/**
 * CMA-ES over the numeric parameters (N. Hansen, arXiv:1604.00772), in the unit cube, in log space for `log`; everything else is
 * drawn independently. Updates, defaults and attributes are Optuna's, but it draws mirrored orthogonal points, finds optima on
 * the faces of the cube, learns from every trial of a batch, ranks feasible trials before infeasible ones and these before
 * failed ones, and starts anew when it has converged. As long as nearly all trials of a generation fail, it draws uniformly.
 *
 * Its state is nowhere stored: a trial carries its generation (`cma:generation`), and telling the generations of the history
 * gives the state, also that of a study that Optuna has run.
 */
export class CmaEsSampler extends BaseSampler<Settings> {
  readonly name = 'cmaes';
  readonly capabilities: SamplerCapabilities = {
    multiObjective: false,
    constraints: true,
    categorical: true,
    defineByRun: true,
  };
  readonly #studies = new StudyCaches((history) => new CmaStudy(history, this.settings));

  /** @throws InvalidArgumentError on an unknown option, a value that it cannot have, or options that exclude each other. */
  constructor(options: CmaEsSamplerOptions = {}) {
    super(CMAES_OPTIONS, options);
  }

  /** @throws ThanosError UNSUPPORTED if its independent sampler cannot draw what it is left. */
  validate(study: StudyTraits): void {
    const { independentSampler } = this.settings;
    if (independentSampler === null) return;
    const declared = Object.entries(study.declaredSpace ?? {}).filter(([, d]) => !isNumeric(d));
    const declaredSpace = study.declaredSpace && Object.fromEntries(declared);
    assertSupported(independentSampler, { ...study, declaredSpace });
  }

  override inferRelativeSearchSpace(context: SamplerContext): SearchSpace {
    return this.#studies.of(context).numericSpace(context.declaredSpace);
  }

  override sampleRelative(context: SamplerContext, space: SearchSpace): RelativeSample {
    if (Object.keys(space).length === 0) return { params: {} };
    const { evolution, generations, draws, unitSpace } = this.#studies
      .of(context)
      .search(space, context.directions[0]);
    const { generation, run } = evolution.current();
    if (generations.nFinished < this.settings.nStartupTrials) return { params: {} };
    const systemAttrs = { [GENERATION_ATTR[this.settings.variant]]: generation };
    // Uniform points belong to the generation, too, and lead it away.
    if (generations.isFailing(generation, run.popsize)) return { params: {}, systemAttrs };
    let rng: Rng | null = null;
    const normal = (): number => {
      rng ??= trialRng(this.seed, context, 'cmaes');
      return rng.normal();
    };
    const z =
      context.attempt === 0
        ? draws.vector(generation, generations.sizeOf(generation))
        : Float64Array.from({ length: unitSpace.dimensions }, normal);
    const point = run.draw(z, normal);
    const params: Record<string, ParamValue> = {};
    unitSpace.names.forEach((name, j) => {
      params[name] = unitSpace.value(j, run.encode(j, point[j]));
    });
    const isItself = point.every((x, j) => x >= 0 && x <= 1 && !run.isDiscrete(j));
    return { params, systemAttrs: isItself ? systemAttrs : { ...systemAttrs, [DRAWN_ATTR]: [...point] } };
  }

  override sampleIndependent(context: SamplerContext, name: string, distribution: Distribution): ParamValue {
    const sampler = this.settings.independentSampler;
    if (sampler === null) return super.sampleIndependent(context, name, distribution);
    return drawIndependently(sampler, context, name, distribution);
  }
}
