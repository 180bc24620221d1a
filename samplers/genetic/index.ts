export type { Crossover } from './crossover.ts';
export { blxAlphaCrossover } from './crossovers/blx-alpha.ts';
export { type SbxOptions, sbxCrossover, vsbxCrossover } from './crossovers/sbx.ts';
export { spxCrossover } from './crossovers/spx.ts';
export { type UndxOptions, undxCrossover } from './crossovers/undx.ts';
export { uniformCrossover } from './crossovers/uniform.ts';
export { type Mutation, polynomialMutation, uniformMutation } from './mutation.ts';
