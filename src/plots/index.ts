export * from './chart-spec.ts';
export * from './curve-charts.ts';
export * from './history-charts.ts';
export * from './html-report.ts';
export * from './importance-chart.ts';
export * from './knee-point.ts';
export * from './pareto-chart.ts';
export * from './render.ts';
