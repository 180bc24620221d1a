/** What a nested search found, as data. */
import { archOfTrial, type HardwareSources, OUTER_OBJECTIVES } from '../../objectives/nested-nas.ts';
import { type ArchConfig, archKey } from '../../objectives/transformer/arch-config.ts';
import type { FrozenTrial } from '../core/frozen-trial.ts';
import { lossRows } from '../core/losses.ts';
import type { Study } from '../core/study.ts';
import { kneePoint } from '../plots/knee-point.ts';

export interface NasPoint extends HardwareSources {
  readonly trial: number;
  readonly qkvDim: number;
  readonly memoryCeilingMiB: number;
  /** null: there was none. */
  readonly latencyCeilingMs: number | null;
  readonly validationLossBits: number;
  readonly latencyMs: number;
  readonly memoryMiB: number;
  readonly isKnee: boolean;
  /** Whether it is exported where no trial is named: the knee or, of a front without one, the point of least loss. */
  readonly isChosen: boolean;
  readonly arch: ArchConfig;
}

export const OBJECTIVES = OUTER_OBJECTIVES.map((label) => {
  const [, name, unit] = /^(.*) \((.*)\)$/.exec(label)!;
  return { name, unit, direction: 'minimize' as const };
});

/** The Pareto front of the COMPLETE trials, by increasing loss, one point for each architecture. */
export function paretoPoints(study: Study): readonly NasPoint[] {
  const distinct = new Map<string, FrozenTrial>();
  for (const trial of study.bestTrials) {
    const key = archKey(archOfTrial(trial));
    if (!distinct.has(key)) distinct.set(key, trial);
  }
  const trials = [...distinct.values()].sort((a, b) => a.values![0] - b.values![0]);
  const knee = kneePoint(lossRows(trials, study.directions), study.directions.length);
  return trials.map((trial, i) => ({
    trial: trial.number,
    qkvDim: trial.params['qkvDim'] as number,
    memoryCeilingMiB: trial.params['memoryCeilingMiB'] as number,
    latencyCeilingMs: (trial.params['latencyCeilingMs'] as number | undefined) ?? null,
    validationLossBits: trial.values![0],
    latencyMs: trial.values![1],
    memoryMiB: trial.values![2],
    hardware: String(trial.userAttrs['hardware']),
    memoryHardware: String(trial.userAttrs['memoryHardware'] ?? trial.userAttrs['hardware']),
    isKnee: i === knee,
    isChosen: i === (knee ?? 0),
    arch: archOfTrial(trial),
  }));
}

/** Why the chosen point was chosen. */
export function choiceRule({ isKnee }: NasPoint): string {
  return isKnee ? 'knee' : 'least loss, for the front has no knee';
}

/** Where latency and memory come from. */
export function hardwareLine({ hardware, memoryHardware }: HardwareSources): string {
  return hardware === memoryHardware
    ? `latency and memory: ${hardware}`
    : `latency: ${hardware}; memory: ${memoryHardware}`;
}

/** "ceilings 1.40 MiB, 2.00 ms": what an outer trial searched under. */
export function ceilingsLine({ params }: Pick<FrozenTrial, 'params'>): string {
  const ceilings = [
    [params['memoryCeilingMiB'], 'MiB'],
    [params['latencyCeilingMs'], 'ms'],
  ].filter(([value]) => typeof value === 'number');
  return `ceiling${ceilings.length > 1 ? 's' : ''} ${ceilings.map(([value, unit]) => `${(value as number).toFixed(2)} ${unit}`).join(', ')}`;
}

/**
 * The front as a table.
 * @param shown a number as the table has it, for readers of so many digits.
 * @param afterChoice what follows the rule by which the chosen one was chosen.
 */
export function frontTable<Shown>(
  front: readonly NasPoint[],
  shown: (value: number, digits: number) => Shown,
  afterChoice = '',
): { columns: string[]; rows: (Shown | string | number | null)[][] } {
  const hasLatencyCeiling = front.some((p) => p.latencyCeilingMs !== null);
  const columns = [
    'trial',
    'QKV dim',
    'loss (bits/token)',
    'latency (ms)',
    'memory (MiB)',
    'ceiling (MiB)',
    ...(hasLatencyCeiling ? ['ceiling (ms)'] : []),
    'architecture',
    '',
  ];
  const rows = front.map((p) => [
    p.trial,
    p.qkvDim,
    shown(p.validationLossBits, 3),
    shown(p.latencyMs, 2),
    shown(p.memoryMiB, 2),
    shown(p.memoryCeilingMiB, 2),
    ...(hasLatencyCeiling ? [p.latencyCeilingMs === null ? null : shown(p.latencyCeilingMs, 2)] : []),
    archLine(p.arch),
    p.isChosen ? `<- ${choiceRule(p)}${afterChoice}` : '',
  ]);
  return { columns, rows };
}

/** "2+3 layers, embed 96/128, FFN 128-384": an architecture in a line. */
function archLine(arch: ArchConfig): string {
  const range = (values: readonly number[]): string => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return low === high ? String(low) : `${low}-${high}`;
  };
  return (
    `${arch.encoderLayerNum}+${arch.decoderLayerNum} layers, embed ${arch.encoderEmbedDim}/${arch.decoderEmbedDim}, ` +
    `FFN ${range(arch.encoderFfnEmbedDim)}/${range(arch.decoderFfnEmbedDim)}`
  );
}
