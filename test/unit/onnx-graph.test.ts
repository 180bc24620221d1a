/** The wire format and the graph builder. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createSession,
  decodeModel,
  encodeModel,
  float32,
  GraphBuilder,
  GraphError,
  int64,
  type ModelProto,
  tensorOver,
  toTensor,
} from '../../objectives/onnx/index.ts';

const codeOf = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    if (error instanceof GraphError) return error.code;
    throw error;
  }
  return 'no error';
};

describe('wire format', () => {
  it('decodes what it encodes', () => {
    const word = fc.string({ minLength: 1, maxLength: 8 });
    const model: fc.Arbitrary<ModelProto> = fc.record({
      irVersion: fc.integer({ min: 1, max: 20 }),
      producerName: word,
      opsetImport: fc.constant([{ domain: '', version: 18 }]),
      graph: fc.record({
        name: word,
        node: fc.array(
          fc.record({
            opType: word,
            name: word,
            input: fc.array(word, { minLength: 1, maxLength: 3 }),
            output: fc.array(word, { minLength: 1, maxLength: 3 }),
            attribute: fc.array(
              fc.oneof(
                fc.record({ name: word, type: fc.constant(2), i: fc.integer() }),
                fc.record({
                  name: word,
                  type: fc.constant(1),
                  f: fc.float({ noNaN: true }).map((x) => x + 0),
                }),
                fc.record({
                  name: word,
                  type: fc.constant(7),
                  ints: fc.array(fc.integer(), { minLength: 1 }),
                }),
              ),
              { minLength: 1 },
            ),
          }),
          { minLength: 1, maxLength: 4 },
        ),
        initializer: fc.array(
          fc.record({
            name: word,
            dims: fc.array(fc.integer({ min: 0, max: 2 ** 40 }), { minLength: 1 }),
            dataType: fc.constant(1),
            rawData: fc.uint8Array({ minLength: 1 }).map((bytes) => Buffer.from(bytes)),
          }),
          { minLength: 1, maxLength: 3 },
        ),
        input: fc.array(
          fc.record({
            name: word,
            type: fc.constant({
              tensorType: { elemType: 1, shape: { dim: [{ dimValue: 3 }, { dimParam: 'tokens' }] } },
            }),
          }),
          { minLength: 1, maxLength: 3 },
        ),
      }),
    });
    fc.assert(
      fc.property(model, (value) => {
        expect(decodeModel(encodeModel(value))).toEqual(value);
      }),
    );
  });

  it('refuses what is no model', () => {
    expect(codeOf(() => decodeModel(Uint8Array.of(255, 255, 255)))).toBe('INVALID_MODEL');
    expect(codeOf(() => decodeModel(new Uint8Array()))).toBe('INVALID_MODEL');
  });
});

describe('graph builder', () => {
  it('writes inputs, outputs, initializers, attributes and omitted optional inputs', async () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', ['tokens', 3]);
    const weight = g.initializer('weight', float32([1, 2, 3, 4, 5, 6], [2, 3]));
    const y = g.scope('layer', () =>
      g.op.pad(g.op.gemm(x, weight, null, { transB: true }), { axes: [1], before: [1], after: [0] }),
    );
    g.output(y, 'y');
    const { graph, irVersion, opsetImport } = decodeModel(g.build('named'));
    expect({ irVersion, opsetImport, name: graph.name }).toEqual({
      irVersion: 8,
      opsetImport: [{ domain: '', version: 18 }],
      name: 'named',
    });
    expect(graph.input?.map((input) => [input.name, input.type?.tensorType?.shape?.dim])).toEqual([
      ['x', [{ dimParam: 'tokens' }, { dimValue: 3 }]],
    ]);
    expect(graph.output?.map((output) => output.name)).toEqual(['y']);
    expect(graph.node?.map((node) => [node.opType, node.name, node.input?.[2]])).toEqual([
      ['Gemm', 'layer/Gemm', undefined],
      ['Pad', 'layer/Pad', ''],
      ['Identity', 'y', undefined],
    ]);
    expect(graph.node?.[0].attribute).toEqual([{ name: 'transB', type: 2, i: 1 }]);
    const stored = graph.initializer?.find((tensor) => tensor.name === 'weight');
    const bytes = Uint8Array.from(stored?.rawData ?? []);
    expect(tensorOver('float32', [2, 3], bytes.buffer).data).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6));

    const session = await createSession(g.build());
    const run = await session.run({ x: toTensor(float32([1, 0, 1], [1, 3])) });
    expect((await run.y.read()).data).toEqual(Float32Array.of(0, 4, 10));
  });

  it('keeps one of equal constants and of equal nodes, and drops what no output needs', () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', [2]);
    expect(g.float(0.5)).toBe(g.float(0.5));
    expect(g.float(0)).not.toBe(g.float(-0));
    expect(g.int64([1, 2])).toBe(g.int64([1, 2]));
    expect(g.int64(1)).not.toBe(g.int64([1]));
    expect(g.op.exp(x)).toBe(g.op.exp(x));
    g.op.log(x);
    g.output(g.op.exp(x), 'y');
    expect(decodeModel(g.build()).graph.node?.map((node) => node.opType)).toEqual(['Exp', 'Identity']);
  });

  it('names values apart, and refuses a name that is taken', () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', [2]);
    const names = ['a', 'b', 'a'].map((scope, index) =>
      g.scope(scope, () => g.op.add(x, g.float(index)).name),
    );
    expect(names).toEqual(['a/Add', 'b/Add', 'a/Add_1']);
    expect(codeOf(() => g.input('x', 'int64', []))).toBe('INVALID_GRAPH');
    g.output(x, 'y');
    expect(codeOf(() => g.output(x, 'y'))).toBe('INVALID_GRAPH');
  });
  it('infers shapes, through extents that are only named', () => {
    const g = new GraphBuilder();
    const { op } = g;
    const x = g.input('x', 'float32', ['batch', 'time', 8]);
    const width = g.input('width', 'int64', []);
    const sliced = op.slice(x, { axes: [2], starts: [0], ends: [width] });
    expect(sliced.shape).toEqual(['batch', 'time', 'width']);
    const rows = op.reshape(x, [-1, 8]);
    expect(rows.shape).toEqual([`${rows.name}.0`, 8]);
    expect(op.relu(rows).shape).toEqual(rows.shape);
    expect(op.reshape(x, [op.dimension(x, 0), op.dimension(x, 1), 2, -1]).shape).toEqual([
      'batch',
      'time',
      2,
      expect.any(String),
    ]);
    expect(op.reshape(g.input('y', 'float32', [4, 6]), [3, -1, 2]).shape).toEqual([3, 4, 2]);
    expect(op.reshape(g.input('z', 'float32', ['tokens', 6]), [6, -1]).shape).toEqual([6, 'tokens']);
    expect(op.mul(op.dimension(x, 2), g.int64(3)).constant).toEqual([24]);
    expect(op.transpose(x, [0, 2, 1]).shape).toEqual(['batch', 8, 'time']);
    expect(op.matmul(x, op.transpose(x, [0, 2, 1])).shape).toEqual(['batch', 'time', 'time']);
    expect(op.add(x, g.input('row', 'float32', [8])).shape).toEqual(['batch', 'time', 8]);
  });

  it('refuses shapes that do not fit, before anything runs', () => {
    const g = new GraphBuilder();
    const [a, b, i] = [
      g.input('a', 'float32', [2, 3]),
      g.input('b', 'float32', [2, 4]),
      g.input('i', 'int64', [2, 3]),
    ];
    for (const misuse of [
      () => g.op.add(a, b),
      () => g.op.add(a, i),
      () => g.op.matmul(a, b),
      () => g.op.gemm(a, b),
      () => g.op.softmax(a, 2),
      () => g.op.transpose(a, [0, 0]),
      () => g.initializer('w', { dtype: 'float32', shape: [3], data: new Float32Array(2) }),
      () => int64([1, 2], [3]),
    ]) {
      expect(codeOf(misuse), String(misuse)).toBe('SHAPE_MISMATCH');
    }
  });
});

describe('sessions', () => {
  it('say which input is missing, and why a model is refused', async () => {
    const g = new GraphBuilder();
    g.output(g.op.exp(g.input('x', 'float32', [2])), 'y');
    const session = await createSession(g.build());
    await expect(session.run({})).rejects.toMatchObject({
      code: 'RUN_FAILED',
      message: expect.stringContaining("'x'"),
    });
    await expect(createSession(Uint8Array.of(1, 2, 3))).rejects.toMatchObject({ code: 'INVALID_MODEL' });
  });
});
