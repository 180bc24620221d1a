/** How much each parameter matters, as bars. */
import type { ParamImportance } from '../importance/index.ts';
import { type ChartSpec, chart, xAxis, yAxis } from './chart-spec.ts';
import { COLOUR } from './theme.ts';

/** The most important parameter is at the top. */
export function importanceChart(
  importances: readonly ParamImportance[],
  title = 'Parameter importance',
): ChartSpec {
  return chart(title, {
    xAxis: xAxis({ name: 'importance' }, { fromZero: true }),
    yAxis: {
      ...yAxis({ name: '' }),
      type: 'category',
      inverse: true,
      data: importances.map(({ name }) => name),
    },
    series: [
      {
        type: 'bar',
        data: importances.map(({ importance }) => importance),
        itemStyle: { color: COLOUR.front },
        barMaxWidth: 28,
        label: { show: true, position: 'right' },
      },
    ],
  });
}
