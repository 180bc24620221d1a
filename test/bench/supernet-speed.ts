/**
 * Training speed of the SuperTransformer against the machine's matrix product and against PyTorch (supernet-speed.py), in one run:
 *   THANOS_PEER_PYTHON=/path/to/python npx tsx test/bench/supernet-speed.ts [--threads 2] [--steps 8] [--dropout 0.1]
 * FLOPs: 3 · (those of a forward pass by count.ts, output projection included); a backward pass costs two forward ones.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { GraphBuilder } from '../../objectives/onnx/graph-builder.ts';
import { SessionWorker } from '../../objectives/onnx/remote-session.ts';
import {
  float32,
  floatScalar,
  int64,
  int64Scalar,
  type TensorData,
  zeros,
} from '../../objectives/onnx/tensor.ts';
import { dropout, siteOffset } from '../../objectives/training/dropout.ts';
import { labelSmoothedCrossEntropy } from '../../objectives/training/loss.ts';
import { buildTrainingGraph, TRAINING } from '../../objectives/training/training-graph.ts';
import { type ArchConfig, archKey } from '../../objectives/transformer/arch-config.ts';
import { ArchSpace } from '../../objectives/transformer/arch-space.ts';
import { flopCount } from '../../objectives/transformer/count.ts';
import type { ModelGraph, ModelGraphOptions } from '../../objectives/transformer/model-graph.ts';
import { initialWeights, type VocabularyDims } from '../../objectives/transformer/parameters.ts';
import { subnetGraph } from '../../objectives/transformer/subnet.ts';
import { Supernet } from '../../objectives/transformer/supernet.ts';
import { Rng } from '../../src/core/rng.ts';
import { measureMatmulPeak } from '../support/matmul-peak.ts';
import { outputFlopCount } from '../support/transformer-count.ts';

const { values: flags } = parseArgs({
  options: {
    threads: { type: 'string', default: '2' },
    steps: { type: 'string', default: '8' },
    dropout: { type: 'string', default: '0' },
    samples: { type: 'string', default: '4' },
    'no-peer': { type: 'boolean', default: false },
  },
});
const threads = Number(flags.threads);
const steps = Number(flags.steps);
const dropoutRate = Number(flags.dropout);
const [BATCH, LENGTH, VOCABULARY] = [64, 32, 8000];
const NOISE = 8 * 1024 * 1024;

const vocabulary: VocabularyDims = {
  sourceVocabSize: VOCABULARY,
  targetVocabSize: VOCABULARY,
  jointVocabulary: true,
  padId: 0,
};
const space = new ArchSpace({
  qkvDim: [256, 128, 64],
  encoderEmbedDim: [256, 192, 128],
  decoderEmbedDim: [256, 192, 128],
  encoderLayerNum: [6, 4, 2],
  decoderLayerNum: [6, 5, 4, 3, 2, 1],
  encoderFfnEmbedDim: [1024, 512, 256],
  encoderSelfAttentionHeads: [4, 2],
  decoderFfnEmbedDim: [1024, 512, 256],
  decoderSelfAttentionHeads: [4, 2],
  decoderEndeAttentionHeads: [4, 2],
  decoderArbitraryEndeAttn: [-1, 1, 2],
});
const supernet = new Supernet(space);
const largest: ArchConfig = {
  ...supernet.largest,
  decoderArbitraryEndeAttn: supernet.largest.decoderArbitraryEndeAttn.map(() => -1),
};

/** FLOPs of a training step. */
function stepFlops(arch: ArchConfig): number {
  const dims = { sourceLength: LENGTH, targetLength: LENGTH, targetVocabSize: VOCABULARY };
  return 3 * BATCH * (flopCount(arch, dims) + outputFlopCount(arch, dims));
}

interface StepTime {
  readonly ms: number;
  /** The CPU time of all threads, which is what counts where other processes share the cores. */
  readonly cpuMs: number;
  readonly loss: number;
}

class Training {
  readonly #worker = new SessionWorker();
  #step = 0;
  #run!: (feeds: Record<string, TensorData>) => Promise<number>;

