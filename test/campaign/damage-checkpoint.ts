/** What may be wrong with a checkpoint (safetensors: length of the header, the header as JSON, the tensors' bytes). */

interface Entry {
  data_offsets?: unknown;
  shape?: unknown;
  dtype?: unknown;
}
type Metadata = Record<string, unknown>;
/** Changes the header, and returns the bytes of the tensors if they are to be others. */
type Edit = (header: Record<string, Entry>, tensors: Buffer, metadata: Metadata) => Buffer | undefined;

export interface CheckpointDamage {
  readonly name: string;
  damage(bytes: Buffer): Buffer;
}

const LENGTH_BYTES = 8;
const FLOAT_BYTES = 4;

/** Header and tensors of a checkpoint. */
export function parseCheckpoint(bytes: Buffer): { header: Record<string, Entry>; tensors: Buffer } {
  const end = LENGTH_BYTES + Number(bytes.readBigUInt64LE());
  return {
    header: JSON.parse(bytes.subarray(LENGTH_BYTES, end).toString()),
    tensors: Buffer.from(bytes.subarray(end)),
  };
}

function serialize(header: object, tensors: Buffer): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, tensors]);
}

function edited(name: string, edit: Edit): CheckpointDamage {
  return {
    name,
    damage: (bytes) => {
      const { header, tensors } = parseCheckpoint(bytes);
      const metadata = (header['__metadata__'] ?? {}) as Metadata;
      const changed = edit(header, tensors, metadata);
      return serialize(header, changed ?? tensors);
    },
  };
}

const tensorNames = (header: object): string[] =>
  Object.keys(header).filter((name) => name !== '__metadata__');

/** A change of the first tensor's entry. */
function ofFirst(
  name: string,
  change: (entry: Entry, header: Record<string, Entry>) => void,
): CheckpointDamage {
  return edited(name, (header) => {
    change(header[tensorNames(header)[0]], header);
    return undefined;
  });
}

function ofMetadata(name: string, change: (metadata: Metadata) => void): CheckpointDamage {
  return edited(name, (_, __, metadata) => {
    change(metadata);
    return undefined;
  });
}

function ofWeights(name: string, value: number): CheckpointDamage {
  return edited(name, (_, tensors) => {
    for (let i = 0; i < 20; i++) tensors.writeFloatLE(value, i * FLOAT_BYTES);
    return tensors;
  });
}

const offsetsOf = (entry: Entry): [number, number] => entry.data_offsets as [number, number];

/** Each is wrong wherever it is read: none may be accepted. */
export const CHECKPOINT_DAMAGES: readonly CheckpointDamage[] = [
  ofFirst('negative offset', (entry) => {
    entry.data_offsets = offsetsOf(entry).map((offset) => offset - 100);
  }),
  ofFirst('fractional offset', (entry) => {
    entry.data_offsets = offsetsOf(entry).map((offset) => offset + 0.5);
  }),
  ofFirst('offset beyond the end', (entry) => {
    entry.data_offsets = offsetsOf(entry).map((offset) => offset + 1e9);
  }),
  ofFirst('offsets backwards', (entry) => {
    entry.data_offsets = offsetsOf(entry).reverse();
  }),
  ofFirst('offset that is text', (entry) => {
    entry.data_offsets = ['0', 'end'];
  }),
  ofFirst('no offsets', (entry) => {
    delete entry.data_offsets;
  }),
  edited('overlapping tensors', (header) => {
    const [first, second] = tensorNames(header);
    const [start, end] = offsetsOf(header[second]);
    const moved = offsetsOf(header[first])[0];
    header[second].data_offsets = [moved, moved + end - start];
    return undefined;
  }),
  ofFirst('another shape', (entry) => {
    entry.shape = [...(entry.shape as number[])].reverse();
  }),
  ofFirst('negative shape', (entry) => {
    entry.shape = (entry.shape as number[]).map((size) => -size);
  }),
  ofFirst('another type', (entry) => {
    entry.dtype = 'F64';
  }),
  ofFirst('a tensor missing', (_, header) => {
    delete header[tensorNames(header)[0]];
  }),
  ofFirst('a tensor too many', (entry, header) => {
    header['nobody'] = { ...entry };
  }),
  ofMetadata('step that is text', (metadata) => {
    metadata['step'] = 'abc';
  }),
  ofMetadata('step of 1e18', (metadata) => {
    metadata['step'] = '1e18';
  }),
  ofMetadata('negative step', (metadata) => {
    metadata['step'] = '-1';
  }),
  ofMetadata('fractional step', (metadata) => {
    metadata['step'] = '1.5';
  }),
  ofMetadata('no step', (metadata) => {
    delete metadata['step'];
  }),
  ofWeights('weights NaN', Number.NaN),
  ofWeights('weights infinite', Number.POSITIVE_INFINITY),
  { name: 'header of no JSON', damage: (bytes) => Buffer.from(bytes).fill('[', LENGTH_BYTES, 40) },
  {
    name: 'header longer than the file',
    damage: (bytes) => {
      const copy = Buffer.from(bytes);
      copy.writeBigUInt64LE(2n ** 60n);
      return copy;
    },
  },
];
