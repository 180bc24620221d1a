/** THANOS: hyperparameter optimisation with exact resume, and NAS as an objective. */
export * from './core/index.ts';
export * from './create-study.ts';
export * from './define-study.ts';