  static async of(
    build: (g: GraphBuilder, options: ModelGraphOptions) => ModelGraph,
    full: ArchConfig,
  ): Promise<Training> {
    const training = new Training();
    const g = new GraphBuilder();
    const bank = dropoutRate > 0 ? g.input('noise', 'float32', [NOISE]) : null;
    const offset = dropoutRate > 0 ? g.input('offset', 'int64', []) : null;
    let sites = 0;
    const model = build(g, {
      vocabulary,
      maxLength: 64,
      dropout:
        bank === null || offset === null
          ? undefined
          : (x, _, share) => {
              const p = g.float(dropoutRate);
              return dropout(
                g,
                x,
                bank,
                siteOffset(g, offset, sites++),
                share === null ? p : g.op.mul(p, share),
              );
            },
    });
    const targets = g.input('targetOut', 'int64', ['batch*target']);
    const { loss, tokens, projectionGradients } = labelSmoothedCrossEntropy(g, model.logits, targets, {
      labelSmoothing: 0.1,
      paddingId: 0,
    });
    const graph = buildTrainingGraph(g, {
      parameters: Object.values(model.parameters),
      loss,
      tokens,
      seeds: projectionGradients(model.projection.hidden, model.projection.table),
      schedule: { kind: 'inverse-sqrt', peakLearningRate: 1e-3, warmupSteps: 1 },
    });
    const session = await training.#worker.open(graph.model, {
      intraOpNumThreads: threads,
      updates: graph.updates,
    });
    await training.#worker.setState(initialWeights(full, vocabulary, Rng.keyed(1, 'bench')));
    await training.#worker.setState(
      Object.fromEntries(graph.moments.map(({ name, shape }) => [name, zeros(shape)])),
    );
    if (bank !== null) {
      const rng = Rng.keyed(1, 'noise');
      await training.#worker.setState({
        noise: float32(Float32Array.from({ length: NOISE }, () => rng.uniform())),
      });
    }
    training.#run = async (feeds) => {
      const outputs = await session.run(
        {
          ...feeds,
          [TRAINING.stepInput]: floatScalar(++training.#step),
          ...(offset === null ? {} : { offset: int64Scalar(training.#step * 1_000_003) }),
        },
        [TRAINING.lossOutput],
      );
      return Number(outputs[TRAINING.lossOutput].data[0]);
    };
    return training;
  }

  /** The fastest step after two to warm up: other processes can only slow it down. */
  async time(feeds: Record<string, TensorData>): Promise<StepTime> {
    const wall: number[] = [];
    const cpu: number[] = [];
    let loss = 0;
    for (let i = 0; i < steps + 2; i++) {
      const [start, used] = [performance.now(), process.cpuUsage()];
      loss = await this.#run(feeds);
      const { user, system } = process.cpuUsage(used);
      if (i < 2) continue;
      wall.push(performance.now() - start);
      cpu.push((user + system) / 1000);
    }
    return { ms: Math.min(...wall), cpuMs: Math.min(...cpu), loss };
  }

  close(): Promise<void> {
    return this.#worker.close();
  }
}

const rng = Rng.keyed(1, 'tokens');
const ids = Array.from({ length: BATCH * LENGTH }, () => 4 + rng.int(200));
const batch = {
  source: int64(ids, [BATCH, LENGTH]),
  targetIn: int64(ids, [BATCH, LENGTH]),
  targetOut: int64(ids.map((id) => 4 + ((id * 7) % 7000))),
};

let peak = 0;
/** The median over about a second, as long as a step takes; between the parts, so that one falls into a quiet moment. */
async function measurePeak(): Promise<void> {
  const options = { intraOpNumThreads: threads, repeats: 100 };
  peak = Math.max(peak, (await measureMatmulPeak(options)).medianGigaflopsPerSecond);
}

const rows: { name: string; arch: ArchConfig; time: StepTime }[] = [];
async function measured(name: string, arch: ArchConfig, time: StepTime | Promise<StepTime>): Promise<void> {
  rows.push({ name, arch, time: await time });
  await measurePeak();
}

function print({ name, arch, time: { ms, cpuMs, loss } }: (typeof rows)[number]): void {
  const gflops = stepFlops(arch) / ms / 1e6;
  const tokens = (2 * BATCH * LENGTH * 1000) / ms;
  console.log(
    `${name.padEnd(13)} ${ms.toFixed(0).padStart(6)} ms  ${tokens.toFixed(0).padStart(6)} tokens/s  ` +
      `${gflops.toFixed(0).padStart(4)} GFLOP/s = ${((100 * gflops) / peak).toFixed(0).padStart(3)} %  ` +
      `CPU ${cpuMs.toFixed(0).padStart(6)} ms, ${(stepFlops(arch) / cpuMs / 1e6).toFixed(0).padStart(4)} GFLOP/CPU-s  ` +
      `loss ${loss.toFixed(3)}  ${archKey(arch)}`,
  );
}

await measurePeak();
const standalone = await Training.of((g, options) => subnetGraph(g, largest, options), largest);
await measured('stand-alone', largest, standalone.time(batch));
await standalone.close();

const python = process.env['THANOS_PEER_PYTHON'];
if (flags['no-peer']) console.log('PyTorch: left out');
else if (python === undefined) console.log('PyTorch: skipped, THANOS_PEER_PYTHON is not set');
else {
  const script = fileURLToPath(new URL('./supernet-speed.py', import.meta.url));
  const output = execFileSync(python, [
    script,
    ...[threads, steps, dropoutRate, BATCH, LENGTH, VOCABULARY].map(String),
  ]);
  const { version, ...time } = JSON.parse(String(output)) as StepTime & { version: string };
  await measured(`torch ${version.split('+')[0]}`, largest, time);
}

const elastic = await Training.of((g, options) => supernet.graph(g, options), supernet.largest);
await measured('largest', largest, elastic.time({ ...batch, ...supernet.archFeeds(largest) }));
const smallest = space.smallest();
await measured('smallest', smallest, elastic.time({ ...batch, ...supernet.archFeeds(smallest) }));
for (let i = 0; i < Number(flags.samples); i++) {
  const arch = space.sampleUniform(Rng.keyed(1, 'sample', i));
  await measured(`sample ${i}`, arch, elastic.time({ ...batch, ...supernet.archFeeds(arch) }));
}
await elastic.close();

console.log(`matrix product 1024^3: ${peak.toFixed(0)} GFLOP/s at best`);
console.log(
  'Fastest steps. tokens: source + target. %: of the matrix product. largest attends to the last encoder layer only.',
);
for (const row of rows) print(row);
