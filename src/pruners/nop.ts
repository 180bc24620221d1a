import { defineOptions } from '../core/options.ts';
import type { Pruner } from '../core/pruner.ts';

const OPTIONS = defineOptions('the nop pruner', {});

/** Never prunes: what turns the default pruner off. */
export class NopPruner implements Pruner {
  readonly name = 'nop';
  readonly options = {};

  constructor(options: Readonly<Record<string, never>> = {}) {
    OPTIONS.read(options);
  }

  shouldPrune(): boolean {
    return false;
  }
}
