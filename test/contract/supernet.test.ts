import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gradients } from '../../objectives/autodiff/backward.ts';
import type { Value } from '../../objectives/onnx/graph.ts';
import { GraphBuilder } from '../../objectives/onnx/graph-builder.ts';
import { createSession, type Session, toTensor } from '../../objectives/onnx/runtime.ts';
import { int64, type TensorData } from '../../objectives/onnx/tensor.ts';
import { type ArchConfig, archKey } from '../../objectives/transformer/arch-config.ts';
import { type ArchChoices, ArchSpace } from '../../objectives/transformer/arch-space.ts';
import type { ModelGraph } from '../../objectives/transformer/model-graph.ts';
import {
  extractWeights,
  initialWeights,
  type VocabularyDims,
  type Weights,
} from '../../objectives/transformer/parameters.ts';
import { subnetGraph } from '../../objectives/transformer/subnet.ts';
import { Supernet } from '../../objectives/transformer/supernet.ts';
import { Rng } from '../../src/core/rng.ts';

const CHOICES: ArchChoices = {
  qkvDim: [16, 8, 24],
  encoderEmbedDim: [20, 12],
  decoderEmbedDim: [16, 12],
  encoderLayerNum: [1, 2, 3, 4],
  decoderLayerNum: [3, 2, 1],
  encoderFfnEmbedDim: [32, 24, 8],
  encoderSelfAttentionHeads: [4, 2, 1],
  decoderFfnEmbedDim: [32, 16],
  decoderSelfAttentionHeads: [4, 2],
  decoderEndeAttentionHeads: [8, 2],
  decoderArbitraryEndeAttn: [-1, 1, 2],
};
const SEPARATE: VocabularyDims = {
  sourceVocabSize: 11,
  targetVocabSize: 13,
  jointVocabulary: false,
  padId: 0,
};
const JOINT: VocabularyDims = { sourceVocabSize: 13, targetVocabSize: 13, jointVocabulary: true, padId: 0 };
const MAX_LENGTH = 9;

/** Three sentences of different lengths on both sides, padded on the right. */
const BATCH = {
  source: int64([5, 4, 9, 2, 0, 0, 7, 3, 8, 10, 6, 2, 4, 2, 0, 0, 0, 0], [3, 6]),
  targetIn: int64([1, 5, 4, 0, 0, 1, 9, 3, 8, 7, 1, 12, 0, 0, 0], [3, 5]),
  targetOut: int64([5, 4, 2, 0, 0, 9, 3, 8, 7, 2, 12, 2, 0, 0, 0]),
};

/** Mean negative log-likelihood of targetOut, padding left out; written here from its parts, apart from the trainer's loss. */
function meanLoss(g: GraphBuilder, { logits }: ModelGraph): Value {
  const { op } = g;
  const target = g.input('targetOut', 'int64', ['tokens']);
  const chosen = op.gatherElements(op.logSoftmax(logits), op.unsqueeze(target, [1]), 1);
  const real = op.where(op.equal(target, g.int64(0)), g.float(0), g.float(1));
  const sum = op.reduceSum(op.mul(op.neg(op.squeeze(chosen, [1])), real), [0], false);
  return op.div(sum, op.reduceSum(real, [0], false));
}

class Model {
  readonly #session: Session;
  readonly #weights: Weights;
  readonly names: readonly string[];

  private constructor(session: Session, weights: Weights, names: readonly string[]) {
    this.#session = session;
    this.#weights = weights;
    this.names = names;
  }

  /** Loss and, unless only that is wanted, the gradients of all weights. */
  static async of(
    build: (g: GraphBuilder) => ModelGraph,
    weights: Weights,
    lossOnly = false,
  ): Promise<Model> {
    const g = new GraphBuilder();
    const graph = build(g);
    const loss = meanLoss(g, graph);
    const parameters = lossOnly ? [] : Object.entries(graph.parameters);
    const grads = gradients(
      g,
      loss,
      parameters.map(([, value]) => value),
    );
    g.output(loss, 'loss');
    parameters.forEach(([name], i) => {
      g.output(grads[i], `grad ${name}`);
    });
    const session = await createSession(g.build(), { intraOpNumThreads: 1 });
    return new Model(
      session,
      weights,
      parameters.map(([name]) => name),
    );
  }

