import { describe, expect, it } from 'vitest';
import { BruteForceSampler } from '../../samplers/brute-force/sampler.ts';
import { RandomSampler } from '../../samplers/random-sampler.ts';
import type { StudyTrial } from '../../src/core/study.ts';
import {
  categorical,
  choice,
  createStudy,
  type FrozenTrial,
  float,
  int,
  type Sampler,
  SearchSpaceExhaustedError,
  space,
  TrialPruned,
} from '../../src/index.ts';
import { runSamplerLoop } from '../../src/testing/sampler-loop.ts';
import { InMemoryStorage } from '../../storage/in-memory.ts';

/** Combinations: a < b needs b in [a, 3], so 3 + 2 + 1; x has 5 values; 11 in all. */
function conditional(trial: StudyTrial): number {
  if (trial.suggestCategorical('c', ['float', 'int']) === 'float')
    return trial.suggestFloat('x', 1, 3, { step: 0.5 });
  const a = trial.suggestInt('a', 1, 3);
  return a + trial.suggestInt('b', a, 3);
}

const keysOf = (trials: readonly FrozenTrial[]): string[] => trials.map((t) => JSON.stringify(t.params));

async function run(
  sampler: Sampler,
  objective: (trial: StudyTrial) => number = conditional,
  options: { nTrials?: number; batchSize?: number } = {},
) {
  const study = await createStudy({ sampler });
  await study.optimize(objective, { nTrials: 200, ...options });
  return study;
}

describe('a define-by-run space', () => {
  it.each([0, 1, 2])('is tried once each and ends the study, in an order by seed %i', async (seed) => {
    const { trials } = await run(new BruteForceSampler({ seed }));
    expect(trials).toHaveLength(11);
    expect(new Set(keysOf(trials)).size).toBe(11);
    const other = await run(new BruteForceSampler({ seed: seed + 1 }));
    expect(keysOf(other.trials)).not.toEqual(keysOf(trials));
    expect(keysOf(other.trials).sort()).toEqual(keysOf(trials).sort());
  });

  it('is followed by batches, whose trials count as tried while they run', async () => {
    const flat = (trial: StudyTrial): number => trial.suggestInt('a', 1, 4) + trial.suggestInt('b', 1, 6);
    const { trials } = await run(new BruteForceSampler({ seed: 3 }), flat, { batchSize: 5 });
    // Nothing was known when the first batch was asked.
    expect(new Set(keysOf(trials.slice(5))).size).toBe(trials.length - 5);
    expect(new Set(keysOf(trials)).size).toBe(24);
  });

  it.each([false, true])(
    'ends early or repeats when only running trials are left: avoidPrematureStop %s',
    async (avoid) => {
      const chain = (trial: StudyTrial): number => {
        for (let i = 0; i < 20; i++)
          if (trial.suggestCategorical(`go${i}`, [false, true]) === false) return i;
        return 20;
      };
      const sampler = new BruteForceSampler({ seed: 1, avoidPrematureStop: avoid });
      const { trials } = await run(sampler, chain, { batchSize: 4 });
      if (avoid) expect(new Set(keysOf(trials)).size).toBe(21);
      else expect(new Set(keysOf(trials)).size).toBeLessThan(21);
      const { trials: single } = await run(sampler, chain);
      expect(single).toHaveLength(21);
    },
  );

  it('goes on after pruned and failed trials, each counted where it ended', async () => {
    const study = await createStudy({ sampler: new BruteForceSampler({ seed: 5 }) });
    const objective = (trial: StudyTrial): number => {
      if (trial.number === 0) throw new Error('not yet');
      const a = trial.suggestInt('a', 0, 3);
      if (a === 1) throw new TrialPruned();
      if (a === 2) throw new Error('no');
      return trial.suggestInt('b', 0, 2);
    };
    await study.optimize(objective, { nTrials: 50, catch: true });
    expect(study.trials).toHaveLength(9);
    expect(
      study.trials
        .map((t) => t.state)
        .filter((s) => s !== 'COMPLETE')
        .sort(),
    ).toEqual(['FAIL', 'FAIL', 'PRUNED']);
  });

  it('resumes with a fresh sampler, and after trials of other samplers', async () => {
    const storage = new InMemoryStorage();
    const open = (sampler: Sampler) => createStudy({ storage, studyName: 's', sampler, loadIfExists: true });
    await (await open(new RandomSampler({ seed: 1 }))).optimize(conditional, { nTrials: 4 });
    const known = new Set(keysOf((await open(new RandomSampler())).trials)).size;
    await (await open(new BruteForceSampler({ seed: 1 }))).optimize(conditional, { nTrials: 3 });
    const study = await open(new BruteForceSampler({ seed: 1 }));
    await study.optimize(conditional, { nTrials: 100 });
    expect(study.trials).toHaveLength(4 + 11 - known);
    expect(new Set(keysOf(study.trials)).size).toBe(11);
  });

  it('completes queued parameters with values that were not tried beside them', async () => {
    const study = await createStudy({ sampler: new BruteForceSampler({ seed: 2 }) });
    const flat = (trial: StudyTrial): number => trial.suggestInt('a', 0, 20) + trial.suggestInt('b', 0, 5);
    await study.optimize(flat, { nTrials: 1 });
    for (let i = 0; i < 6; i++) await study.enqueueTrial({ a: 7 });
    await study.optimize(flat, { nTrials: 6 });
    const queued = study.trials.slice(1).map((t) => t.params['b']);
    expect(study.trials.slice(1).every((t) => t.params['a'] === 7)).toBe(true);
    expect(queued.sort()).toEqual([0, 1, 2, 3, 4, 5]);
    await study.enqueueTrial({ a: 7 });
    await study.optimize(flat, { nTrials: 1000 });
    expect(study.trials).toHaveLength(21 * 6 + (study.trials[0].params['a'] === 7 ? 2 : 1));
  });

  it('may change between runs: what trials last did is the space', async () => {
    const study = await run(new BruteForceSampler({ seed: 4 }), (trial) => trial.suggestInt('a', 0, 2));
    expect(study.trials).toHaveLength(3);
    await study.enqueueTrial({});
    await study.optimize((trial) => trial.suggestInt('a', 0, 5), { nTrials: 100 });
    expect(new Set(keysOf(study.trials)).size).toBe(6);
  });

  it('may have no parameters', async () => {
    expect((await run(new BruteForceSampler(), () => 1)).trials).toHaveLength(1);
  });
});

