/** Checkpoints that are damaged or made up: every one is refused with CHECKPOINT_UNUSABLE that names file and tensor. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  float32,
  GraphError,
  int64,
  readStateFile,
  readStateMetadata,
  SessionWorker,
  writeStateFile,
} from '../../objectives/onnx/index.ts';
import { Trainer } from '../../objectives/training/index.ts';
import { ThanosError } from '../../src/core/errors.ts';
import { tinyModel } from '../support/tiny-model.ts';

let folder: string;
let path: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'thanos-'));
  path = join(folder, 'state');
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(header: unknown, payload: Uint8Array, lengthOf = (json: Buffer) => BigInt(json.length)): void {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(lengthOf(json));
  writeFileSync(path, Buffer.concat([length, json, payload]));
}

function refusal(read: () => unknown = () => readStateFile(path)): string {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(ThanosError);
    expect((error as ThanosError).code).toBe('CHECKPOINT_UNUSABLE');
    expect((error as ThanosError).message).toContain(path);
    return (error as ThanosError).message;
  }
  throw new Error('it was accepted');
}

const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
const entry = (start: number, end: number, shape: unknown = [(end - start) / 4], dtype: unknown = 'F32') => ({
  dtype,
  shape,
  data_offsets: [start, end],
});

describe('a state file', () => {
  const four = floats(1, 2, 3, 4);
  it.each<[string, unknown, Uint8Array, RegExp]>([
    ['a negative offset', { w: entry(-4, 4) }, four, /'w' needs two offsets, whole numbers >= 0/],
    ['a fractional offset', { w: entry(0.5, 4.5, [1]) }, four, /'w' needs two offsets/],
    ['offsets in the wrong order', { w: entry(8, 4, [0]) }, four, /'w' does not fit its bytes/],
    ['three offsets', { w: { ...entry(0, 16), data_offsets: [0, 8, 16] } }, four, /'w' needs two offsets/],
    ['no offsets', { w: { dtype: 'F32', shape: [4] } }, four, /'w' needs two offsets/],
    ['overlapping tensors', { a: entry(0, 12), b: entry(8, 16) }, four, /'b' starts at byte 8.*overlap/],
    ['two names for one tensor', { a: entry(0, 16), b: entry(0, 16) }, four, /overlap/],
    ['a gap', { a: entry(0, 4), b: entry(8, 16) }, four, /'b' starts at byte 8.*gap/],
    ['bytes that belong to nobody', { a: entry(0, 8) }, four, /end at byte 8, but the file has 16/],
    ['a tensor beyond the end', { a: entry(0, 20) }, four, /'a' does not fit its bytes/],
    ['a shape that is not its bytes', { a: entry(0, 16, [5]) }, four, /'a' does not fit its bytes/],
    ['a negative shape', { a: entry(0, 16, [-2, -2]) }, four, /'a' needs a shape/],
    ['a shape that is text', { a: entry(0, 16, '4') }, four, /'a' needs a shape/],
    ['an unknown type', { a: entry(0, 16, [4], 'F128') }, four, /'a' needs one of the types/],
    ['an entry that is a number', { a: 7 }, four, /'a' needs an object/],
    ['an entry that is null', { a: null }, four, /'a' needs an object/],
    ['metadata that is a list', { __metadata__: [1], a: entry(0, 16) }, four, /metadata/],
    ['metadata of numbers', { __metadata__: { step: 3 }, a: entry(0, 16) }, four, /metadata/],
    ['a list as the header', [], four, /not a JSON object/],
    ['null as the header', null, four, /not a JSON object/],
    ['broken JSON', '{"a":', four, /JSON/],
    ['deep nesting', '['.repeat(100_000), four, /./],
    ['NaN', { a: entry(0, 16) }, floats(1, Number.NaN, 3, 4), /'a' has NaN at element 1/],
    ['an infinity', { a: entry(0, 16) }, floats(1, 2, 3, Number.NEGATIVE_INFINITY), /'a' has -Infinity/],
  ])('with %s is refused', (_, header, payload, message) => {
    write(header, payload);
    expect(refusal()).toMatch(message);
  });

  it('with a header longer than the file, or no header at all, is refused by both readers', () => {
    for (const length of [1000n, 2n ** 63n]) {
      write({}, new Uint8Array(0), () => length);
      expect(refusal()).toContain('header');
      expect(refusal(() => readStateMetadata(path))).toContain('header');
    }
    writeFileSync(path, 'short');
    expect(refusal()).toContain('5 bytes');
    expect(refusal(() => readStateMetadata(path))).toContain('5 bytes');
  });

  it('may hold a tensor of any name, and gives back what was written', () => {
    const tensors = { __proto__: float32([1]), constructor: int64([2]), '': float32([], [0, 3]) };
    const own = Object.fromEntries([...Object.entries(tensors), ['__proto__', float32([1])]]);
    writeStateFile(path, { tensors: own, metadata: { step: '4' } });
    const read = readStateFile(path);
    expect(Object.keys(read.tensors).sort()).toEqual(['', '__proto__', 'constructor']);
    expect(readStateMetadata(path)).toEqual({ step: '4' });
  });

  it('that a byte was changed in is read as numbers, or refused', () => {
    writeStateFile(path, { tensors: { w: float32([1, 2, 3]), n: int64([4]) }, metadata: { step: '1' } });
    const whole = readFileSync(path);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Buffer.from(whole);
        damaged[at] ^= change;
        writeFileSync(path, damaged);
        try {
          readStateFile(path);
        } catch (error) {
          expect(error).toMatchObject({ code: 'CHECKPOINT_UNUSABLE' });
        }
      }),
      { numRuns: 300 },
    );
  });

  it('that was written with a hash is refused once a byte of its tensors is another', () => {
    writeStateFile(path, { tensors: { w: float32([1, 2]) }, metadata: { step: '1' } }, { withHash: true });
    expect(readStateFile(path).metadata).toEqual({ step: '1' });
    const damaged = readFileSync(path);
    damaged[damaged.length - 1] ^= 1;
    writeFileSync(path, damaged);
    expect(refusal()).toContain('have changed');
  });

  it('is not written with a NaN in it: the one that was there stays', () => {
    writeStateFile(path, { tensors: { w: float32([1]) }, metadata: {} });
    const message = refusal(() =>
      writeStateFile(path, { tensors: { w: float32([Number.NaN]) }, metadata: {} }),
    );
    expect(message).toMatch(/'w' has NaN/);
    expect(readStateFile(path).tensors.w.data).toEqual(Float32Array.of(1));
  });
});

describe('a checkpoint', () => {
  type State = Parameters<typeof writeStateFile>[1];
  let whole: State;
  const open = () => Trainer.create({ ...tinyModel(), checkpoint: { path, everySteps: 5 } });
  beforeAll(async () => {
    rmSync(path, { force: true });
    const trainer = await open();
    await trainer.trainTo(2);
    await trainer.close();
    whole = readStateFile(path);
  });
  const refused = async (changed: State, read: () => Promise<unknown> = open): Promise<string> => {
    writeStateFile(path, changed);
    const error = await read().then(
      () => new Error('it was accepted'),
      (reason: unknown) => reason as GraphError,
    );
    expect(error).toMatchObject({ code: 'CHECKPOINT_UNUSABLE', message: expect.stringContaining(path) });
    return error.message;
  };

  it.each(['abc', '', '-1', '1.5', '1e3', '1000000000000000000', 'NaN', ' 2'])(
    'of step %j is refused',
    async (step) => {
      const { tensors, metadata } = whole;
      expect(await refused({ tensors, metadata: { ...metadata, step } })).toContain(`'${step}'`);
    },
  );

  it('that lacks a tensor, has one more, or one of another shape or type, is refused by its name', async () => {
    const { tensors, metadata } = whole;
    const [[name, tensor], ...others] = Object.entries(tensors);
    const wrong: [Record<string, (typeof tensors)[string]>, string][] = [
      [Object.fromEntries(others), `'${name}'`],
      [{ ...tensors, more: float32([1]) }, "'more'"],
      [{ ...tensors, [name]: float32([1], [1, 1, 1]) }, `'${name}'`],
      [{ ...tensors, [name]: int64(new BigInt64Array(tensor.data.length), tensor.shape) }, 'int64'],
    ];
    const { parameters, moments } = tinyModel().graph;
    const shapes = Object.fromEntries([...parameters, ...moments].map((each) => [each.name, each.shape]));
    const worker = new SessionWorker();
    for (const [changed, words] of wrong)
      expect(await refused({ tensors: changed, metadata }, () => worker.loadState(path, shapes))).toContain(
        words,
      );
    await worker.close();
    expect(await refused({ tensors: wrong[0][0], metadata })).toContain(`'${name}'`);
  });
});

describe('an error of a graph', () => {
  it('is a ThanosError with its own code, from a worker too', async () => {
    expect(new GraphError('RUN_FAILED', 'no')).toBeInstanceOf(ThanosError);
    const worker = new SessionWorker();
    const error = await worker.loadState(join(folder, 'none')).catch((reason: unknown) => reason);
    await worker.close();
    expect(error).toBeInstanceOf(ThanosError);
    expect(error).toMatchObject({ code: 'CHECKPOINT_UNUSABLE', name: 'GraphError' });
  });
});
