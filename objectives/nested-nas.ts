/**
 * The whole NAS as one objective. Each trial of the outer study decides a QKV dim and a memory ceiling (and, if asked for, a
 * latency ceiling); it owns an inner study whose search picks the SubTransformer of least validation loss under those ceilings,
 * with weights inherited from the SuperTransformer (HAT, arXiv 2005.14187). Its values are that SubTransformer's validation
 * loss, latency and memory.
 */
import {
  type CategoricalDistribution,
  categoricalDistribution,
  type FloatDistribution,
  floatDistribution,
} from '../src/core/distribution.ts';
import { InfeasibleSpaceError, InvalidArgumentError, StorageError } from '../src/core/errors.ts';
import type { FrozenTrial, JsonValue } from '../src/core/frozen-trial.ts';
import type { Sampler } from '../src/core/sampler.ts';
import type { ParamsOf, Space } from '../src/core/space.ts';
import type { SpaceObjective, Study } from '../src/core/study.ts';
import type { Trial } from '../src/core/trial.ts';
import { type ArchConfig, archOf } from './transformer/arch-config.ts';
import type { ArchParams, ArchSpace } from './transformer/arch-space.ts';

/** What a SubTransformer costs on the target hardware: cheap and synchronous, for it is asked before every evaluation. */
export interface HardwareCost {
  /** Milliseconds of encoder and decoder together. */
  readonly latencyMs: number;
  /** All that the deployed model occupies, MiB. */
  readonly memoryMiB: number;
  /** Where a measurement would fall in nine cases of ten, if the latency is a predictor's. */
  readonly latencyIntervalMs?: readonly [low: number, high: number] | undefined;
}

/** What gives a search the cost of architectures. */
export interface HardwareModel {
  /** Latency backend that the figures come from, e.g. `rk3588-model`. */
  readonly name: string;
  /** Whether its latencies were timed on hardware or computed. */
  readonly kind: 'measured' | 'estimated';
  /** Why its figures are not to be trusted, if they are not. */
  readonly warning?: string | undefined;
  /** Where the memory comes from, if not from the same. */
  readonly memory?:
    | {
        /** Backend that the memory comes from. */
        readonly name: string;
        /** Whether the memory was read from a device or computed. */
        readonly kind: 'measured' | 'estimated';
      }
    | undefined;
  /** Returns what an architecture costs; the same every time. */
  cost(arch: ArchConfig): HardwareCost;
}

/** Where latency and memory come from, in words; so the trials of the outer study record it. */
export interface HardwareSources {
  readonly hardware: string;
  readonly memoryHardware: string;
}

export function hardwareSources(model: HardwareModel): HardwareSources {
  const { name, kind, memory = model } = model;
  return { hardware: `${name} (${kind})`, memoryHardware: `${memory.name} (${memory.kind})` };
}

/** Range of a ceiling that the outer study tunes; a single number fixes it. */
export type Ceiling =
  | number
  | {
      /** The tightest ceiling that is tried. */
      readonly low: number;
      /** The loosest ceiling that is tried. */
      readonly high: number;
    };

/** What a nested search is made of. */
export interface NestedNasOptions {
  /** The whole space; `qkvDim` is fixed to the outer trial's choice before the inner search. */
  readonly archSpace: ArchSpace;
  /** Validation loss of a SubTransformer with inherited weights, bits per target token. */
  readonly validationLoss: (arch: ArchConfig, signal: AbortSignal) => Promise<number>;
  /** What an architecture costs; asked before every evaluation. */
  readonly hardware: HardwareModel;
  /** What the deployed model may occupy. */
  readonly memoryCeilingMiB: Ceiling;
  /** Default: none. */
  readonly latencyCeilingMs?: Ceiling | undefined;
  /** The sampler of an inner study; any will do, one that knows `violation` wastes no evaluation on what is too big. */
  readonly innerSampler: (search: InnerSearch) => Sampler;
  /** SubTransformers evaluated per outer trial. */
  readonly innerTrials: number;
  /** The batch size of the inner studies. Default 1. */
  readonly innerBatchSize?: number | undefined;
  /** Called after each finished inner trial. */
  readonly onInnerTrial?: ((outer: Trial, inner: Study, trial: FrozenTrial) => void) | undefined;
}