describe('a declared space', () => {
  const declared = space({
    n: int(10, 30, { step: 10 }),
    optimizer: choice({
      sgd: { momentum: float(0, 0.2, { step: 0.1 }), nesterov: choice({ on: { k: int(1, 2) }, off: {} }) },
      adam: {},
    }),
    flag: categorical([true, null]),
  });

  it.each([1, 4, 100])(
    'with conditions is tried whole, in batches of %i, and then ends',
    async (batchSize) => {
      const study = await createStudy({ sampler: new BruteForceSampler({ seed: 6 }) });
      await study.optimize(declared, () => 0, { nTrials: 500, batchSize });
      expect(study.trials).toHaveLength(3 * (3 * 3 + 1) * 2);
      expect(new Set(keysOf(study.trials)).size).toBe(60);
      await expect(study.ask(declared)).rejects.toThrow(SearchSpaceExhaustedError);
      await expect(study.ask(declared)).rejects.toThrow('all 60 combinations have been tried');
    },
  );

  it('draws every combination with the same probability', () => {
    const sampler = (seed: number) => new BruteForceSampler({ seed });
    const counts = new Map<unknown, number>();
    const flat = { optimizer: categorical(['sgd', 'adam']), momentum: int(0, 8) };
    const conditions = new Map([['momentum', { parent: 'optimizer', choice: 'sgd' }]]);
    for (let seed = 0; seed < 500; seed++) {
      const context = { directions: ['minimize'] as const, trialNumber: 0, trials: [], attempt: 0 };
      const { params } = sampler(seed).sampleRelative({ ...context, declaredSpace: flat, conditions }, flat);
      counts.set(params['momentum'], (counts.get(params['momentum']) ?? 0) + 1);
    }
    expect(counts.size).toBe(10);
    // Binomial(500, 0.1): 50 +- 6.7.
    for (const count of counts.values()) expect(Math.abs(count - 50)).toBeLessThan(4 * 6.7);
  });

  it('never repeats a refused answer, whatever order the attempts come in', () => {
    const small = { a: int(0, 3), b: categorical(['x', 'y', 'z']) };
    const sampler = new BruteForceSampler({ seed: 7 });
    const trials = runSamplerLoop({
      sampler,
      space: small,
      directions: ['minimize'],
      nTrials: 4,
      evaluate: () => ({ values: [0] }),
    });
    const ask = (attempt: number, by: Sampler) => {
      const context = { directions: ['minimize'] as const, trialNumber: 4, trials, declaredSpace: small };
      return by.sampleRelative({ ...context, conditions: new Map(), attempt }, small).params;
    };
    const inOrder = Array.from({ length: 8 }, (_, attempt) => ask(attempt, sampler));
    expect(new Set([...trials.map((t) => t.params), ...inOrder].map((p) => JSON.stringify(p))).size).toBe(12);
    expect(() => ask(8, sampler)).toThrow(SearchSpaceExhaustedError);
    for (const attempt of [5, 2, 7, 0]) {
      expect(ask(attempt, sampler)).toEqual(inOrder[attempt]);
      expect(ask(attempt, new BruteForceSampler({ seed: 7 }))).toEqual(inOrder[attempt]);
    }
  });

  it('with predicates gives the allowed combinations, however rare, and then ends', async () => {
    const pairs = space(
      { a: int(0, 59), b: int(0, 59) },
      { where: ({ a, b }) => a + b === 7 || a * b === 59 },
    );
    const study = await createStudy({ sampler: new BruteForceSampler({ seed: 8 }) });
    await study.optimize(pairs, ({ a, b }) => a * b, { nTrials: 100 });
    expect(study.trials).toHaveLength(10);
    expect(new Set(keysOf(study.trials)).size).toBe(10);
    const none = space({ a: int(0, 5) }, { where: ({ a }) => a > 5 });
    const other = await createStudy({ sampler: new BruteForceSampler() });
    await expect(other.optimize(none, () => 0, { nTrials: 1 })).rejects.toThrow('allow none of 6');
  });

  it('completes queued trials, uniformly once nothing is left', async () => {
    const pairs = space({ a: int(0, 2), b: int(0, 2) });
    const study = await createStudy({ sampler: new BruteForceSampler({ seed: 9 }) });
    for (let i = 0; i < 3; i++) await study.enqueueTrial({ a: 1 });
    await study.optimize(pairs, () => 0, { nTrials: 3 });
    expect(new Set(keysOf(study.trials)).size).toBe(3);
    await study.optimize(pairs, () => 0, { nTrials: 100 });
    expect(study.trials).toHaveLength(9);
    await study.enqueueTrial({ a: 1 });
    await study.optimize(pairs, ({ a, b }) => a + b, { nTrials: 100 });
    expect(study.trials).toHaveLength(10);
    expect(study.trials[9].values).toEqual([1 + (study.trials[9].params['b'] as number)]);
  });

  it('may be as large as it likes', async () => {
    const vast = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`x${i}`, int(0, 2 ** 40)]));
    const study = await createStudy({ sampler: new BruteForceSampler() });
    await study.optimize(space(vast), () => 0, { nTrials: 5 });
    expect(new Set(study.trials.map((t) => t.params['x299'])).size).toBe(5);
  });

  it('must be finite', async () => {
    const study = await createStudy({ sampler: new BruteForceSampler() });
    const message =
      /brute-force sampler needs finitely many values of every parameter, but 'lr' is a float without a step/;
    await expect(study.ask(space({ lr: float(0, 1) }))).rejects.toThrow(message);
    await expect(study.optimize((trial) => trial.suggestFloat('lr', 0, 1), { nTrials: 1 })).rejects.toThrow(
      message,
    );
    await expect(study.ask(space({ lr: float(0.5, 0.5) }))).resolves.toBeDefined();
  });
});

