/** Tensors as plain data: what is fed, fetched and stored, without the runtime. */
import { GraphError } from './errors.ts';
import { type DataType, elementCount } from './graph.ts';

interface ArrayOf {
  readonly float32: Float32Array;
  readonly int64: BigInt64Array;
  readonly int32: Int32Array;
  readonly bool: Uint8Array;
}

/** Row-major elements with their shape. */
export interface TensorData<T extends DataType = DataType> {
  readonly dtype: T;
  readonly shape: readonly number[];
  readonly data: ArrayOf[T];
}

export function float32(
  data: Float32Array | readonly number[],
  shape?: readonly number[],
): TensorData<'float32'> {
  const array = data instanceof Float32Array ? data : Float32Array.from(data);
  return checked({ dtype: 'float32', shape: shape ?? [array.length], data: array });
}

export function int64(
  data: BigInt64Array | ArrayLike<number>,
  shape?: readonly number[],
): TensorData<'int64'> {
  const array = data instanceof BigInt64Array ? data : BigInt64Array.from(Array.from(data), BigInt);
  return checked({ dtype: 'int64', shape: shape ?? [array.length], data: array });
}

export function bool(data: readonly boolean[] | Uint8Array, shape?: readonly number[]): TensorData<'bool'> {
  const array = Uint8Array.from(data, Number);
  return checked({ dtype: 'bool', shape: shape ?? [array.length], data: array });
}

export function floatScalar(value: number): TensorData<'float32'> {
  return { dtype: 'float32', shape: [], data: Float32Array.of(value) };
}

export function int64Scalar(value: number): TensorData<'int64'> {
  return { dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(value)) };
}

export function zeros(shape: readonly number[]): TensorData<'float32'> {
  return { dtype: 'float32', shape, data: new Float32Array(elementCount(shape)) };
}

/** A tensor of this type over the bytes of a buffer, without copying. */
export function tensorOver(
  dtype: DataType,
  shape: readonly number[],
  buffer: ArrayBufferLike,
  byteOffset = 0,
): TensorData {
  const length = elementCount(shape);
  switch (dtype) {
    case 'float32':
      return { dtype, shape, data: new Float32Array(buffer, byteOffset, length) };
    case 'int64':
      return { dtype, shape, data: new BigInt64Array(buffer, byteOffset, length) };
    case 'int32':
      return { dtype, shape, data: new Int32Array(buffer, byteOffset, length) };
    case 'bool':
      return { dtype, shape, data: new Uint8Array(buffer, byteOffset, length) };
  }
}

/** The elements as little-endian bytes, without copying. */
export function tensorBytes(tensor: TensorData): Uint8Array {
  return new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength);
}

function checked<T extends DataType>(tensor: TensorData<T>): TensorData<T> {
  if (tensor.data.length === elementCount(tensor.shape)) return tensor;
  throw new GraphError(
    'SHAPE_MISMATCH',
    `a tensor of shape [${tensor.shape}] has ${elementCount(tensor.shape)} elements, but ${tensor.data.length} were given`,
  );
}
