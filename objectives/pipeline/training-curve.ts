/** The losses of a training, a JSON line each, in a file beside the checkpoint. */
import { existsSync, readFileSync } from 'node:fs';
import { appendOutputFile } from '../../src/core/output-file.ts';

/** A point of the training curve; losses in bits per target token, of the training loss with smoothing. */
export interface CurvePoint {
  readonly step: number;
  readonly trainingLoss?: number;
  readonly tokensPerSecond?: number;
  /** Validation loss of the largest and the smallest SubTransformer. */
  readonly largest?: number;
  readonly smallest?: number;
}

export function curvePath(checkpoint: string): string {
  return checkpoint.replace(/\.safetensors$/, '.curve.jsonl');
}

export function appendCurve(path: string, point: CurvePoint): void {
  appendOutputFile(path, `${JSON.stringify(point)}\n`);
}

export function readCurve(path: string): readonly CurvePoint[] {
  if (!existsSync(path)) return [];
  const byStep = new Map<number, CurvePoint>();
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (!line.endsWith('}')) continue;
    const point = JSON.parse(line) as CurvePoint;
    byStep.set(point.step, { ...byStep.get(point.step), ...point });
  }
  return [...byStep.values()].sort((a, b) => a.step - b.step);
}
