/**
 * What rknn-toolkit2 2.5.0 printed for toy SubTransformers (rk3588-toy-model.py, torch 2.13.0, opset 17):
 * `RKNN(verbose=True)`, `config(target_platform='rk3588')`, `load_onnx`, `build(do_quantization=False)`. Per part: sums of the columns
 * Cycles(DDR/NPU/Total), Total Weight Memory Size and Total Internal Memory Size in KB.
 */
import type { ArchConfig, ModelDims } from '../../objectives/transformer/arch-config.ts';

export interface CompiledPart {
  readonly ddr: number;
  readonly npu: number;
  readonly total: number;
  readonly weightKb: number;
  readonly internalKb: number;
}

export interface CompiledModel {
  readonly name: string;
  readonly arch: ArchConfig;
  readonly dims: ModelDims;
  readonly encoder: CompiledPart;
  readonly decoder: CompiledPart;
}

export const COMPILED_MODELS: readonly CompiledModel[] = [
  {
    name: 'all kinds of arbitrary attention',
    arch: {
      qkvDim: 256,
      encoderEmbedDim: 512,
      encoderLayerNum: 3,
      encoderFfnEmbedDim: [1024, 2048, 3072],
      encoderSelfAttentionHeads: [4, 8, 4],
      decoderEmbedDim: 640,
      decoderLayerNum: 3,
      decoderFfnEmbedDim: [3072, 1024, 2048],
      decoderSelfAttentionHeads: [8, 4, 4],
      decoderEndeAttentionHeads: [4, 8, 4],
      decoderArbitraryEndeAttn: [-1, 1, 2],
    },
    dims: { sourceVocabSize: 10000, targetVocabSize: 12000, sourceLength: 30, targetLength: 30 },
    encoder: { ddr: 739629, npu: 491520, total: 739629, weightKb: 35458.1, internalKb: 546.062 },
    decoder: { ddr: 1788085, npu: 1254144, total: 1806021, weightKb: 67804.2, internalKb: 2405.19 },
  },
  {
    name: '16 tokens, second linear layer cut in 2 and 3',
    arch: {
      qkvDim: 256,
      encoderEmbedDim: 512,
      encoderLayerNum: 6,
      encoderFfnEmbedDim: [1024, 1536, 1792, 2048, 3072, 4096],
      encoderSelfAttentionHeads: [4, 4, 4, 4, 4, 4],
      decoderEmbedDim: 512,
      decoderLayerNum: 1,
      decoderFfnEmbedDim: [1024],
      decoderSelfAttentionHeads: [4],
      decoderEndeAttentionHeads: [4],
      decoderArbitraryEndeAttn: [-1],
    },
    dims: { sourceVocabSize: 2000, targetVocabSize: 2000, sourceLength: 16, targetLength: 16 },
    encoder: { ddr: 1527271, npu: 532480, total: 1527271, weightKb: 37430.9, internalKb: 305.062 },
    decoder: { ddr: 282540, npu: 97536, total: 282540, weightKb: 10140.7, internalKb: 203.5 },
  },
  {
    name: '64 tokens, cut by tile too',
    arch: {
      qkvDim: 384,
      encoderEmbedDim: 640,
      encoderLayerNum: 6,
      encoderFfnEmbedDim: [512, 768, 1024, 1536, 2048, 3072],
      encoderSelfAttentionHeads: [8, 8, 8, 8, 8, 8],
      decoderEmbedDim: 512,
      decoderLayerNum: 1,
      decoderFfnEmbedDim: [1024],
      decoderSelfAttentionHeads: [4],
      decoderEndeAttentionHeads: [4],
      decoderArbitraryEndeAttn: [-1],
    },
    dims: { sourceVocabSize: 2000, targetVocabSize: 2000, sourceLength: 64, targetLength: 64 },
    encoder: { ddr: 1806282, npu: 2170880, total: 2170880, weightKb: 39140.8, internalKb: 980.062 },
    decoder: { ddr: 396073, npu: 467968, total: 467968, weightKb: 11414.7, internalKb: 750 },
  },
  {
    name: '23 tokens, QKV dim 64',
    arch: {
      qkvDim: 64,
      encoderEmbedDim: 512,
      encoderLayerNum: 4,
      encoderFfnEmbedDim: [1024, 1280, 2048, 512],
      encoderSelfAttentionHeads: [4, 4, 4, 4],
      decoderEmbedDim: 512,
      decoderLayerNum: 3,
      decoderFfnEmbedDim: [1024, 2048, 512],
      decoderSelfAttentionHeads: [4, 2, 4],
      decoderEndeAttentionHeads: [2, 4, 4],
      decoderArbitraryEndeAttn: [1, -1, 2],
    },
    dims: { sourceVocabSize: 8000, targetVocabSize: 8000, sourceLength: 23, targetLength: 23 },
    encoder: { ddr: 520888, npu: 344064, total: 520888, weightKb: 26841.3, internalKb: 288.562 },
    decoder: { ddr: 804754, npu: 542720, total: 804754, weightKb: 32799.9, internalKb: 1524 },
  },
  {
    name: 'QKV dim 96, odd vocabulary',
    arch: {
      qkvDim: 96,
      encoderEmbedDim: 640,
      encoderLayerNum: 3,
      encoderFfnEmbedDim: [2048, 1024, 3072],
      encoderSelfAttentionHeads: [4, 8, 2],
      decoderEmbedDim: 512,
      decoderLayerNum: 2,
      decoderFfnEmbedDim: [2048, 3072],
      decoderSelfAttentionHeads: [4, 8],
      decoderEndeAttentionHeads: [8, 4],
      decoderArbitraryEndeAttn: [2, 1],
    },
    dims: { sourceVocabSize: 9521, targetVocabSize: 9521, sourceLength: 30, targetLength: 30 },
    encoder: { ddr: 805434, npu: 537600, total: 805434, weightKb: 40748, internalKb: 586 },
    decoder: { ddr: 1031912, npu: 708096, total: 1033328, weightKb: 40558.9, internalKb: 1941.12 },
  },
  {
    name: '128 and 100 tokens',
    arch: {
      qkvDim: 128,
      encoderEmbedDim: 640,
      encoderLayerNum: 2,
      encoderFfnEmbedDim: [1024, 2048],
      encoderSelfAttentionHeads: [4, 8],
      decoderEmbedDim: 640,
      decoderLayerNum: 2,
      decoderFfnEmbedDim: [1024, 3072],
      decoderSelfAttentionHeads: [4, 8],
      decoderEndeAttentionHeads: [8, 4],
      decoderArbitraryEndeAttn: [-1, 2],
    },
    dims: { sourceVocabSize: 4000, targetVocabSize: 8000, sourceLength: 128, targetLength: 100 },
    encoder: { ddr: 678502, npu: 1146880, total: 1150468, weightKb: 19162.8, internalKb: 1832.06 },
    decoder: { ddr: 1378191, npu: 2645760, total: 2649840, weightKb: 43042.9, internalKb: 4937.5 },
  },
  {
    name: 'odd sizes everywhere',
    arch: {
      qkvDim: 40,
      encoderEmbedDim: 600,
      encoderLayerNum: 2,
      encoderFfnEmbedDim: [1000, 520],
      encoderSelfAttentionHeads: [4, 2],
      decoderEmbedDim: 328,
      decoderLayerNum: 2,
      decoderFfnEmbedDim: [1000, 2500],
      decoderSelfAttentionHeads: [4, 2],
      decoderEndeAttentionHeads: [2, 4],
      decoderArbitraryEndeAttn: [-1, 1],
    },
    dims: { sourceVocabSize: 4001, targetVocabSize: 5003, sourceLength: 21, targetLength: 27 },
    encoder: { ddr: 194193, npu: 133760, total: 194193, weightKb: 13439.2, internalKb: 206.312 },
    decoder: { ddr: 408673, npu: 285152, total: 408673, weightKb: 14669.2, internalKb: 1321.38 },
  },
  {
    name: 'HAT-sized: 6 + 6 layers of 640',
    arch: {
      qkvDim: 512,
      encoderEmbedDim: 640,
      encoderLayerNum: 6,
      encoderFfnEmbedDim: [3072, 3072, 3072, 3072, 3072, 3072],
      encoderSelfAttentionHeads: [8, 8, 8, 8, 8, 8],
      decoderEmbedDim: 640,
      decoderLayerNum: 6,
      decoderFfnEmbedDim: [3072, 3072, 3072, 3072, 3072, 3072],
      decoderSelfAttentionHeads: [8, 8, 8, 8, 8, 8],
      decoderEndeAttentionHeads: [8, 8, 8, 8, 8, 8],
      decoderArbitraryEndeAttn: [-1, -1, -1, -1, -1, -1],
    },
    dims: { sourceVocabSize: 32768, targetVocabSize: 32768, sourceLength: 30, targetLength: 30 },
    encoder: { ddr: 2878110, npu: 1966080, total: 2878110, weightKb: 143587, internalKb: 490.062 },
    decoder: { ddr: 5483072, npu: 3768320, total: 5483072, weightKb: 199994, internalKb: 6256 },
  },
];
