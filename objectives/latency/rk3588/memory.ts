/** Memory of a compiled graph: constants as they lie, and the compiler's best-fit plan of the feature tensors. */
import { ceilTo, type NpuGraph, type NpuOp } from './npu-op.ts';

/** Every tensor starts at a multiple of this. */
const ALIGNMENT = 64;
/** Total Weight Memory Size is the end of the last constant plus this (rknn-toolkit2 2.5.0, 15 compiled models). */
const WEIGHT_TRAILER_BYTES = 2048;
/**
 * Register commands and descriptors in the .rknn file: its size less its constants, for a 60-operator decoder compiled with
 * rknn-toolkit2 2.5.0 (68 910 701 bytes less 68 223 312).
 */
const COMMAND_BYTES_PER_NPU_OP = 11_456;

/** Memory of one compiled model, in bytes. */
export interface GraphMemory {
  /** Constant data, padded as the compiler pads it. */
  readonly weightBytes: number;
  /** Peak of the feature arena, inputs and outputs included. */
  readonly internalBytes: number;
  /** Command buffers of the NPU. */
  readonly commandBytes: number;
}

export function graphMemory(graph: NpuGraph): GraphMemory {
  let weights = WEIGHT_TRAILER_BYTES;
  for (const op of graph.ops) for (const bytes of op.constBytes) weights += ceilTo(bytes, ALIGNMENT);
  const npuOps = graph.ops.filter((op) => op.target === 'npu').length;
  return {
    weightBytes: weights,
    internalBytes: arenaBytes(graph),
    commandBytes: npuOps * COMMAND_BYTES_PER_NPU_OP,
  };
}

interface Block {
  readonly start: number;
  readonly end: number;
}

/**
 * High-water mark of a best-fit allocator (`memory_plan_strategy=BestFit` in the compiler's log): operators in order; first the
 * scratch buffer, then the outputs; an input is freed after its last use, a model output never. A gap inside the arena is taken before its end.
 */
function arenaBytes(graph: NpuGraph): number {
  const lastUse = new Map<number, number>();
  graph.ops.forEach((op, i) => {
    for (const id of [...op.inputs, ...op.outputs]) lastUse.set(id, i);
  });
  const arena = new Arena();
  const blocks = new Map<number, Block>();
  graph.ops.forEach((op: NpuOp, i) => {
    const scratch = op.scratchBytes > 0 ? arena.allocate(op.scratchBytes) : null;
    for (const id of op.outputs) blocks.set(id, arena.allocate(graph.featureBytes[id]));
    if (scratch !== null) arena.free(scratch);
    for (const id of new Set([...op.inputs, ...op.outputs])) {
      const block = blocks.get(id);
      if (lastUse.get(id) !== i || block === undefined || op.kind === 'output') continue;
      arena.free(block);
      blocks.delete(id);
    }
  });
  return arena.peak;
}

class Arena {
  /** Live blocks in order of address. */
  readonly #live: Block[] = [];
  peak = 0;

  allocate(bytes: number): Block {
    const size = ceilTo(bytes, ALIGNMENT);
    let [best, bestGap, at, previousEnd] = [-1, Number.POSITIVE_INFINITY, this.#live.length, 0];
    for (const [i, block] of this.#live.entries()) {
      const gap = block.start - previousEnd;
      if (gap >= size && gap < bestGap) [best, bestGap, at] = [previousEnd, gap, i];
      previousEnd = block.end;
    }
    const start = best >= 0 ? best : previousEnd;
    const block = { start, end: start + size };
    this.#live.splice(at, 0, block);
    this.peak = Math.max(this.peak, block.end);
    return block;
  }

  free(block: Block): void {
    this.#live.splice(this.#live.indexOf(block), 1);
  }
}
