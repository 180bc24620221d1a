/**
 * Batches of token ids, bounded by tokens. The batch of a step is a pure function of (seed, step), so that a resumed
 * training sees the batches that an uninterrupted one would have seen.
 */
import { InvalidArgumentError, InvalidDataError } from '../../src/core/errors.ts';
import { Rng } from '../../src/core/rng.ts';
import { BOS_ID, EOS_ID } from './special-tokens.ts';

/** Token ids as ONNX takes them (int64), row-major, padded on the right with `<pad>` (0). */
export interface Batch {
  /** B: sentences. */
  readonly rows: number;
  /** S: padded source length. */
  readonly sourceLength: number;
  /** T: padded target length. */
  readonly targetLength: number;
  /** `[B, S]`: x_1 … x_n `</s>`. */
  readonly source: BigInt64Array;
  /** `[B, T]`: `<s>` y_1 … y_m. */
  readonly targetIn: BigInt64Array;
  /** `[B * T]`: y_1 … y_m `</s>`; what the decoder must say at each place. */
  readonly targetOut: BigInt64Array;
  /** Tokens of all source sentences, without padding, `</s>` included. */
  readonly sourceTokens: number;
  /** Tokens of all target sentences, without padding, `</s>` included. */
  readonly targetTokens: number;
}

/** Sentence i of `source` translates to sentence i of `target`; ids without `<s>` and `</s>`. */
export interface TokenPairs {
  /** Ids of each source sentence. */
  readonly source: readonly Int32Array[];
  /** Ids of each target sentence, in the same order. */
  readonly target: readonly Int32Array[];
}

/** How pairs are put into batches. */
export interface BatchingOptions {
  /** Decides which pairs share a batch and the order of the batches; an integer >= 0. */
  readonly seed: number;
  /** Upper bound on B * max(S, T), padding included (fairseq's and HAT's `--max-tokens`). */
  readonly maxTokens: number;
  /** S and T are multiples of this, so that few distinct shapes occur. Default 4. */
  readonly lengthMultiple?: number | undefined;
  /** Pairs with a longer side (`</s>` included) are left out and counted. Default: what fits into a batch. */
  readonly maxLength?: number | undefined;
}

/** The pairs of which neither side is longer than `maxLength` tokens, `</s>` included. */
export function pairsUpTo(maxLength: number, { source, target }: TokenPairs): TokenPairs {
  const fits = (_: unknown, i: number): boolean => lengthOf(source[i], target[i]) <= maxLength;
  return { source: source.filter(fits), target: target.filter(fits) };
}

/** Tokens of a pair's longer side, `</s>` included. */
function lengthOf(source: Int32Array, target: Int32Array): number {
  return Math.max(source.length, target.length) + 1;
}

/** The batches of a corpus. Every pair is seen once per epoch, beside pairs of about its length; each epoch is shuffled anew. */
export class TokenBatches {
  /** The number of batches, the same in every epoch. */
  readonly batchesPerEpoch: number;
  /** Tokens of the longest side that is kept, `</s>` included. */
  readonly maxLength: number;
  /** Pairs that are kept. */
  readonly pairs: number;
  /** Pairs left out because a side is longer than `maxLength`. */
  readonly tooLong: number;

