/** What predictors see of an architecture. */
import type { ArchSummary } from '../arch-summary.ts';

/** Returns what a predictor sees of an architecture: numbers of about the size of 1, the same many for each. */
export type FeatureMap = (arch: ArchSummary) => readonly number[];

/** HAT's ten features, divided by its normalizers (arXiv 2005.14187; `latency_predictor.py` of its repository). */
export const hatFeatures: FeatureMap = (a) => [
  a.encoderEmbedDim / 640,
  a.encoderLayerNum / 6,
  a.encoderFfnEmbedDim / 2048,
  a.encoderSelfAttentionHeads / 6,
  a.decoderEmbedDim / 640,
  a.decoderLayerNum / 6,
  a.decoderFfnEmbedDim / 2048,
  a.decoderSelfAttentionHeads / 6,
  a.decoderEndeAttentionHeads / 6,
  a.attendedLayers / 2,
];

/**
 * Terms that a run's time is a sum of: per layer, per width, per head, per weight of each matrix and per element of each activation.
 * All but the last two are sums over layers, so a mean times the layer number loses nothing. The QKV dim enters where it enters the
 * work. Scaled to about 1.
 */
export const physicsFeatures: FeatureMap = (a) => {
  const [q, d, D] = [a.qkvDim / 512, a.encoderEmbedDim / 640, a.decoderEmbedDim / 640];
  const [encoderLayers, decoderLayers] = [a.encoderLayerNum / 6, a.decoderLayerNum / 6];
  const encoderFfn = encoderLayers * (a.encoderFfnEmbedDim / 2048);
  const decoderFfn = decoderLayers * (a.decoderFfnEmbedDim / 2048);
  const attended = decoderLayers * (a.attendedLayers / 2);
  return [
    // encoder
    d,
    encoderLayers,
    encoderLayers * d,
    encoderFfn,
    encoderFfn * d,
    encoderLayers * q,
    encoderLayers * q * d,
    encoderLayers * (a.encoderSelfAttentionHeads / 6),
    // decoder
    D,
    decoderLayers,
    decoderLayers * D,
    decoderFfn,
    decoderFfn * D,
    decoderLayers * q,
    decoderLayers * q * D,
    decoderLayers * (a.decoderSelfAttentionHeads / 6),
    decoderLayers * (a.decoderEndeAttentionHeads / 6),
    // K, V and scores of the attended encoder layers
    attended,
    attended * q,
    attended * q * d,
    attended * (a.decoderEndeAttentionHeads / 6),
  ];
};
