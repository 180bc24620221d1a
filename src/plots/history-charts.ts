/** How the values of a study went, trial by trial and generation by generation. */
import { type FrozenTrial, totalViolation } from '../core/frozen-trial.ts';
import { quantile } from '../math/statistics.ts';
import {
  type ChartSpec,
  chart,
  finiteValue,
  infeasibleSeries,
  type ObjectiveMeasure,
  xAxis,
  yAxis,
} from './chart-spec.ts';
import { COLOR, LIGHT, SERIES_COLORS } from './theme.ts';

/** Optimization history, one chart for each objective: every trial's value, and the best feasible one so far. */
export function historyCharts(
  trials: readonly FrozenTrial[],
  objectives: readonly ObjectiveMeasure[],
): ChartSpec[] {
  return objectives.map((objective, index) => {
    const feasible: [number, number][] = [];
    const infeasible: [number, number][] = [];
    for (const trial of [...trials].sort((a, b) => a.number - b.number)) {
      const value = finiteValue(trial, index);
      if (value === null) continue;
      ((totalViolation(trial) ?? 0) > 0 ? infeasible : feasible).push([trial.number, value]);
    }
    const title =
      objectives.length === 1 ? 'Optimization history' : `Optimization history: ${objective.name}`;
    return chart(title, {
      xAxis: xAxis({ name: 'trial' }, { integer: true }),
      yAxis: yAxis(objective),
      series: [
        {
          type: 'scatter',
          name: 'trial',
          data: feasible,
          symbolSize: 7,
          itemStyle: { color: COLOR.background, opacity: 0.75, borderColor: LIGHT.ground, borderWidth: 0.5 },
        },
        ...(infeasible.length > 0 ? [infeasibleSeries(infeasible)] : []),
        {
          type: 'line',
          name: 'best so far',
          data: bestSoFar(feasible, objective.direction === 'maximize'),
          step: 'end',
          symbol: 'none',
          lineStyle: { color: COLOR.front, width: 2.5 },
          itemStyle: { color: COLOR.front },
          z: 4,
        },
      ],
    });
  });
}

function bestSoFar(points: readonly (readonly [number, number])[], maximize: boolean): [number, number][] {
  let best = maximize ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return points.map(([number, value]) => {
    best = maximize ? Math.max(best, value) : Math.min(best, value);
    return [number, best];
  });
}

export interface GenerationsChartOptions {
  readonly objective: ObjectiveMeasure;
  /** Which of the study's objectives. Default 0. */
  readonly index?: number | undefined;
  /** Generation of a trial number, as the sampler that made the trials counts them. */
  readonly generationOf: (trialNumber: number) => number;
  readonly title?: string | undefined;
}

/** Least, median and greatest value of the feasible trials of each generation. */
export function generationsChart(
  trials: readonly FrozenTrial[],
  options: GenerationsChartOptions,
): ChartSpec {
  const { objective, index = 0, generationOf, title = 'Generations' } = options;
  const byGeneration = new Map<number, number[]>();
  for (const trial of trials) {
    const value = finiteValue(trial, index);
    if (value === null || (totalViolation(trial) ?? 0) > 0) continue;
    const generation = generationOf(trial.number);
    byGeneration.set(generation, [...(byGeneration.get(generation) ?? []), value]);
  }
  const generations = [...byGeneration].sort(([a], [b]) => a - b);
  const line = (name: string, share: number, color: string, width: number) => ({
    type: 'line',
    name,
    data: generations.map(([generation, values]) => [generation, quantile(values, share)]),
    symbol: 'circle',
    symbolSize: width + 3,
    lineStyle: { color: color, width },
    itemStyle: { color: color },
  });
  return chart(title, {
    xAxis: xAxis({ name: 'generation' }, { integer: true }),
    yAxis: yAxis(objective),
    series: [
      line('maximum', 1, SERIES_COLORS[1], 1.5),
      line('median', 0.5, SERIES_COLORS[2], 2.5),
      line('minimum', 0, SERIES_COLORS[0], 2.5),
    ],
  });
}
