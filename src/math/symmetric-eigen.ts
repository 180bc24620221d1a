/**
 * Eigenvalues and eigenvectors of a symmetric matrix: Householder reflections to tridiagonal form, then QL steps with implicit
 * shifts (Golub and Van Loan, Matrix Computations, 4th ed., 8.3). Rows hold eigenvectors, so that all loops run along rows.
 *
 * Design note: ml-matrix has one, over arrays of rows, and would be a dependency for this alone.
 */

export interface SymmetricEigen {
  /** Eigenvalues, in no order. */
  readonly values: Float64Array<ArrayBuffer>;
  /** Shape (n, n): row i is the unit eigenvector of `values[i]`. */
  readonly vectors: Float64Array<ArrayBuffer>;
}

/** Beside a largest entry of 1: its square is still a number. */
const TINY = 1e-150;
/** QL steps per eigenvalue; two or three are usual. */
const MAX_STEPS = 60;

/** @param matrix shape (n, n), symmetric, finite; only its lower triangle is read. */
export function symmetricEigen(matrix: Float64Array, n: number): SymmetricEigen {
  // Squares of entries must neither overflow nor vanish.
  const scale = largestBelow(matrix, n) || 1;
  const vectors = new Float64Array(n * n);
  for (let k = 0; k < vectors.length; k++) vectors[k] = matrix[k] / scale;
  const values = new Float64Array(n);
  const offDiagonal = new Float64Array(n);
  tridiagonalise(vectors, n, values, offDiagonal);
  diagonalise(vectors, n, values, offDiagonal);
  for (let i = 0; i < n; i++) values[i] *= scale;
  return { values, vectors };
}

/** The largest magnitude in the lower triangle. */
function largestBelow(matrix: Float64Array, n: number): number {
  let largest = 0;
  for (let i = 0; i < n; i++)
    for (let k = i * n; k <= i * n + i; k++) largest = Math.max(largest, Math.abs(matrix[k]));
  return largest;
}

/** A = Q T Q^T: replaces A by Q^T; T gets `diagonal`, and `below[i]` between i and i + 1. */
function tridiagonalise(a: Float64Array, n: number, diagonal: Float64Array, below: Float64Array): void {
  /** Half the squared length of each row's Householder vector, 0 for a row that needs none. */
  const halves = diagonal;
  for (let i = n - 1; i > 0; i--) {
    const row = i * n;
    let scale = 0;
    for (let k = 0; k < i; k++) scale += Math.abs(a[row + k]);
    if (i === 1 || scale === 0) {
      below[i] = a[row + i - 1];
      halves[i] = 0;
      continue;
    }
    below[i] = scale * makeHouseholder(a, row, i, scale, halves);
    reflectBothSides(a, n, i, halves[i], below);
  }
  halves[0] = 0;
  for (let i = 0; i < n; i++) {
    const row = i * n;
    if (halves[i] !== 0) reflectRows(a, n, i, halves[i]);
    diagonal[i] = a[row + i];
    a[row + i] = 1;
    for (let k = 0; k < i; k++) {
      a[row + k] = 0;
      a[k * n + i] = 0;
    }
  }
  below.copyWithin(0, 1);
  below[n - 1] = 0;
}

/** Turns row i left of the diagonal into its Householder vector u, and returns the entry that remains of it, unscaled. */
function makeHouseholder(
  a: Float64Array,
  row: number,
  i: number,
  scale: number,
  halves: Float64Array,
): number {
  let squared = 0;
  for (let k = 0; k < i; k++) {
    const x = a[row + k] / scale;
    a[row + k] = x;
    squared += x * x;
  }
  const last = a[row + i - 1];
  const remains = last >= 0 ? -Math.sqrt(squared) : Math.sqrt(squared);
  a[row + i - 1] = last - remains;
  halves[i] = squared - last * remains;
  return remains;
}