  async #run(
    fetches: string[],
    feeds: Record<string, TensorData>,
    weights: Weights = {},
  ): Promise<Record<string, TensorData>> {
    const all: Record<string, TensorData> = { ...BATCH, ...this.#weights, ...weights, ...feeds };
    const outputs = await this.#session.run(
      Object.fromEntries(Object.entries(all).map(([name, tensor]) => [name, toTensor(tensor)])),
      fetches,
    );
    const read = await Promise.all(fetches.map(async (name) => [name, await outputs[name].read()] as const));
    return Object.fromEntries(read);
  }

  async loss(feeds: Record<string, TensorData> = {}, weights: Weights = {}): Promise<number> {
    return Number((await this.#run(['loss'], feeds, weights))['loss'].data[0]);
  }

  async gradients(feeds: Record<string, TensorData> = {}): Promise<Record<string, TensorData>> {
    const outputs = await this.#run(
      this.names.map((name) => `grad ${name}`),
      feeds,
    );
    return Object.fromEntries(this.names.map((name) => [name, outputs[`grad ${name}`]]));
  }

  release(): Promise<void> {
    return this.#session.release();
  }
}

/** Norms that are not 1 and biases that are not 0, so that a wrong slice of them shows. */
function shaken(weights: Weights): Weights {
  const rng = Rng.keyed(3, 'shaken');
  return Object.fromEntries(
    Object.entries(weights).map(([name, { shape, data }]) => [
      name,
      { dtype: 'float32', shape, data: data.map((x) => x + 0.1 * rng.normal()) },
    ]),
  );
}

for (const [title, vocabulary] of [
  ['separate vocabularies', SEPARATE],
  ['a joint vocabulary', JOINT],
] as const) {
  describe(`a SuperTransformer with ${title}`, () => {
    const space = new ArchSpace(CHOICES);
    const supernet = new Supernet(space);
    const weights = shaken(initialWeights(supernet.largest, vocabulary, Rng.keyed(7, 'weights')));
    let model: Model;
    const archs: ArchConfig[] = [
      space.largest(),
      space.smallest(),
      ...Array.from({ length: 18 }, (_, i) => space.sampleUniform(Rng.keyed(11, 'arch', i, title))),
    ];
    const standalone = (arch: ArchConfig, lossOnly = false): Promise<Model> =>
      Model.of(
        (g) => subnetGraph(g, arch, { vocabulary, maxLength: MAX_LENGTH, inheritsFrom: supernet.largest }),
        extractWeights(weights, arch, vocabulary),
        lossOnly,
      );

    beforeAll(async () => {
      model = await Model.of((g) => supernet.graph(g, { vocabulary, maxLength: MAX_LENGTH }), weights);
    });
    afterAll(() => model.release());

    it('has the loss of the extracted stand-alone model, for any SubTransformer', async () => {
      const losses = new Set<number>();
      for (const arch of archs) {
        const alone = await standalone(arch, true);
        const expected = await alone.loss();
        const actual = await model.loss(supernet.archFeeds(arch));
        expect(Math.abs(actual - expected) / expected, archKey(arch)).toBeLessThan(1e-5);
        losses.add(expected);
        await alone.release();
      }
      expect(losses.size).toBe(new Set(archs.map(archKey)).size);
    });

    it("has the stand-alone model's gradients within the slice and zeros outside", async () => {
      for (const arch of archs.slice(0, 6)) {
        const alone = await standalone(arch);
        const inside = await alone.gradients();
        const all = await model.gradients(supernet.archFeeds(arch));
        for (const name of model.names) {
          const { shape, data } = all[name];
          const expected = inside[name];
          expect(shape).toEqual(weights[name].shape);
          const columns = shape[shape.length - 1];
          const [keptRows, keptColumns] =
            expected === undefined
              ? [0, 0]
              : [expected.shape.length === 2 ? expected.shape[0] : 1, expected.shape.at(-1)!];
          let worst = 0;
          let outside = 0;
          for (let i = 0; i < data.length; i++) {
            const [row, column] = [Math.floor(i / columns), i % columns];
            if (row < keptRows && column < keptColumns)
              worst = Math.max(
                worst,
                Math.abs(Number(data[i]) - Number(expected.data[row * keptColumns + column])),
              );
            else outside = Math.max(outside, Math.abs(Number(data[i])));
          }
          expect(outside, `${name} outside of ${archKey(arch)}`).toBe(0);
          expect(worst, `${name} within ${archKey(arch)}`).toBeLessThan(1e-5);
        }
        await alone.release();
      }
    });

    it('has the slope of central differences along the gradient of every weight', async () => {
      const feeds = supernet.archFeeds(archs[4]);
      const analytic = await model.gradients(feeds);
      const step = 2 ** -8;
      for (const name of Object.keys(extractWeights(weights, archs[4], vocabulary))) {
        const gradient = Array.from(analytic[name].data, Number);
        const slope = Math.hypot(...gradient);
        const moved = (by: number): Weights => ({
          [name]: {
            ...weights[name],
            data: weights[name].data.map((x, i) => x + (by * gradient[i]) / slope),
          },
        });
        const rise = (await model.loss(feeds, moved(step))) - (await model.loss(feeds, moved(-step)));
        // A key's bias shifts all scores of a query alike, so its gradient is rounding only.
        if (name.endsWith('key.bias')) expect(slope, name).toBeLessThan(1e-6);
        else expect(Math.abs(rise / (2 * step) - slope) / slope, name).toBeLessThan(0.05);
      }
    });
  });
}

