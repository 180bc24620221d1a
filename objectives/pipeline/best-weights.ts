/**
 * The weights with the least validation loss so far, in a file beside the checkpoint: a training that overfits, or whose loss
 * explodes, keeps the best that it had (as fairseq's `checkpoint_best`).
 */
import { existsSync } from 'node:fs';
import { ThanosError } from '../../src/core/errors.ts';
import type { Trainer } from '../training/index.ts';

/** Steps between two validations. */
export const VALIDATE_EVERY = 100;

/** Validation losses of the largest and the smallest SubTransformer after a step; 0 is before training. */
export interface Validation {
  readonly step: number;
  readonly largest: number;
  readonly smallest: number;
}

/** What validations are compared by: a SuperTransformer has to be good at both of its ends. */
export function meanLoss({ largest, smallest }: Pick<Validation, 'largest' | 'smallest'>): number {
  return (largest + smallest) / 2;
}

/** The part of a trainer that keeps weights. */
export type WeightKeeper = Pick<Trainer, 'step' | 'saveParameters' | 'loadParameters' | 'readMetadata'>;

export class BestWeights {
  readonly #trainer: WeightKeeper;
  readonly #path: string;
  #best: Validation | null;

  /** @throws ThanosError CHECKPOINT_UNUSABLE if the trainer has taken steps and the file is missing or damaged. */
  constructor(trainer: WeightKeeper, path: string) {
    this.#trainer = trainer;
    this.#path = path;
    this.#best = trainer.step === 0 ? null : this.#read();
  }

  /** null before the first validation. */
  get best(): Validation | null {
    return this.#best;
  }

  /** Keeps the trainer's weights if no earlier ones had so low a loss. Returns whether it did. */
  async offer(validation: Validation): Promise<boolean> {
    // NaN is never lower.
    if (this.#best !== null && !(meanLoss(validation) < meanLoss(this.#best))) return false;
    const { step, largest, smallest } = validation;
    await this.#trainer.saveParameters(this.#path, {
      step: String(step),
      largest: String(largest),
      smallest: String(smallest),
    });
    this.#best = validation;
    return true;
  }

  /** Whether so many validations in a row up to this step had no lower loss. */
  isPatienceOver(patience: number | null, step: number): boolean {
    if (patience === null || this.#best === null) return false;
    return Math.floor(step / VALIDATE_EVERY) - Math.floor(this.#best.step / VALIDATE_EVERY) >= patience;
  }

  /** Gives the trainer these weights; it is not to be trained further. */
  async use(): Promise<void> {
    await this.#trainer.loadParameters(this.#path);
  }

  #read(): Validation {
    const refuse = (rule: string): never => {
      throw new ThanosError(
        'CHECKPOINT_UNUSABLE',
        `'${this.#path}', the best weights of the training, ${rule}: delete it and the checkpoint beside it, to train anew`,
      );
    };
    if (!existsSync(this.#path)) return refuse('is missing');
    const metadata = this.#trainer.readMetadata(this.#path);
    const [step, largest, smallest] = [metadata['step'], metadata['largest'], metadata['smallest']].map(
      Number,
    );
    if (!Number.isSafeInteger(step) || step < 0 || !Number.isFinite(largest) || !Number.isFinite(smallest))
      return refuse(`must tell a step and two losses, but tells ${JSON.stringify(metadata)}`);
    return { step, largest, smallest };
  }
}
