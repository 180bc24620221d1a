/** Lines over steps: training losses, and how fast samplers converge. */

import { quantile } from '../math/statistics.ts';
import { type ChartOption, type ChartSpec, chart, type Measure, xAxis, yAxis } from './chart-spec.ts';
import { SERIES_COLORS } from './theme.ts';

export interface Curve {
  readonly name: string;
  /** [step, value], in order of step. */
  readonly points: readonly (readonly [number, number])[];
}

/** Training curves, as of a training and a validation loss; values that are not finite are left out. */
export function trainingChart(
  curves: readonly Curve[],
  options: {
    readonly title?: string | undefined;
    readonly step?: Measure | undefined;
    readonly value?: Measure | undefined;
  } = {},
): ChartSpec {
  const {
    title = 'Training',
    step = { name: 'update' },
    value = { name: 'loss', unit: 'nats per token' },
  } = options;
  return chart(title, {
    xAxis: xAxis(step, { integer: true }),
    yAxis: yAxis(value),
    series: curves.map(({ name, points }, i) => {
      const few = points.length <= 40;
      return {
        type: 'line',
        name,
        data: points.filter(([, y]) => Number.isFinite(y)),
        symbol: few ? 'circle' : 'none',
        symbolSize: 5,
        lineStyle: lineStyle(i, 2),
        itemStyle: { color: colorOf(i) },
      };
    }),
  });
}

export interface ConvergenceRuns {
  readonly sampler: string;
  /** Best value so far after each trial, one list for each seed, all of one length. */
  readonly runs: readonly (readonly number[])[];
}

/**
 * Median of the best value so far over seeds, with a band from the lower to the upper quartile.
 * @param options.logarithmic shows log10 of the values, which must then be positive: for distances to a known optimum.
 */
export function convergenceChart(
  samplers: readonly ConvergenceRuns[],
  options: {
    readonly value: Measure;
    readonly title?: string | undefined;
    readonly logarithmic?: boolean | undefined;
  },
): ChartSpec {
  const { value, title = 'Convergence', logarithmic = false } = options;
  const shown = (y: number): number => (logarithmic ? Math.log10(y) : y);
  const series = samplers.flatMap(({ sampler, runs }, i): ChartOption[] => {
    const trials = Math.min(...runs.map((run) => run.length));
    const curve = (share: number): number[] =>
      Array.from({ length: trials }, (_, t) =>
        quantile(
          runs.map((run) => shown(run[t])),
          share,
        ),
      );
    const [lower, median, upper] = [curve(0.25), curve(0.5), curve(0.75)];
    const line = { type: 'line', symbol: 'none', step: 'end', itemStyle: { color: colorOf(i) } };
    // A band is two stacked lines: an invisible lower one, and above it the filled difference.
    const band = {
      ...line,
      stack: `band ${i}`,
      stackStrategy: 'all',
      lineStyle: { opacity: 0 },
      silent: true,
    };
    const over = (values: readonly number[]) => values.map((y, t) => [t + 1, y]);
    return [
      { ...band, data: over(lower) },
      {
        ...band,
        data: over(upper.map((y, t) => y - lower[t])),
        areaStyle: { color: colorOf(i), opacity: 0.16 },
      },
      { ...line, name: sampler, data: over(median), lineStyle: lineStyle(i, 2.5), z: 4 },
    ];
  });
  const measure = logarithmic ? { ...value, name: `log10 of ${value.name}` } : value;
  return chart(title, {
    xAxis: xAxis({ name: 'trials' }, { integer: true }),
    yAxis: yAxis(measure),
    series,
  });
}

/** Dashed once the colors have been used up. */
function lineStyle(index: number, width: number): ChartOption {
  return { color: colorOf(index), width, type: index < SERIES_COLORS.length ? 'solid' : 'dashed' };
}

function colorOf(index: number): string {
  return SERIES_COLORS[index % SERIES_COLORS.length];
}
