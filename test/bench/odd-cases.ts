/** Problems that users bring and textbooks do not: for the bench odd-problems.ts, and a few of them for a unit test. */
import { float, int, type Rng } from '../../src/core/index.ts';
import {
  boxed,
  branches,
  categories,
  except,
  failing,
  mixed,
  numbers,
  numeric,
  type OddCase,
  optimum,
  rastrigin,
  rosenbrock,
  several,
  slope,
  slopeWithCategories,
  sphere,
  type Told,
} from './odd-builders.ts';

const isOver = (x: readonly number[]): boolean => x[0] > 0.8;
const early =
  (n: number, bad: Told): OddCase['tell'] =>
  (params, trialNumber) =>
    trialNumber < n ? bad : sphere(numbers(params));
const cauchy = (rng: Rng): number => Math.tan(Math.PI * (rng.uniform() - 0.5));
const MAX = Number.MAX_VALUE;

/** Every one differs from textbook problems in one way. */
export const ODD_CASES: readonly OddCase[] = [
  ...[1, 2, 5, 20, 21, 30].map((d) => boxed('dimensions', `sphere, ${d}`, d, sphere)),
  ...[1, 21, 30].map((d) =>
    boxed('dimensions', `sphere, ${d}, define-by-run`, d, sphere, { isDeclared: false }),
  ),
  boxed('dimensions', 'sphere, 5, 300 trials', 5, sphere, { nTrials: 300 }),
  boxed('dimensions', 'rosenbrock, 30', 30, rosenbrock),
  boxed('dimensions', 'rastrigin, 30', 30, rastrigin),
  boxed('dimensions', 'slope to a corner, 30', 30, slope),
  boxed('dimensions', 'slope to a corner, 30, 20 trials', 30, slope, { nTrials: 20 }),
  boxed('dimensions', 'slope to a corner, 200', 200, slope, { nTrials: 40 }),
  boxed('dimensions', 'best in any corner, 100', 100, (x) => -sphere(x), { nTrials: 40 }),
  boxed('dimensions', 'rosenbrock, 100', 100, rosenbrock, { isDeclared: false }),
  boxed('dimensions', 'sphere, 300', 300, sphere),
  boxed('dimensions', 'sphere, 1000', 1000, sphere, { nTrials: 60 }),
  boxed('dimensions', 'slope to a corner, 1000', 1000, slope, { nTrials: 60, isDeclared: false }),
  categories(1, 6, { nTrials: 20 }),
  categories(6, 5),
  categories(20, 4),
  categories(30, 6, { isDeclared: false }),
  categories(200, 3),
  mixed('mixed, 4', 1),
  mixed('mixed, 20', 5, { nTrials: 60 }),
  mixed('mixed, 20, define-by-run', 5, { nTrials: 60, isDeclared: false }),
  mixed('mixed, 80', 20),
  slopeWithCategories('slope with categoricals, 60', 30),
  branches('branches'),
  branches('branches, define-by-run', { isDeclared: false }),
  branches('branches, one of them fails', {
    tell: (params) =>
      params['model'] === 'net' ? Number.NaN : (branches('').tell(params, 0, null as never) as number),
    losses: (params) => [
      params['model'] === 'net' ? Number.POSITIVE_INFINITY : branches('').losses(params)[0],
    ],
  }),
  failing('failures', 'NaN on 20 %', 3, isOver, Number.NaN),
  failing('failures', 'NaN beyond the best', 2, (x) => x[0] + x[1] > 0.8, Number.NaN, {
    loss: (x) => -x[0] - x[1],
    isDeclared: false,
  }),
  failing('failures', 'NaN on 60 %', 3, (x) => x[0] > 0.4, Number.NaN, {
    loss: (x) => sphere([x[0] + 0.5, x[1], x[2]]),
  }),
  failing('failures', 'throws on 90 %', 3, (x) => x[0] > 0.3 || x[1] > 0.33, 'throws', { nTrials: 100 }),
  failing('failures', 'Infinity on 20 %', 3, isOver, Number.POSITIVE_INFINITY),
  failing('failures', 'NaN on half, 30 parameters', 30, (x) => x[0] > x[1], Number.NaN, { nTrials: 100 }),
  failing(
    'failures',
    'throws but in a corner, 30 parameters',
    30,
    (x) => x[0] > 0.35 || x[1] > 0.35,
    'throws',
    { nTrials: 150 },
  ),
  failing('failures', 'NaN with log and step', 4, (x) => x[0] > 0.1, Number.NaN, {
    space: {
      a: float(1e-6, 1e3, { log: true }),
      b: int(1, 9),
      c: float(-1, 1, { step: 0.1 }),
      d: float(0, 1),
    },
    loss: (x) => (Math.log10(x[0]) + 2.1) ** 2 + (x[1] - 3) ** 2 / 9 + x[2] ** 2 + x[3],
  }),
  boxed('failures', 'every third trial fails, anywhere', 4, sphere, {
    nTrials: 60,
    tell: (params, _number, rng) => (rng.uniform() < 0.33 ? 'throws' : sphere(numbers(params))),
  }),
  ...[1e4, 1e12, 1e30, 1e300, MAX].map((penalty) =>
    failing(
      'penalties',
      `${penalty === MAX ? 'MAX_VALUE' : penalty.toExponential()} on 20 %`,
      3,
      isOver,
      penalty,
    ),
  ),
  ...[1e4, 1e30, MAX].map((penalty) =>
    failing(
      'penalties',
      `${penalty === MAX ? 'MAX_VALUE' : penalty.toExponential()} on 60 %`,
      3,
      (x) => x[0] > 0.4,
      penalty,
      {
        loss: (x) => sphere([x[0] + 0.5, x[1], x[2]]),
      },
    ),
  ),
  failing('penalties', '-MAX_VALUE when maximizing', 3, isOver, -MAX, {
    directions: ['maximize'],
    loss: sphere,
    tell: except((x) => -sphere(x), isOver, -MAX),
  }),
  failing('penalties', '1e20 (1 + excess) on 40 %', 3, (x) => x[0] > 0.6, 0, {
    tell: (params) => {
      const x = numbers(params);
      return x[0] > 0.6 ? 1e20 * (x[0] + 0.4) : sphere([x[0] + 0.3, x[1], x[2]]);
    },
    loss: (x) => sphere([x[0] + 0.3, x[1], x[2]]),
  }),
  failing('penalties', '1e30 on half, 30 parameters', 30, (x) => x[0] > x[1], 1e30, { nTrials: 100 }),
  failing('penalties', '1e30 but in a corner, 30 parameters', 30, (x) => x[0] > 0.35 || x[1] > 0.35, 1e30, {
    nTrials: 150,
  }),
  boxed('early', 'first 15 fail', 4, sphere, { nTrials: 70, tell: early(15, 'throws') }),
  boxed('early', 'first 15 pruned', 4, sphere, { nTrials: 70, tell: early(15, 'pruned') }),
  boxed('early', 'first 210 fail', 4, sphere, { nTrials: 280, tell: early(210, Number.NaN) }),
  boxed('early', 'first 260 fail', 2, sphere, { nTrials: 320, tell: early(260, 'throws') }),
  boxed('early', 'first 260 pruned', 2, sphere, { nTrials: 320, tell: early(260, 'pruned') }),
  boxed('early', 'first 30 fail, 30 parameters', 30, sphere, {
    nTrials: 130,
    tell: early(30, 'throws'),
    isDeclared: false,
  }),
  boxed('early', 'most trials pruned', 4, sphere, {
    reports: (params) => [sphere(numbers(params)) + 0.1],
    tell: (params, trialNumber) => (trialNumber % 4 === 0 ? sphere(numbers(params)) : 'pruned'),
  }),
  boxed('constraints', 'feasible on 1 %', 3, sphere, {
    constraints: (params) => [numbers(params).reduce((sum, v, i) => sum + Math.abs(v - optimum(i)), 0) - 0.2],
  }),
  boxed('constraints', 'feasible on 2 %, yes or no', 3, slope, {
    constraints: (params) => [numbers(params).every((v) => v < 0.27) ? -1 : 1],
  }),
  boxed('constraints', 'violations of 1e30', 3, sphere, {
    constraints: (params) => [numbers(params)[0] > 0.3 ? 1e30 : -1, numbers(params)[1] - 0.4],
  }),
  boxed('constraints', 'feasible on 1 %, 30 parameters', 30, sphere, {
    nTrials: 150,
    constraints: (params) => [
      numbers(params)
        .slice(0, 3)
        .reduce((sum, v) => sum + v, 0) - 0.4,
    ],
  }),
  boxed('noise', 'sphere with noise', 4, sphere, {
    tell: (params, _number, rng) => sphere(numbers(params)) + 0.3 * rng.normal(),
  }),
  boxed('noise', 'sphere with noise, 30 parameters', 30, sphere, {
    tell: (params, _number, rng) => sphere(numbers(params)) + rng.normal(),
  }),
  boxed('noise', 'outliers upwards', 4, sphere, {
    tell: (params, _number, rng) => sphere(numbers(params)) + 0.1 * Math.abs(cauchy(rng)) ** 3,
  }),
  boxed('noise', 'nothing but noise', 3, () => 0, { tell: (_params, _number, rng) => rng.normal() }),
  boxed('plateaus', 'constant', 3, () => 1, { nTrials: 40 }),
  boxed('plateaus', 'constant, 30 parameters', 30, () => 1),
  boxed(
    'plateaus',
    'two values, one on 4 %',
    2,
    (x) => (Math.abs(x[0] - 0.8) < 0.1 && Math.abs(x[1] - 0.3) < 0.1 ? 0 : 1),
    { nTrials: 60 },
  ),
  boxed('plateaus', 'five steps', 4, (x) => Math.round(4 * Math.sqrt(sphere(x)))),
  boxed(
    'plateaus',
    'wrong answers of 12, 25 parameters',
    25,
    (x) => x.slice(0, 12).filter((v) => v < 0.75).length,
  ),
  boxed('heavy tails', 'exp(30 distance)', 4, (x) => Math.exp(30 * Math.sqrt(sphere(x)))),
  boxed('heavy tails', 'pole', 3, (x) => sphere(x) + 1e-3 / (Math.abs(x[0] - 0.3) + 1e-12) ** 2),
  boxed('heavy tails', 'exp(100 distance), 30 parameters', 30, (x) => Math.exp(100 * Math.sqrt(sphere(x)))),
  numeric(
    'ranges',
    'least range',
    { x: float(0, 5e-324), y: float(0, 1) },
    ([x, y]) => (x > 0 ? 0 : 1) + (y - 0.3) ** 2,
    { nTrials: 40 },
  ),
  numeric(
    'ranges',
    'huge ranges',
    { x: float(-8e307, 8e307), y: float(1e308, 1.7e308) },
    ([x, y]) => (x / 8e307 - 0.3) ** 2 + (y / 1e308 - 1.2) ** 2,
    { nTrials: 50 },
  ),
  numeric(
    'ranges',
    'log from 1e-300 to 1e300',
    { x: float(1e-300, 1e300, { log: true }), y: float(1e-12, 1e-9, { log: true }) },
    ([x, y]) => ((Math.log10(x) - 80) / 300) ** 2 + (Math.log10(y) + 10.2) ** 2,
    { nTrials: 50 },
  ),
  numeric(
    'ranges',
    'neighbors in doubles',
    { x: float(1, 1 + 2 ** -50), y: float(1e300, 1e300 * (1 + 2 ** -51), { log: true }), z: float(0, 1) },
    ([x, , z]) => (x - 1) * 2 ** 50 + (z - 0.7) ** 2,
    { nTrials: 40 },
  ),
  numeric(
    'ranges',
    'ints of one value',
    { a: int(4, 4), b: int(0, 2 ** 40), c: int(1, 2), d: int(1, 1e6, { log: true }) },
    ([, b, c, d]) => (b / 2 ** 40 - 0.6) ** 2 + (c - 1) + (Math.log10(d) - 2) ** 2,
    { nTrials: 50 },
  ),
  numeric(
    'ranges',
    'many steps',
    { a: float(0, 1e6, { step: 1e-3 }), b: float(0, 1e-320, { step: 1e-322 }), c: int(0, 1000, { step: 7 }) },
    ([a, b, c]) => (a / 1e6 - 0.4) ** 2 + (b / 1e-320 - 0.7) ** 2 + (c / 1000 - 0.2) ** 2,
    { nTrials: 50 },
  ),
  several('two objectives, 5', 5, 2),
  several('three objectives, 5', 5, 3),
  several('two objectives, 40', 40, 2),
  several('two objectives, penalties of 1e30', 4, 2, { penalty: 1e30 }),
  several('two objectives, penalties of MAX_VALUE', 4, 2, { penalty: MAX }),
  several('three objectives, penalties of MAX_VALUE', 4, 3, { penalty: MAX }),
  several('two objectives, NaN', 4, 2, { penalty: Number.NaN }),
];
