import { describe, expect, it } from 'vitest';
import { RandomSampler } from '../../samplers/random-sampler.ts';
import { type ComparedSampler, compareSamplers, type Problem } from '../../src/compare/index.ts';
import { float, type Sampler, space, TrialPruned } from '../../src/core/index.ts';
import { InMemoryStorage } from '../../storage/in-memory.ts';

const unit = space({ x: float(0, 1), y: float(0, 1) });
const bowl: Problem<typeof unit> = {
  name: 'bowl',
  space: unit,
  directions: ['minimize'],
  evaluate: ({ x, y }) => (x - 0.3) ** 2 + (y - 0.6) ** 2,
};
const random: ComparedSampler = { name: 'random', make: (seed) => new RandomSampler({ seed }) };

/** Random, but drawn from the middle half only: better on `bowl`. */
function focused(seed: number): Sampler {
  const inner = new RandomSampler({ seed: seed + 1000 });
  const sampleIndependent: Sampler['sampleIndependent'] = (context, name, distribution) =>
    0.25 + 0.5 * (inner.sampleIndependent(context, name, distribution) as number);
  return {
    name: 'focused',
    seed,
    capabilities: inner.capabilities,
    options: {},
    inferRelativeSearchSpace: () => ({}),
    sampleRelative: () => ({ params: {} }),
    sampleIndependent,
  };
}
const compared: ComparedSampler[] = [random, { name: 'focused', make: focused }];
const seeds = [0, 1, 2, 3, 4, 5, 6, 7];

