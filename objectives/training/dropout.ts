/**
 * Dropout (Srivastava et al., JMLR 15, 2014) whose masks are a pure function of a seed and the step, so that training resumes
 * exactly: each site reads its uniforms out of one resident bank of noise, at an offset that is fed at each step.
 */
import { type GraphBuilder, rankOf, type Value } from '../onnx/index.ts';

/** Distance between the offsets of two sites; a prime, so that sites rarely meet. */
const SITE_STRIDE = 104_729;

/** The offset of the site of this number (0, 1, …), from the offset of the step. */
export function siteOffset(builder: GraphBuilder, offset: Value, site: number): Value {
  return builder.op.add(offset, builder.int64(site * SITE_STRIDE));
}

/**
 * x with each element zeroed with probability p and the others scaled by 1/(1-p).
 * @param noiseBank float vector of uniforms in [0, 1), not shorter than x has elements
 * @param offset int64 scalar, not negative: where in the bank this site's noise begins, modulo what fits
 * @param p float scalar, known when the graph runs
 */
export function dropout(builder: GraphBuilder, x: Value, noiseBank: Value, offset: Value, p: Value): Value {
  const { op } = builder;
  return builder.scope('dropout', () => {
    const rank = rankOf(x, 'dropout');
    const extents = Array.from({ length: rank }, (_, axis) => op.dimension(x, axis));
    const count = extents.reduce((product, extent) => op.mul(product, extent), builder.int64(1));
    const places = op.add(op.sub(op.dimension(noiseBank, 0), count), builder.int64(1));
    const start = op.sub(offset, op.mul(op.div(offset, places), places));
    const noise = op.slice(noiseBank, { axes: [0], starts: [start], ends: [op.add(start, count)] });
    const scale = op.reciprocal(op.sub(builder.float(1), p));
    const uniforms = op.withShape(op.reshape(noise, extents), x.shape!);
    return op.mul(x, op.where(op.greaterOrEqual(uniforms, p), scale, builder.float(0)));
  });
}
