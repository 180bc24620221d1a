import {
  categorical,
  type Distribution,
  float,
  int,
  type ParamValue,
  Rng,
  type Sampler,
  type SamplerContext,
  type Storage,
  Study,
  space,
} from '../../src/core/index.ts';

/** Draws near the best trial of its history, so that any difference in history shows in the parameters. */
export class HistorySampler implements Sampler {
  readonly name = 'history';
  readonly options = {};
  readonly capabilities = { multiObjective: true, constraints: false, categorical: true, defineByRun: true };
  readonly seen: string[] = [];
  constructor(readonly seed = 0) {}
  inferRelativeSearchSpace() {
    return {};
  }
  sampleRelative() {
    return { params: {} };
  }
  sampleIndependent(context: SamplerContext, name: string, d: Distribution): ParamValue {
    const history = context.trials
      .map((t) => `${t.number}${t.state}${JSON.stringify(t.params)}${t.values?.join() ?? ''}`)
      .join('|');
    const rng = Rng.keyed(this.seed, context.trialNumber, name, history);
    if (d.kind === 'categorical') return rng.pick(d.choices);
    return d.kind === 'int' ? d.low + rng.int(d.high - d.low + 1) : rng.uniformIn(d.low, d.high);
  }
}

export const XY = space({ x: float(-5, 5), n: int(0, 9), c: categorical(['a', 'b']) });
export const value = (p: { x: number; n: number; c: string }) => p.x ** 2 + p.n + (p.c === 'a' ? 0 : 1);

/** A study with a HistorySampler. */
export function open(
  storage: Storage,
  options: { seed?: number; directions?: ('minimize' | 'maximize')[] } = {},
) {
  const sampler = new HistorySampler(options.seed);
  return Study.open(
    { storage, defaultSampler: () => sampler },
    { studyName: 'study', ifExists: 'load', directions: options.directions, sampler },
  );
}
