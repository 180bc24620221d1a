/** The analytic RK3588 model against figures that the vendor compiler printed and boards measured. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { convCycles, convReadBytes } from '../../objectives/latency/rk3588/compiler-cycles.ts';
import { lowerDecoder, lowerEncoder } from '../../objectives/latency/rk3588/lowering.ts';
import type { ConvOp, NormOp, NpuOp, SdpaOp } from '../../objectives/latency/rk3588/npu-op.ts';
import { opMicroseconds, RK3588_CONSTANTS } from '../../objectives/latency/rk3588/op-time.ts';
import { estimatePart, estimateRk3588 } from '../../objectives/latency/rk3588-model.ts';
import type { ArchConfig, ModelDims } from '../../objectives/transformer/arch-config.ts';
import { COMPILED_MODELS } from './rk3588-compiled-models.ts';

const NO_BUFFERS = {
  label: '',
  target: 'npu',
  inputs: [],
  outputs: [],
  scratchBytes: 0,
  constBytes: [],
} as const;

function conv(
  [batch, inChannels, width, outChannels]: readonly [number, number, number, number],
  options: Partial<Pick<ConvOp, 'bias' | 'residual' | 'activation'>> = {},
): ConvOp {
  return {
    ...NO_BUFFERS,
    kind: 'conv',
    batch,
    inChannels,
    width,
    outChannels,
    bias: false,
    residual: false,
    activation: 'none',
    ...options,
  };
}

function sdpa(heads: number, headDim: number, queryLength: number, keyLength: number): SdpaOp {
  return { ...NO_BUFFERS, kind: 'sdpa', heads, headDim, queryLength, keyLength };
}

function norm(batch: number, channels: number, width: number): NormOp {
  return { ...NO_BUFFERS, kind: 'norm', batch, channels, width };
}

describe("the compiler's cycle columns", () => {
  it('(1,256,1,32) x (128,256) with bias prints 3832/2048/3832 (rknn-toolkit2 2.5.0)', () => {
    expect(convCycles(conv([1, 256, 32, 128], { bias: true }))).toEqual({
      ddr: 3832,
      npu: 2048,
      total: 3832,
    });
  });

  it('(30,512,1,5) x (504,512) without bias prints 34705/245760/245760 and RW 654 (an older toolkit, WMT19 decoder)', () => {
    const op = conv([30, 512, 5, 504]);
    expect(convCycles(op)).toEqual({ ddr: 34_705, npu: 245_760, total: 245_760 });
    expect(Math.floor(convReadBytes(op) / 1024)).toBe(654);
  });

  it('ConvAdd (1,256,1,30) x (512,256) with bias and residual prints 14416/8192/14416 and RW 303 (rknn-toolkit2 2.5.0)', () => {
    const op = conv([1, 256, 30, 512], { bias: true, residual: true });
    expect(convCycles(op)).toEqual({ ddr: 14_416, npu: 8192, total: 14_416 });
    expect(Math.floor(convReadBytes(op) / 1024)).toBe(303);
  });
});

describe('whole models compiled by rknn-toolkit2 2.5.0', () => {
  for (const model of COMPILED_MODELS)
    for (const part of ['encoder', 'decoder'] as const)
      it(`${model.name}: ${part}`, () => {
        const lower = part === 'encoder' ? lowerEncoder : lowerDecoder;
        const { cycles, memory } = estimatePart(lower(model.arch, model.dims));
        const printed = model[part];
        expect(relative(cycles.npu, printed.npu)).toBeLessThan(0.001);
        expect(relative(cycles.ddr, printed.ddr)).toBeLessThan(0.011);
        expect(relative(cycles.total, printed.total)).toBeLessThan(0.001);
        expect(relative(memory.weightBytes / 1024, printed.weightKb)).toBeLessThan(0.0001);
        expect(relative(memory.internalBytes / 1024, printed.internalKb)).toBeLessThan(0.2);
      });

  it('the HAT-sized decoder is exact but for the source mask, 64 cycles of 5.5 million', () => {
    const { arch, dims, decoder } = COMPILED_MODELS[COMPILED_MODELS.length - 1];
    const { cycles, memory } = estimatePart(lowerDecoder(arch, dims));
    expect(decoder.total - cycles.total).toBe(64);
    expect(decoder.npu - cycles.npu).toBe(64);
    expect(memory.internalBytes / 1024).toBeCloseTo(decoder.internalKb, 0);
  });

  // A decoder of float inputs: 6 layers, D = E = 640, FFN 3072, 8 heads, V = 32 768, T = S = 30, biases, no LayerNorm constants.
  it('QKV dim 512 -> 64: 5.48 M -> 4.26 M cycles, 117 955 -> 91 012 KB weights, internal memory within 2 %', () => {
    const decoder = (qkvDim: number) => estimatePart(lowerDecoder(hatArch({ qkvDim }), WMT));
    const [wide, narrow] = [decoder(512), decoder(64)];
    expect(wide.cycles.total / 1e6).toBeCloseTo(5.48, 2);
    expect(narrow.cycles.total / 1e6).toBeCloseTo(4.26, 2);
    const besides = 4 * 32_768 * 640 + 6 * 3 * 6 * 640 + 2 * 32 * 640 + 6 * 2 * 32 * 32;
    expect(relative((wide.memory.weightBytes - besides) / 1024, 117_955)).toBeLessThan(0.001);
    expect(relative((narrow.memory.weightBytes - besides) / 1024, 91_012)).toBeLessThan(0.001);
    expect(relative(wide.memory.internalBytes, narrow.memory.internalBytes)).toBeLessThan(0.02);
    // Printed without embedding: 6218 KB.
    expect(relative(wide.memory.internalBytes / 1024, 6218)).toBeLessThan(0.01);
  });
});

describe('what matters, matters in the right direction', () => {
  const base = { qkvDim: 512, encoderLayerNum: 6, decoderLayerNum: 6 };
  const total = (overrides: Partial<ArchConfig> & { ffn?: number; heads?: number; reach?: -1 | 1 | 2 }) => {
    const { encoder, decoder } = estimateRk3588(hatArch({ ...base, ...overrides }), WMT);
    return {
      latencyMs: encoder.latencyMs + decoder.latencyMs,
      weightBytes: encoder.memory.weightBytes + decoder.memory.weightBytes,
    };
  };
  for (const [name, smaller] of [
    ['QKV dim', { qkvDim: 256 }],
    ['encoder depth', { encoderLayerNum: 4 }],
    ['decoder depth', { decoderLayerNum: 4 }],
    ['FFN dim', { ffn: 1024 }],
    ['encoder embed dim', { encoderEmbedDim: 512 }],
    ['decoder embed dim', { decoderEmbedDim: 512 }],
  ] as const)
    it(`a smaller ${name} is faster and lighter`, () => {
      expect(total(smaller).latencyMs).toBeLessThan(total({}).latencyMs);
      expect(total(smaller).weightBytes).toBeLessThan(total({}).weightBytes);
    });
  it('fewer heads are faster, at nearly the same weights', () => {
    expect(total({ heads: 4 }).latencyMs).toBeLessThan(total({}).latencyMs);
    expect(total({ heads: 4 }).weightBytes).toBe(total({}).weightBytes);
  });
  it('attending to more encoder layers is slower', () => {
    expect(total({ reach: 1 }).latencyMs).toBeGreaterThan(total({}).latencyMs);
    expect(total({ reach: 2 }).latencyMs).toBeGreaterThan(total({ reach: 1 }).latencyMs);
  });
});

const CALIBRATION = fileURLToPath(new URL('../data/rk3588/calibration.json', import.meta.url));

interface ProfileRow {
  readonly op: string;
  readonly shape: string;
  readonly us: number;
  readonly cores: number;
  readonly npu_mhz: number;
}

/** Operators that the model knows, from the words of a profile row; null for another kind (kernels of 3, CPU fallbacks). */
function operatorOf({ op, shape }: ProfileRow): NpuOp | null {
  const linear = shape.match(/^B(\d+) K(\d+) W(\d+) N(\d+)/);
  if (linear !== null && op.startsWith('Conv')) {
    const [batch, k, width, n] = linear.slice(1).map(Number);
    return conv([batch, k, width, n], {
      residual: op === 'ConvAdd',
      activation: op === 'ConvExGelu' ? 'gelu' : op === 'ConvRelu' ? 'relu' : 'none',
    });
  }
  const attention = shape.match(/^h(\d+) d(\d+) Tq(\d+) Tk(\d+)/);
  if (attention !== null) {
    const [heads, headDim, queries, keys] = attention.slice(1).map(Number);
    return sdpa(heads, headDim, queries, keys);
  }
  const layerNorm = shape.match(/^(?:B(\d+) )?C(\d+) W(\d+)/);
  if (layerNorm !== null && op === 'exNorm')
    return norm(Number(layerNorm[1] ?? 1), Number(layerNorm[2]), Number(layerNorm[3]));
  return null;
}