describe('compareSamplers', () => {
  it('runs one study per sampler and seed and scores the best value', async () => {
    const storage = new InMemoryStorage();
    const result = await compareSamplers({ problem: bowl, samplers: compared, nTrials: 20, seeds, storage });
    const studies = await storage.listStudies();
    expect(studies.map((study) => study.studyName).slice(0, 3)).toEqual([
      'compare/bowl/random/0',
      'compare/bowl/focused/0',
      'compare/bowl/random/1',
    ]);
    expect(studies).toHaveLength(16);
    expect(result).toMatchObject({ problem: 'bowl', score: 'best value', scoreDirection: 'minimize' });
    for (const [i, sampler] of result.samplers.entries()) {
      for (const [s, seed] of seeds.entries()) {
        const record = await storage.findStudy(`compare/bowl/${compared[i].name}/${seed}`);
        const trials = await storage.getTrials(record!.studyId);
        expect(trials).toHaveLength(20);
        expect(sampler.scores[s]).toBe(Math.min(...trials.map((trial) => trial.value!)));
      }
      const { median } = sampler.convergence;
      expect(median).toHaveLength(20);
      expect(median[19]).toBe(sampler.median);
      expect(median.every((value, k) => k === 0 || value <= median[k - 1])).toBe(true);
      expect(sampler.iqr).toBeCloseTo(sampler.q3 - sampler.q1, 15);
    }
    expect(result.samplers[0].wins + result.samplers[1].wins).toBe(8);
    const [test] = result.pairwise;
    expect(test).toMatchObject({ a: 'random', b: 'focused', method: 'exact' });
    expect(test.probabilityABetter).toBeLessThan(0.5);
    expect(test.adjustedPValue).toBe(test.pValue);
  });

  it('goes on where an abort left it, to the same result as without', async () => {
    const storage = new InMemoryStorage();
    const abort = new AbortController();
    const options = { problem: bowl, samplers: compared, nTrials: 10, seeds: [0, 1], batchSize: 3 };
    const interrupted = compareSamplers({
      ...options,
      storage,
      signal: abort.signal,
      onProgress: ({ finishedTrials, totalTrials }) => {
        expect(totalTrials).toBe(40);
        if (finishedTrials >= 24) abort.abort();
      },
    });
    await expect(interrupted).rejects.toMatchObject({ code: 'ABORTED' });
    expect(await storage.listStudies()).toHaveLength(3);
    const resumed = await compareSamplers({ ...options, storage });
    expect(resumed).toEqual(await compareSamplers({ ...options, storage: new InMemoryStorage() }));
  });

  it('measures hypervolume for several objectives, from a given or the worst seen point', async () => {
    const front: Problem<typeof unit> = {
      name: 'front',
      space: unit,
      directions: ['minimize', 'maximize'],
      evaluate: ({ x, y }) => [x, y],
      referencePoint: [1, 0],
    };
    const options = { samplers: compared, nTrials: 15, seeds: [0, 1, 2] };
    const given = await compareSamplers({ ...options, problem: front, storage: new InMemoryStorage() });
    expect(given).toMatchObject({
      score: 'hypervolume',
      scoreDirection: 'maximize',
      referencePoint: [1, 0],
    });
    // One trial alone spans (1 - x) * y.
    const one = await compareSamplers({
      samplers: [random],
      nTrials: 1,
      seeds: [3],
      problem: { ...front, evaluate: () => [0.25, 0.5] },
      storage: new InMemoryStorage(),
    });
    expect(one.samplers[0].scores).toEqual([0.375]);
    const observed = await compareSamplers({
      ...options,
      problem: { ...front, referencePoint: undefined },
      storage: new InMemoryStorage(),
    });
    expect(observed.referencePoint![0]).toBeLessThan(1);
    expect(observed.referencePoint![0]).toBeGreaterThan(0.75);
    for (const [i, sampler] of observed.samplers.entries())
      for (const [s, score] of sampler.scores.entries())
        expect(score).toBeLessThan(given.samplers[i].scores[s]);
  });

  it('counts only feasible COMPLETE trials; a seed without one is worst', async () => {
    const result = await compareSamplers({
      problem: {
        ...bowl,
        directions: ['maximize'],
        evaluate: ({ x }, trial) => {
          if (trial.number === 1) throw new TrialPruned();
          trial.setConstraint('x', trial.number === 0 ? 1 : -1);
          return x;
        },
      },
      samplers: [random],
      nTrials: 3,
      seeds: [0, 1],
      storage: new InMemoryStorage(),
    });
    const { median } = result.samplers[0].convergence;
    expect(median.slice(0, 2)).toEqual([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    expect(median[2]).toBeGreaterThan(0);
  });

  it('passes the trial on, so that an evaluation can be a whole child study', async () => {
    const storage = new InMemoryStorage();
    await compareSamplers({
      problem: {
        ...bowl,
        evaluate: async (_, trial) => {
          const inner = await trial.createStudy('inner', { direction: 'minimize' });
          await inner.optimize((t) => t.suggestFloat('z', 0, 1), { totalTrials: 3 });
          return inner.bestValue;
        },
      },
      samplers: [random],
      nTrials: 2,
      seeds: [0],
      storage,
    });
    expect((await storage.listStudies()).map((study) => study.studyName)).toContain(
      'compare/bowl/random/0/1/inner',
    );
  });

  it('refuses to mix another sampler into a stored comparison', async () => {
    const storage = new InMemoryStorage();
    const options = { problem: bowl, samplers: [random], nTrials: 4, seeds: [0], storage };
    await compareSamplers(options);
    await expect(
      compareSamplers({ ...options, samplers: [{ name: 'random', make: focused }] }),
    ).rejects.toThrow(/sampler that began it/);
  });

  it('goes on to more trials, and looks back at fewer', async () => {
    const storage = new InMemoryStorage();
    const options = { problem: bowl, samplers: compared, seeds: [0, 1], storage };
    const short = await compareSamplers({ ...options, nTrials: 4 });
    const long = await compareSamplers({ ...options, nTrials: 9 });
    expect(long.samplers[0].runs[0].slice(0, 4)).toEqual(short.samplers[0].runs[0]);
    expect(await compareSamplers({ ...options, nTrials: 4 })).toEqual(short);
    expect(await compareSamplers({ ...options, nTrials: 9, storage: new InMemoryStorage() })).toEqual(long);
  });

  it.each([
    [{ nTrials: 0 }, /nTrials/],
    [{ seeds: [] }, /distinct seeds/],
    [{ seeds: [1, 1] }, /distinct seeds.*1, 1/],
    [{ samplers: [random, random] }, /distinct samplers/],
    [{ problem: { ...bowl, referencePoint: [1, 2] } }, /one value per direction/],
    [
      { problem: { ...bowl, directions: new Array(11).fill('minimize') } },
      /more than 10 objectives.* has 11/,
    ],
    [{ problem: { ...bowl, name: '' } }, /non-empty name/],
  ])('refuses options that make no comparison (%#)', async (bad, message) => {
    const good = {
      problem: bowl,
      samplers: [random],
      nTrials: 2,
      seeds: [0],
      storage: new InMemoryStorage(),
    };
    await expect(compareSamplers({ ...good, ...bad })).rejects.toThrow(message);
  });
});
