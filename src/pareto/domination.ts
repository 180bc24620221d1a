/** Whether row `a` is nowhere worse and somewhere better than row `b`. */
export function dominates(losses: Float64Array, m: number, a: number, b: number): boolean {
  let better = false;
  for (let j = 0; j < m; j++) {
    const x = losses[a * m + j];
    const y = losses[b * m + j];
    if (x > y) return false;
    if (x < y) better = true;
  }
  return better;
}

/** Whether point `a` is nowhere worse than point `b`. */
export function covers(a: readonly number[], b: readonly number[]): boolean {
  return a.every((loss, k) => loss <= b[k]);
}
