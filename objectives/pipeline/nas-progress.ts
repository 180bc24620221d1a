/** What a run of the NAS tells while it works, stage by stage. */
import type { FrozenTrial } from '../../src/core/frozen-trial.ts';
import type { TrainingReport } from '../training/index.ts';
import type { DeploymentFit } from './deployment-fit.ts';

/** One event of a {@link NasRun}; `stage` says which. Losses are bits per target token. */
export type NasProgress =
  | {
      /** The corpus is prepared. */
      readonly stage: 'corpus';
      /** Training pairs that are used. */
      readonly pairs: number;
      /** Tokens of the vocabulary, special ones included. */
      readonly vocabularySize: number;
      /** Source and target language, as `de-en`. */
      readonly languages: string;
      /** What of the corpus and of the configuration has no effect, a sentence each. */
      readonly notes: readonly string[];
      /** Where the validation pairs come from, and how many there are. */
      readonly validation: ValidationSource;
      /** How many of the judged pairs the deployed model can take. */
      readonly deployment: DeploymentFit;
    }
  | {
      /** The SuperTransformer is being trained. */
      readonly stage: 'training';
      /** Steps that are done. */
      readonly step: number;
      /** Steps of the whole training. */
      readonly steps: number;
      /** Null when training begins or goes on, before its first step. */
      readonly report: TrainingReport | null;
    }
  | {
      /** The SuperTransformer was validated. */
      readonly stage: 'validation';
      /** The step after which it was. */
      readonly step: number;
      /** Loss of the largest SubTransformer. */
      readonly largest: number;
      /** Loss of the smallest SubTransformer. */
      readonly smallest: number;
      /** Whether no earlier validation was as good. */
      readonly isBest: boolean;
    }
  | {
      /** Training is over. */
      readonly stage: 'trained';
      /** Which weights are used, and why. */
      readonly summary: string;
    }
  | {
      /** Something should not be overlooked. */
      readonly stage: 'warning';
      /** One sentence for people. */
      readonly text: string;
    }
  | {
      /** Architectures are measured for the latency predictor. */
      readonly stage: 'latency';
      /** Architectures that are measured. */
      readonly done: number;
      /** Architectures that are to be measured. */
      readonly total: number;
    }
  | {
      /** A trial of an inner search is finished. */
      readonly stage: 'inner';
      /** Number of the outer trial that owns the search. */
      readonly outerTrial: number;
      /** Finished trials of this search. */
      readonly done: number;
      /** Trials that this search will have. */
      readonly total: number;
      /** Loss of the best feasible SubTransformer so far; null if there is none. */
      readonly best: number | null;
    }
  | {
      /** An outer trial is finished. */
      readonly stage: 'outer';
      /** Finished outer trials. */
      readonly done: number;
      /** Outer trials that the study will have. */
      readonly total: number;
      /** The one that was finished. */
      readonly trial: FrozenTrial;
    };

/** Where the validation pairs come from. */
export interface ValidationSource {
  /** Validation pairs of the corpus. */
  readonly pairs: number;
  /** One training pair in so many is held out; null: they have files of their own. */
  readonly heldOutEvery: number | null;
  /** Files that could be validation files but were not chosen. */
  readonly unusedFiles: readonly string[];
}
