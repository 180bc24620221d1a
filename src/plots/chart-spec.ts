/**
 * A chart is data: a title and ECharts options without functions, so that the same chart can be drawn to SVG here, or
 * sent as JSON to a browser and drawn there.
 */
import type { FrozenTrial, JsonValue, StudyDirection } from '../core/frozen-trial.ts';
import { COLOR, FONT, LIGHT, SERIES_COLORS } from './theme.ts';

export type ChartOption = { readonly [key: string]: JsonValue };

export interface ChartSpec {
  readonly title: string;
  readonly option: ChartOption;
}

/** What an axis shows. */
export interface Measure {
  readonly name: string;
  readonly unit?: string | undefined;
}

/** An objective of a study, in the order of its directions. */
export interface ObjectiveMeasure extends Measure {
  readonly direction: StudyDirection;
}

export function axisName({ name, unit }: Measure): string {
  return unit === undefined ? name : `${name} [${unit}]`;
}

/** The value of one objective, if the trial completed with a finite one. */
export function finiteValue(trial: FrozenTrial, objective: number): number | null {
  if (trial.state !== 'COMPLETE') return null;
  const value = trial.values?.[objective];
  return value !== undefined && Number.isFinite(value) ? value : null;
}

const AXIS_TEXT = { color: LIGHT.muted, fontFamily: FONT, fontSize: 12 };

interface AxisOptions {
  /** Counts (trials, generations, steps) have whole ticks and no unit. */
  readonly integer?: boolean | undefined;
  readonly fromZero?: boolean | undefined;
}

function axis(measure: Measure, options: AxisOptions): ChartOption {
  return {
    type: 'value',
    name: axisName(measure),
    nameLocation: 'middle',
    nameTextStyle: { ...AXIS_TEXT, color: LIGHT.ink },
    scale: options.fromZero !== true,
    ...(options.integer === true ? { minInterval: 1 } : {}),
    axisLabel: { ...AXIS_TEXT, hideOverlap: true },
    axisLine: { show: true, onZero: false, lineStyle: { color: LIGHT.muted } },
    axisTick: { show: true, lineStyle: { color: LIGHT.muted } },
    splitLine: { lineStyle: { color: LIGHT.line, type: 'dashed' } },
  };
}

export function xAxis(measure: Measure, options: AxisOptions = {}): ChartOption {
  return { ...axis(measure, options), nameGap: 32, nameTruncate: { maxWidth: 520, ellipsis: '…' } };
}

export function yAxis(measure: Measure, options: AxisOptions = {}): ChartOption {
  return { ...axis(measure, options), nameGap: 58, nameTruncate: { maxWidth: 230, ellipsis: '…' } };
}

/** Title and legend above, axes below: parts never overlap. Unnamed series do not appear in the legend. */
export function chart(
  title: string,
  parts: {
    readonly xAxis: ChartOption;
    readonly yAxis: ChartOption;
    readonly series: readonly ChartOption[];
    /** Room on the right, in pixels, for a color bar. */
    readonly right?: number | undefined;
    readonly visualMap?: ChartOption | undefined;
  },
): ChartSpec {
  const { series, right = 28, visualMap } = parts;
  const names = [...new Set(series.flatMap((s) => (typeof s['name'] === 'string' ? [s['name']] : [])))];
  return {
    title,
    option: {
      animation: false,
      color: SERIES_COLORS,
      textStyle: { fontFamily: FONT },
      title: {
        text: title,
        left: 16,
        top: 12,
        textStyle: { color: LIGHT.ink, fontFamily: FONT, fontSize: 16, fontWeight: 600 },
      },
      legend: {
        data: names,
        left: 12,
        top: 40,
        itemGap: 26,
        textStyle: { ...AXIS_TEXT, color: LIGHT.ink },
      },
      grid: {
        left: 84,
        right,
        top: 40 + 40 * legendRows(names),
        bottom: 60,
        outerBounds: { left: 16, bottom: 16 },
      },
      xAxis: parts.xAxis,
      yAxis: parts.yAxis,
      series,
      ...(visualMap === undefined ? {} : { visualMap }),
    },
  };
}

/** How many rows a legend breaks into at the usual width, by an upper estimate of its letters' widths. */
function legendRows(names: readonly string[]): number {
  const [rowWidth, symbolWidth, letterWidth] = [720, 56, 7.5];
  let rows = 1;
  let used = 0;
  for (const name of names) {
    const width = symbolWidth + letterWidth * name.length;
    if (used > 0 && used + width > rowWidth) {
      rows++;
      used = 0;
    }
    used += width;
  }
  return rows;
}

/** Crosses for trials that broke a constraint. */
export function infeasibleSeries(points: readonly (readonly number[])[]): ChartOption {
  return {
    type: 'scatter',
    name: 'infeasible',
    data: points,
    symbol: 'path://M-4,-5L0,-1L4,-5L5,-4L1,0L5,4L4,5L0,1L-4,5L-5,4L-1,0L-5,-4Z',
    symbolSize: 8,
    itemStyle: { color: COLOR.infeasible, opacity: 0.7 },
    z: 2,
  };
}
