import { describe, expect, it } from 'vitest';
import { type FrozenTrial, frozenTrial } from '../../src/core/frozen-trial.ts';
import type { ChartOption, ChartSpec, ObjectiveMeasure } from '../../src/plots/chart-spec.ts';
import { convergenceChart, trainingChart } from '../../src/plots/curve-charts.ts';
import { generationsChart, historyCharts } from '../../src/plots/history-charts.ts';
import { kneePoint } from '../../src/plots/knee-point.ts';
import { paretoChart } from '../../src/plots/pareto-chart.ts';
import { renderSvg } from '../../src/plots/render.ts';

function trial(
  number: number,
  values: number[] | null,
  more: { violation?: number; state?: FrozenTrial['state'] } = {},
): FrozenTrial {
  return frozenTrial({
    trialId: 100 + number,
    number,
    state: more.state ?? 'COMPLETE',
    params: {},
    distributions: {},
    values,
    userAttrs: {},
    systemAttrs: more.violation === undefined ? {} : { constraints: [more.violation] },
    intermediateValues: new Map(),
    datetimeStart: null,
    datetimeComplete: null,
  });
}

const LOSS: ObjectiveMeasure = { name: 'loss', unit: 'nats per token', direction: 'minimize' };
const LATENCY: ObjectiveMeasure = { name: 'latency', unit: 'ms', direction: 'minimize' };
const BLEU: ObjectiveMeasure = { name: 'BLEU', direction: 'maximize' };

function seriesNamed(spec: ChartSpec, name: string): ChartOption | undefined {
  return (spec.option['series'] as ChartOption[]).find((s) => s['name'] === name);
}

/** Trial numbers of the points of a Pareto chart's series. */
function numbersIn(spec: ChartSpec, name: string): number[] {
  return ((seriesNamed(spec, name)?.['data'] ?? []) as number[][])
    .map((point) => point[3])
    .sort((a, b) => a - b);
}

describe('paretoChart', () => {
  const trials = [
    trial(0, [4, 10]),
    trial(1, [2, 20]),
    trial(2, [1, 60]),
    trial(3, [3, 30]),
    trial(4, [0.5, 5], { violation: 2 }),
    trial(5, [5, Number.POSITIVE_INFINITY]),
    trial(6, null, { state: 'FAIL' }),
    trial(7, [9, 70], { violation: -1 }),
  ];

  it('tells front, dominated and infeasible trials apart, and leaves out what has no values', () => {
    const spec = paretoChart(trials, { objectives: [LOSS, LATENCY] });
    expect(numbersIn(spec, 'Pareto front')).toEqual([0, 1, 2]);
    expect(numbersIn(spec, 'dominated')).toEqual([3, 7]);
    expect(numbersIn(spec, 'infeasible')).toEqual([4]);
    expect(numbersIn(spec, 'knee')).toEqual([1]);
    expect((spec.option['xAxis'] as ChartOption)['name']).toBe('loss [nats per token]');
  });

  it('takes the front over all objectives in their directions, and shows the third as color', () => {
    const spec = paretoChart([trial(0, [1, 10, 20]), trial(1, [2, 20, 30]), trial(2, [2, 20, 10])], {
      objectives: [LOSS, LATENCY, BLEU],
      x: 1,
      y: 0,
    });
    expect(numbersIn(spec, 'Pareto front')).toEqual([0, 1]);
    expect(seriesNamed(spec, 'Pareto front')?.['data']).toEqual([
      [10, 1, 20, 0],
      [20, 2, 30, 1],
    ]);
    const series = spec.option['series'] as ChartOption[];
    const visualMap = spec.option['visualMap'] as ChartOption;
    expect(visualMap).toMatchObject({ dimension: 2, min: 20, max: 30, text: ['BLEU', ''] });
    expect(series[visualMap['seriesIndex'] as number]['name']).toBe('Pareto front');
  });

  it('draws a study without a usable trial, and refuses an objective that is not there', () => {
    expect(renderSvg(paretoChart([], { objectives: [LOSS, LATENCY, BLEU] }))).toContain('Pareto front');
    expect(() => paretoChart([], { objectives: [LOSS, LATENCY], y: 2 })).toThrow(/objectives 0 to 1/);
  });
});

