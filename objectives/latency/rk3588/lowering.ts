/**
 * A SubTransformer as the operators that rknn-toolkit2 2.5.0 compiles it to. What is lowered: batch 1; the encoder's one pass, and
 * the decoder's full, non-incremental pass over the target length (HAT counts FLOPs for the same, arXiv 2005.14187), with
 * embedding look-ups, K and V of every layer, and the logits of all positions, as `exportForDevice` builds it.
 */
import { type ArchConfig, attendedLayers, type ModelDims } from '../../transformer/arch-config.ts';
import { type Mask, type NpuFeature, NpuGraphBuilder } from './npu-graph-builder.ts';
import { ceilTo, featureBytes, type NpuGraph } from './npu-op.ts';

export function lowerEncoder(arch: ArchConfig, dims: ModelDims): NpuGraph {
  const g = new NpuGraphBuilder();
  const length = dims.sourceLength;
  const ids = g.input('source', 8 * length);
  const maskIn = g.input('sourceMask', 2 * length);
  const embedded = g.gather('gather', ids, dims.sourceVocabSize, arch.encoderEmbedDim, length);
  let x = g.embed('embed', embedded, arch.encoderEmbedDim, length);
  const mask = g.sourceMask(maskIn, length, 1);
  const outputs: NpuFeature[] = [];
  for (let l = 0; l < arch.encoderLayerNum; l++) {
    const name = `encoder.${l}`;
    x = selfAttention(g, name, x, arch.qkvDim, arch.encoderSelfAttentionHeads[l], mask);
    x = feedForward(g, name, x, arch.encoderFfnEmbedDim[l]);
    outputs.push(x);
  }
  g.output('memory', g.joined('memory', outputs.slice(-Math.max(...reachesOf(arch)))));
  return g.graph();
}

export function lowerDecoder(arch: ArchConfig, dims: ModelDims): NpuGraph {
  const g = new NpuGraphBuilder();
  const { qkvDim, encoderEmbedDim, decoderEmbedDim } = arch;
  const reaches = reachesOf(arch);
  const mostAttended = Math.max(...reaches);
  const width = mostAttended * dims.sourceLength;
  const ids = g.input('targetIn', 8 * dims.targetLength);
  const memoryIn = g.input('memory', featureBytes(width, encoderEmbedDim));
  const maskIn = g.input('sourceMask', 2 * dims.sourceLength);
  const embedded = g.gather('gather', ids, dims.targetVocabSize, decoderEmbedDim, dims.targetLength);
  // The compiler computes K and V of every layer as soon as the encoder's output is there, before the first decoder layer.
  const rows = g.rows('memory.rows', memoryIn, encoderEmbedDim, width);
  const memory = g.channelFirst('memory', rows, encoderEmbedDim, width);
  const keyValues: (readonly [NpuFeature, NpuFeature])[] = [];
  for (const reach of [mostAttended, 1, 2]) {
    const layers = reaches.flatMap((r, l) => (r === reach && keyValues[l] === undefined ? [l] : []));
    if (layers.length === 0) continue;
    const attended = g.sliced(`memory.last${reach}`, memory, reach * dims.sourceLength);
    for (const l of layers.reverse()) {
      const v = g.linear(`decoder.${l}.cross.v`, attended, qkvDim);
      keyValues[l] = [g.linear(`decoder.${l}.cross.k`, attended, qkvDim), v];
    }
  }
  const mask = g.sourceMask(maskIn, dims.sourceLength, mostAttended);
  let x = g.embed('embed', embedded, decoderEmbedDim, dims.targetLength);
  for (let l = 0; l < arch.decoderLayerNum; l++) {
    const name = `decoder.${l}`;
    x = selfAttention(g, name, x, qkvDim, arch.decoderSelfAttentionHeads[l], 'causal');
    x = crossAttention(g, name, x, keyValues[l], arch.decoderEndeAttentionHeads[l], mask);
    x = feedForward(g, name, x, arch.decoderFfnEmbedDim[l]);
  }
  const logits = g.conv('logits', x, dims.targetVocabSize, {
    bias: false,
    outputBytes: featureBytes(ceilTo(dims.targetVocabSize, 16), dims.targetLength),
  });
  g.output('logits', logits);
  return g.graph();
}

/** How many encoder layers each decoder layer attends to. */
function reachesOf(arch: ArchConfig): number[] {
  return arch.decoderArbitraryEndeAttn.map((value) => attendedLayers(value, arch.encoderLayerNum));
}

function selfAttention(
  g: NpuGraphBuilder,
  name: string,
  x: NpuFeature,
  qkvDim: number,
  heads: number,
  mask: Mask,
): NpuFeature {
  const v = g.linear(`${name}.self.v`, x, qkvDim);
  const k = g.linear(`${name}.self.k`, x, qkvDim);
  const q = g.linear(`${name}.self.q`, x, qkvDim);
  return attend(g, `${name}.self`, x, q, k, v, heads, mask);
}

function crossAttention(
  g: NpuGraphBuilder,
  name: string,
  x: NpuFeature,
  [k, v]: readonly [NpuFeature, NpuFeature],
  heads: number,
  mask: Mask,
): NpuFeature {
  const q = g.linear(`${name}.cross.q`, x, k.channels);
  return attend(g, `${name}.cross`, x, q, k, v, heads, mask);
}

function attend(
  g: NpuGraphBuilder,
  name: string,
  x: NpuFeature,
  q: NpuFeature,
  k: NpuFeature,
  v: NpuFeature,
  heads: number,
  mask: Mask,
): NpuFeature {
  const [qh, vh, kh] = [q, v, k].map((f, i) => g.heads(`${name}.heads${i}`, f, heads));
  const attended = g.attention(`${name}.sdpa`, qh, kh, vh, heads, mask);
  return g.norm(`${name}.norm`, g.linear(`${name}.o`, attended, x.channels, { residual: x }));
}

function feedForward(g: NpuGraphBuilder, name: string, x: NpuFeature, ffnDim: number): NpuFeature {
  const hidden = g.linear(`${name}.fc1`, x, ffnDim, { activation: 'relu' });
  return g.norm(`${name}.norm`, g.linear(`${name}.fc2`, hidden, x.channels, { residual: x }));
}
