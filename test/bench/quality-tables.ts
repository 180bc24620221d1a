/** The quality bench's results as text. */
import { holm, mannWhitneyU, quantile } from '../../src/math/index.ts';
import type { Series } from './quality-score.ts';

const LEVEL = 0.05;

interface Row {
  readonly problem: string;
  readonly ours: Series;
  readonly theirs: Series;
  /** Share of pairs of runs in which ours is better. */
  readonly better: number;
  readonly p: number;
  readonly holm: number;
}

const median = (values: readonly number[]): number => quantile(values, 0.5);
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** One row per problem that both have. */
function compared(ours: readonly Series[], theirs: readonly Series[]): Row[] {
  const pairs = ours.flatMap((mine) => {
    const other = theirs.find(({ problem }) => problem === mine.problem);
    return other === undefined ? [] : [{ mine, other, test: mannWhitneyU(mine.scores, other.scores) }];
  });
  const adjusted = holm(pairs.map(({ test }) => test.pValue));
  return pairs.map(({ mine, other, test }, i) => ({
    problem: mine.problem,
    ours: mine,
    theirs: other,
    better: 1 - test.u / (mine.scores.length * other.scores.length),
    p: test.pValue,
    holm: adjusted[i],
  }));
}

const isWorse = (row: Row): boolean => row.holm < LEVEL && row.better < 0.5;
const isBetter = (row: Row): boolean => row.holm < LEVEL && row.better > 0.5;
const hasBetterMedian = (row: Row): boolean => median(row.ours.scores) < median(row.theirs.scores);

const number = (value: number): string =>
  Number.isFinite(value) ? Math.abs(value).toPrecision(4) : 'none feasible';
const probability = (p: number): string => (p < 1e-4 ? p.toExponential(1) : p.toFixed(4));

/** Problem by problem, with the median scores, the test, and CPU seconds per study; then what it comes to. */
export function comparison(ours: readonly Series[], theirs: readonly Series[]): string {
  const rows = compared(ours, theirs);
  if (rows.length === 0) return 'nothing to compare';
  const [{ ours: mine, theirs: other }] = rows;
  const seconds = (series: Series): string => (sum(series.cpuS) / series.cpuS.length).toFixed(2);
  const verdict = (row: Row): string => (isWorse(row) ? 'WORSE' : isBetter(row) ? 'better' : '=');
  const names = [`${mine.side} ${mine.sampler}`, `${other.side} ${other.sampler}`];
  return [
    table(
      ['problem', ...names, 'ours better', 'p', 'p (Holm)', 'verdict', 'CPU s ours', 'CPU s theirs'],
      rows.map((row) => [
        row.problem,
        number(median(row.ours.scores)) + (hasBetterMedian(row) ? ' *' : '  '),
        number(median(row.theirs.scores)),
        `${Math.round(100 * row.better)} %`,
        probability(row.p),
        probability(row.holm),
        verdict(row),
        seconds(row.ours),
        seconds(row.theirs),
      ]),
    ),
    summary(rows),
  ].join('\n');
}

function summary(rows: readonly Row[]): string {
  const n = rows.length;
  const count = (predicate: (row: Row) => boolean): number => rows.filter(predicate).length;
  const better = count(hasBetterMedian);
  const worse = count(isWorse);
  const cpu = (pick: (row: Row) => Series): string => sum(rows.flatMap((row) => pick(row).cpuS)).toFixed(1);
  return [
    `not significantly worse on ${n - worse} of ${n}: on all of them ${met(worse === 0)}`,
    `better median (*) on ${better} of ${n}: on two thirds ${met(3 * better >= 2 * n)}`,
    `significantly better on ${count(isBetter)}, worse on ${worse}`,
    `CPU seconds of all studies: ours ${cpu((row) => row.ours)}, theirs ${cpu((row) => row.theirs)}`,
  ].join('\n');
}

function met(condition: boolean): string {
  return condition ? 'YES' : 'NO';
}

/** Columns side by side: the first to the left, the others to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, k) => Math.max(title.length, ...rows.map((row) => row[k].length)));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, k) => (k === 0 ? cell.padEnd(widths[k]) : cell.padStart(widths[k]))).join('  ');
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}
