/**
 * Named tensors in one file, in the safetensors format (an 8-byte header length, a JSON header, the elements), so that other
 * tools open it too. Writing is atomic: a reader sees the old file or the new one, even if the process is killed.
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { GraphError } from './errors.ts';
import { type DataType, elementCount } from './graph.ts';
import { type TensorData, tensorBytes, tensorOver } from './tensor.ts';

export type TensorMap = Readonly<Record<string, TensorData>>;

export interface StateFile {
  readonly tensors: TensorMap;
  readonly metadata: Readonly<Record<string, string>>;
}

const SAFETENSORS_TYPE: Readonly<Record<DataType, string>> = {
  float32: 'F32',
  int64: 'I64',
  int32: 'I32',
  bool: 'BOOL',
};
const ELEMENT_BYTES: Readonly<Record<DataType, number>> = { float32: 4, int64: 8, int32: 4, bool: 1 };

interface HeaderEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** @throws GraphError CHECKPOINT_UNUSABLE if it cannot be written; the file that was there stays. */
export function writeStateFile(path: string, { tensors, metadata }: StateFile): void {
  const header: Record<string, HeaderEntry | Readonly<Record<string, string>>> = { __metadata__: metadata };
  const ordered = Object.entries(tensors).sort(
    ([, a], [, b]) => ELEMENT_BYTES[b.dtype] - ELEMENT_BYTES[a.dtype],
  );
  let offset = 0;
  for (const [name, tensor] of ordered) {
    const end = offset + tensor.data.byteLength;
    header[name] = {
      dtype: SAFETENSORS_TYPE[tensor.dtype],
      shape: tensor.shape,
      data_offsets: [offset, end],
    };
    offset = end;
  }
  const json = Buffer.from(JSON.stringify(header));
  const padded = Buffer.concat([json, Buffer.alloc((8 - (json.length % 8)) % 8, ' ')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));

  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = openSync(temporary, 'w');
    try {
      for (const bytes of [length, padded, ...ordered.map(([, tensor]) => tensorBytes(tensor))])
        writeAll(file, bytes);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
    syncDirectory(dirname(path));
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw new GraphError(
      'CHECKPOINT_UNUSABLE',
      `'${path}' cannot be written (${cause instanceof Error ? cause.message : String(cause)}): make its folder, or make room`,
      { cause },
    );
  }
}

/** @throws GraphError CHECKPOINT_UNUSABLE if there is no such file or it is not a whole safetensors file. */
export function readStateFile(path: string): StateFile {
  try {
    const bytes = readFileSync(path);
    const headerEnd = 8 + Number(bytes.readBigUInt64LE(0));
    const { __metadata__: metadata = {}, ...entries } = JSON.parse(bytes.toString('utf8', 8, headerEnd)) as {
      __metadata__?: Record<string, string>;
    } & Record<string, HeaderEntry>;
    const tensors: Record<string, TensorData> = {};
    for (const [name, { dtype: code, shape, data_offsets }] of Object.entries<HeaderEntry>(entries)) {
      const dtype = (Object.keys(SAFETENSORS_TYPE) as DataType[]).find(
        (type) => SAFETENSORS_TYPE[type] === code,
      );
      const [start, end] = data_offsets;
      if (
        dtype === undefined ||
        end - start !== elementCount(shape) * ELEMENT_BYTES[dtype] ||
        headerEnd + end > bytes.length
      ) {
        throw new Error(`tensor '${name}' (${code}, [${shape}]) does not fit its bytes [${start}, ${end})`);
      }
      const copy = new Uint8Array(end - start);
      copy.set(bytes.subarray(headerEnd + start, headerEnd + end));
      tensors[name] = tensorOver(dtype, shape, copy.buffer);
    }
    return { tensors, metadata };
  } catch (cause) {
    throw new GraphError(
      'CHECKPOINT_UNUSABLE',
      `'${path}' is not a readable safetensors file (${cause instanceof Error ? cause.message : String(cause)}): ` +
        'delete it to start anew, or give the path of a whole one',
      { cause },
    );
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; )
    done += writeSync(file, bytes, done, Math.min(bytes.length - done, 2 ** 30));
}

/** Makes the rename durable; Windows has no such call on a directory. */
function syncDirectory(path: string): void {
  if (process.platform === 'win32') return;
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