describe('kneePoint', () => {
  it('is the point farthest below the line through the extremes', () => {
    expect(kneePoint(Float64Array.of(0, 100, 1, 40, 2, 10, 6, 5, 10, 0), 2)).toBe(2);
  });

  it('needs three points', () => {
    expect(kneePoint(Float64Array.of(0, 1, 1, 0), 2)).toBeNull();
  });

  it('is not the corner of two objectives that go together', () => {
    const front = [6.38, 2.01, 1.98, 6.414, 1.62, 1.88, 6.654, 1.58, 1.69, 6.658, 1.53, 1.58];
    expect(kneePoint(Float64Array.from(front), 3)).toBe(1);
  });

  it.each([
    ['on the line through the extremes', [0, 4, 1, 3, 2, 2, 4, 0], 2],
    ['above the line', [0, 4, 3, 3, 4, 0], 2],
    ['above the plane', [0, 1, 1, 1, 0, 1, 1, 1, 0, 0.9, 0.9, 0.9], 3],
    ['of equal points', [1, 1, 1, 1, 1, 1, 1, 1, 1], 3],
  ])('does not exist for a front %s', (_, front, m) => {
    expect(kneePoint(Float64Array.from(front), m)).toBeNull();
  });

  it('lies below the plane through three extremes, whatever the units', () => {
    const front = [0, 1, 1, 1, 0, 1, 1, 1, 0, 0.6, 0.6, 0.6, 0.5, 0.55, 0.6];
    expect(kneePoint(Float64Array.from(front), 3)).toBe(4);
    const units = [1000, 0.01, 7];
    expect(
      kneePoint(
        Float64Array.from(front, (value, i) => 5 + value * units[i % 3]),
        3,
      ),
    ).toBe(4);
  });
});

describe('historyCharts', () => {
  it('has one chart for each objective, with the best feasible value so far', () => {
    const trials = [
      trial(2, [4, 7]),
      trial(0, [5, 3]),
      trial(1, [1, 9], { violation: 1 }),
      trial(3, null, { state: 'PRUNED' }),
      trial(4, [6, 8]),
    ];
    const [loss, bleu] = historyCharts(trials, [LOSS, BLEU]);
    expect(seriesNamed(loss, 'best so far')?.['data']).toEqual([
      [0, 5],
      [2, 4],
      [4, 4],
    ]);
    expect(seriesNamed(bleu, 'best so far')?.['data']).toEqual([
      [0, 3],
      [2, 7],
      [4, 8],
    ]);
    expect(seriesNamed(loss, 'infeasible')?.['data']).toEqual([[1, 1]]);
    expect([loss.title, bleu.title]).toEqual(['Optimization history: loss', 'Optimization history: BLEU']);
  });
});

describe('generationsChart', () => {
  it('shows minimum, median and maximum of each generation', () => {
    const trials = [3, 1, 2, 10, 20, 99].map((value, n) =>
      trial(n, [value], value === 99 ? { violation: 1 } : {}),
    );
    const spec = generationsChart(trials, { objective: LOSS, generationOf: (n) => (n < 3 ? 0 : 1) });
    const dataOf = (name: string) => seriesNamed(spec, name)?.['data'];
    expect([dataOf('minimum'), dataOf('median'), dataOf('maximum')]).toEqual([
      [
        [0, 1],
        [1, 10],
      ],
      [
        [0, 2],
        [1, 15],
      ],
      [
        [0, 3],
        [1, 20],
      ],
    ]);
  });
});

describe('trainingChart and convergenceChart', () => {
  it('leaves out losses that are not finite', () => {
    const points = [[0, 5] as const, [1, Number.NaN] as const, [2, 4] as const];
    const spec = trainingChart([{ name: 'training', points }]);
    expect(seriesNamed(spec, 'training')?.['data']).toEqual([
      [0, 5],
      [2, 4],
    ]);
  });

  it('shows the median over seeds and, stacked, the band between the quartiles', () => {
    const runs = [
      [1, 0.1],
      [10, 0.1],
      [100, 0.1],
    ];
    const spec = convergenceChart([{ sampler: 'tpe', runs }], {
      value: { name: 'regret' },
      logarithmic: true,
    });
    const [lower, difference, median] = spec.option['series'] as ChartOption[];
    expect([lower['data'], difference['data'], median['data']]).toEqual([
      [
        [1, 0.5],
        [2, -1],
      ],
      [
        [1, 1],
        [2, 0],
      ],
      [
        [1, 1],
        [2, -1],
      ],
    ]);
    expect(lower['stack']).toBe(difference['stack']);
    expect((spec.option['yAxis'] as ChartOption)['name']).toBe('log10 of regret');
  });
});

describe('renderSvg', () => {
  const spec = paretoChart([trial(0, [1, 3]), trial(1, [1.5, 1.5]), trial(2, [3, 1])], {
    objectives: [LOSS, LATENCY],
  });

  it('a chart is plain JSON, and drawn alike from a copy of it', () => {
    const copy = JSON.parse(JSON.stringify(spec)) as ChartSpec;
    expect(copy).toEqual(spec);
    expect(renderSvg(copy)).toBe(renderSvg(spec));
  });

  it('names axes with units, title and legend, and keeps ids apart', () => {
    const svg = renderSvg(spec, { width: 500, height: 300, idPrefix: 'front' });
    for (const text of [
      'loss [nats per token]',
      'latency [ms]',
      'Pareto front',
      'dominated',
      'knee',
      'trial 1',
    ])
      expect(svg).toContain(`>${text}</text>`);
    expect(svg).toMatch(/^<svg width="500" height="300" xmlns=/);
    expect(svg).not.toMatch(/zr\d|ecmeta|<style/);
    expect([...svg.matchAll(/ id="([^"]*)"/g)].every(([, id]) => id.startsWith('front-'))).toBe(true);
  });
});
