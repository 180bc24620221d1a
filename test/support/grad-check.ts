/** Checks a gradient graph against central differences of its forward graph. */

import { pullBack } from '../../objectives/autodiff/backward.ts';
import {
  createSession,
  type Device,
  float32,
  GraphBuilder,
  type Session,
  type TensorData,
  toTensor,
  type Value,
} from '../../objectives/onnx/index.ts';

export interface GradCheckCase {
  /** Differentiated inputs, at the point where they are checked: keep away from kinks by more than `step`. */
  readonly inputs: Readonly<Record<string, TensorData<'float32'>>>;
  /** Further inputs, which are not differentiated. */
  readonly feeds?: Readonly<Record<string, TensorData>> | undefined;
  /** The function under test, of any output shape. */
  build(builder: GraphBuilder, values: Readonly<Record<string, Value>>): Value;
  /** Hides the inputs' extents from the builder, so that shapes are worked out when the graph runs. */
  readonly symbolic?: boolean | undefined;
}

export interface GradCheckReport {
  /** Largest |analytic - numeric| / max(1, |numeric|) over all elements of all inputs. */
  readonly maxError: number;
  readonly worst: {
    readonly input: string;
    readonly index: number;
    readonly analytic: number;
    readonly numeric: number;
  };
  readonly opTypes: ReadonlySet<string>;
}

/**
 * Compares the gradients of Σ w·f(x), with fixed weights w = cos(1), cos(2) …, by every element of every input.
 * @param step the half-width of the central difference; float32 leaves about three digits at the default.
 */
export async function gradCheck(
  testCase: GradCheckCase,
  {
    step = 2 ** -7,
    device = 'cpu',
  }: { readonly step?: number | undefined; readonly device?: Device | undefined } = {},
): Promise<GradCheckReport> {
  const builder = new GraphBuilder();
  const declare = (name: string, tensor: TensorData): Value => {
    const shape = testCase.symbolic ? tensor.shape.map((_, axis) => `${name}.${axis}`) : tensor.shape;
    return builder.input(name, tensor.dtype, shape);
  };
  const tensors: Record<string, TensorData> = { ...testCase.feeds, ...testCase.inputs };
  const values = Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [name, declare(name, tensor)]),
  );
  const result = testCase.build(builder, values);
  const opTypes = new Set<string>(builder.nodes.map((node) => node.opType));
  const resultName = builder.output(result, 'gradCheck.result');
  // A session of its own: onnxruntime computes every output of a model, also those that are not fetched.
  const forward = await createSession(builder.build(), { device });
  const [value] = await run(forward, tensors, [resultName]);
  const seed = float32(
    Float32Array.from(value.data as Float32Array, (_, i) => Math.cos(i + 1)),
    value.shape,
  );
  const weightedSum = async (point: Record<string, TensorData>): Promise<number> => {
    const [{ data }] = await run(forward, point, [resultName]);
    return (data as Float32Array).reduce((sum, element, i) => sum + element * seed.data[i], 0);
  };

  const weights = builder.input('gradCheck.weights', 'float32', result.shape ?? []);
  const names = Object.keys(testCase.inputs);
  const products = pullBack(
    builder,
    [{ value: result, gradient: weights }],
    names.map((name) => values[name]),
  );
  const gradientNames = products.map((product, index) =>
    builder.output(product, `gradCheck.gradient${index}`),
  );
  const backward = await createSession(builder.build(), { device });
  const analytic = await run(backward, { ...tensors, 'gradCheck.weights': seed }, gradientNames);

  let maxError = 0;
  let worst = { input: names[0], index: 0, analytic: 0, numeric: 0 };
  for (const [position, name] of names.entries()) {
    const { shape, data } = testCase.inputs[name];
    const nudged = async (index: number, by: number): Promise<[sum: number, at: number]> => {
      const moved = data.slice();
      moved[index] += by;
      return [
        await weightedSum({ ...tensors, [name]: { dtype: 'float32', shape, data: moved } }),
        moved[index],
      ];
    };
    for (let index = 0; index < data.length; index++) {
      const [[high, right], [low, left]] = [await nudged(index, step), await nudged(index, -step)];
      const numeric = (high - low) / (right - left);
      const actual = Number(analytic[position].data[index]);
      const difference = Math.abs(actual - numeric) / Math.max(1, Math.abs(numeric));
      const error = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
      if (error > maxError) {
        maxError = error;
        worst = { input: name, index, analytic: actual, numeric };
      }
    }
  }
  await forward.release();
  await backward.release();
  return { maxError, worst, opTypes };
}

async function run(
  session: Session,
  tensors: Readonly<Record<string, TensorData>>,
  fetches: readonly string[],
): Promise<TensorData[]> {
  const feeds = Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, toTensor(tensor)]));
  const outputs = await session.run(feeds, fetches);
  return Promise.all(fetches.map((name) => outputs[name].read()));
}
