/** The losses of a training, a JSON line each, in a file beside the checkpoint. */
import { existsSync, readFileSync } from 'node:fs';
import { appendOutputFile } from '../../src/core/output-file.ts';

/** A point of the training curve; losses in bits per target token, of the training loss with smoothing. */
export interface CurvePoint {
  /** The step after which it was measured. */
  readonly step: number;
  /** Loss of this step's batch, bits per target token, label smoothing included. */
  readonly trainingLoss?: number | undefined;
  /** Target tokens trained on per second, since the point before. */
  readonly tokensPerSecond?: number | undefined;
  /** Validation loss of the largest SubTransformer, bits per target token. */
  readonly largest?: number | undefined;
  /** Validation loss of the smallest SubTransformer, bits per target token. */
  readonly smallest?: number | undefined;
}

export function curvePath(checkpoint: string): string {
  return checkpoint.replace(/\.safetensors$/, '.curve.jsonl');
}

export function appendCurve(path: string, point: CurvePoint): void {
  appendOutputFile(path, `${JSON.stringify(point)}\n`);
}

/** The points in order; a step that was repeated after an interruption counts once, and lines that are no points are passed over. */
export function readCurve(path: string): readonly CurvePoint[] {
  if (!existsSync(path)) return [];
  const byStep = new Map<number, CurvePoint>();
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const point = pointOf(line);
    if (point !== null) byStep.set(point.step, { ...byStep.get(point.step), ...point });
  }
  return [...byStep.values()].sort((a, b) => a.step - b.step);
}

const LOSSES = ['trainingLoss', 'tokensPerSecond', 'largest', 'smallest'] as const;

function pointOf(line: string): CurvePoint | null {
  let read: unknown;
  try {
    read = JSON.parse(line);
  } catch {
    // The last line of a process that was killed, or a damaged one.
    return null;
  }
  if (typeof read !== 'object' || read === null) return null;
  const fields = read as Readonly<Record<string, unknown>>;
  const { step } = fields;
  if (typeof step !== 'number' || !Number.isSafeInteger(step) || step < 0) return null;
  const values = LOSSES.flatMap((name) => {
    // JSON has no infinity: it was written as null.
    const value = fields[name] === null ? Number.POSITIVE_INFINITY : fields[name];
    return typeof value === 'number' ? [[name, value] as const] : [];
  });
  const point: CurvePoint = { step, ...Object.fromEntries(values) };
  // A validation has both of its losses.
  return (point.largest === undefined) === (point.smallest === undefined) ? point : null;
}