it('answers by the history, not by the order in which its trials finished', () => {
  // a, then b where a = 1: trial 1 finishes before trial 0 in one instance and is there from the start in the other.
  const flat = { a: int(0, 2), b: int(0, 2) };
  const trials = runSamplerLoop({
    sampler: new RandomSampler({ seed: 1 }),
    space: flat,
    directions: ['minimize'],
    nTrials: 6,
    evaluate: () => ({ values: [0] }),
  });
  const asRunning = (trial: FrozenTrial): FrozenTrial => ({
    ...trial,
    state: 'RUNNING',
    values: null,
    value: null,
  });
  const steps = [[0, 1, 2, 3, 4, 5], [0, 2, 4], [4], []].map((running) =>
    trials.map((t) => (running.includes(t.number) ? asRunning(t) : t)),
  );
  for (const declaredSpace of [null, flat]) {
    const followed = new BruteForceSampler({ seed: 3 });
    for (const [i, history] of steps.entries()) {
      const context = {
        directions: ['minimize'] as const,
        trialNumber: 6 + i,
        trials: history,
        declaredSpace,
        conditions: new Map(),
        attempt: 0,
      };
      const fresh = new BruteForceSampler({ seed: 3 });
      expect(followed.sampleRelative(context, declaredSpace ?? {})).toEqual(
        fresh.sampleRelative(context, declaredSpace ?? {}),
      );
      const decisions: Record<string, number>[] = [{}, { a: 1 }];
      for (const decided of decisions)
        expect(followed.sampleIndependent(context, 'b', flat.b, decided)).toBe(
          fresh.sampleIndependent(context, 'b', flat.b, decided),
        );
    }
  }
});
