import type { CategoricalDistribution } from '../../src/core/distribution.ts';
import type { Rng } from '../../src/core/rng.ts';
import { grown, type KernelSlots } from './kernel-slots.ts';

/** The kernels of one mixture for one categorical parameter: the observed choice has most of the probability, the others share. */
export class ChoiceKernels {
  /** By slot: index of the observed choice. */
  choices: Int32Array;
  /** Log probability of a choice that a kernel did (not) observe. */
  logHit = 0;
  logMiss = 0;
  readonly #slots: KernelSlots;
  readonly nChoices: number;
  #miss = 0;

  constructor({ choices }: CategoricalDistribution, slots: KernelSlots) {
    this.#slots = slots;
    this.nChoices = choices.length;
    this.choices = new Int32Array(slots.capacity);
  }

  add(slot: number, choice: number): void {
    this.choices[slot] = choice;
  }

  /** To be called when the slots have become more. */
  reserve(): void {
    this.choices = grown(this.choices, this.#slots.capacity);
  }

  fit(): void {
    const smoothing = 1 / (this.#slots.size + 1);
    const total = 1 + smoothing * this.nChoices;
    this.#miss = smoothing / total;
    this.logMiss = Math.log(this.#miss);
    this.logHit = Math.log((1 + smoothing) / total);
  }

  sample(rng: Rng, slot: number): number {
    const observed = this.choices[slot];
    let u = rng.uniform();
    for (let choice = 0; choice < this.nChoices; choice++) {
      if (choice === observed) continue;
      u -= this.#miss;
      if (u < 0) return choice;
    }
    return observed;
  }
}