  readonly #data: TokenPairs;
  readonly #seed: number;
  /** Indices of pairs, grouped into classes of equal padded (S, T), the classes in order of length. */
  readonly #classes: readonly (readonly number[])[];
  /** Boundaries of batches in the concatenation of the classes. */
  readonly #cuts: readonly number[];
  readonly #multiple: number;
  #epoch: {
    readonly number: number;
    readonly pairs: readonly number[];
    readonly order: readonly number[];
  } | null = null;

  /** @throws InvalidArgumentError for an option out of range; InvalidDataError if no pair is left. */
  constructor(data: TokenPairs, options: BatchingOptions) {
    const { seed, maxTokens, lengthMultiple = 4 } = options;
    const { maxLength = maxTokens - (maxTokens % lengthMultiple) } = options;
    for (const [name, value] of Object.entries({ maxTokens, lengthMultiple, maxLength }))
      if (!Number.isSafeInteger(value) || value < 1)
        throw new InvalidArgumentError(`${name} must be a positive integer, but is ${value}`);
    if (padded(maxLength, lengthMultiple) > maxTokens)
      throw new InvalidArgumentError(
        `one sentence must fit into a batch: maxLength ${maxLength}, padded to a multiple of ${lengthMultiple}, ` +
          `exceeds maxTokens ${maxTokens}; raise maxTokens or lower maxLength`,
      );
    if (data.source.length !== data.target.length)
      throw new InvalidDataError(
        'token pairs',
        `source and target must be as many, but are ${data.source.length} and ${data.target.length}`,
      );
    this.#data = data;
    this.#seed = seed;
    this.#multiple = lengthMultiple;
    this.maxLength = maxLength;

    const kept: number[] = [];
    for (let i = 0; i < data.source.length; i++)
      if (lengthOf(data.source[i], data.target[i]) <= maxLength) kept.push(i);
    if (kept.length === 0)
      throw new InvalidDataError(
        'token pairs',
        `at least one pair must be at most ${maxLength} tokens long on both sides, but of ${data.source.length} none is`,
      );
    this.pairs = kept.length;
    this.tooLong = data.source.length - kept.length;
    const classes = lengthClasses(data, kept, lengthMultiple);
    this.#classes = classes.map((c) => c.pairs);
    this.#cuts = cutIntoBatches(classes, maxTokens);
    this.batchesPerEpoch = this.#cuts.length - 1;
  }

  /** The batch of a training step >= 0: epoch ⌊step / batchesPerEpoch⌋, whose pairs and batches are shuffled anew. */
  batchAt(step: number): Batch {
    if (!Number.isSafeInteger(step) || step < 0)
      throw new InvalidArgumentError(`step must be an integer >= 0, but is ${step}`);
    const number = Math.floor(step / this.batchesPerEpoch);
    if (this.#epoch?.number !== number) this.#epoch = this.#shuffledEpoch(number);
    const { pairs, order } = this.#epoch;
    return this.#assemble(pairs, order[step % this.batchesPerEpoch]);
  }

  /** Every pair once, unshuffled, from short to long: for validation. */
  *inOrder(): Generator<Batch> {
    const pairs = this.#classes.flat();
    for (let batch = 0; batch < this.batchesPerEpoch; batch++) yield this.#assemble(pairs, batch);
  }

  // Design note: pairs change places only within their class, so the sequence of padded lengths, and with it the
  // cuts, is the same in every epoch: the step alone tells the epoch, and batches stay full without a search.
  #shuffledEpoch(number: number) {
    const rng = Rng.keyed(this.#seed, 'batches', number);
    const pairs = this.#classes.flatMap((members) => rng.shuffled(members));
    const order = rng.shuffled(Array.from({ length: this.batchesPerEpoch }, (_, i) => i));
    return { number, pairs, order };
  }

  #assemble(pairs: readonly number[], batch: number): Batch {
    const members = pairs.slice(this.#cuts[batch], this.#cuts[batch + 1]);
    return assembleBatch(
      members.map((i) => this.#data.source[i]),
      members.map((i) => this.#data.target[i]),
      this.#multiple,
    );
  }
}

/** Pads the given sentences to one batch. `target` may be empty sequences where only the source matters. */
export function assembleBatch(
  source: readonly Int32Array[],
  target: readonly Int32Array[],
  lengthMultiple: number,
): Batch {
  const rows = source.length;
  const sourceLength = paddedLength(source, lengthMultiple);
  const targetLength = paddedLength(target, lengthMultiple);
  const batch = {
    source: new BigInt64Array(rows * sourceLength),
    targetIn: new BigInt64Array(rows * targetLength),
    targetOut: new BigInt64Array(rows * targetLength),
  };
  // All ids are >= 0, so only the low (first, as little-endian) half of each int64 needs writing.
  const sourceIds = new Int32Array(batch.source.buffer);
  const targetInIds = new Int32Array(batch.targetIn.buffer);
  const targetOutIds = new Int32Array(batch.targetOut.buffer);
  let sourceTokens = 0;
  let targetTokens = 0;
  for (let row = 0; row < rows; row++) {
    const x = source[row];
    const y = target[row];
    const xAt = 2 * row * sourceLength;
    for (let i = 0; i < x.length; i++) sourceIds[xAt + 2 * i] = x[i];
    sourceIds[xAt + 2 * x.length] = EOS_ID;
    const yAt = 2 * row * targetLength;
    targetInIds[yAt] = BOS_ID;
    for (let i = 0; i < y.length; i++) {
      targetInIds[yAt + 2 * (i + 1)] = y[i];
      targetOutIds[yAt + 2 * i] = y[i];
    }
    targetOutIds[yAt + 2 * y.length] = EOS_ID;
    sourceTokens += x.length + 1;
    targetTokens += y.length + 1;
  }
  return { rows, sourceLength, targetLength, ...batch, sourceTokens, targetTokens };
}

function padded(length: number, multiple: number): number {
  return Math.ceil(length / multiple) * multiple;
}

function paddedLength(sentences: readonly Int32Array[], multiple: number): number {
  let longest = 0;
  for (const ids of sentences) longest = Math.max(longest, ids.length);
  return padded(longest + 1, multiple);
}

interface LengthClass {
  readonly sourceLength: number;
  readonly targetLength: number;
  readonly pairs: number[];
}

/** In order of S, then of T up and down in turns, so that neighbors differ little and a batch may straddle them. */
function lengthClasses(data: TokenPairs, kept: readonly number[], multiple: number): LengthClass[] {
  const classes = new Map<string, LengthClass>();
  for (const i of kept) {
    const sourceLength = padded(data.source[i].length + 1, multiple);
    const targetLength = padded(data.target[i].length + 1, multiple);
    const key = `${sourceLength}/${targetLength}`;
    let members = classes.get(key);
    if (members === undefined) {
      members = { sourceLength, targetLength, pairs: [] };
      classes.set(key, members);
    }
    members.pairs.push(i);
  }
  const turn = (c: LengthClass): number => ((c.sourceLength / multiple) % 2 === 0 ? -1 : 1);
  return [...classes.values()].sort(
    (a, b) => a.sourceLength - b.sourceLength || turn(a) * (a.targetLength - b.targetLength),
  );
}

function cutIntoBatches(classes: readonly LengthClass[], maxTokens: number): number[] {
  const cuts = [0];
  let at = 0;
  let longest = 0;
  for (const { sourceLength, targetLength, pairs } of classes)
    for (let i = 0; i < pairs.length; i++, at++) {
      const width = Math.max(longest, sourceLength, targetLength);
      const rows = at - cuts[cuts.length - 1] + 1;
      if (rows * width > maxTokens) {
        cuts.push(at);
        longest = Math.max(sourceLength, targetLength);
      } else longest = width;
    }
  cuts.push(at);
  return cuts;
}
