/**
 * Sessions in a worker thread: resident tensors, state files, and a main thread that stays free. On another device with
 * THANOS_TEST_DEVICE=webgpu.
 */
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  bool,
  createSession,
  type Device,
  float32,
  floatScalar,
  GraphBuilder,
  int64,
  knownDevices,
  readStateFile,
  SessionWorker,
  writeStateFile,
} from '../../objectives/onnx/index.ts';

/** counter + by, as an update of the resident `counter`. */
function counting(): Uint8Array {
  const g = new GraphBuilder();
  g.output(g.op.add(g.input('counter', 'float32', [2]), g.input('by', 'float32', [])), 'next');
  return g.build();
}

function doubling(): Uint8Array {
  const g = new GraphBuilder();
  g.output(g.op.mul(g.input('counter', 'float32', [2]), g.float(2)), 'doubled');
  return g.build();
}

const device = (process.env['THANOS_TEST_DEVICE'] ?? 'cpu') as Device;

describe('session worker', () => {
  let worker: SessionWorker;
  let folder: string;
  beforeEach(() => {
    worker = new SessionWorker();
    folder = mkdtempSync(join(tmpdir(), 'thanos-'));
  });
  afterEach(async () => {
    await worker.close();
    rmSync(folder, { recursive: true });
  });

  it('keeps tensors between runs, and shares them between sessions by name', async () => {
    const train = await worker.open(counting(), { device, updates: { counter: 'next' } });
    const evaluate = await worker.open(doubling(), { device });
    await worker.setState({ counter: float32([1, 10]) });
    expect(await train.run({ by: floatScalar(1) })).toEqual({});
    expect((await train.run({ by: floatScalar(2) }, ['next'])).next.data).toEqual(Float32Array.of(4, 13));
    expect((await evaluate.run({}, ['doubled'])).doubled.data).toEqual(Float32Array.of(8, 26));
    expect((await evaluate.run({ counter: float32([0, 1]) }, ['doubled'])).doubled.data).toEqual(
      Float32Array.of(0, 2),
    );
    expect((await worker.getState(['counter'])).counter).toEqual(float32([4, 13]));
    await train.release();
    await expect(train.run({ by: floatScalar(1) })).rejects.toMatchObject({ code: 'RUN_FAILED' });
  });

  it('runs commands in the order in which they were given', async () => {
    const train = await worker.open(counting(), { updates: { counter: 'next' } });
    const pending = [
      worker.setState({ counter: float32([0, 0]) }),
      ...[1, 2, 3].map((by) => train.run({ by: floatScalar(by) })),
    ];
    const state = worker.getState();
    await Promise.all(pending);
    expect((await state).counter.data).toEqual(Float32Array.of(6, 6));
  });

  it('sends only the bytes of a view', async () => {
    const whole = Float32Array.of(9, 9, 3, 4, 9);
    await worker.setState({ counter: float32(whole.subarray(2, 4)) });
    const { counter } = await worker.getState();
    expect(counter.data).toEqual(Float32Array.of(3, 4));
    expect(counter.data.buffer.byteLength).toBe(8);
  });

  it('saves and loads state, with metadata', async () => {
    const path = join(folder, 'state.safetensors');
    const state = {
      a: float32([1.5, -2], [2, 1]),
      b: int64([7, -8, 9]),
      c: bool([true, false, true]),
      d: floatScalar(4),
    };
    await worker.setState(state);
    await worker.saveState(path, { metadata: { step: '12' } });
    expect(readdirSync(folder)).toEqual(['state.safetensors']);
    const other = new SessionWorker();
    expect(await other.loadState(path)).toEqual({ step: '12' });
    expect(await other.getState()).toEqual(state);
    await other.deleteState(['a', 'b', 'c']);
    expect(Object.keys(await other.getState())).toEqual(['d']);
    await other.close();
  });

  it('says what is wrong, and goes on', async () => {
    await expect(worker.getState(['missing'])).rejects.toMatchObject({ code: 'STATE_MISSING' });
    await expect(worker.loadState(join(folder, 'none'))).rejects.toMatchObject({
      code: 'CHECKPOINT_UNUSABLE',
    });
    await expect(worker.open(Uint8Array.of(1, 2))).rejects.toMatchObject({ code: 'INVALID_MODEL' });
    const train = await worker.open(counting());
    await expect(train.run({ by: floatScalar(1) })).rejects.toMatchObject({
      code: 'RUN_FAILED',
      message: expect.stringContaining("'counter'"),
    });
    await worker.setState({ counter: float32([1, 2]) });
    expect((await train.run({ by: floatScalar(1) }, ['next'])).next.data).toEqual(Float32Array.of(2, 3));
  });

  it('leaves the main thread free during a long run', async () => {
    const g = new GraphBuilder();
    let x = g.input('x', 'float32', [512, 512]);
    for (let i = 0; i < 40; i++) x = g.op.matmul(x, x);
    g.output(g.op.reduceMax(x, [0, 1], false), 'y');
    const session = await worker.open(g.build(), { intraOpNumThreads: 1 });
    await worker.setState({ x: float32(new Float32Array(512 * 512).fill(1 / 512), [512, 512]) });
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    const { y } = await session.run({}, ['y']);
    clearInterval(timer);
    expect(y.data[0]).toBeCloseTo(1 / 512, 5);
    expect(ticks).toBeGreaterThan(1);
  });

  it('refuses work after it is closed', async () => {
    const other = new SessionWorker();
    await other.close();
    await other.close();
    await expect(other.getState()).rejects.toMatchObject({
      code: 'RUN_FAILED',
      message: expect.stringContaining('ended'),
    });
  });
});