/** What an inner sampler may use. */
export interface InnerSearch {
  /** Number of the outer trial, to derive a seed from. */
  readonly outerTrial: number;
  /** <= 0: within all ceilings; else the sum of what is exceeded, as shares of the ceilings. */
  readonly violation: (params: ArchParams) => number;
  /** Parameters that mean the same architecture become the same. */
  readonly canonical: (params: ArchParams) => Record<string, JsonValue & ArchParams[string]>;
}

export const OUTER_OBJECTIVES = ['validation loss (bits/token)', 'latency (ms)', 'memory (MiB)'] as const;
const INNER_STUDY = 'search';

/** Attribute of outer and inner trials with the architecture, as an `ArchConfig`. */
const ARCH_ATTR = 'arch';

/**
 * The architecture of an outer trial.
 * @throws StorageError STORAGE_CORRUPT if its attribute holds none.
 */
export function archOfTrial(trial: Pick<FrozenTrial, 'number' | 'userAttrs'>): ArchConfig {
  const value = trial.userAttrs[ARCH_ATTR];
  try {
    return archOf(value);
  } catch (cause) {
    throw new StorageError(
      'STORAGE_CORRUPT',
      `the attribute '${ARCH_ATTR}' of trial ${trial.number} must be an architecture, but is ` +
        `${(JSON.stringify(value) ?? 'not there').slice(0, 200)} (${(cause as Error).message}); restore the study from a copy`,
      { cause },
    );
  }
}

/** What an outer trial decides: a QKV dim, a memory ceiling and, if asked for, a latency ceiling. */
export type OuterSpace = {
  /** Width of each of Q, K and V in every attention block. */
  readonly qkvDim: CategoricalDistribution<number>;
  /** What the deployed model may occupy, MiB. */
  readonly memoryCeilingMiB: FloatDistribution;
  /** What a translation may take, ms; absent without a latency ceiling. */
  readonly latencyCeilingMs?: FloatDistribution;
};

type OuterParams = ParamsOf<OuterSpace>;

/** A nested search as a space and an objective for a study of three objectives. */
export interface NestedNas {
  /** What an outer trial decides; give it to the study as `space`. */
  readonly space: Space<OuterSpace>;
  /** Validation loss, latency and memory are minimized. */
  readonly directions: typeof OUTER_DIRECTIONS;
  /** Returns validation loss (bits per target token), latency (ms) and memory (MiB). */
  readonly objective: SpaceObjective<OuterSpace, typeof OUTER_DIRECTIONS>;
}

/** The outer study minimizes validation loss, latency and memory. */
export const OUTER_DIRECTIONS = ['minimize', 'minimize', 'minimize'] as const;

/**
 * The space of the outer study.
 * @throws InvalidArgumentError if a ceiling is not a positive number.
 */
export function outerSpace({
  archSpace,
  memoryCeilingMiB,
  latencyCeilingMs,
}: Pick<NestedNasOptions, 'archSpace' | 'memoryCeilingMiB' | 'latencyCeilingMs'>): Space<OuterSpace> {
  return {
    qkvDim: categoricalDistribution(archSpace.choices.qkvDim),
    memoryCeilingMiB: ceilingDistribution('memoryCeilingMiB', memoryCeilingMiB),
    ...(latencyCeilingMs === undefined
      ? {}
      : { latencyCeilingMs: ceilingDistribution('latencyCeilingMs', latencyCeilingMs) }),
  };
}

/**
 * Returns the NAS as the space and the objective of an outer study.
 *
 * ```ts
 * const { space, directions, objective } = nestedNas(options);
 * const study = await createStudy({ studyName: 'nas', space, directions, storage: 'sqlite:///nas.db' });
 * await study.optimize(objective, { totalTrials: 24 });
 * ```
 *
 * @throws InvalidArgumentError if a ceiling is not a positive number.
 */
export function nestedNas(options: NestedNasOptions): NestedNas {
  return {
    space: outerSpace(options),
    directions: OUTER_DIRECTIONS,
    objective: (params, trial) => searchUnderCeilings(options, trial, params),
  };
}

