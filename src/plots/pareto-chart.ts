import { InvalidArgumentError } from '../core/errors.ts';
import { type FrozenTrial, totalViolation } from '../core/frozen-trial.ts';
import { lossRows } from '../core/losses.ts';
import { paretoFront, pickRows } from '../pareto/index.ts';
import {
  axisName,
  type ChartOption,
  type ChartSpec,
  chart,
  finiteValue,
  infeasibleSeries,
  type ObjectiveMeasure,
  xAxis,
  yAxis,
} from './chart-spec.ts';
import { kneePoint } from './knee-point.ts';
import { COLOR, COLOR_SCALE, FONT, LIGHT } from './theme.ts';

export interface ParetoChartOptions {
  /** One for each objective of the study. */
  readonly objectives: readonly ObjectiveMeasure[];
  /** Objectives on the axes. Default 0 and 1. */
  readonly x?: number | undefined;
  readonly y?: number | undefined;
  /** Objective shown as color; null for none. Default: the first that is on no axis, if there is one. */
  readonly color?: number | null | undefined;
  readonly title?: string | undefined;
}

/**
 * Completed trials in objective space. The front is that of all objectives together, over feasible trials; its knee is
 * marked. Points carry [x, y, color, trial number].
 */
export function paretoChart(trials: readonly FrozenTrial[], options: ParetoChartOptions): ChartSpec {
  const { objectives, x = 0, y = 1, title = 'Pareto front' } = options;
  const unused = objectives.findIndex((_, i) => i !== x && i !== y);
  const { color = unused < 0 ? null : unused } = options;
  for (const index of [x, y, ...(color === null ? [] : [color])])
    if (objectives[index] === undefined)
      throw new InvalidArgumentError(
        `a Pareto chart shows objectives 0 to ${objectives.length - 1}, but objective ${index} was asked for`,
      );

  const usable = trials.filter((trial) => objectives.every((_, i) => finiteValue(trial, i) !== null));
  const infeasible = usable.filter((trial) => (totalViolation(trial) ?? 0) > 0);
  const feasible = usable.filter((trial) => (totalViolation(trial) ?? 0) === 0);
  const m = objectives.length;
  const losses = lossRows(
    feasible,
    objectives.map((o) => o.direction),
  );
  const front = paretoFront(losses, m);
  const knee = kneePoint(pickRows(losses, m, front), m);
  const inFront = new Set(front);

  const pointOf = ({ values, number }: FrozenTrial): number[] => [
    values![x],
    values![y],
    values![color ?? y],
    number,
  ];
  const frontPoints = front.map((i) => pointOf(feasible[i])).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const dominated = feasible.filter((_, i) => !inFront.has(i)).map(pointOf);

  const series: ChartOption[] = [
    {
      ...dots('dominated', dominated, COLOR.background, 6),
      itemStyle: { color: COLOR.background, opacity: 0.55 },
    },
    ...(infeasible.length > 0 ? [infeasibleSeries(infeasible.map(pointOf))] : []),
    ...(m === 2 && frontPoints.length > 1 ? [frontLine(frontPoints, objectives[x])] : []),
    { ...dots('Pareto front', frontPoints, COLOR.front, 11), z: 4 },
    ...(knee === null ? [] : [kneeMark(pointOf(feasible[front[knee]]), objectives[x], objectives[y])]),
  ];
  const frontIndex = series.findIndex((s) => s['name'] === 'Pareto front');
  return chart(title, {
    xAxis: xAxis(objectives[x]),
    yAxis: yAxis(objectives[y]),
    series,
    ...(color === null || frontPoints.length === 0
      ? {}
      : { right: 120, visualMap: colorBar(axisName(objectives[color]), frontPoints, frontIndex) }),
  });
}

function dots(
  name: string,
  data: readonly (readonly number[])[],
  color: string,
  symbolSize: number,
): ChartOption {
  return {
    type: 'scatter',
    name,
    data,
    symbolSize,
    itemStyle: { color, opacity: 1, borderColor: LIGHT.ground, borderWidth: 1 },
  };
}

/** The border of what two objectives dominate. */
function frontLine(points: readonly (readonly number[])[], x: ObjectiveMeasure): ChartOption {
  return {
    type: 'line',
    data: points.map(([px, py]) => [px, py]),
    step: x.direction === 'minimize' ? 'end' : 'start',
    symbol: 'none',
    lineStyle: { color: COLOR.front, width: 1.5, opacity: 0.6 },
    z: 3,
  };
}

/** Its label goes to the side where better points would lie, which is empty. */
function kneeMark(point: readonly number[], x: ObjectiveMeasure, y: ObjectiveMeasure): ChartOption {
  return {
    type: 'scatter',
    name: 'knee',
    data: [point],
    symbol: 'circle',
    symbolSize: 20,
    itemStyle: { color: 'transparent', opacity: 1, borderColor: COLOR.highlight, borderWidth: 2.5 },
    label: {
      show: true,
      formatter: `trial ${point[3]}`,
      position: y.direction === 'minimize' ? 'bottom' : 'top',
      align: x.direction === 'minimize' ? 'right' : 'left',
      distance: 5,
      color: LIGHT.ink,
      fontFamily: FONT,
      fontSize: 12,
      fontWeight: 600,
    },
    z: 5,
  };
}

function colorBar(name: string, points: readonly (readonly number[])[], seriesIndex: number): ChartOption {
  const values = points.map((p) => p[2]);
  const low = Math.min(...values);
  const high = Math.max(...values);
  return {
    type: 'continuous',
    dimension: 2,
    seriesIndex,
    min: low,
    max: high > low ? high : low + 1,
    precision: high - low >= 20 ? 0 : high - low >= 2 ? 1 : 3,
    text: [name, ''],
    orient: 'vertical',
    right: 16,
    top: 'middle',
    itemHeight: 200,
    itemWidth: 14,
    calculable: true,
    inRange: { color: COLOR_SCALE },
    textStyle: { color: LIGHT.ink, fontFamily: FONT, fontSize: 12 },
  };
}