describe('dropout', () => {
  it('is offered every place with the share of the width that is in use, and no share at attention', async () => {
    const supernet = new Supernet(new ArchSpace(CHOICES));
    const g = new GraphBuilder();
    const places = new Map<string, string>();
    const graph = supernet.graph(g, {
      vocabulary: JOINT,
      maxLength: MAX_LENGTH,
      dropout: (x, { name, kind, side }, share) => {
        if (share !== null && !g.outputs.some((output) => output.name === side)) g.output(share, side);
        places.set(name, share === null ? kind : `${kind} by ${side}`);
        return g.op.mul(x, g.float(0));
      },
    });
    g.output(g.op.reduceMax(graph.logits, [0, 1], false), 'largest');
    g.output(g.op.reduceMax(g.op.neg(graph.logits), [0, 1], false), 'smallest');
    expect(places.size).toBe(2 + 4 * 3 + 3 * 5);
    expect(places.get('encoder.embedding')).toBe('embedding by encoder');
    expect(places.get('encoder.3.self.probabilities')).toBe('attention');
    expect(places.get('decoder.2.ende.out')).toBe('residual by decoder');
    expect(places.get('decoder.0.ffn.out')).toBe('residual by decoder');

    const weights = initialWeights(supernet.largest, JOINT, Rng.keyed(7, 'weights'));
    const feeds = { ...weights, source: BATCH.source, targetIn: BATCH.targetIn };
    const session = await createSession(g.build(), { intraOpNumThreads: 1 });
    const arch = supernet.archFeeds({ ...supernet.largest, encoderEmbedDim: 12, decoderEmbedDim: 12 });
    const outputs = await session.run(
      Object.fromEntries(Object.entries({ ...feeds, ...arch }).map(([name, t]) => [name, toTensor(t)])),
    );
    const value = async (name: string): Promise<number> => Number((await outputs[name].read()).data[0]);
    expect(await value('encoder')).toBeCloseTo(12 / 20, 6);
    expect(await value('decoder')).toBeCloseTo(12 / 16, 6);
    // All was dropped, so the norms saw zeros and the biases are zero too.
    expect(Math.abs(await value('largest')) + Math.abs(await value('smallest'))).toBe(0);
    await session.release();
  });
});

describe('archFeeds', () => {
  const supernet = new Supernet(
    new ArchSpace({ ...CHOICES, decoderEmbedDim: [16], encoderLayerNum: [4, 3] }),
  );
  it('refuses what the SuperTransformer cannot be', () => {
    const arch = supernet.space.smallest();
    expect(() => supernet.archFeeds({ ...arch, qkvDim: 48 })).toThrow(
      /qkvDim must be from 1 to 24 .* but is 48/,
    );
    expect(() => supernet.archFeeds({ ...arch, decoderEmbedDim: 12 })).toThrow(/from 16 to 16/);
    expect(() => supernet.archFeeds({ ...arch, encoderLayerNum: 2 })).toThrow(
      /encoderLayerNum must be from 3 to 4/,
    );
  });
  it('is empty when nothing is elastic', () => {
    const one = Object.fromEntries(Object.entries(CHOICES).map(([part, values]) => [part, [values[0]]]));
    const rigid = new Supernet(new ArchSpace(one as unknown as ArchChoices));
    expect(rigid.archFeeds(rigid.largest)).toEqual({});
  });
});
