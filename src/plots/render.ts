/** Draws charts to SVG text with ECharts, without a browser. */
import type * as Echarts from 'echarts';
import { optionalPackage } from '../core/optional-package.ts';
import type { ChartSpec } from './chart-spec.ts';

/** What is used of ECharts. */
interface SvgChart {
  setOption(option: object): void;
  renderToSVGString(): string;
  dispose(): void;
}

export interface RenderOptions {
  /** Pixels; the SVG scales. Default 760 by 440. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** Goes before every id in the SVG: distinct for charts on one page. Default 'chart'. */
  readonly idPrefix?: string | undefined;
}

/** Returns the chart as SVG; equal charts give equal texts. */
export function renderSvg(spec: ChartSpec, options: RenderOptions = {}): string {
  const { width = 760, height = 440, idPrefix = 'chart' } = options;
  const echarts = optionalPackage<typeof Echarts>('echarts', 'drawing charts');
  const chart: SvgChart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption(spec.option);
    return withoutCounters(chart.renderToSVGString(), idPrefix);
  } finally {
    chart.dispose();
  }
}

/**
 * ECharts counts charts (in ids) and styles (in classes) through the life of the process. Ids get the prefix instead;
 * classes and their style sheet only serve pointers, as do the `ecmeta` attributes, and go.
 */
function withoutCounters(svg: string, idPrefix: string): string {
  return svg
    .replaceAll(/ class="zr\d+-cls-\d+"/gu, '')
    .replaceAll(/ ecmeta_\w+="[^"]*"/gu, '')
    .replaceAll(/<style ?><!\[CDATA\[[^\]]*\]\]>\s*<\/style>\s*/gu, '')
    .replaceAll(/\bzr\d+-/gu, `${idPrefix}-`);
}
