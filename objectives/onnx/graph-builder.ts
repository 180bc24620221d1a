/** Builds an ONNX graph (opset 18, IR version 8): inputs, initializers, operators through `op`, outputs, and its bytes. */
import { GraphError } from './errors.ts';
import {
  type Attribute,
  type Attributes,
  type DataType,
  elementCount,
  type GraphNode,
  isStatic,
  type NodeSink,
  type OpName,
  type OutputSpec,
  type Shape,
  type Value,
} from './graph.ts';
import { Ops } from './ops.ts';
import {
  ATTRIBUTE_TYPE,
  type AttributeProto,
  ELEMENT_TYPE,
  encodeModel,
  type TensorProto,
  type ValueInfoProto,
} from './proto.ts';
import { type TensorData, tensorBytes } from './tensor.ts';

const OPSET = 18;
const IR_VERSION = 8;
/** Constants up to this many elements keep their elements on the Value, for shape inference. */
const MAX_TRACKED_ELEMENTS = 16;

export class GraphBuilder implements NodeSink {
  /** The operators: `g.op.add(a, b)`. */
  readonly op = new Ops(this);
  readonly #nodes: GraphNode[] = [];
  readonly #inputs: Value[] = [];
  readonly #outputs: { readonly name: string; readonly value: Value }[] = [];
  readonly #initializers = new Map<string, TensorProto>();
  readonly #constants = new Map<string, Value>();
  readonly #emitted = new Map<string, readonly Value[]>();
  readonly #names = new Map<string, number>();
  #scope = '';

  /** In order of creation, which is a topological order. */
  get nodes(): readonly GraphNode[] {
    return this.#nodes;
  }

  get inputs(): readonly Value[] {
    return this.#inputs;
  }

  get outputs(): readonly { readonly name: string; readonly value: Value }[] {
    return this.#outputs;
  }

  /** A tensor that is fed at each run. `name` is taken as it is. */
  input(name: string, dtype: DataType, shape: Shape): Value {
    this.#claim(name);
    const value: Value = { name, dtype, shape };
    this.#inputs.push(value);
    return value;
  }

  /** Makes `value` an output of the graph, under `name` if given. Returns the output's name. */
  output(value: Value, name: string = value.name): string {
    if (this.#outputs.some((output) => output.name === name)) {
      throw new GraphError(
        'INVALID_GRAPH',
        `the graph already has an output '${name}': give each output its own name`,
      );
    }
    let produced = value;
    if (name !== value.name) {
      this.#claim(name);
      produced = { ...value, name };
      this.#nodes.push({ opType: 'Identity', name, inputs: [value], outputs: [produced], attributes: {} });
    }
    this.#outputs.push({ name, value: produced });
    return name;
  }

  /** A tensor that is stored in the model. */
  initializer(name: string, tensor: TensorData): Value {
    this.#claim(name);
    return this.#store(name, tensor);
  }

