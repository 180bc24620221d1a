/**
 * Named tensors in one file, in the safetensors format (an 8-byte header length, a JSON header, the elements), so that other
 * tools open it too. Writing is atomic: a reader sees the old file or the new one, even if the process is killed.
 */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { ThanosError } from '../../src/core/errors.ts';
import { writeOutputFile } from '../../src/core/output-file.ts';
import { GraphError } from './errors.ts';
import { ELEMENT_BYTES, headerJson, parseHeader, type TensorPlace } from './state-header.ts';
import { type TensorData, tensorBytes, tensorOver } from './tensor.ts';

export type TensorMap = Readonly<Record<string, TensorData>>;

export interface StateFile {
  readonly tensors: TensorMap;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Key of the metadata with a hash of the tensors: bytes that change afterwards are noticed when the file is read. */
const CONTENT_HASH = 'sha256';

/**
 * @param options.withHash whether a hash of the tensors goes into the metadata, so that a later change is noticed.
 * @throws GraphError CHECKPOINT_UNUSABLE if it cannot be written, or a float is NaN or infinite; the file that was there stays.
 */
export function writeStateFile(
  path: string,
  { tensors, metadata }: StateFile,
  { withHash = false }: { readonly withHash?: boolean | undefined } = {},
): void {
  const ordered = Object.entries(tensors).sort(
    ([, a], [, b]) => ELEMENT_BYTES[b.dtype] - ELEMENT_BYTES[a.dtype],
  );
  let offset = 0;
  const places = ordered.map(([name, { dtype, shape, data }]): TensorPlace => {
    const start = offset;
    offset += data.byteLength;
    return { name, dtype, shape, start, end: offset };
  });
  const data = ordered.map(([, tensor]) => tensorBytes(tensor));
  const told = withHash ? { ...metadata, [CONTENT_HASH]: contentHash(places, data) } : metadata;
  const json = Buffer.from(headerJson({ metadata: told, tensors: places }));
  const padded = Buffer.concat([json, Buffer.alloc((8 - (json.length % 8)) % 8, ' ')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));

  try {
    for (const [name, tensor] of ordered) assertFinite(name, tensor);
  } catch (cause) {
    throw new GraphError(
      'CHECKPOINT_UNUSABLE',
      `'${path}' is not written, and what was there stays: ${(cause as Error).message}; lower the learning rate, or clip the gradients`,
      { cause },
    );
  }
  try {
    writeOutputFile(path, [length, padded, ...data]);
  } catch (cause) {
    const message =
      cause instanceof ThanosError
        ? cause.message
        : `'${path}' cannot be written: ${(cause as Error).message}`;
    throw new GraphError('CHECKPOINT_UNUSABLE', message, { cause });
  }
}

/**
 * @throws GraphError CHECKPOINT_UNUSABLE, naming file and tensor, if there is no such file, if it is not a whole safetensors file, or
 * if a float is NaN or infinite.
 */
export function readStateFile(path: string): StateFile {
  return readable(path, () => {
    const bytes = readFileSync(path);
    const headerEnd = endOfHeader(bytes, bytes.length);
    const { metadata, tensors } = parseHeader(
      bytes.toString('utf8', HEADER_START, headerEnd),
      bytes.length - headerEnd,
    );
    const entries = tensors.map(({ name, dtype, shape, start, end }) => {
      const copy = new Uint8Array(bytes.subarray(headerEnd + start, headerEnd + end));
      const tensor = tensorOver(dtype, shape, copy.buffer);
      assertFinite(name, tensor);
      return [name, tensor] as const;
    });
    const { [CONTENT_HASH]: expected, ...own } = metadata;
    if (expected !== undefined && expected !== contentHash(tensors, [bytes.subarray(headerEnd)]))
      throw new GraphError('CHECKPOINT_UNUSABLE', 'its bytes have changed since it was written');
    return { tensors: Object.fromEntries(entries), metadata: own };
  });
}

/** Returns the metadata without reading the tensors. @throws as {@link readStateFile}, except for the elements. */
export function readStateMetadata(path: string): StateFile['metadata'] {
  return readable(path, () => {
    const file = openSync(path, 'r');
    try {
      const { size } = fstatSync(file);
      const start = Buffer.alloc(HEADER_START);
      readSync(file, start, 0, HEADER_START, 0);
      const headerEnd = endOfHeader(start, size);
      const json = Buffer.alloc(headerEnd - HEADER_START);
      readSync(file, json, 0, json.length, HEADER_START);
      const { [CONTENT_HASH]: _, ...own } = parseHeader(json.toString('utf8'), size - headerEnd).metadata;
      return own;
    } finally {
      closeSync(file);
    }
  });
}

function readable<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new GraphError(
      'CHECKPOINT_UNUSABLE',
      `'${path}' is not a readable safetensors file (${cause instanceof Error ? cause.message : String(cause)}): ` +
        'delete it to start anew, or give the path of a whole one',
      { cause },
    );
  }
}

function contentHash(places: readonly TensorPlace[], data: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const { name, dtype, shape, start, end } of places)
    hash.update(JSON.stringify([name, dtype, shape, start, end]));
  for (const bytes of data) hash.update(bytes);
  return hash.digest('hex');
}

/** Where the header's length is written. */
const HEADER_START = 8;

function endOfHeader(bytes: Buffer, fileBytes: number): number {
  if (fileBytes < HEADER_START)
    throw new GraphError('CHECKPOINT_UNUSABLE', `it has ${fileBytes} bytes, which is less than a header`);
  const end = HEADER_START + Number(bytes.readBigUInt64LE(0));
  if (end > fileBytes)
    throw new GraphError(
      'CHECKPOINT_UNUSABLE',
      `its header should end at byte ${end}, but the file has ${fileBytes} bytes`,
    );
  return end;
}

function assertFinite(name: string, { dtype, data }: TensorData): void {
  if (dtype !== 'float32') return;
  for (let at = 0; at < data.length; at++)
    if (!Number.isFinite(data[at]))
      throw new GraphError(
        'CHECKPOINT_UNUSABLE',
        `tensor '${name}' has ${data[at]} at element ${at}: its numbers must be finite`,
      );
}
