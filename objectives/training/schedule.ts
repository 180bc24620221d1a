/**
 * Learning rates as a function of the step (the first is 1), both as graph nodes and as plain functions: a linear warm-up,
 * then a constant rate, a decay by 1/√step (Vaswani et al., arXiv 1706.03762, equation 3) or by half a cosine (Loshchilov and
 * Hutter, arXiv 1608.03983, equation 5).
 */
import type { GraphBuilder, Value } from '../onnx/index.ts';

interface Warmup {
  /** Reached at step `warmupSteps`. */
  readonly peakLearningRate: number;
  readonly warmupSteps: number;
  /** Before the first step; default 1e-7. */
  readonly initialLearningRate?: number | undefined;
}

export type Schedule =
  | (Warmup & { readonly kind: 'fixed' })
  | (Warmup & { readonly kind: 'inverse-sqrt' })
  | (Warmup & {
      readonly kind: 'cosine';
      /** The step at which `finalLearningRate` is reached; it stays there. */
      readonly totalSteps: number;
      /** Default 1e-7. */
      readonly finalLearningRate?: number | undefined;
    });

const FLOOR = 1e-7;

export function learningRateAt(schedule: Schedule, step: number): number {
  const { peakLearningRate: peak, warmupSteps, initialLearningRate: initial = FLOOR } = schedule;
  if (step < warmupSteps) return initial + ((peak - initial) * step) / warmupSteps;
  if (schedule.kind === 'fixed') return peak;
  if (schedule.kind === 'inverse-sqrt') return peak * Math.sqrt(Math.max(warmupSteps, 1) / step);
  const { totalSteps, finalLearningRate: final = FLOOR } = schedule;
  const progress = Math.min(1, (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps));
  return final + (peak - final) * 0.5 * (1 + Math.cos(Math.PI * progress));
}

/** `learningRateAt` as nodes; `step` is a float scalar. */
export function learningRateNode(builder: GraphBuilder, schedule: Schedule, step: Value): Value {
  const { op } = builder;
  const number = (value: number): Value => builder.float(value);
  const { peakLearningRate: peak, warmupSteps, initialLearningRate: initial = FLOOR } = schedule;
  return builder.scope('schedule', () => {
    const decayed = decayNode(builder, schedule, step);
    if (warmupSteps <= 0) return decayed;
    const warming = op.add(op.mul(step, number((peak - initial) / warmupSteps)), number(initial));
    return op.where(op.less(step, number(warmupSteps)), warming, decayed);
  });
}

function decayNode(builder: GraphBuilder, schedule: Schedule, step: Value): Value {
  const { op } = builder;
  const number = (value: number): Value => builder.float(value);
  const { peakLearningRate: peak, warmupSteps } = schedule;
  if (schedule.kind === 'fixed') return op.add(op.mul(step, number(0)), number(peak));
  if (schedule.kind === 'inverse-sqrt') {
    return op.div(number(peak * Math.sqrt(Math.max(warmupSteps, 1))), op.sqrt(step));
  }
  const { totalSteps, finalLearningRate: final = FLOOR } = schedule;
  const elapsed = op.div(op.sub(step, number(warmupSteps)), number(Math.max(1, totalSteps - warmupSteps)));
  const cosine = op.cos(op.mul(op.min(elapsed, number(1)), number(Math.PI)));
  return op.add(op.mul(op.add(cosine, number(1)), number(0.5 * (peak - final))), number(final));
}
