/** Pareto domination, and Deb's constrained domination (Deb et al., NSGA-II, IEEE TEC 6(2), 2002, section VI). */

/** Is row `a` nowhere worse and somewhere better than row `b`? */
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

/**
 * Feasible beats infeasible; of two infeasible the smaller total violation wins; of two feasible Pareto decides.
 * @param violations sum of positive constraint values per row; 0 is feasible.
 */
export function constrainedDominates(
  losses: Float64Array,
  m: number,
  violations: ArrayLike<number>,
  a: number,
  b: number,
): boolean {
  if (violations[a] > 0 || violations[b] > 0) return violations[a] < violations[b];
  return dominates(losses, m, a, b);
}
