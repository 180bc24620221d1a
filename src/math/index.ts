export * from './erf.ts';
export * from './normal.ts';
export * from './truncated-normal.ts';
