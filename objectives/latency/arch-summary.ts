/** An architecture by the means of its layers: what HAT's predictor sees, and all that its latency tables hold. */
import { amountName, amountOf, isLayerPart, layerNumOf, PARTS_BY_SIDE } from '../transformer/arch-config.ts';
import type { ArchConfig, ArchSummary } from '../transformer/arch-parts.ts';

export type { ArchSummary } from '../transformer/arch-parts.ts';

/** Per-layer parts are means over the layers that are there; arbitrary attention is a number of encoder layers, 1 to 3. */
export function summarizeArch(arch: ArchConfig): ArchSummary {
  const amounts = PARTS_BY_SIDE.map((part) => {
    if (!isLayerPart(part)) return [amountName(part), arch[part]];
    const values = arch[part].slice(0, arch[layerNumOf(part)]);
    const amount = (value: number): number => amountOf(part, value, arch.encoderLayerNum);
    return [amountName(part), values.reduce<number>((sum, value) => sum + amount(value), 0) / values.length];
  });
  return Object.fromEntries(amounts) as ArchSummary;
}
