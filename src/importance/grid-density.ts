/**
 * The density of one parameter over a grid of its range, by a Parzen estimator whose bandwidth follows Scott's rule
 * ("Multivariate Density Estimation", Wiley 1992): what PED-ANOVA compares.
 */
import { type Distribution, type ParamValue, toInternalRepr } from '../core/distribution.ts';
import { ndtr } from '../math/index.ts';

/** Most cells that a numeric range is divided into. */
const MOST_CELLS = 50;
/** Weight of the prior, which is uniform over choices and wide over ranges. */
const PRIOR_WEIGHT = 1;
/** Least bandwidth, in cells: 90 % of a kernel's mass is then within its cell. */
const LEAST_BANDWIDTH = 0.5 / 1.64;

/** How many of the values fall into each cell; a choice is a cell, a numeric range is divided evenly (in its own scale). */
export function gridCounts(distribution: Distribution, values: readonly ParamValue[]): Float64Array {
  const counts = new Float64Array(cellsOf(distribution));
  const last = counts.length - 1;
  if (distribution.kind === 'categorical') {
    for (const value of values) counts[toInternalRepr(distribution, value)]++;
    return counts;
  }
  const scale = distribution.log ? Math.log : (x: number) => x;
  const low = scale(distribution.low);
  const width = (scale(distribution.high) - low) / last;
  for (const value of values) {
    const cell = Math.ceil((scale(value as number) - low) / width - 0.5);
    counts[Math.min(Math.max(cell, 0), last)]++;
  }
  return counts;
}

function cellsOf(distribution: Distribution): number {
  if (distribution.kind === 'categorical') return distribution.choices.length;
  const { low, high, log, step } = distribution;
  if (distribution.kind === 'int' && log)
    return Math.min(Math.ceil(Math.log(high - low + 1) / Math.log(2)) + 1, MOST_CELLS);
  return step === null ? MOST_CELLS : Math.min(Math.round((high - low) / step) + 1, MOST_CELLS);
}

/** Probability of each cell, given how many observations fell into each (at least one in all). */
export function gridDensity(distribution: Distribution, counts: Float64Array): Float64Array {
  let total = PRIOR_WEIGHT;
  for (const count of counts) total += count;
  const density = distribution.kind === 'categorical' ? choiceMasses(counts) : cellMasses(counts);
  return density.map((mass) => mass / total);
}

/** Each observed choice is a kernel: 1 on itself and the prior's share, spread over the kernels, on every choice. */
function choiceMasses(counts: Float64Array): Float64Array {
  const n = counts.length;
  const share = PRIOR_WEIGHT / (1 + counts.reduce((observed, count) => observed + (count > 0 ? 1 : 0), 0));
  const norm = 1 + n * share;
  const spread = counts.reduce((mass, count) => mass + (count * share) / norm, PRIOR_WEIGHT / n);
  return counts.map((count) => spread + count / norm);
}

/** Each occupied cell is a normal kernel, cut to the grid, and so is the prior. */
function cellMasses(counts: Float64Array): Float64Array {
  const n = counts.length;
  const density = new Float64Array(n);
  const bandwidth = scottBandwidth(counts);
  const byDistance = Float64Array.from({ length: n }, (_, d) => massAt(d, bandwidth));
  for (let center = 0; center < n; center++)
    if (counts[center] > 0) addKernel(density, counts[center], byDistance, center);
  // The prior's center may lie between two cells, so half distances count.
  const byHalves = Float64Array.from({ length: n }, (_, h) => massAt(h / 2, n));
  const prior = density.map((_, cell) => byHalves[Math.abs(2 * cell - (n - 1))]);
  const inside = prior.reduce((sum, mass) => sum + mass, 0);
  return density.map((mass, cell) => mass + (PRIOR_WEIGHT * prior[cell]) / inside);
}

function addKernel(density: Float64Array, weight: number, byDistance: Float64Array, center: number): void {
  let inside = 0;
  for (let cell = 0; cell < density.length; cell++) inside += byDistance[Math.abs(cell - center)];
  const scale = weight / inside;
  for (let cell = 0; cell < density.length; cell++)
    density[cell] += scale * byDistance[Math.abs(cell - center)];
}

/** Mass that a normal of width `sigma` has in a cell of width 1 whose middle is `distance` >= 0 away. */
function massAt(distance: number, sigma: number): number {
  const right = ndtr(-(distance + 0.5) / sigma);
  return distance < 0.5
    ? 1 - ndtr((distance - 0.5) / sigma) - right
    : ndtr(-(distance - 0.5) / sigma) - right;
}

function scottBandwidth(counts: Float64Array): number {
  let total = 0;
  let sum = 0;
  counts.forEach((count, cell) => {
    total += count;
    sum += count * cell;
  });
  const mean = sum / total;
  let squares = 0;
  counts.forEach((count, cell) => {
    squares += count * (cell - mean) ** 2;
  });
  const deviation = Math.sqrt(squares / Math.max(1, total - 1));
  const quartiles =
    cellWhere(counts, (below) => below > Math.floor((total * 3) / 4)) -
    cellWhere(counts, (below) => below >= Math.floor(total / 4));
  return Math.max(1.059 * Math.min(quartiles / 1.34, deviation) * total ** -0.2, LEAST_BANDWIDTH);
}

/** The first occupied cell at which the number of observations up to it is enough; the last one if it never is. */
function cellWhere(counts: Float64Array, isEnough: (below: number) => boolean): number {
  let below = 0;
  let occupied = 0;
  for (let cell = 0; cell < counts.length; cell++) {
    if (counts[cell] === 0) continue;
    occupied = cell;
    below += counts[cell];
    if (isEnough(below)) return cell;
  }
  return occupied;
}
