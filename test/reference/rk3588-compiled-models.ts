/**
 * What rknn-toolkit2 2.5.0 printed for SubTransformers that `exportForDevice` built with random weights, biases and gains:
 * `RKNN(verbose=True)`, `config(target_platform='rk3588')`, `load_onnx`, `build(do_quantization=False)`. Per part: sums of the columns
 * Cycles(DDR/NPU/Total), Total Weight Memory Size and Total Internal Memory Size in KB.
 */
import type { ArchConfig, ModelDims } from '../../objectives/transformer/arch-config.ts';

interface CompiledPart {
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
    encoder: { ddr: 739653, npu: 491584, total: 739693, weightKb: 35458.1, internalKb: 530.812 },
    decoder: { ddr: 1788109, npu: 1254208, total: 1806085, weightKb: 67804.8, internalKb: 2243.12 },
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
    encoder: { ddr: 1527284, npu: 532512, total: 1527303, weightKb: 37430.9, internalKb: 313.062 },
    decoder: { ddr: 282553, npu: 97568, total: 282572, weightKb: 10140.8, internalKb: 236.562 },
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
    encoder: { ddr: 1806332, npu: 2171008, total: 2171008, weightKb: 39140.8, internalKb: 848 },
    decoder: { ddr: 396123, npu: 468096, total: 468096, weightKb: 11414.8, internalKb: 814 },
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
    encoder: { ddr: 520907, npu: 344128, total: 520952, weightKb: 26841.2, internalKb: 299.688 },
    decoder: { ddr: 804773, npu: 542784, total: 804818, weightKb: 32800.4, internalKb: 1524 },
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
    encoder: { ddr: 805458, npu: 537664, total: 805498, weightKb: 40747.9, internalKb: 614.812 },
    decoder: { ddr: 1031936, npu: 708160, total: 1033392, weightKb: 40559.3, internalKb: 1911.19 },
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
    encoder: { ddr: 678601, npu: 1147136, total: 1150724, weightKb: 19162.8, internalKb: 1779.31 },
    decoder: { ddr: 1361666, npu: 2605056, total: 2609136, weightKb: 43043.2, internalKb: 4937.5 },
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
    encoder: { ddr: 194210, npu: 133824, total: 194257, weightKb: 13439.2, internalKb: 220.688 },
    decoder: { ddr: 408690, npu: 285216, total: 408737, weightKb: 14669.6, internalKb: 1230.81 },
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
    encoder: { ddr: 2878134, npu: 1966144, total: 2878174, weightKb: 143587, internalKb: 539.562 },
    decoder: { ddr: 5483096, npu: 3768384, total: 5483136, weightKb: 199994, internalKb: 6256 },
  },
];
