/** Compiles exported SubTransformers with the vendor's toolkit and compares the analytic model with what it prints. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lowerDecoder, lowerEncoder } from '../../objectives/latency/rk3588/lowering.ts';
import { estimatePart } from '../../objectives/latency/rk3588-model.ts';
import type { ArchConfig, ModelDims } from '../../objectives/transformer/arch-config.ts';
import { exportForDevice } from '../../objectives/transformer/export.ts';
import { initialWeights, type Weights } from '../../objectives/transformer/parameters.ts';
import { Rng } from '../../src/core/rng.ts';
import { parseCompilerLog } from '../support/compiler-log.ts';

const python = process.env['THANOS_RKNN_PYTHON'];
if (python === undefined)
  console.log('rknn-toolkit tests are skipped: THANOS_RKNN_PYTHON names no Python with rknn-toolkit2');

const directory = mkdtempSync(join(tmpdir(), 'thanos-rknn-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const each = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);
const MODELS: readonly { readonly name: string; readonly arch: ArchConfig; readonly dims: ModelDims }[] = [
  {
    name: 'QKV dim 192, three reaches',
    arch: {
      qkvDim: 192,
      encoderEmbedDim: 256,
      encoderLayerNum: 3,
      encoderFfnEmbedDim: [512, 2048, 768],
      encoderSelfAttentionHeads: [4, 8, 2],
      decoderEmbedDim: 384,
      decoderLayerNum: 3,
      decoderFfnEmbedDim: [2048, 512, 1024],
      decoderSelfAttentionHeads: [4, 2, 8],
      decoderEndeAttentionHeads: [8, 4, 2],
      decoderArbitraryEndeAttn: [2, -1, 1],
    },
    dims: { sourceVocabSize: 3000, targetVocabSize: 9000, sourceLength: 18, targetLength: 26 },
  },
  {
    name: 'one narrow decoder layer',
    arch: {
      qkvDim: 64,
      encoderEmbedDim: 128,
      encoderLayerNum: 2,
      encoderFfnEmbedDim: each(2, 256),
      encoderSelfAttentionHeads: each(2, 4),
      decoderEmbedDim: 128,
      decoderLayerNum: 1,
      decoderFfnEmbedDim: [512],
      decoderSelfAttentionHeads: [2],
      decoderEndeAttentionHeads: [4],
      decoderArbitraryEndeAttn: [-1],
    },
    dims: { sourceVocabSize: 1000, targetVocabSize: 1200, sourceLength: 32, targetLength: 32 },
  },
];

const PARTS = [
  ['encoder', lowerEncoder],
  ['decoder', lowerDecoder],
] as const;

describe.skipIf(python === undefined)('rknn-toolkit2, run for real', () => {
  const pathOf = (model: number, part: string): string => join(directory, `${model}-${part}.onnx`);

  beforeAll(() => {
    for (const [i, { arch, dims }] of MODELS.entries()) {
      const vocabulary = vocabularyOf(dims);
      const models = exportForDevice(randomWeights(arch, dims), arch, dims, { vocabulary });
      for (const [part] of PARTS) writeFileSync(pathOf(i, part), models[part]);
    }
    const paths = MODELS.flatMap((_, i) => PARTS.map(([part]) => pathOf(i, part)));
    spawnSync(python!, [script('rknn-compile.py'), ...paths], {
      cwd: directory,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }, 360_000);

  for (const [i, { name, arch, dims }] of MODELS.entries())
    it(name, () => {
      for (const [part, lower] of PARTS) {
        const printed = parseCompilerLog(readFileSync(`${pathOf(i, part)}.log`, 'utf8'));
        const { cycles, memory } = estimatePart(lower(arch, dims));
        const deviations = {
          ddr: cycles.ddr / printed.cycles.ddr - 1,
          npu: cycles.npu / printed.cycles.npu - 1,
          total: cycles.total / printed.cycles.total - 1,
          weights: memory.weightBytes / 1024 / printed.weightKb - 1,
          internal: memory.internalBytes / 1024 / printed.internalKb - 1,
        };
        console.log(
          `${name}, ${part}: ${JSON.stringify(deviations, (_, v) => (typeof v === 'number' ? `${(100 * v).toFixed(2)} %` : v))}`,
        );
        const { internal, ...exact } = deviations;
        for (const deviation of Object.values(exact)) expect(Math.abs(deviation)).toBeLessThan(0.01);
        expect(Math.abs(internal)).toBeLessThan(0.3);
      }
    });
});

const vocabularyOf = (dims: ModelDims) => ({ ...dims, jointVocabulary: false, padId: 0 });

/** The compiler drops biases of zero and gains of one, which a trained model does not have. */
function randomWeights(arch: ArchConfig, dims: ModelDims): Weights {
  const rng = Rng.keyed('rknn-toolkit');
  const weights = initialWeights(arch, vocabularyOf(dims), rng);
  return Object.fromEntries(
    Object.entries(weights).map(([name, tensor]) => [
      name,
      /(bias|gain)$/.test(name) ? { ...tensor, data: tensor.data.map(() => 1 + 0.1 * rng.normal()) } : tensor,
    ]),
  );
}
