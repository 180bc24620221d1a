import { checkOptions } from '../core/option-rules.ts';
import type { Pruner } from '../core/pruner.ts';

/** Never prunes: what turns the default pruner off. */
export class NopPruner implements Pruner {
  readonly name = 'nop';
  readonly options = {};

  constructor(options: Readonly<Record<string, never>> = {}) {
    checkOptions('the nop pruner', options, {});
  }

  shouldPrune(): boolean {
    return false;
  }
}
