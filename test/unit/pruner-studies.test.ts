/** Pruners in studies: what pruner and sampler are shown, exact resume, batches, and what is refused. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TpeSampler } from '../../samplers/index.ts';
import {
  createStudy,
  type Distribution,
  type FrozenTrial,
  float,
  loadStudy,
  type Pruner,
  type PrunerContext,
  type SamplerContext,
  type SearchSpace,
  type Storage,
  type Study,
  space,
  type Trial,
  TrialPruned,
} from '../../src/index.ts';
import {
  HyperbandPruner,
  MedianPruner,
  NopPruner,
  SuccessiveHalvingPruner,
  WilcoxonPruner,
} from '../../src/pruners/index.ts';
import { InMemoryStorage, SqliteStorage } from '../../storage/index.ts';

const SPACE = space({ x: float(-2, 2), rate: float(0.1, 1) });
const N_STEPS = 20;

/** A curve that falls to (x - 0.5)^2. */
const curve = (x: number, rate: number, step: number): number => (x - 0.5) ** 2 + 3 * Math.exp(-rate * step);

/** Trains, asking for every `every`-th report whether to go on; counts its reports down and stops at 0. */
function trainer(every: number, budget = { reports: Infinity }) {
  return async ({ x, rate }: { x: number; rate: number }, trial: Trial): Promise<number> => {
    for (let step = 0; step < N_STEPS; step++) {
      trial.report(curve(x, rate, step), step);
      if (step % every === every - 1 && trial.shouldPrune()) throw new TrialPruned();
      if (trial.number % 3 === step % 3) await new Promise(setImmediate);
      if (--budget.reports <= 0) throw new Error('interrupted');
    }
    return curve(x, rate, N_STEPS);
  };
}

/** What two runs must agree on. */
const facts = (trials: readonly FrozenTrial[]): unknown =>
  trials.map(({ number, state, params, values, intermediateValues }) => ({
    number,
    state,
    params,
    values,
    intermediateValues: [...intermediateValues].sort(([a], [b]) => a - b),
  }));

class WatchedTpe extends TpeSampler {
  readonly seen = new Map<number, Set<string>>();

  override inferRelativeSearchSpace(context: SamplerContext): SearchSpace {
    this.#note(context);
    return super.inferRelativeSearchSpace(context);
  }

  override sampleIndependent(context: SamplerContext, name: string, distribution: Distribution) {
    this.#note(context);
    return super.sampleIndependent(context, name, distribution);
  }

  #note({ trialNumber, trials }: SamplerContext): void {
    const seen = this.seen.get(trialNumber) ?? new Set();
    this.seen.set(trialNumber, seen.add(trials.map(({ number }) => number).join()));
  }
}

describe('with Hyperband, TPE sees its bracket only', () => {
  const reference = JSON.parse(
    readFileSync(new URL('../reference/pruners.json', import.meta.url), 'utf8'),
  ) as { brackets: { studyName: string; options: { maxResource: number }; ids: number[] }[] };
  /** Optuna's brackets of the trials of a study 'ref' with minResource 1, maxResource 20, reductionFactor 3. */
  const { ids } = reference.brackets.find(({ options }) => options.maxResource === 20)!;

  it.each([
    ['known', 20],
    ['auto', 'auto' as const],
  ])('with maxResource %s, in both ways of declaring parameters', async (_, maxResource) => {
    for (const declared of [true, false]) {
      const sampler = new WatchedTpe({ seed: 3, nStartupTrials: 2, multivariate: true });
      const study = await createStudy({
        studyName: 'ref',
        sampler,
        pruner: new HyperbandPruner({ maxResource }),
      });
      const train = trainer(1);
      if (declared) await study.optimize(SPACE, train, { nTrials: ids.length });
      else
        await study.optimize(
          (trial) =>
            train({ x: trial.suggestFloat('x', -2, 2), rate: trial.suggestFloat('rate', 0.1, 1) }, trial),
          { nTrials: ids.length },
        );
      expect(study.trials.some(({ state }) => state === 'PRUNED')).toBe(true);
      for (let number = 0; number < ids.length; number++) {
        const peers = ids.slice(0, number).flatMap((id, i) => (id === ids[number] ? [i] : []));
        expect([...sampler.seen.get(number)!], `trial ${number}, declared=${declared}`).toEqual([
          peers.join(),
        ]);
      }
    }
  });

  it('while the pruner sees the whole history', async () => {
    const sizes: number[] = [];
    const hyperband = new HyperbandPruner();
    const pruner: Pruner = {
      name: 'watched',
      options: {},
      peersOf: (context) => hyperband.peersOf(context),
      shouldPrune: (context: PrunerContext) => {
        sizes[context.trial.number] = context.trials.length;
        return hyperband.shouldPrune(context);
      },
    };
    const study = await createStudy({ studyName: 'ref', pruner });
    await study.optimize(SPACE, trainer(1), { nTrials: 20 });
    expect(sizes).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });
});

const pruners: Readonly<Record<string, () => Pruner>> = {
  median: () => new MedianPruner({ nStartupTrials: 3 }),
  'successive halving': () => new SuccessiveHalvingPruner({ reductionFactor: 2 }),
  hyperband: () => new HyperbandPruner(),
  wilcoxon: () => new WilcoxonPruner({ pThreshold: 0.2 }),
};

