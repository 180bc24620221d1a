/** Checks of the options that samplers are made with. */
import { integerFrom } from '../src/core/option-rules.ts';

export * from '../src/core/option-rules.ts';

export const SEED = integerFrom(0);
