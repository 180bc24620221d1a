/**
 * A translation task out of nothing: sentences drawn from a grammar of our own, from English into Velan, an invented
 * language. Every sentence has exactly one right translation, so a good enough model can reach BLEU 100, and how near
 * a model comes says how good it is.
 */
import { InvalidArgumentError } from '../../src/core/errors.ts';
import { Rng } from '../../src/core/rng.ts';
import type { ParallelCorpus } from './parallel-corpus.ts';
import { drawMeaning } from './task-grammar/draw-meaning.ts';
import { inEnglish } from './task-grammar/english.ts';
import { inVelan } from './task-grammar/velan.ts';

/** How much text `generateTask` makes, and which. */
export interface GeneratedTaskOptions {
  /** An integer; decides which sentences are drawn. */
  readonly seed: number;
  /** Default 20,000. */
  readonly trainPairs?: number | undefined;
  /** Default 500. */
  readonly validPairs?: number | undefined;
}

/** Draws per wanted pair before it counts as impossible; in practice fewer than 1.1 are needed. */
const MAX_DRAWS_PER_PAIR = 50;

/**
 * Distinct sentences, none in both splits; the same for the same seed. A smaller `trainPairs` gives a prefix of a
 * bigger one, with the same validation set.
 */
export function generateTask(options: GeneratedTaskOptions): ParallelCorpus {
  const { seed, trainPairs = 20_000, validPairs = 500 } = options;
  for (const [name, value] of Object.entries({ trainPairs, validPairs }))
    if (!Number.isSafeInteger(value) || value < 1)
      throw new InvalidArgumentError(`${name} must be a positive integer, but is ${value}`);

  const wanted = trainPairs + validPairs;
  const targetOf = new Map<string, string>();
  for (let draw = 0; targetOf.size < wanted; draw++) {
    if (draw === MAX_DRAWS_PER_PAIR * wanted)
      throw new InvalidArgumentError(
        `the grammar must have ${wanted} distinct sentences, but only ${targetOf.size} were found in ${draw} draws; ` +
          'ask for fewer pairs',
      );
    const meaning = drawMeaning(Rng.keyed(seed, 'generated-task', draw));
    targetOf.set(inEnglish(meaning), inVelan(meaning));
  }
  const source = [...targetOf.keys()];
  const target = [...targetOf.values()];
  return {
    sourceLanguage: 'en',
    targetLanguage: 'velan',
    valid: { source: source.slice(0, validPairs), target: target.slice(0, validPairs) },
    train: { source: source.slice(validPairs), target: target.slice(validPairs) },
    blankPairs: 0,
  };
}
