import {
  createSession,
  type Device,
  GraphBuilder,
  type TensorData,
  toTensor,
  type Value,
} from '../../objectives/onnx/index.ts';

/** Builds a graph over the given inputs, runs it once, and reads its outputs. */
export async function runGraph(
  inputs: Readonly<Record<string, TensorData>>,
  build: (builder: GraphBuilder, values: Record<string, Value>) => Readonly<Record<string, Value>>,
  device: Device = 'cpu',
): Promise<Record<string, { readonly shape: readonly number[]; readonly data: number[] }>> {
  const builder = new GraphBuilder();
  const values = Object.fromEntries(
    Object.entries(inputs).map(([name, { dtype, shape }]) => [name, builder.input(name, dtype, shape)]),
  );
  const outputs = Object.entries(build(builder, values));
  const names = outputs.map(([name, value]) => builder.output(value, `out/${name}`));
  const session = await createSession(builder.build(), { device });
  const feeds = Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, toTensor(tensor)]));
  const fetched = await session.run(feeds, names);
  const read = await Promise.all(names.map((name) => fetched[name].read()));
  await session.release();
  return Object.fromEntries(
    outputs.map(([name], index) => [
      name,
      { shape: read[index].shape, data: Array.from(read[index].data, Number) },
    ]),
  );
}

export function expectClose(actual: readonly number[], expected: readonly number[], tolerance = 1e-6): void {
  if (actual.length !== expected.length)
    throw new Error(`${actual.length} elements, but ${expected.length} are expected`);
  actual.forEach((value, index) => {
    if (Math.abs(value - expected[index]) <= tolerance * Math.max(1, Math.abs(expected[index]))) return;
    throw new Error(`element ${index} is ${value}, but ${expected[index]} is expected (±${tolerance})`);
  });
}
