export * from './cholesky.ts';
export * from './erf.ts';
export * from './halton.ts';
export * from './lbfgs.ts';
export * from './normal.ts';
export * from './sobol.ts';
export * from './symmetric-eigen.ts';
export * from './truncated-normal.ts';
