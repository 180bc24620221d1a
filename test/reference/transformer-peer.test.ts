import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { pullBack } from '../../objectives/autodiff/backward.ts';
import { GraphBuilder } from '../../objectives/onnx/graph-builder.ts';
import { createSession, toTensor } from '../../objectives/onnx/runtime.ts';
import { int64 } from '../../objectives/onnx/tensor.ts';
import { labelSmoothedCrossEntropy } from '../../objectives/training/loss.ts';
import type { ArchConfig } from '../../objectives/transformer/arch-config.ts';
import {
  initialWeights,
  type VocabularyDims,
  type Weights,
} from '../../objectives/transformer/parameters.ts';
import { subnetGraph } from '../../objectives/transformer/subnet.ts';
import { Rng } from '../../src/core/rng.ts';

const python = process.env['THANOS_PEER_PYTHON'];
if (python === undefined)
  console.log('transformer-peer: skipped, THANOS_PEER_PYTHON (with torch) is not set');

const ARCH: ArchConfig = {
  qkvDim: 24,
  encoderEmbedDim: 20,
  encoderLayerNum: 3,
  encoderFfnEmbedDim: [32, 8, 16],
  encoderSelfAttentionHeads: [4, 2, 3],
  decoderEmbedDim: 12,
  decoderLayerNum: 3,
  decoderFfnEmbedDim: [16, 24, 32],
  decoderSelfAttentionHeads: [2, 4, 1],
  decoderEndeAttentionHeads: [6, 2, 8],
  decoderArbitraryEndeAttn: [-1, 1, 2],
};
const SOURCE = [
  [5, 4, 9, 2, 0, 0],
  [7, 3, 8, 10, 6, 2],
];
const TARGET_IN = [
  [1, 5, 4, 0, 0],
  [1, 9, 3, 8, 7],
];
const TARGET_OUT = [
  [5, 4, 2, 0, 0],
  [9, 3, 8, 7, 2],
];

interface Reference {
  readonly version: string;
  readonly loss: number;
  readonly logits: readonly number[];
  readonly gradients: Readonly<Record<string, readonly number[]>>;
}

function largestDifference(actual: ArrayLike<number | bigint>, expected: readonly number[]): number {
  expect(actual.length).toBe(expected.length);
  return expected.reduce((most, x, i) => Math.max(most, Math.abs(Number(actual[i]) - x)), 0);
}

describe.skipIf(python === undefined)('the Transformer of PyTorch, in double precision', () => {
  it.each([
    ['separate vocabularies', { sourceVocabSize: 11, targetVocabSize: 13, jointVocabulary: false, padId: 0 }],
    [
      'an output matrix of its own',
      {
        sourceVocabSize: 11,
        targetVocabSize: 13,
        jointVocabulary: false,
        separateOutput: true,
        padId: 0,
      },
    ],
    ['a joint vocabulary', { sourceVocabSize: 13, targetVocabSize: 13, jointVocabulary: true, padId: 0 }],
  ] satisfies [string, VocabularyDims][])(
    'has the same logits, label-smoothed loss and gradients: %s',
    async (_, vocabulary) => {
      const rng = Rng.keyed(4, 'peer');
      const weights: Weights = Object.fromEntries(
        Object.entries(initialWeights(ARCH, vocabulary, rng)).map(([name, tensor]) => [
          name,
          { ...tensor, data: tensor.data.map((x) => x + 0.1 * rng.normal()) },
        ]),
      );
      const positionsOf = { encoderEmbedDim: 28, decoderEmbedDim: 20 };
      const input = {
        arch: ARCH,
        positionWidths: [28, 20],
        source: SOURCE,
        targetIn: TARGET_IN,
        targetOut: TARGET_OUT,
        weights: Object.fromEntries(
          Object.entries(weights).map(([name, { shape, data }]) => [name, { shape, data: Array.from(data) }]),
        ),
      };
      const script = fileURLToPath(new URL('./transformer_peer.py', import.meta.url));
      const output = execFileSync(python!, [script], { input: JSON.stringify(input), maxBuffer: 2 ** 26 });
      const expected = JSON.parse(String(output)) as Reference;

      const g = new GraphBuilder();
      const model = subnetGraph(g, ARCH, { vocabulary, maxLength: 8, inheritsFrom: positionsOf });
      const targets = g.input('targetOut', 'int64', ['batch*target']);
      const { loss, projectionGradients } = labelSmoothedCrossEntropy(g, model.logits, targets, {
        labelSmoothing: 0.1,
        paddingId: 0,
      });
      const names = Object.keys(model.parameters);
      const gradients = pullBack(
        g,
        projectionGradients(model.projection.hidden, model.projection.table),
        Object.values(model.parameters),
      );
      g.output(loss, 'loss');
      g.output(model.logits, 'logits');
      for (const [i, name] of names.entries()) g.output(gradients[i], `grad ${name}`);
      const session = await createSession(g.build(), { intraOpNumThreads: 1 });
      const feeds = {
        ...weights,
        source: int64(SOURCE.flat(), [2, 6]),
        targetIn: int64(TARGET_IN.flat(), [2, 5]),
        targetOut: int64(TARGET_OUT.flat()),
      };
      const outputs = await session.run(
        Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, toTensor(tensor)])),
      );
      const data = async (name: string) => (await outputs[name].read()).data;

      expect(largestDifference(await data('logits'), expected.logits)).toBeLessThan(1e-5);
      expect(Math.abs(Number((await data('loss'))[0]) - expected.loss)).toBeLessThan(1e-6);
      for (const name of names)
        expect(largestDifference(await data(`grad ${name}`), expected.gradients[name]), name).toBeLessThan(
          1e-5,
        );
      await session.release();
    },
  );
});