const profiles = JSON.parse(readFileSync(CALIBRATION, 'utf8')) as ProfileRow[];

describe('published profiles, one core, 1 GHz, fp16', () => {
  const rows = profiles.flatMap((row) => {
    const op = operatorOf(row);
    const oneCore = row.cores === 1 || row.shape.includes('one core');
    if (op === null || !oneCore || row.npu_mhz !== 1000) return [];
    return [{ kind: op.kind, error: opMicroseconds(op, RK3588_CONSTANTS.profiledLaunchUs) / row.us - 1 }];
  });
  const errorsOf = (kind: NpuOp['kind']) => rows.filter((r) => r.kind === kind).map((r) => Math.abs(r.error));

  it('15 convolution rows: MAPE below 6 %, at least 13 within 10 %', () => {
    const errors = errorsOf('conv');
    expect(errors).toHaveLength(15);
    expect(mean(errors)).toBeLessThan(0.06);
    expect(errors.filter((e) => e <= 0.1).length).toBeGreaterThanOrEqual(13);
  });
  it('attention and LayerNorm rows: MAPE below 10 %', () => {
    expect(errorsOf('sdpa').length).toBeGreaterThanOrEqual(4);
    expect(mean(errorsOf('sdpa'))).toBeLessThan(0.1);
    expect(errorsOf('norm').length).toBeGreaterThanOrEqual(5);
    expect(mean(errorsOf('norm'))).toBeLessThan(0.1);
  });
});

