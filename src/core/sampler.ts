import type { Conditions } from './conditions.ts';
import type { Distribution, ParamValue, SearchSpace } from './distribution.ts';
import type { Attrs, FrozenTrial, StudyDirection } from './frozen-trial.ts';

/**
 * All that a sampler may know. It never sees the Study or the Storage.
 *
 * The history of trial `n` is fixed when `n` is asked and can be rebuilt later: it holds the trials with a number
 * below `n`; those that were still unfinished at that moment appear as RUNNING, with the parameters that were
 * drawn for them when *they* were asked, even if they have finished since. So a trial that is re-entered after a
 * crash sees exactly the history it saw the first time.
 */
export interface SamplerContext {
  /** The study's directions, one per objective. */
  readonly directions: readonly StudyDirection[];
  /** The trial that is asked for, numbered from 0. */
  readonly trialNumber: number;
  /** History in order of number: COMPLETE, PRUNED, FAIL and (unfinished at ask) RUNNING trials. */
  readonly trials: readonly FrozenTrial[];
  /** All parameters that the user declared (define-and-run), those of every branch included, or null (define-by-run). */
  readonly declaredSpace: SearchSpace | null;
  /** Which parameters of a declared space exist only under a choice of another one. */
  readonly conditions: Conditions;
  /**
   * 0, or how many answers for this trial have been refused: they broke a predicate of the space, or repeated an earlier
   * trial on a finite space. Each attempt must draw anew (samplers/trial-rng.ts).
   */
  readonly attempt: number;
}

/** What a sampler can do: the engine refuses a study that needs more, with code UNSUPPORTED. */
export interface SamplerCapabilities {
  /** Whether it takes studies with more than one direction. */
  readonly multiObjective: boolean;
  /** Uses `FrozenTrial.constraints`. */
  readonly constraints: boolean;
  /** Whether it takes categorical parameters, `choice` included. */
  readonly categorical: boolean;
  /** Can suggest for a space that is discovered while the objective runs. */
  readonly defineByRun: boolean;
  /** False: it needs finitely many values of every parameter. Absent: true. */
  readonly continuous?: boolean | undefined;
  /**
   * True: no point is given twice, refused ones of a trial included, and SearchSpaceExhaustedError is thrown when none is
   * left. So it may be asked until then. Absent: false.
   */
  readonly enumerates?: boolean | undefined;
}

/** What is known of a study before its first trial. */
export interface StudyTraits {
  /** The study's directions, one per objective. */
  readonly directions: readonly StudyDirection[];
  /**
   * All parameters that the user declared, those of every branch included; null of a study whose objective asks for them
   * (define-by-run); undefined as long as neither is known.
   */
  readonly declaredSpace: SearchSpace | null | undefined;
  /** Which parameters of a declared space exist only under a choice of another one. */
  readonly conditions: Conditions;
}

/** What `sampleRelative` returns. */
export interface RelativeSample {
  /** External values for (some of) the relative search space. */
  readonly params: Readonly<Record<string, ParamValue>>;
  /** Facts to keep with the trial, e.g. `NSGAIISampler:generation`. They are part of the history from then on. */
  readonly systemAttrs?: Attrs | undefined;
}

/**
 * Sampler contract.
 * - C1 Pure: the answer depends only on the constructor's options (seed included) and the context. A fresh
 *   instance with the same options answers the same.
 * - C2 A cache may change the speed of an answer, never the answer.
 * - C3 Every value lies in its distribution (bounds, step, choices).
 * - C4 A distribution with one possible value is never asked for (the Trial answers it).
 * - C5 A study that it cannot do is refused before anything of it is written, with a remedy: by the engine as `capabilities`
 *   say (code UNSUPPORTED), and by `validate` for what these cannot say. What they let pass works.
 * - C6 No unbounded loop: when no candidate can be found it throws InfeasibleSpaceError or
 *   SearchSpaceExhaustedError.
 * - C7 Maximizing f is minimizing -f: mirrored values give the same suggestions.
 */
export interface Sampler {
  /** Registry name: `tpe`, `nsga2` … */
  readonly name: string;
  /** The seed of all its draws, an integer >= 0. */
  readonly seed: number;
  /**
   * Present if it was made without a seed: makes the same sampler with one. A study draws the seed then, and records it; anywhere else
   * the sampler goes by `seed`, which is 0.
   */
  readonly withSeed?: ((seed: number) => Sampler) | undefined;
  /** What it can do. */
  readonly capabilities: SamplerCapabilities;
  /** Options as plain data: kept with the study so that a resume with another sampler can be noticed. */
  readonly options: Attrs;
  /** Parameters that it gives one value, which must stand even where the engine draws in its place. */
  readonly fixedParams?: Readonly<Record<string, ParamValue>> | undefined;
  /**
   * Refuses what `capabilities` cannot tell, as options that do not fit the study. It is asked when a study is opened, and again
   * when its parameters are known.
   * @throws ThanosError UNSUPPORTED; InvalidArgumentError for an option.
   */
  validate?(study: StudyTraits): void;
  /** The parameters that `sampleRelative` will draw jointly; `{}` for none. */
  inferRelativeSearchSpace(context: SamplerContext): SearchSpace;
  /** Called for every trial, with `{}` if nothing is drawn jointly: its system attributes are kept all the same. */
  sampleRelative(context: SamplerContext, space: SearchSpace): RelativeSample;
  /** One parameter on its own, for names outside the relative space. */
  sampleIndependent(
    context: SamplerContext,
    name: string,
    distribution: Distribution,
    /** The parameters that the trial has so far, if the caller knows them; never to be kept. */
    decided?: Readonly<Record<string, ParamValue>>,
  ): ParamValue;
}
