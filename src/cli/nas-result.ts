/** What a nested search found, as data. */
import { OUTER_OBJECTIVES } from '../../objectives/nested-nas.ts';
import type { ArchConfig } from '../../objectives/transformer/arch-config.ts';
import type { FrozenTrial } from '../core/frozen-trial.ts';
import type { Study } from '../core/study.ts';
import { lossesOf } from '../pareto/index.ts';
import { kneePoint } from '../plots/knee-point.ts';

export interface NasPoint {
  readonly trial: number;
  readonly qkvDim: number;
  readonly memoryCeilingMiB: number;
  readonly validationLossBits: number;
  readonly latencyMs: number;
  readonly memoryMiB: number;
  readonly hardware: string;
  readonly isKnee: boolean;
  readonly arch: ArchConfig;
}

export const OBJECTIVES = OUTER_OBJECTIVES.map((label) => {
  const [, name, unit] = /^(.*) \((.*)\)$/.exec(label)!;
  return { name, unit, direction: 'minimize' as const };
});

/** The Pareto front, by increasing loss, one point for each architecture; its knee is marked. */
export function frontOf(study: Study): readonly NasPoint[] {
  const distinct = new Map<string, FrozenTrial>();
  for (const trial of study.bestTrials) {
    const key = JSON.stringify(trial.userAttrs['arch']);
    if (!distinct.has(key)) distinct.set(key, trial);
  }
  const trials = [...distinct.values()].sort((a, b) => a.values![0] - b.values![0]);
  const knee = kneePoint(lossesOf(trials, study.directions), study.directions.length) ?? 0;
  return trials.map((trial, i) => ({
    trial: trial.number,
    qkvDim: trial.params['qkvDim'] as number,
    memoryCeilingMiB: trial.params['memoryCeilingMiB'] as number,
    validationLossBits: trial.values![0],
    latencyMs: trial.values![1],
    memoryMiB: trial.values![2],
    hardware: String(trial.userAttrs['hardware']),
    isKnee: i === knee,
    arch: trial.userAttrs['arch'] as unknown as ArchConfig,
  }));
}

/** "2+3 layers, embed 96/128, FFN 128-384": an architecture in a line. */
export function archLine(arch: ArchConfig): string {
  const range = (values: readonly number[]): string => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return low === high ? String(low) : `${low}-${high}`;
  };
  return (
    `${arch.encoderLayerNum}+${arch.decoderLayerNum} layers, embed ${arch.encoderEmbedDim}/${arch.decoderEmbedDim}, ` +
    `FFN ${range(arch.encoderFfnEmbedDim)}/${range(arch.decoderFfnEmbedDim)}`
  );
}
