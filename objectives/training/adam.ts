/**
 * Adam (Kingma and Ba, arXiv 1412.6980, algorithm 1) as graph nodes, with PyTorch's placement of ε and bias correction, and decoupled
 * weight decay (Loshchilov and Hutter, arXiv 1711.05101, algorithm 2), as fairseq's Adam has it and `torch.optim.AdamW`.
 */
import { type GraphBuilder, GraphError, isStatic, type Updates, type Value } from '../onnx/index.ts';

export interface AdamOptions {
  /** Default 0.9 and 0.98. */
  readonly betas?: readonly [number, number] | undefined;
  /** Default 1e-8. */
  readonly epsilon?: number | undefined;
  /** Each step takes this share of the parameters, times the learning rate, off them; default 0. */
  readonly weightDecay?: number | undefined;
  /** Scales the gradients so that their joint Euclidean norm is at most this; default: no clipping. */
  readonly clipNorm?: number | undefined;
}

export interface StateTensor {
  readonly name: string;
  readonly shape: readonly number[];
}

export interface AdamNodes {
  /** Resident name to output name, of the parameters and their moments. */
  readonly updates: Updates;
  /** The moments, m/(1-β1) and v/(1-β2); they start at zero. */
  readonly moments: readonly StateTensor[];
  /** Joint Euclidean norm of the gradients before clipping, a scalar; only with `clipNorm`. */
  readonly gradientNorm: Value | null;
}

/**
 * Appends one step of Adam. Each parameter is a graph input of static shape; its moments become inputs `NAME/m` and `NAME/v`.
 * @param learningRate float scalar
 * @param step float scalar, 1 at the first step
 */
export function adam(
  builder: GraphBuilder,
  parameters: readonly { readonly parameter: Value; readonly gradient: Value }[],
  learningRate: Value,
  step: Value,
  { betas: [beta1, beta2] = [0.9, 0.98], epsilon = 1e-8, weightDecay = 0, clipNorm }: AdamOptions = {},
): AdamNodes {
  const { op } = builder;
  const number = (value: number): Value => builder.float(value);
  const updates: Record<string, string> = {};
  const moments: StateTensor[] = [];

  return builder.scope('adam', () => {
    // The last form of section 2, α_t m / (√v + ε_t) with α_t = α √(1-β2^t) / (1-β1^t), with ε where PyTorch has it, for sums
    // m/(1-β1) and v/(1-β2) instead of averages, which takes two multiplications less.
    const correction = op.sqrt(op.div(op.sub(number(1), op.pow(number(beta2), step)), number(1 - beta2)));
    const debiased = op.div(number(1 - beta1), op.sub(number(1), op.pow(number(beta1), step)));
    const stepSize = op.mul(op.mul(learningRate, correction), debiased);
    const scaledEpsilon = op.mul(correction, number(epsilon));
    const gradientNorm =
      clipNorm === undefined
        ? null
        : globalNorm(
            builder,
            parameters.map((row) => row.gradient),
          );
    const clip =
      gradientNorm === null || clipNorm === undefined
        ? null
        : op.min(op.div(number(clipNorm), op.add(gradientNorm, number(1e-6))), number(1));

    const kept = weightDecay === 0 ? null : op.sub(number(1), op.mul(learningRate, number(weightDecay)));

    for (const { parameter, gradient: raw } of parameters) {
      const { name, shape } = parameter;
      if (!isStatic(shape)) {
        throw new GraphError(
          'SHAPE_MISMATCH',
          `parameter '${name}' needs a static shape, but has [${shape}]`,
        );
      }
      const [m, v] = [
        builder.input(`${name}/m`, 'float32', shape),
        builder.input(`${name}/v`, 'float32', shape),
      ];
      const gradient = clip === null ? raw : op.mul(raw, clip);
      const m2 = op.add(op.mul(m, number(beta1)), gradient);
      const v2 = op.add(op.mul(v, number(beta2)), op.mul(gradient, gradient));
      const delta = op.div(op.mul(m2, stepSize), op.add(op.sqrt(v2), scaledEpsilon));
      const decayed = kept === null ? parameter : op.mul(parameter, kept);
      updates[name] = builder.output(op.sub(decayed, delta));
      updates[m.name] = builder.output(m2);
      updates[v.name] = builder.output(v2);
      moments.push({ name: m.name, shape }, { name: v.name, shape });
    }
    return { updates, moments, gradientNorm };
  });
}

function globalNorm(builder: GraphBuilder, gradients: readonly Value[]): Value {
  const { op } = builder;
  const squares = gradients.map((gradient) => {
    const axes = Array.from({ length: gradient.shape?.length ?? 0 }, (_, axis) => axis);
    return op.reduceSum(op.mul(gradient, gradient), axes, false);
  });
  return op.sqrt(squares.reduce((sum, square) => op.add(sum, square)));
}
