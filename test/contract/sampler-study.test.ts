/** What every registered sampler promises through a study: exact resume, reproducible batches, conditional spaces, symmetry. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type SamplerFactory, samplerRegistry } from '../../samplers/index.ts';
import {
  categorical,
  choice,
  createStudy,
  type FrozenTrial,
  int,
  type Sampler,
  type Space,
  type SpaceEntries,
  type Study,
  space,
} from '../../src/index.ts';
import { InMemoryStorage } from '../../storage/index.ts';

const FINITE = {
  width: int(1, 12),
  act: categorical(['relu', 'gelu', 'tanh']),
  optimizer: choice({
    sgd: { momentum: int(0, 9), schedule: choice({ step: { every: int(1, 5) }, none: {} }) },
    adam: { beta: int(0, 9) },
  }),
};
const CONDITIONAL = space(FINITE, {
  where: ({ width, optimizer }) => optimizer.choice === 'sgd' || optimizer.beta <= width,
});
const NUMERIC = space({ width: int(1, 12), depth: int(1, 9), rate: int(1, 100, { log: true }) });

/** So small that what comes after the start-up phase is seen. */
const OPTIONS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  nsga2: { populationSize: 6 },
  nsga3: { populationSize: 6 },
  evolutionary: { populationSize: 8, parentSize: 4, mutationSize: 4, crossoverSize: 4 },
  'aging-evolution': { populationSize: 8, sampleSize: 3 },
  tpe: { nStartupTrials: 5 },
  gp: { nStartupTrials: 5 },
  auto: {},
};
/** Those that need to be told the space: a grid knows no conditions, so it is tested on its own. */
const SKIPPED = ['grid', 'partial-fixed'];

type Params = Readonly<Record<string, unknown>>;

function score(params: Params): number {
  let sum = 0;
  for (const [name, value] of Object.entries(params))
    sum += typeof value === 'number' ? (value - name.length / 2) ** 2 / 10 : String(value).length;
  return sum;
}

const facts = ({ number, state, params, values }: FrozenTrial) => ({ number, state, params, values });

interface Run {
  readonly space: Space<SpaceEntries>;
  readonly nTrials: number;
  readonly batchSize?: number;
  readonly concurrency?: number;
  readonly sign?: 1 | -1;
}

/** Runs until `stopAt` begins, then goes on with a new study object and sampler. */
async function run(make: () => Sampler, options: Run, stopAt?: number): Promise<Study> {
  const storage = new InMemoryStorage();
  const { nTrials, batchSize, concurrency, sign = 1 } = options;
  for (const stop of stopAt === undefined ? [undefined] : [stopAt, undefined]) {
    const controller = new AbortController();
    const study = await createStudy({
      studyName: 's',
      storage,
      loadIfExists: true,
      sampler: make(),
      direction: sign === 1 ? 'minimize' : 'maximize',
    });
    await study.optimize(
      options.space,
      async (_params, trial) => {
        for (let i = 0; i < (trial.number * 7) % 5; i++) await nextTurn();
        if (trial.number === stop) controller.abort();
        if (controller.signal.aborted) throw new Error('interrupted');
        if (trial.number % 9 === 5) return Number.NaN;
        return sign * score(trial.params);
      },
      { totalTrials: nTrials, batchSize, concurrency, signal: controller.signal },
    );
    if (stop === undefined) return study;
  }
  throw new Error('not reached');
}

async function trialsOf(make: () => Sampler, options: Run, stopAt?: number) {
  return (await run(make, options, stopAt)).trials.map(facts);
}

const names = samplerRegistry.names().filter((name) => !SKIPPED.includes(name));

describe.each(names)('%s in a study', (name) => {
  const factory: SamplerFactory = samplerRegistry.get(name);
  const make = (): Sampler => factory({ seed: 3, ...OPTIONS[name] });
  const whole = make().capabilities.categorical ? CONDITIONAL : NUMERIC;

  it('resumes exactly wherever it is interrupted', async () => {
    const options = { space: whole, nTrials: 24 };
    const expected = await trialsOf(make, options);
    for (const stopAt of [0, 4, 11, 23]) expect(await trialsOf(make, options, stopAt)).toEqual(expected);
  });

  it('gives the same batches whatever runs at once, interrupted or not', async () => {
    const options = { space: whole, nTrials: 24, batchSize: 4 };
    const expected = await trialsOf(make, { ...options, concurrency: 1 });
    expect(await trialsOf(make, { ...options, concurrency: 4 })).toEqual(expected);
    expect(await trialsOf(make, { ...options, concurrency: 2 }, 13)).toEqual(expected);
  });

  it('draws only what exists, within its bounds and predicates', async () => {
    const study = await run(make, { space: whole, nTrials: 40 });
    for (const { params, distributions } of study.trials) {
      expect(Object.keys(params)).toEqual(Object.keys(distributions));
      if (whole !== CONDITIONAL) continue;
      const isSgd = params['optimizer'] === 'sgd';
      expect('optimizer.sgd.momentum' in params).toBe(isSgd);
      expect('optimizer.adam.beta' in params).toBe(!isSgd);
      expect('optimizer.sgd.schedule.step.every' in params).toBe(params['optimizer.sgd.schedule'] === 'step');
      if (!isSgd) expect(params['optimizer.adam.beta']).toBeLessThanOrEqual(params['width'] as number);
    }
  });

  it('maximizes -f as it minimizes f', async () => {
    const minimized = await trialsOf(make, { space: whole, nTrials: 20 });
    const maximized = await trialsOf(make, { space: whole, nTrials: 20, sign: -1 });
    expect(maximized.map((t) => t.params)).toEqual(minimized.map((t) => t.params));
  });
});
