export * from '../src/core/numeric-transform.ts';
