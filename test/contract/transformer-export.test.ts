import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../objectives/onnx/graph-builder.ts';
import { decodeModel, ELEMENT_TYPE } from '../../objectives/onnx/proto.ts';
import { createSession, type Session, toTensor } from '../../objectives/onnx/runtime.ts';
import { int64, type TensorData } from '../../objectives/onnx/tensor.ts';
import { type ArchConfig, archKey } from '../../objectives/transformer/arch-config.ts';
import { type ArchChoices, ArchSpace } from '../../objectives/transformer/arch-space.ts';
import {
  EXPORTED,
  exportForDevice,
  exportForTranslation,
  exportUntrained,
  sourceMaskOf,
} from '../../objectives/transformer/export.ts';
import {
  extractWeights,
  initialWeights,
  type VocabularyDims,
} from '../../objectives/transformer/parameters.ts';
import { Supernet } from '../../objectives/transformer/supernet.ts';
import { Rng } from '../../src/core/rng.ts';

const CHOICES: ArchChoices = {
  qkvDim: [16, 8],
  encoderEmbedDim: [20, 12],
  decoderEmbedDim: [16, 12],
  encoderLayerNum: [1, 2, 4],
  decoderLayerNum: [3, 1],
  encoderFfnEmbedDim: [32, 24],
  encoderSelfAttentionHeads: [4, 2],
  decoderFfnEmbedDim: [32, 16],
  decoderSelfAttentionHeads: [4, 2],
  decoderEndeAttentionHeads: [8, 2],
  decoderArbitraryEndeAttn: [-1, 1, 2],
};
const supernet = new Supernet(new ArchSpace(CHOICES));
const [S, T] = [6, 5];
/** Two sentences, the second one padded. */
const source = int64([5, 4, 9, 7, 3, 2, 8, 6, 2, 0, 0, 0], [2, S]);
const targetIn = int64([1, 5, 4, 8, 3, 1, 9, 3, 6, 4], [2, T]);

async function runOnce(
  model: Uint8Array,
  feeds: Record<string, TensorData>,
): Promise<Record<string, TensorData>> {
  const session = await createSession(model, { intraOpNumThreads: 1 });
  const outputs = await runOn(session, feeds);
  await session.release();
  return outputs;
}

async function runOn(
  session: Session,
  feeds: Record<string, TensorData>,
): Promise<Record<string, TensorData>> {
  const outputs = await session.run(
    Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, toTensor(tensor)])),
  );
  const read = await Promise.all(
    Object.entries(outputs).map(async ([name, tensor]) => [name, await tensor.read()] as const),
  );
  return Object.fromEntries(read);
}

function row(tensor: TensorData, index: number): TensorData {
  const size = tensor.data.length / tensor.shape[0];
  return {
    ...tensor,
    shape: [1, ...tensor.shape.slice(1)],
    data: tensor.data.slice(index * size, (index + 1) * size),
  } as TensorData;
}

function largestDifference(a: ArrayLike<number | bigint>, b: ArrayLike<number | bigint>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce<number>((most, x, i) => Math.max(most, Math.abs(Number(x) - Number(b[i]))), 0);
}