describe.each(Object.entries(pruners))('a study with pruner %s', (_, makePruner) => {
  const options = (storage?: Storage) => ({
    studyName: 'resumed',
    storage,
    sampler: new TpeSampler({ seed: 5, nStartupTrials: 5 }),
    pruner: makePruner(),
    loadIfExists: true,
  });

  async function unbroken(every: number, batchSize: number): Promise<unknown> {
    const study = await createStudy(options());
    await study.optimize(SPACE, trainer(every), { totalTrials: 24, batchSize, concurrency: 1 });
    const states = new Set(study.trials.map(({ state }) => state));
    expect([...states].sort()).toEqual(['COMPLETE', 'PRUNED']);
    return facts(study.trials);
  }

  it.each([
    [1, 1],
    [4, 1],
    [1, 4],
    [4, 4],
  ])(
    'goes on exactly after interruptions (asked every %i reports, batches of %i)',
    async (every, batchSize) => {
      const storage = new InMemoryStorage();
      let study: Study;
      for (let run = 0; ; run++) {
        study = await createStudy(options(storage));
        const interruption = new AbortController();
        const budget = { reports: 7 + 13 * run };
        const train = trainer(every, budget);
        await study.optimize(
          SPACE,
          async (params, trial) => {
            try {
              return await train(params, trial);
            } catch (error) {
              if (budget.reports <= 0) interruption.abort();
              throw error;
            }
          },
          { totalTrials: 24, batchSize, concurrency: 1, signal: interruption.signal },
        );
        if (!interruption.signal.aborted) break;
      }
      expect(facts(study.trials)).toEqual(await unbroken(every, batchSize));
    },
  );

  it('does not depend on how many of a batch run at once', async () => {
    const study = await createStudy(options());
    await study.optimize(SPACE, trainer(1), { totalTrials: 24, batchSize: 4, concurrency: 4 });
    expect(facts(study.trials)).toEqual(await unbroken(1, 4));
  });
});

it('is the same study in SQLite', async () => {
  const run = async (storage: Storage) => {
    const study = await createStudy({
      studyName: 'sql',
      storage,
      sampler: new TpeSampler({ seed: 1 }),
      pruner: new HyperbandPruner(),
    });
    await study.optimize(SPACE, trainer(1), { nTrials: 15 });
    await storage.close();
    return facts(study.trials);
  };
  const folder = mkdtempSync(join(tmpdir(), 'thanos-pruners-'));
  expect(await run(new SqliteStorage(join(folder, 'a.db')))).toEqual(await run(new InMemoryStorage()));
  rmSync(folder, { recursive: true });
});

describe('the pruner of a study', () => {
  it("is Optuna's default, MedianPruner, if none is named", async () => {
    const study = await createStudy();
    expect(study.pruner?.name).toBe('median');
    await study.optimize(
      (trial) => {
        trial.report(trial.number < 5 ? 1 : 2, 0);
        if (trial.shouldPrune()) throw new TrialPruned();
        return 1;
      },
      { nTrials: 7 },
    );
    expect(study.trials.map(({ state }) => state)).toEqual([
      ...Array<string>(5).fill('COMPLETE'),
      'PRUNED',
      'PRUNED',
    ]);
  });

  it('is turned off by NopPruner', async () => {
    const study = await createStudy({ pruner: new NopPruner() });
    await study.optimize(
      (trial) => {
        trial.report(trial.number, 0);
        return trial.shouldPrune() ? Number.NaN : 1;
      },
      { nTrials: 9 },
    );
    expect(study.trials.every(({ state }) => state === 'COMPLETE')).toBe(true);
  });

  it('is refused for several objectives before anything is written, with what to do', async () => {
    const storage = new InMemoryStorage();
    const directions = ['minimize', 'maximize'] as const;
    const refused = { code: 'UNSUPPORTED', message: expect.stringContaining('leave the pruner out') };
    // @ts-expect-error: by its type, too
    const creating = createStudy({ storage, directions, pruner: new MedianPruner() });
    await expect(creating).rejects.toMatchObject(refused);
    expect(await storage.listStudies()).toEqual([]);
    const study = await createStudy({ studyName: 'two', storage, directions });
    expect(study.pruner).toBeNull();
    await expect(loadStudy({ storage, pruner: new MedianPruner() })).rejects.toMatchObject(refused);
    const trial = await study.ask();
    expect(() => trial.shouldPrune()).toThrow('decide by a rule of your own and throw TrialPruned');
    expect(() => trial.report(1, 0)).toThrow('user attributes');
  });

  it('must be one', async () => {
    // @ts-expect-error: a name is no pruner
    await expect(createStudy({ pruner: 'median' })).rejects.toThrow('pruner must be a Pruner');
    // @ts-expect-error: null is none
    await expect(createStudy({ pruner: null })).rejects.toThrow('new NopPruner() for none');
  });

  it('of a child study is its own', async () => {
    const study = await createStudy();
    await study.optimize(
      async (trial) => {
        const child = await trial.createStudy('inner', { pruner: new NopPruner() });
        expect(child.pruner?.name).toBe('nop');
        const front = await trial.createStudy('front', { directions: ['minimize', 'minimize'] });
        expect(front.pruner).toBeNull();
        return 1;
      },
      { nTrials: 1 },
    );
  });
});
