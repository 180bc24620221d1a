import { describe, expect, it } from 'vitest';
import { EvolutionarySampler } from '../../samplers/evolutionary/evolutionary-sampler.ts';
import { RandomSampler } from '../../samplers/random-sampler.ts';
import { categorical, float, int, type Sampler, Study, space } from '../../src/core/index.ts';
import { InMemoryStorage } from '../../storage/in-memory.ts';

const open = (sampler: Sampler, directions?: ('minimize' | 'maximize')[]) =>
  Study.open(
    { storage: new InMemoryStorage(), defaultSampler: () => sampler },
    { studyName: 's', ifExists: 'error', directions, sampler },
  );

const GENES = space(
  Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`g${i}`, categorical([0, 1, 2, 3])])),
);
type Genes = Readonly<Record<string, number>>;
/** Every gene has its own best value, and neighboring genes interact. */
const loss = (p: Genes, n = 8) => {
  let sum = 0;
  for (let i = 0; i < 8; i++)
    sum += (p[`g${i}`] - (i % 4)) ** 2 + 0.5 * Math.abs(p[`g${i}`] - p[`g${(i + 1) % n}`]);
  return sum;
};
const total = (p: Genes) => Object.values(p).reduce((a, b) => a + b, 0);

describe('EvolutionarySampler', () => {
  it('has the sizes of HAT by default', () => {
    const sampler = new EvolutionarySampler();
    expect(sampler.options).toMatchObject({
      populationSize: 125,
      parentSize: 25,
      mutationSize: 50,
      crossoverSize: 50,
      mutationProb: 0.3,
    });
    expect(sampler.trialsFor()).toBe(125 + 29 * 100);
    expect([0, 124, 125, 224, 225].map((n) => sampler.generationOf(n))).toEqual([0, 0, 1, 1, 2]);
  });

  it('beats random search at equal evaluations on 5 of 5 seeds', async () => {
    const wide = space(
      Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`g${i}`, categorical([0, 1, 2, 3])])),
    );
    const evolved: number[] = [];
    const random: number[] = [];
    for (let seed = 0; seed < 5; seed++) {
      const [a, b] = [await open(new EvolutionarySampler({ seed })), await open(new RandomSampler({ seed }))];
      await a.optimize(wide, (p) => loss(p, 20), { nTrials: 625 });
      await b.optimize(wide, (p) => loss(p, 20), { nTrials: 625 });
      evolved.push(a.bestValue);
      random.push(b.bestValue);
    }
    evolved.forEach((value, seed) => {
      expect(value).toBeLessThan(random[seed]);
    });
  });

  it('never evaluates an infeasible candidate or one twice, dead genes included', async () => {
    // g7 is dead unless g0 is 3.
    const canonical = (p: Readonly<Record<string, unknown>>) =>
      (p['g0'] === 3 ? p : { ...p, g7: 0 }) as Genes;
    const study = await open(
      new EvolutionarySampler({
        populationSize: 20,
        parentSize: 5,
        mutationSize: 10,
        crossoverSize: 10,
        canonical,
        violation: (p) => total(p as Genes) - 9,
      }),
    );
    await study.optimize(GENES, (p) => loss(p), { nTrials: 200 });
    const keys = study.trials.map((t) => JSON.stringify(canonical(t.params)));
    expect(new Set(keys).size).toBe(200);
    expect(study.trials.every((t) => total(t.params as Genes) <= 9)).toBe(true);
    expect(study.trials.every((t) => t.params['g0'] === 3 || t.params['g7'] === 0)).toBe(true);
  });

  it('repairs candidates where feasible ones are too rare to be drawn', async () => {
    // 2 of 4^8 candidates sum to <= 0.5 … only all zeros is feasible.
    const study = await open(
      new EvolutionarySampler({ violation: (p) => total(p as Genes) - 0.5, maxAttempts: 5 }),
    );
    await study.optimize(GENES, (p) => loss(p), { nTrials: 10 });
    expect(study.trials).toHaveLength(1);
    expect(total(study.trials[0].params as Genes)).toBe(0);
  });

  it('keeps genes of one value when it repairs, and tries the ends of wide ranges', async () => {
    const seen: Readonly<Record<string, unknown>>[] = [];
    const study = await open(
      new EvolutionarySampler({
        maxAttempts: 3,
        violation: (p) => {
          seen.push(p);
          return Math.log10(p['wide'] as number) + 299 + Math.max(0, (p['n'] as number) - 5);
        },
      }),
    );
    const genes = {
      n: int(1, 10),
      one: int(2, 2),
      fixed: float(0.5, 0.5),
      only: categorical(['a']),
      stepped: float(0, 0.9, { step: 1 }),
      wide: float(1e-300, 1e300, { log: true }),
    };
    await study.optimize(genes, () => 0, { nTrials: 3 });
    expect(study.trials).toHaveLength(3);
    for (const { one, fixed, only, stepped, wide, n } of seen) {
      expect([one, fixed, only, stepped]).toEqual([2, 0.5, 'a', 0]);
      expect(Number.isFinite(wide) && Number.isSafeInteger(n)).toBe(true);
    }
  });

  it('ends with INFEASIBLE_SPACE, the least violation and its candidate when nothing is feasible', async () => {
    const study = await open(
      new EvolutionarySampler({ violation: (p) => total(p as Genes) + 2, maxAttempts: 20 }),
    );
    await expect(study.optimize(GENES, (p) => loss(p), { nTrials: 10 })).rejects.toMatchObject({
      code: 'INFEASIBLE_SPACE',
      leastViolation: 2,
      leastViolating: { g0: 0, g7: 0 },
    });
    expect(study.trials).toHaveLength(0);
  });

  it('ends normally when a finite space has no untried candidate left', async () => {
    const study = await open(new EvolutionarySampler({ populationSize: 4, parentSize: 2 }));
    await study.optimize(space({ a: categorical([0, 1]), b: categorical([0, 1, 2]) }), (p) => p.a + p.b, {
      nTrials: 50,
    });
    expect(study.trials).toHaveLength(6);
  });

  it('selects parents by constraint violation first', async () => {
    // A random candidate sums to 12; feasible ones sum to 20 or more.
    const sizes = { populationSize: 30, parentSize: 5, mutationSize: 15, crossoverSize: 15 };
    const study = await open(new EvolutionarySampler({ ...sizes, seed: 3 }));
    await study.optimize(
      GENES,
      (p, trial) => {
        trial.setConstraint('sum >= 20', 20 - total(p));
        return total(p);
      },
      { nTrials: 240 },
    );
    expect(study.trials[0].constraints![0]).toBeGreaterThan(0);
    expect(study.bestValue).toBe(20);
  });

  it('is a pure function of seed, history and number: batches of a generation do not depend on concurrency', async () => {
    const runs = [];
    for (const concurrency of [1, 5]) {
      const study = await open(
        new EvolutionarySampler({ populationSize: 10, parentSize: 4, mutationSize: 5, crossoverSize: 5 }),
      );
      await study.optimize(GENES, (p) => loss(p), { nTrials: 60, batchSize: 10, concurrency });
      runs.push(study.trials.map((t) => [t.params, t.values]));
    }
    expect(runs[1]).toEqual(runs[0]);
  });

  it.each([
    [{ populationSize: 1 }, 'populationSize'],
    [{ parentSize: 200 }, 'parentSize'],
    [{ mutationProb: 0 }, 'mutationProb'],
    [{ mutationSize: 0, crossoverSize: 0 }, 'mutationSize'],
  ])('refuses %j', (options, name) => {
    expect(() => new EvolutionarySampler(options)).toThrow(name);
  });
});
