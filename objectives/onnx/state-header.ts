/** The header of a safetensors file: what it says of each tensor, checked before anything is believed. */
import { isPlainObject } from '../../src/core/json.ts';
import { GraphError } from './errors.ts';
import { type DataType, elementCount } from './graph.ts';

const SAFETENSORS_TYPE: Readonly<Record<DataType, string>> = {
  float32: 'F32',
  int64: 'I64',
  int32: 'I32',
  bool: 'BOOL',
};
export const ELEMENT_BYTES: Readonly<Record<DataType, number>> = { float32: 4, int64: 8, int32: 4, bool: 1 };

/** A tensor and where its elements lie, in bytes from the end of the header. */
export interface TensorPlace {
  readonly name: string;
  readonly dtype: DataType;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

export interface StateHeader {
  readonly metadata: Readonly<Record<string, string>>;
  /** In the order of their places. */
  readonly tensors: readonly TensorPlace[];
}

export function headerJson({ metadata, tensors }: StateHeader): string {
  const entries = tensors.map(({ name, dtype, shape, start, end }) => [
    name,
    { dtype: SAFETENSORS_TYPE[dtype], shape, data_offsets: [start, end] },
  ]);
  return JSON.stringify(Object.fromEntries([['__metadata__', metadata], ...entries]));
}

/**
 * @param payloadBytes what follows the header; the tensors have to fill it without a gap and without sharing a byte.
 * @throws GraphError CHECKPOINT_UNUSABLE that names the tensor.
 */
export function parseHeader(json: string, payloadBytes: number): StateHeader {
  const header: unknown = JSON.parse(json);
  if (!isPlainObject(header)) throw new GraphError('CHECKPOINT_UNUSABLE', 'its header is not a JSON object');
  const { __metadata__: metadata = {}, ...entries } = header;
  if (!isPlainObject(metadata) || Object.values(metadata).some((value) => typeof value !== 'string'))
    throw new GraphError('CHECKPOINT_UNUSABLE', 'its metadata is not an object of strings');
  const tensors = Object.entries(entries)
    .map(([name, entry]) => tensorPlace(name, entry, payloadBytes))
    .sort((a, b) => a.start - b.start || a.end - b.end);
  let covered = 0;
  for (const { name, start, end } of tensors) {
    if (start !== covered)
      throw new GraphError(
        'CHECKPOINT_UNUSABLE',
        `tensor '${name}' starts at byte ${start}, but the tensors before it end at byte ${covered}: ` +
          `${start < covered ? 'they overlap' : 'there is a gap'}`,
      );
    covered = end;
  }
  if (covered !== payloadBytes)
    throw new GraphError(
      'CHECKPOINT_UNUSABLE',
      `its tensors end at byte ${covered}, but the file has ${payloadBytes} bytes for them`,
    );
  return { metadata: metadata as Readonly<Record<string, string>>, tensors };
}

function tensorPlace(name: string, entry: unknown, payloadBytes: number): TensorPlace {
  const refuse = (rule: string): never => {
    throw new GraphError(
      'CHECKPOINT_UNUSABLE',
      `tensor '${name}' ${rule}, but its entry is ${JSON.stringify(entry)?.slice(0, 200)}`,
    );
  };
  if (!isPlainObject(entry)) return refuse('needs an object with dtype, shape and data_offsets');
  const { dtype: code, shape, data_offsets: offsets } = entry;
  const dtype = (Object.keys(SAFETENSORS_TYPE) as DataType[]).find((type) => SAFETENSORS_TYPE[type] === code);
  if (dtype === undefined)
    return refuse(`needs one of the types ${Object.values(SAFETENSORS_TYPE).join(', ')}`);
  if (!isListOfSizes(shape)) return refuse('needs a shape of whole numbers >= 0');
  if (!isListOfSizes(offsets) || offsets.length !== 2) return refuse('needs two offsets, whole numbers >= 0');
  const [start, end] = offsets;
  if (end > payloadBytes || end - start !== elementCount(shape) * ELEMENT_BYTES[dtype])
    return refuse(`does not fit its bytes [${start}, ${end}), of ${payloadBytes} there are`);
  return { name, dtype, shape, start, end };
}

function isListOfSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((each) => Number.isSafeInteger(each) && each >= 0);
}
