/** The machine's own speed in a matrix product, to say which share of it training reaches. */
import { createSession, type Device, float32, GraphBuilder, toTensor } from '../../objectives/onnx/index.ts';

export interface MatmulPeak {
  /** The speed of the fastest repeat. */
  readonly gigaflopsPerSecond: number;
  readonly medianGigaflopsPerSecond: number;
  readonly size: number;
  readonly repeats: number;
}

/** Times the product of two float32 matrices of `size` by `size`, which is 2·size³ floating-point operations. */
export async function measureMatmulPeak({
  size = 1024,
  repeats = 20,
  device = 'cpu',
  intraOpNumThreads,
}: {
  readonly size?: number | undefined;
  readonly repeats?: number | undefined;
  readonly device?: Device | undefined;
  readonly intraOpNumThreads?: number | undefined;
} = {}): Promise<MatmulPeak> {
  const builder = new GraphBuilder();
  const [a, b] = ['a', 'b'].map((name) => builder.input(name, 'float32', [size, size]));
  // The sum is what is read: it waits for the product on any device, and moves only one number.
  const sum = builder.output(builder.op.reduceMax(builder.op.matmul(a, b), [0, 1], false));
  const session = await createSession(builder.build(), { device, intraOpNumThreads });
  const matrix = (): ReturnType<typeof toTensor> =>
    toTensor(
      float32(
        Float32Array.from({ length: size * size }, (_, i) => Math.cos(i)),
        [size, size],
      ),
    );
  const feeds = { a: matrix(), b: matrix() };
  await session.run(feeds, [sum]);
  const milliseconds: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const start = performance.now();
    await session.run(feeds, [sum]);
    milliseconds.push(performance.now() - start);
  }
  await session.release();
  milliseconds.sort((x, y) => x - y);
  const speed = (ms: number): number => (2 * size ** 3) / (ms * 1e6);
  return {
    gigaflopsPerSecond: speed(milliseconds[0]),
    medianGigaflopsPerSecond: speed(milliseconds[repeats >> 1]),
    size,
    repeats,
  };
}