// whisper-base encoder, 20 s: 399.6 ms measured on core 0 at 1 GHz (rknn-toolkit2 2.3.0, runtime 2.3.2).
it('six whisper-base layers take within 10 % of the measured encoder', () => {
  const wide = 1000;
  const split = { ...NO_BUFFERS, kind: 'split', elements: 1536 * wide, bytesMoved: 4 * 1536 * wide } as const;
  const layer: NpuOp[] = [
    norm(1, 512, wide),
    conv([1, 512, wide, 1536], { bias: true }),
    split,
    sdpa(8, 64, wide, wide),
    conv([1, 512, wide, 512], { bias: true, residual: true }),
    norm(1, 512, wide),
    conv([1, 512, wide, 2048], { bias: true, activation: 'gelu' }),
    conv([1, 2048, wide, 512], { bias: true, residual: true }),
  ];
  const us = 6 * layer.reduce((sum, op) => sum + opMicroseconds(op), 0);
  expect(relative(us / 1000, 399.6)).toBeLessThan(0.1);
});

const WMT: ModelDims = {
  sourceVocabSize: 32_768,
  targetVocabSize: 32_768,
  sourceLength: 30,
  targetLength: 30,
};

function hatArch(
  options: Partial<ArchConfig> & { ffn?: number; heads?: number; reach?: -1 | 1 | 2 },
): ArchConfig {
  const { encoderLayerNum = 6, decoderLayerNum = 6, ffn = 3072, heads = 8, reach = -1 } = options;
  const each = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);
  return {
    qkvDim: options.qkvDim ?? 512,
    encoderEmbedDim: options.encoderEmbedDim ?? 640,
    encoderLayerNum,
    encoderFfnEmbedDim: each(encoderLayerNum, ffn),
    encoderSelfAttentionHeads: each(encoderLayerNum, heads),
    decoderEmbedDim: options.decoderEmbedDim ?? 640,
    decoderLayerNum,
    decoderFfnEmbedDim: each(decoderLayerNum, ffn),
    decoderSelfAttentionHeads: each(decoderLayerNum, heads),
    decoderEndeAttentionHeads: each(decoderLayerNum, heads),
    decoderArbitraryEndeAttn: each(decoderLayerNum, reach),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length;
}

function relative(actual: number, expected: number): number {
  return Math.abs(actual / expected - 1);
}