/** A <- H A H on the leading i x i block (its lower triangle), H = I - u u^T / half. `work[0..i)` is overwritten. */
function reflectBothSides(a: Float64Array, n: number, i: number, half: number, work: Float64Array): void {
  const u = i * n;
  work.fill(0, 0, i);
  for (let j = 0; j < i; j++) {
    const row = j * n;
    const uj = a[u + j];
    let sum = a[row + j] * uj;
    for (let k = 0; k < j; k++) {
      sum += a[row + k] * a[u + k];
      work[k] += a[row + k] * uj;
    }
    work[j] += sum;
  }
  let inner = 0;
  for (let j = 0; j < i; j++) {
    work[j] /= half;
    inner += work[j] * a[u + j];
  }
  const along = inner / (2 * half);
  for (let j = 0; j < i; j++) work[j] -= along * a[u + j];
  for (let j = 0; j < i; j++) {
    const row = j * n;
    for (let k = 0; k <= j; k++) a[row + k] -= a[u + j] * work[k] + work[j] * a[u + k];
  }
}

/** The rows above row i, which holds u, are reflected. */
function reflectRows(a: Float64Array, n: number, i: number, half: number): void {
  const u = i * n;
  for (let j = 0; j < i; j++) {
    const row = j * n;
    let along = 0;
    for (let k = 0; k < i; k++) along += a[u + k] * a[row + k];
    along /= half;
    for (let k = 0; k < i; k++) a[row + k] -= along * a[u + k];
  }
}

/** Replaces the tridiagonal matrix by its eigenvalues (`d`) and turns the rows of `q` into eigenvectors. */
function diagonalise(q: Float64Array, n: number, d: Float64Array, e: Float64Array): void {
  for (let first = 0; first < n; first++)
    for (let step = 0; step < MAX_STEPS; step++) {
      const last = endOfBlock(d, e, first, n);
      if (last === first) break;
      qlStep(q, n, d, e, first, last);
    }
}

/** The block that begins at `first` ends where the entry next to the diagonal is zero to rounding. */
function endOfBlock(d: Float64Array, e: Float64Array, first: number, n: number): number {
  let m = first;
  while (m < n - 1 && Math.abs(e[m]) > Number.EPSILON * (Math.abs(d[m]) + Math.abs(d[m + 1])) + TINY) m++;
  return m;
}

/** One QL step with Wilkinson's shift on rows `first` to `last`. */
function qlStep(
  q: Float64Array,
  n: number,
  d: Float64Array,
  e: Float64Array,
  first: number,
  last: number,
): void {
  const half = (d[first + 1] - d[first]) / (2 * e[first]);
  const root = Math.sqrt(half * half + 1);
  let g = d[last] - d[first] + e[first] / (half + (half >= 0 ? root : -root));
  let sine = 1;
  let cosine = 1;
  let p = 0;
  for (let i = last - 1; i >= first; i--) {
    const f = sine * e[i];
    const b = cosine * e[i];
    const radius = Math.sqrt(f * f + g * g);
    e[i + 1] = radius;
    if (radius === 0) {
      // The block falls apart here.
      d[i + 1] -= p;
      e[last] = 0;
      return;
    }
    sine = f / radius;
    cosine = g / radius;
    g = d[i + 1] - p;
    const t = (d[i] - g) * sine + 2 * cosine * b;
    p = sine * t;
    d[i + 1] = g + p;
    g = cosine * t - b;
    rotateRows(q, i * n, n, sine, cosine);
  }
  d[first] -= p;
  e[first] = g;
  e[last] = 0;
}

/** Rotates the row that starts at `at` and the next one. */
function rotateRows(q: Float64Array, at: number, n: number, sine: number, cosine: number): void {
  for (let k = at; k < at + n; k++) {
    const x = q[k];
    const y = q[k + n];
    q[k + n] = sine * x + cosine * y;
    q[k] = cosine * x - sine * y;
  }
}
