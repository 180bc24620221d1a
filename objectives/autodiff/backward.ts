/** Reverse-mode differentiation: appends the nodes that compute gradients to the graph that they differentiate. */
import { type GraphBuilder, GraphError, type GraphNode, type Value } from '../onnx/index.ts';
import { VJP_RULES } from './vjp-rules.ts';

/** A value together with the gradient of the loss by it, as a value of the same shape. */
export interface Cotangent {
  readonly value: Value;
  readonly gradient: Value;
}

/**
 * The gradients of the scalar `loss` by each of `wrt`, in order, each of its shape; zeros where the loss does not depend on it.
 * @throws GraphError NON_DIFFERENTIABLE if a path from `wrt` to `loss` goes through an operator without a gradient.
 */
export function gradients(builder: GraphBuilder, loss: Value, wrt: readonly Value[]): Value[] {
  if (loss.shape?.some((dim) => dim !== 1)) {
    throw new GraphError(
      'SHAPE_MISMATCH',
      `gradients need a loss of one element, but '${loss.name}' has shape [${loss.shape}]: reduce it first`,
    );
  }
  const one = builder.float(1);
  const seed = loss.shape?.length === 0 ? one : builder.op.expand(one, builder.op.shape(loss));
  return pullBack(builder, [{ value: loss, gradient: seed }], wrt);
}

/**
 * Vector-Jacobian products: like `gradients`, from values whose gradients are given, as a loss with a gradient in closed form has.
 */
export function pullBack(builder: GraphBuilder, seeds: readonly Cotangent[], wrt: readonly Value[]): Value[] {
  const { op } = builder;
  const forward = [...builder.nodes];
  const differentiable = reachableFrom(forward, wrt);
  const gradientOf = new Map<string, Value>();
  const accumulate = (value: Value, gradient: Value): void => {
    const sum = gradientOf.get(value.name);
    gradientOf.set(value.name, sum === undefined ? gradient : op.add(sum, gradient));
  };
  for (const { value, gradient } of seeds) accumulate(value, gradient);

  for (const node of forward.toReversed()) {
    const gradient = gradientOf.get(node.outputs[0].name);
    rejectSideOutputs(node, gradientOf);
    if (gradient === undefined || !node.inputs.some((input) => input && differentiable.has(input.name)))
      continue;
    const rule = VJP_RULES[node.opType];
    if (rule === 'zero-gradient') continue;
    if (rule === 'non-differentiable') {
      throw new GraphError(
        'NON_DIFFERENTIABLE',
        `${node.opType} '${node.name}' has no gradient, but lies on the way to the loss`,
      );
    }
    const inputs = node.inputs.map((input) => input ?? builder.float(0));
    const products = builder.scope(`grad/${node.name}`, () =>
      rule({ node, inputs, output: node.outputs[0], gradient, op, sink: builder }),
    );
    node.inputs.forEach((input, index) => {
      const product = products[index];
      if (input === null || !product || !differentiable.has(input.name)) return;
      accumulate(input, builder.scope(`grad/${node.name}`, product));
    });
  }
  return wrt.map((value) => gradientOf.get(value.name) ?? op.zeros(op.shape(value)));
}

/** The names of the float values that depend on `roots`. */
function reachableFrom(nodes: readonly GraphNode[], roots: readonly Value[]): ReadonlySet<string> {
  const names = new Set(roots.map((value) => value.name));
  for (const node of nodes) {
    if (!node.inputs.some((input) => input !== null && names.has(input.name))) continue;
    for (const output of node.outputs) if (output.dtype === 'float32') names.add(output.name);
  }
  return names;
}

/** Rules know the gradient of a node's first output only: LayerNormalization's statistics are for its own backward pass. */
function rejectSideOutputs(node: GraphNode, gradientOf: ReadonlyMap<string, Value>): void {
  const side = node.outputs.slice(1).find((output) => gradientOf.has(output.name));
  if (side === undefined) return;
  throw new GraphError(
    'NON_DIFFERENTIABLE',
    `'${side.name}' is a side output of ${node.opType}, and no gradient passes through it: compute it from its parts`,
  );
}
