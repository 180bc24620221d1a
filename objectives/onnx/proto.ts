/**
 * ONNX's wire format (onnx.proto3 of ONNX 1.13, IR version 8): the messages and fields that THANOS writes and reads.
 * Fields it does not know are skipped on decoding, as protobuf prescribes.
 *
 * Design note: eighty rows with types, where generated code of the whole format (onnx-proto) has a megabyte.
 */
import protobuf from 'protobufjs';
import { GraphError } from './errors.ts';
import type { DataType } from './graph.ts';

interface DimensionProto {
  readonly dimValue?: number | undefined;
  readonly dimParam?: string | undefined;
}

export interface ValueInfoProto {
  readonly name: string;
  readonly type?:
    | {
        readonly tensorType?:
          | {
              readonly elemType?: number | undefined;
              readonly shape?: { readonly dim?: readonly DimensionProto[] | undefined } | undefined;
            }
          | undefined;
      }
    | undefined;
}

export interface TensorProto {
  readonly name?: string | undefined;
  readonly dims?: readonly number[] | undefined;
  readonly dataType?: number | undefined;
  /** Little-endian elements. */
  readonly rawData?: Uint8Array | undefined;
}

export interface AttributeProto {
  readonly name: string;
  readonly type?: number | undefined;
  readonly i?: number | undefined;
  readonly f?: number | undefined;
  readonly s?: Uint8Array | undefined;
  readonly ints?: readonly number[] | undefined;
  readonly floats?: readonly number[] | undefined;
}

interface NodeProto {
  readonly opType: string;
  readonly name?: string | undefined;
  readonly domain?: string | undefined;
  readonly input?: readonly string[] | undefined;
  readonly output?: readonly string[] | undefined;
  readonly attribute?: readonly AttributeProto[] | undefined;
}

interface GraphProto {
  readonly name?: string | undefined;
  readonly node?: readonly NodeProto[] | undefined;
  readonly initializer?: readonly TensorProto[] | undefined;
  readonly input?: readonly ValueInfoProto[] | undefined;
  readonly output?: readonly ValueInfoProto[] | undefined;
  readonly valueInfo?: readonly ValueInfoProto[] | undefined;
}

export interface ModelProto {
  readonly irVersion: number;
  readonly producerName?: string | undefined;
  readonly producerVersion?: string | undefined;
  readonly graph: GraphProto;
  readonly opsetImport: readonly { readonly domain?: string | undefined; readonly version: number }[];
  readonly metadataProps?: readonly { readonly key: string; readonly value: string }[] | undefined;
}

/** TensorProto.DataType. */
export const ELEMENT_TYPE: Readonly<Record<DataType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9 };

/** AttributeProto.AttributeType. */
export const ATTRIBUTE_TYPE = { f: 1, i: 2, s: 3, ints: 7 } as const;

type FieldRow = readonly [name: string, id: number, type: string, rule?: 'repeated'];

const MESSAGES: Readonly<Record<string, readonly FieldRow[]>> = {
  ModelProto: [
    ['irVersion', 1, 'int64'],
    ['producerName', 2, 'string'],
    ['producerVersion', 3, 'string'],
    ['graph', 7, 'GraphProto'],
    ['opsetImport', 8, 'OperatorSetIdProto', 'repeated'],
    ['metadataProps', 14, 'StringStringEntryProto', 'repeated'],
  ],
  OperatorSetIdProto: [
    ['domain', 1, 'string'],
    ['version', 2, 'int64'],
  ],
  StringStringEntryProto: [
    ['key', 1, 'string'],
    ['value', 2, 'string'],
  ],
  GraphProto: [
    ['node', 1, 'NodeProto', 'repeated'],
    ['name', 2, 'string'],
    ['initializer', 5, 'TensorProto', 'repeated'],
    ['input', 11, 'ValueInfoProto', 'repeated'],
    ['output', 12, 'ValueInfoProto', 'repeated'],
    ['valueInfo', 13, 'ValueInfoProto', 'repeated'],
  ],
  NodeProto: [
    ['input', 1, 'string', 'repeated'],
    ['output', 2, 'string', 'repeated'],
    ['name', 3, 'string'],
    ['opType', 4, 'string'],
    ['attribute', 5, 'AttributeProto', 'repeated'],
    ['domain', 7, 'string'],
  ],
  AttributeProto: [
    ['name', 1, 'string'],
    ['f', 2, 'float'],
    ['i', 3, 'int64'],
    ['s', 4, 'bytes'],
    ['floats', 7, 'float', 'repeated'],
    ['ints', 8, 'int64', 'repeated'],
    ['type', 20, 'int32'],
  ],
  TensorProto: [
    ['dims', 1, 'int64', 'repeated'],
    ['dataType', 2, 'int32'],
    ['name', 8, 'string'],
    ['rawData', 9, 'bytes'],
  ],
  ValueInfoProto: [
    ['name', 1, 'string'],
    ['type', 2, 'TypeProto'],
  ],
  TypeProto: [['tensorType', 1, 'TensorTypeProto']],
  TensorTypeProto: [
    ['elemType', 1, 'int32'],
    ['shape', 2, 'TensorShapeProto'],
  ],
  TensorShapeProto: [['dim', 1, 'DimensionProto', 'repeated']],
  DimensionProto: [
    ['dimValue', 1, 'int64'],
    ['dimParam', 2, 'string'],
  ],
};

const schema = new protobuf.Root();
for (const [message, rows] of Object.entries(MESSAGES)) {
  const type = new protobuf.Type(message);
  for (const [name, id, fieldType, rule] of rows) type.add(new protobuf.Field(name, id, fieldType, rule));
  schema.add(type);
}
const modelType = schema.lookupType('ModelProto');

export function encodeModel(model: ModelProto): Uint8Array {
  return modelType.encode(modelType.fromObject(model)).finish();
}

/** @throws GraphError INVALID_MODEL if the bytes are no ONNX model. */
export function decodeModel(bytes: Uint8Array): ModelProto {
  const { irVersion, graph, opsetImport = [], ...rest } = decodedModel(bytes);
  if (graph === undefined || irVersion === undefined) throw noModel(bytes, 'no graph or no IR version');
  return { ...rest, irVersion, graph, opsetImport };
}

function decodedModel(bytes: Uint8Array): Partial<ModelProto> {
  try {
    return modelType.toObject(modelType.decode(bytes), { longs: Number }) as Partial<ModelProto>;
  } catch (cause) {
    throw noModel(bytes, String(cause), { cause });
  }
}

function noModel(bytes: Uint8Array, reason: string, options?: ErrorOptions): GraphError {
  return new GraphError(
    'INVALID_MODEL',
    `these ${bytes.length} bytes are not an ONNX model: ${reason}`,
    options,
  );
}
