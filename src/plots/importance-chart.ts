/** How much each parameter matters, as bars. */
import type { ParamImportance } from '../importance/index.ts';
import { type ChartOption, type ChartSpec, chart, xAxis, yAxis } from './chart-spec.ts';
import { COLOR } from './theme.ts';

/** The most important parameter is at the top. */
export function importanceChart(
  importances: readonly ParamImportance[],
  title = 'Parameter importance',
): ChartSpec {
  const axis = yAxis({ name: '' });
  return chart(title, {
    right: 72,
    xAxis: xAxis({ name: 'importance' }, { fromZero: true }),
    yAxis: {
      ...axis,
      type: 'category',
      axisLabel: { ...(axis['axisLabel'] as ChartOption), width: 200, overflow: 'truncate' },
      inverse: true,
      data: importances.map(({ name }) => name),
    },
    series: [
      {
        type: 'bar',
        data: importances.map(({ importance }) => Number(importance.toPrecision(3))),
        itemStyle: { color: COLOR.front },
        barMaxWidth: 28,
        label: { show: true, position: 'right' },
      },
    ],
  });
}