describe('state files', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'thanos-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('are safetensors: header length, padded JSON header, elements', () => {
    const path = join(folder, 's');
    writeStateFile(path, { tensors: { w: float32([1, 2], [1, 2]), n: int64([3]) }, metadata: { step: '1' } });
    const bytes = readFileSync(path);
    const length = Number(bytes.readBigUInt64LE(0));
    expect(length % 8).toBe(0);
    expect(JSON.parse(bytes.toString('utf8', 8, 8 + length))).toEqual({
      __metadata__: { step: '1' },
      n: { dtype: 'I64', shape: [1], data_offsets: [0, 8] },
      w: { dtype: 'F32', shape: [1, 2], data_offsets: [8, 16] },
    });
    expect(bytes.length).toBe(8 + length + 16);
  });

  it('leave nothing behind when they cannot be written', () => {
    const state = { tensors: { w: float32([1]) }, metadata: {} };
    expect(() => writeStateFile(join(folder, 'none', 's'), state)).toThrow(/cannot be written/);
    expect(() => writeStateFile(folder, state)).toThrow(/cannot be written/);
    expect(readdirSync(folder)).toEqual([]);
    expect(existsSync(`${folder}.${process.pid}.tmp`)).toBe(false);
  });

  it('are refused when they are cut short or are something else', () => {
    const path = join(folder, 's');
    writeStateFile(path, { tensors: { w: float32([1, 2, 3]) }, metadata: {} });
    expect(readStateFile(path).tensors.w.data).toEqual(Float32Array.of(1, 2, 3));
    truncateSync(path, readFileSync(path).length - 4);
    expect(() => readStateFile(path)).toThrow(/does not fit its bytes/);
    writeFileSync(path, 'not a state file');
    expect(() => readStateFile(path)).toThrow(/not a readable safetensors file/);
  });
});

describe('devices', () => {
  it('that cannot run here are refused with the remedy', async () => {
    expect(knownDevices()).toContain('cpu');
    const unknown = (['webgpu', 'cuda'] as const).filter((device) => !knownDevices().includes(device));
    for (const device of unknown) {
      await expect(createSession(counting(), { device })).rejects.toMatchObject({
        code: 'PROVIDER_UNAVAILABLE',
      });
    }
  });
});
