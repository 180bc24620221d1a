import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Batch, TokenBatches, type TokenPairs } from '../../objectives/translation/batching.ts';
import { InvalidArgumentError, InvalidDataError } from '../../src/core/errors.ts';
import { Rng } from '../../src/core/rng.ts';

/** Pair i starts with the token 10 + i on both sides, so that it can be recognized in a batch. */
function pairsOf(lengths: readonly (readonly [number, number])[]): TokenPairs {
  const sentence = (length: number, i: number) =>
    Int32Array.from({ length }, (_, place) => (place === 0 ? 10 + i : 5));
  return {
    source: lengths.map(([s], i) => sentence(s, i)),
    target: lengths.map(([, t], i) => sentence(t, i)),
  };
}

function randomPairs(n: number, longest: number): TokenPairs {
  const rng = Rng.keyed(1, 'lengths');
  return pairsOf(Array.from({ length: n }, () => [1 + rng.int(longest), 1 + rng.int(longest)] as const));
}

function membersOf(batch: Batch): number[] {
  return Array.from({ length: batch.rows }, (_, row) => Number(batch.source[row * batch.sourceLength]) - 10);
}

describe('TokenBatches', () => {
  it('lays out source, shifted target and its continuation', () => {
    const data = {
      source: [Int32Array.of(7, 8), Int32Array.of(9)],
      target: [Int32Array.of(4, 5, 6), Int32Array.of(4)],
    };
    const [batch] = new TokenBatches(data, { seed: 0, maxTokens: 64, lengthMultiple: 4 }).inOrder();
    expect(batch).toEqual({
      rows: 2,
      sourceLength: 4,
      targetLength: 4,
      source: BigInt64Array.of(7n, 8n, 2n, 0n, 9n, 2n, 0n, 0n),
      targetIn: BigInt64Array.of(1n, 4n, 5n, 6n, 1n, 4n, 0n, 0n),
      targetOut: BigInt64Array.of(4n, 5n, 6n, 2n, 4n, 2n, 0n, 0n),
      sourceTokens: 5,
      targetTokens: 6,
    });
  });

  it('has every pair once an epoch, within the token bound, in padded lengths', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 30 })), {
          minLength: 1,
          maxLength: 80,
        }),
        fc.integer({ min: 32, max: 300 }),
        fc.constantFrom(1, 4, 8),
        (lengths, maxTokens, lengthMultiple) => {
          const data = pairsOf(lengths.map(([s, t]) => [s + 1, t]));
          const batches = new TokenBatches(data, { seed: 5, maxTokens, lengthMultiple });
          const seen: number[] = [];
          for (let step = 0; step < batches.batchesPerEpoch; step++) {
            const batch = batches.batchAt(batches.batchesPerEpoch + step);
            expect(batch.rows * Math.max(batch.sourceLength, batch.targetLength)).toBeLessThanOrEqual(
              maxTokens,
            );
            expect([batch.sourceLength % lengthMultiple, batch.targetLength % lengthMultiple]).toEqual([
              0, 0,
            ]);
            seen.push(...membersOf(batch));
          }
          expect(seen.sort((a, b) => a - b)).toEqual(lengths.map((_, i) => i));
          expect(batches.pairs).toBe(lengths.length);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('gives the batch of a step without the steps before it', () => {
    const data = randomPairs(300, 20);
    const options = { seed: 7, maxTokens: 256 };
    const straight = new TokenBatches(data, options);
    const steps = Array.from({ length: 3 * straight.batchesPerEpoch }, (_, step) => straight.batchAt(step));
    for (const step of [steps.length - 1, 3, straight.batchesPerEpoch, 0])
      expect(new TokenBatches(data, options).batchAt(step)).toEqual(steps[step]);
  });

  it('shuffles both the batches and who is in them, epoch by epoch and by seed', () => {
    const data = randomPairs(400, 12);
    const epoch = (seed: number, number: number): number[][] => {
      const batches = new TokenBatches(data, { seed, maxTokens: 256 });
      return Array.from({ length: batches.batchesPerEpoch }, (_, i) =>
        membersOf(batches.batchAt(number * batches.batchesPerEpoch + i)),
      );
    };
    const sets = (e: number[][]) => new Set(e.map((batch) => [...batch].sort((a, b) => a - b).join()));
    const first = sets(epoch(1, 0));
    const common = [...sets(epoch(1, 1))].filter((batch) => first.has(batch)).length;
    expect(common).toBeLessThan(first.size / 2);
    expect(epoch(1, 0)).not.toEqual(epoch(2, 0));
  });

  it('fills batches nearly to the bound and has few shapes', () => {
    const batches = new TokenBatches(randomPairs(3000, 20), { seed: 1, maxTokens: 1024, lengthMultiple: 8 });
    const shapes = new Set<string>();
    let used = 0;
    for (const batch of batches.inOrder()) {
      used += batch.rows * Math.max(batch.sourceLength, batch.targetLength);
      shapes.add([batch.rows, batch.sourceLength, batch.targetLength].join());
    }
    expect(used / batches.batchesPerEpoch / 1024).toBeGreaterThan(0.9);
    expect(shapes.size).toBeLessThan(batches.batchesPerEpoch / 2);
  });

  it('leaves out pairs that are too long and counts them', () => {
    const data = pairsOf([
      [3, 3],
      [3, 8],
      [9, 2],
    ]);
    expect(new TokenBatches(data, { seed: 0, maxTokens: 64, maxLength: 8 })).toMatchObject({
      pairs: 1,
      tooLong: 2,
    });
    expect(() => new TokenBatches(data, { seed: 0, maxTokens: 64, maxLength: 2 })).toThrow(InvalidDataError);
  });

  it('refuses options out of range', () => {
    const data = pairsOf([[1, 1]]);
    for (const options of [
      { maxTokens: 0 },
      { maxTokens: 3 },
      { maxTokens: 16, maxLength: 17 },
      { maxTokens: 16, lengthMultiple: 1.5 },
    ])
      expect(() => new TokenBatches(data, { seed: 0, ...options })).toThrow(InvalidArgumentError);
    expect(() => new TokenBatches(data, { seed: 0, maxTokens: 16 }).batchAt(-1)).toThrow(
      InvalidArgumentError,
    );
    expect(() => new TokenBatches({ source: [], target: [] }, { seed: 0, maxTokens: 16 })).toThrow(
      InvalidDataError,
    );
  });
});
