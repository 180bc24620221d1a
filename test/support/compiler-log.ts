/** What rknn-toolkit2 prints while it builds (`RKNN(verbose=True)`): the layer table and the memory totals. Read from 2.5.0 logs. */

import type { Cycles } from '../../objectives/latency/rk3588/compiler-cycles.ts';
import { ThanosError } from '../../src/core/errors.ts';

interface CompiledLayer {
  readonly id: number;
  readonly opType: string;
  readonly target: 'NPU' | 'CPU' | 'GPU';
  readonly cycles: Cycles;
  readonly readWriteKb: number;
}

export interface CompilerLog {
  readonly layers: readonly CompiledLayer[];
  /** Sums over the layers. */
  readonly cycles: Cycles;
  readonly internalKb: number;
  readonly weightKb: number;
}

const LAYER = /^\s*(\d+)\s+(\w+)\s+\w+\s+(NPU|CPU|GPU)\s.*?\s(\d+)\/(\d+)\/(\d+)\s+(\d+(?:\.\d+)?)(?:\s|$)/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the log is colored with escape sequences.
const COLOR = /\u001b\[[0-9;]*m/g;
const PREFIX = /^[DIWE] RKNN: \[[^\]]*\]/;

/** @throws ThanosError BACKEND_FAILED if the tables are not there: the build failed, or was not verbose. */
export function parseCompilerLog(text: string): CompilerLog {
  const lines = text
    .replace(COLOR, '')
    .split(/\r?\n/)
    .map((line) => line.replace(PREFIX, ''));
  const start = lines.findIndex((line) => line.includes('Network Layer Information Table'));
  const layers: CompiledLayer[] = [];
  for (const line of start < 0 ? [] : lines.slice(start)) {
    if (line.includes('end: rknn::')) break;
    const match = line.match(LAYER);
    if (match === null) continue;
    const [ddr, npu, total] = match.slice(4, 7).map(Number);
    layers.push({
      id: Number(match[1]),
      opType: match[2],
      target: match[3] as CompiledLayer['target'],
      cycles: { ddr, npu, total },
      readWriteKb: Number(match[7]),
    });
  }
  const totalKb = (what: string): number => {
    const found = lines
      .map((line) => line.match(`Total ${what} Memory Size:\\s*([\\d.]+)\\s*KB`))
      .find(Boolean);
    return found === undefined || found === null ? Number.NaN : Number(found[1]);
  };
  const [internalKb, weightKb] = [totalKb('Internal'), totalKb('Weight')];
  if (layers.length === 0 || Number.isNaN(internalKb) || Number.isNaN(weightKb))
    throw new ThanosError(
      'BACKEND_FAILED',
      `the compiler's log must hold the layer table and the memory totals, but ends with: ${lines.slice(-5).join(' | ')}; ` +
        'build with RKNN(verbose=True)',
    );
  const sum = (of: keyof Cycles): number => layers.reduce((total, layer) => total + layer.cycles[of], 0);
  return {
    layers,
    cycles: { ddr: sum('ddr'), npu: sum('npu'), total: sum('total') },
    internalKb,
    weightKb,
  };
}
