/** The latency contract over every backend that needs no board, and every clause of it against a backend that breaks it. */
import { describe, expect, it } from 'vitest';
import type { LatencyBackend, LatencyReport } from '../../objectives/latency/backend.ts';
import { type ModelExporter, OnnxRuntimeBackend } from '../../objectives/latency/onnxruntime-backend.ts';
import { Rk3588Model } from '../../objectives/latency/rk3588-model.ts';
import type { ArchConfig, ModelDims } from '../../objectives/transformer/arch-config.ts';
import { exportUntrained } from '../../objectives/transformer/export.ts';
import { latencyConformance } from '../../src/testing/latency-kit.ts';

const arch: ArchConfig = {
  qkvDim: 64,
  encoderEmbedDim: 64,
  encoderLayerNum: 2,
  encoderFfnEmbedDim: [128, 64],
  encoderSelfAttentionHeads: [4, 2],
  decoderEmbedDim: 64,
  decoderLayerNum: 1,
  decoderFfnEmbedDim: [128],
  decoderSelfAttentionHeads: [4],
  decoderEndeAttentionHeads: [2],
  decoderArbitraryEndeAttn: [1],
};
const dims: ModelDims = { sourceVocabSize: 100, targetVocabSize: 120, sourceLength: 8, targetLength: 9 };
const subject = { arch, dims };

const onnxRuntime = (exportModel: ModelExporter = exportUntrained) =>
  new OnnxRuntimeBackend({ exportModel, reference: subject, repeats: 3, warmUps: 1 });

describe('rk3588-model', () => {
  latencyConformance({ describe, it }, async () => new Rk3588Model(), subject);
});

describe('onnxruntime', () => {
  latencyConformance({ describe, it }, async () => onnxRuntime(), subject, {
    failing: async () =>
      onnxRuntime((a, d) => ({ ...exportUntrained(a, d), encoder: new Uint8Array([1, 2, 3]) })),
  });
});

/** Changes the reports of a good backend. */
function spoilt(change: (report: LatencyReport) => LatencyReport): LatencyBackend {
  const good = new Rk3588Model();
  return {
    name: good.name,
    kind: good.kind,
    measure: async (a, d, signal) => change(await good.measure(a, d, signal)),
  };
}

const good = new Rk3588Model();
let calls = 0;

const BROKEN: Readonly<Record<string, LatencyBackend>> = {
  L1: spoilt((r) => ({ ...r, source: ' ' })),
  L2: spoilt((r) => ({ ...r, latencyMs: { ...r.latencyMs, total: r.latencyMs.encoder } })),
  L3: spoilt((r) => ({ ...r, repeats: 10, spreadMs: r.latencyMs })),
  L4: spoilt((r) => ({ ...r, memory: { ...r.memory, totalMiB: r.memory.weightsMiB } })),
  L5: {
    ...good,
    name: good.name,
    kind: good.kind,
    measure: (_a, _d, signal) => good.measure(arch, dims, signal),
  },
  L6: { ...good, name: good.name, kind: good.kind, measure: (a, d) => good.measure(a, d) },
  L7: spoilt((r) => ({ ...r, details: { calls: ++calls } })),
  L8: {
    ...good,
    name: good.name,
    kind: good.kind,
    measure: (a, d, signal) => {
      (a as { qkvDim: number }).qkvDim *= 2;
      return good.measure(a, d, signal);
    },
  },
  L9: good,
};

describe('the kit', () => {
  for (const [clause, backend] of Object.entries(BROKEN))
    it(`finds a backend that breaks ${clause}`, async () => {
      const tests: { readonly name: string; readonly body: () => Promise<void> }[] = [];
      const collect = {
        describe: (_: string, body: () => void) => body(),
        it: (name: string, body: () => Promise<void>) => tests.push({ name, body }),
      };
      latencyConformance(collect, async () => backend, structuredClone(subject), {
        failing: async () => good,
      });
      const test = tests.find(({ name }) => name.startsWith(`${clause} `));
      await expect(test?.body()).rejects.toThrow();
    });
});
