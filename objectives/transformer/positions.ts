import type { TensorData } from '../onnx/tensor.ts';

/**
 * Sinusoidal positions (arXiv 1706.03762, section 3.5) in fairseq's layout: the first half of the columns are sines, the second
 * cosines. A SubTransformer takes the first `columns` of its SuperTransformer's table, as HAT does.
 * @param width columns of the SuperTransformer's table.
 * @returns [length, columns]
 */
export function sinusoidalPositions(
  length: number,
  width: number,
  columns: number = width,
): TensorData<'float32'> {
  const half = Math.floor(width / 2);
  const data = new Float32Array(length * columns);
  for (let position = 0; position < length; position++)
    for (let column = 0; column < Math.min(columns, 2 * half); column++) {
      const exponent = (column % half) / Math.max(1, half - 1);
      const angle = position * 10000 ** -exponent;
      data[position * columns + column] = column < half ? Math.sin(angle) : Math.cos(angle);
    }
  return { dtype: 'float32', shape: [length, columns], data };
}