for (const vocabulary of [
  { sourceVocabSize: 11, targetVocabSize: 13, jointVocabulary: false, padId: 0 },
  { sourceVocabSize: 13, targetVocabSize: 13, jointVocabulary: true, padId: 0 },
  { sourceVocabSize: 11, targetVocabSize: 13, jointVocabulary: false, separateOutput: true, padId: 0 },
] satisfies VocabularyDims[]) {
  const weights = initialWeights(supernet.largest, vocabulary, Rng.keyed(2, 'weights'));
  const archs = [
    supernet.largest,
    supernet.space.smallest(),
    ...[0, 1, 2, 3].map((i) => supernet.space.sampleUniform(Rng.keyed(i, 'export'))),
  ];
  const options = { vocabulary, inheritsFrom: supernet.largest };

  describe(`exported models, ${vocabulary.jointVocabulary ? 'joint' : 'separate'} vocabularies${'separateOutput' in vocabulary ? ', an output matrix of its own' : ''}`, () => {
    let session: Session;
    const supernetLogits = async (arch: ArchConfig): Promise<TensorData> =>
      (await runOn(session, { ...weights, source, targetIn, ...supernet.archFeeds(arch) }))['logits'];

    beforeAll(async () => {
      const g = new GraphBuilder();
      g.output(supernet.graph(g, { vocabulary, maxLength: 9 }).logits, 'logits');
      session = await createSession(g.build(), { intraOpNumThreads: 1 });
    });
    afterAll(() => session.release());

    it("give the SuperTransformer's logits on a device's static shapes, padding by mask", async () => {
      for (const arch of archs) {
        const expected = await supernetLogits(arch);
        const models = exportForDevice(
          extractWeights(weights, arch, vocabulary),
          arch,
          { sourceLength: S, targetLength: T },
          options,
        );
        for (const sentence of [0, 1]) {
          const mask = row(sourceMaskOf(source, 0), sentence);
          const { memory } = await runOnce(models.encoder, {
            [EXPORTED.source]: row(source, sentence),
            [EXPORTED.sourceMask]: mask,
          });
          const { logits } = await runOnce(models.decoder, {
            [EXPORTED.targetIn]: row(targetIn, sentence),
            [EXPORTED.memory]: memory,
            [EXPORTED.sourceMask]: mask,
          });
          expect(logits.shape).toEqual([1, T, 13]);
          const part = expected.data.slice(sentence * T * 13, (sentence + 1) * T * 13);
          expect(largestDifference(logits.data, part), archKey(arch)).toBeLessThan(1e-5);
        }
      }
    });

    it('give the log-probabilities of the next token for any rows of any sentences', async () => {
      for (const arch of archs) {
        const expected = await supernetLogits(arch);
        const models = exportForTranslation(extractWeights(weights, arch, vocabulary), arch, 9, options);
        const sourceMask = sourceMaskOf(source, 0);
        const { memory } = await runOnce(models.encoder, { source, sourceMask });
        const prefixes = int64([1, 9, 3, 1, 5, 4, 1, 9, 3], [3, 3]);
        const { nextTokenLogProbs } = await runOnce(models.decoder, {
          targetIn: prefixes,
          memory,
          sourceMask,
          sentence: int64([1, 0, 1]),
        });
        expect(nextTokenLogProbs.shape).toEqual([3, 13]);
        for (const [index, sentence] of [1, 0, 1].entries()) {
          const at = (sentence * T + 2) * 13;
          const logits = Array.from(expected.data.slice(at, at + 13), Number);
          const logSum = Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0));
          const actual = nextTokenLogProbs.data.slice(index * 13, index * 13 + 13);
          expect(
            largestDifference(
              actual,
              logits.map((x) => x - logSum),
            ),
            archKey(arch),
          ).toBeLessThan(1e-5);
        }
      }
    });
  });
}

describe('a model for a device', () => {
  const dims = { sourceVocabSize: 40, targetVocabSize: 50, sourceLength: 8, targetLength: 7 };
  const exported = exportUntrained(supernet.largest, dims);

  it('has static shapes, opset 18, only operators that the RK3588 compiler takes, and int64 only as token ids', () => {
    for (const bytes of [exported.encoder, exported.decoder]) {
      const { graph, opsetImport } = decodeModel(bytes);
      expect(opsetImport.map(({ version }) => version)).toEqual([18]);
      const ops = new Set(graph.node?.map(({ opType }) => opType));
      for (const op of ops)
        expect([
          'Add',
          'Concat',
          'Gather',
          'Identity',
          'LayerNormalization',
          'MatMul',
          'Mul',
          'Relu',
          'Reshape',
          'Slice',
          'Softmax',
          'Transpose',
        ]).toContain(op);
      for (const { type } of [...(graph.input ?? []), ...(graph.output ?? [])])
        for (const { dimValue } of type?.tensorType?.shape?.dim ?? []) expect(dimValue).toBeGreaterThan(0);
      const integers = new Set(
        graph.input
          ?.filter(({ type }) => type?.tensorType?.elemType === ELEMENT_TYPE.int64)
          .map(({ name }) => name),
      );
      expect(integers.size).toBe(1);
      for (const node of graph.node ?? [])
        if (node.input?.some((name) => integers.has(name))) expect(node.opType).toBe('Gather');
    }
  });

  it("refuses weights that are not the SubTransformer's own", () => {
    const vocabulary = { ...dims, jointVocabulary: false, padId: 0 };
    const weights = initialWeights(supernet.largest, vocabulary, Rng.keyed(2));
    expect(() => exportForDevice(weights, supernet.space.smallest(), dims, { vocabulary })).toThrow(
      'encoder.embedding should be [40,12] and is [40,20]',
    );
  });

  it('runs on its feeds', async () => {
    const { memory } = await runOnce(exported.encoder, exported.feeds.encoder);
    expect(memory.shape).toEqual(exported.feeds.decoder['memory'].shape);
    const { logits } = await runOnce(exported.decoder, exported.feeds.decoder);
    expect(logits.shape).toEqual([1, 7, 50]);
  });
});