function ceilingDistribution(name: string, ceiling: Ceiling): FloatDistribution {
  const { low, high } = typeof ceiling === 'number' ? { low: ceiling, high: ceiling } : ceiling;
  for (const value of [low, high])
    if (!(value > 0 && Number.isFinite(value)))
      throw new InvalidArgumentError(`${name} must be a number > 0, or a range of such, but is ${value}`);
  if (low > high) throw new InvalidArgumentError(`${name} needs low <= high, but is [${low}, ${high}]`);
  return floatDistribution(low, high);
}

/** What a cost exceeds the ceilings by; <= 0 is within. */
function excesses(
  cost: HardwareCost,
  ceilings: OuterParams,
): { readonly memoryMiB: number; readonly latencyMs?: number } {
  return {
    memoryMiB: cost.memoryMiB - ceilings.memoryCeilingMiB,
    ...(ceilings.latencyCeilingMs === undefined
      ? {}
      : { latencyMs: cost.latencyMs - ceilings.latencyCeilingMs }),
  };
}

async function searchUnderCeilings(
  options: NestedNasOptions,
  trial: Trial,
  outer: OuterParams,
): Promise<[loss: number, latencyMs: number, memoryMiB: number]> {
  const { hardware } = options;
  const space = options.archSpace.fix({ qkvDim: outer.qkvDim });
  const violation = memoised(
    (params: ArchParams) => {
      const { memoryMiB, latencyMs = 0 } = excesses(hardware.cost(space.decode(params)), outer);
      const { memoryCeilingMiB, latencyCeilingMs = 1 } = outer;
      return Math.max(memoryMiB / memoryCeilingMiB, 0) + Math.max(latencyMs / latencyCeilingMs, 0);
    },
    (params) => space.canonicalKey(params),
  );

  const inner = await trial.createStudy(INNER_STUDY, {
    direction: 'minimize',
    sampler: options.innerSampler({
      outerTrial: trial.number,
      violation,
      canonical: (params) => space.canonicalParams(params),
    }),
  });
  const evaluate = async (params: ArchParams, innerTrial: Trial): Promise<number> => {
    const arch = space.decode(params);
    const cost = hardware.cost(arch);
    innerTrial.setUserAttr('latencyMs', cost.latencyMs);
    innerTrial.setUserAttr('memoryMiB', cost.memoryMiB);
    for (const [name, excess] of Object.entries(excesses(cost, outer)))
      innerTrial.setConstraint(name, excess);
    return options.validationLoss(arch, trial.signal);
  };
  try {
    await inner.optimize(space.searchSpace, evaluate, {
      totalTrials: options.innerTrials,
      batchSize: options.innerBatchSize,
      signal: trial.signal,
      callbacks: [(study, told) => options.onInnerTrial?.(trial, study, told)],
    });
  } catch (error) {
    if (!(error instanceof InfeasibleSpaceError)) throw error;
  }
  // An interrupted search is no result: the trial is released and its inner study goes on later.
  if (trial.signal.aborted) throw trial.signal.reason;

  const best = inner.bestTrials[0];
  // No SubTransformer is within the ceilings: the smallest stands for the trial, with what it exceeds as the violation.
  const arch = best === undefined ? space.smallest() : space.decode(best.params);
  const loss = best?.values?.[0] ?? (await options.validationLoss(arch, trial.signal));
  const cost = hardware.cost(arch);
  for (const [name, excess] of Object.entries(excesses(cost, outer))) trial.setConstraint(name, excess);
  trial.setUserAttr(ARCH_ATTR, arch);
  const sources = hardwareSources(hardware);
  trial.setUserAttr('hardware', sources.hardware);
  trial.setUserAttr('memoryHardware', sources.memoryHardware);
  trial.setUserAttr('innerTrials', inner.trials.length);
  return [loss, cost.latencyMs, cost.memoryMiB];
}

function memoised<A, R>(f: (argument: A) => R, keyOf: (argument: A) => string): (argument: A) => R {
  const known = new Map<string, R>();
  return (argument) => {
    const key = keyOf(argument);
    let result = known.get(key);
    if (result === undefined) {
      result = f(argument);
      known.set(key, result);
    }
    return result;
  };
}