  /** A float32 scalar constant; equal ones are one. */
  float(value: number): Value {
    return this.#constant(`f${Object.is(value, -0) ? '-0' : value}`, {
      dtype: 'float32',
      shape: [],
      data: Float32Array.of(value),
    });
  }

  /** An int64 constant, a scalar of a number or a vector of an array; equal ones are one. */
  int64(value: number | readonly number[]): Value {
    const list = typeof value === 'number' ? [value] : value;
    return this.#constant(`${typeof value === 'number' ? 'i' : 'v'}${list.join(',')}`, {
      dtype: 'int64',
      shape: typeof value === 'number' ? [] : [list.length],
      data: BigInt64Array.from(list, BigInt),
    });
  }

  /** Whether the value was made by `float` or `int64`. */
  isConstant(value: Value): boolean {
    return this.#initializers.has(value.name) && value.constant !== undefined;
  }

  /** Prefixes the names of the nodes that `build` emits with `name/`, for readable graphs. Nests. */
  scope<T>(name: string, build: () => T): T {
    const outer = this.#scope;
    this.#scope = `${outer}${name}/`;
    try {
      return build();
    } finally {
      this.#scope = outer;
    }
  }

  /** Adds a node, or returns the outputs of an equal one: every operator here is a pure function of its inputs. */
  emit(
    opType: OpName,
    inputs: readonly (Value | null)[],
    outputs: readonly OutputSpec[],
    attributes: Attributes = {},
  ): readonly Value[] {
    const key = `${opType}(${inputs.map((input) => input?.name ?? '').join(',')})${outputs.length}${JSON.stringify(attributes)}`;
    const known = this.#emitted.get(key);
    if (known !== undefined) return known;
    const name = this.#fresh(`${this.#scope}${opType}`);
    const values = outputs.map((spec, index): Value => {
      const output = index === 0 ? name : `${name}:${index}`;
      // A fresh name for each unknown extent says at least that values derived from this one share it.
      const shape = spec.shape?.map((dim, axis) => dim ?? `${output}.${axis}`);
      return { name: output, ...spec, shape };
    });
    this.#nodes.push({ opType, name, inputs, outputs: values, attributes });
    this.#emitted.set(key, values);
    return values;
  }

  /** The model's bytes. Nodes that no output needs are left out. */
  build(graphName = 'thanos'): Uint8Array {
    const needed = new Set(this.#outputs.map((output) => output.name));
    const nodes: GraphNode[] = [];
    for (const node of this.#nodes.toReversed()) {
      if (!node.outputs.some((output) => needed.has(output.name))) continue;
      for (const input of node.inputs) if (input !== null) needed.add(input.name);
      nodes.push(node);
    }
    return encodeModel({
      irVersion: IR_VERSION,
      producerName: 'thanos-hpo',
      opsetImport: [{ domain: '', version: OPSET }],
      graph: {
        name: graphName,
        node: nodes.toReversed().map((node) => ({
          opType: node.opType,
          name: node.name,
          input: node.inputs.map((input) => input?.name ?? ''),
          output: outputNames(node, needed),
          attribute: Object.entries(node.attributes).map(attributeProto),
        })),
        initializer: [...this.#initializers.values()].filter((tensor) => needed.has(tensor.name ?? '')),
        input: this.#inputs.map(valueInfo),
        output: this.#outputs.map((output) => valueInfo(output.value)),
      },
    });
  }

  #constant(key: string, tensor: TensorData): Value {
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const value = this.#store(this.#fresh('const'), tensor);
    this.#constants.set(key, value);
    return value;
  }

  #store(name: string, tensor: TensorData): Value {
    if (!isStatic(tensor.shape) || elementCount(tensor.shape) !== tensor.data.length) {
      throw new GraphError(
        'SHAPE_MISMATCH',
        `initializer '${name}' of shape [${tensor.shape}] needs ${elementCount(tensor.shape)} elements, but has ${tensor.data.length}`,
      );
    }
    this.#initializers.set(name, {
      name,
      dims: tensor.shape,
      dataType: ELEMENT_TYPE[tensor.dtype],
      rawData: tensorBytes(tensor),
    });
    const constant = tensor.data.length <= MAX_TRACKED_ELEMENTS ? Array.from(tensor.data, Number) : undefined;
    return { name, dtype: tensor.dtype, shape: tensor.shape, constant };
  }

  #claim(name: string): void {
    if (this.#names.has(name)) {
      throw new GraphError(
        'INVALID_GRAPH',
        `the name '${name}' is already taken in this graph: give each tensor its own name`,
      );
    }
    this.#names.set(name, 1);
  }

  #fresh(stem: string): string {
    for (;;) {
      const count = this.#names.get(stem) ?? 0;
      this.#names.set(stem, count + 1);
      const name = count === 0 ? stem : `${stem}_${count}`;
      if (count === 0 || !this.#names.has(name)) {
        this.#names.set(name, 1);
        return name;
      }
    }
  }
}

/** Outputs that nobody reads: '' between others, left out at the end (the RK3588's compiler takes a trailing '' for a tensor). */
function outputNames(node: GraphNode, needed: ReadonlySet<string>): string[] {
  const last = node.outputs.findLastIndex((output) => needed.has(output.name));
  return node.outputs.slice(0, last + 1).map((output) => (needed.has(output.name) ? output.name : ''));
}

function attributeProto([name, attribute]: [string, Attribute]): AttributeProto {
  if ('i' in attribute) return { name, type: ATTRIBUTE_TYPE.i, i: attribute.i };
  if ('f' in attribute) return { name, type: ATTRIBUTE_TYPE.f, f: attribute.f };
  if ('s' in attribute) return { name, type: ATTRIBUTE_TYPE.s, s: Buffer.from(attribute.s) };
  return { name, type: ATTRIBUTE_TYPE.ints, ints: attribute.ints };
}

function valueInfo(value: Value): ValueInfoProto {
  const dim = value.shape?.map((extent) =>
    typeof extent === 'number' ? { dimValue: extent } : extent === null ? {} : { dimParam: extent },
  );
  return {
    name: value.name,
    type: {
      tensorType: { elemType: ELEMENT_TYPE[value.dtype], ...(dim === undefined ? {} : { shape: { dim } }) },
    },
  };
}
