import { describe, expect, it } from 'vitest';
import { importanceChart, renderSvg } from '../../src/plots/index.ts';

const IMPORTANCES = [
  { name: 'learning_rate', importance: 0.7 },
  { name: 'search/a rather long name of a parameter', importance: 0.29 },
  { name: 'seed', importance: 0.01 },
];

describe('importanceChart', () => {
  it('has a bar for each parameter, the first on top', () => {
    const { title, option } = importanceChart(IMPORTANCES);
    expect(title).toBe('Parameter importance');
    expect(option).toMatchObject({
      yAxis: { type: 'category', inverse: true, data: IMPORTANCES.map(({ name }) => name) },
      series: [{ type: 'bar', data: [0.7, 0.29, 0.01] }],
    });
  });

  it('is data, and can be drawn', () => {
    const spec = importanceChart(IMPORTANCES, 'What matters');
    expect(JSON.parse(JSON.stringify(spec))).toEqual(spec);
    const svg = renderSvg(spec);
    for (const text of ['What matters', 'learning_rate', '0.29']) expect(svg).toContain(text);
  });
});
