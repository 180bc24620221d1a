/** Without a seed a study draws one and records it: two studies differ, and each resumes exactly. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  AutoSampler,
  CmaEsSampler,
  PartialFixedSampler,
  RandomSampler,
  samplerRegistry,
  TpeSampler,
} from '../../samplers/index.ts';
import { type AnyStudy, createStudy, loadStudy, type Sampler, Study, type Trial } from '../../src/index.ts';
import { InMemoryStorage } from '../../storage/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'thanos-seed-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const file = () => `sqlite:///${join(folder, `${files++}.db`)}`;

const paramsOf = (study: AnyStudy) => study.trials.map(({ params }) => params);
const seedOf = (study: AnyStudy) => (study.systemAttrs['thanos:sampler'] as { seed: number }).seed;
const sum = (trial: Trial) => trial.suggestFloat('x', 0, 1) + trial.suggestFloat('y', 0, 1);

const UNSEEDED: Readonly<Record<string, () => Sampler | undefined>> = {
  'no sampler': () => undefined,
  auto: () => new AutoSampler(),
  tpe: () => new TpeSampler({ nStartupTrials: 3 }),
  cmaes: () => new CmaEsSampler({ nStartupTrials: 2 }),
  'partial-fixed': () => new PartialFixedSampler({ fixedParams: { x: 0.5 }, sampler: new RandomSampler() }),
};

describe.each(Object.entries(UNSEEDED))('a study with %s', (_, make) => {
  it('draws a seed of its own, records it, and resumes exactly', async () => {
    const storage = file();
    const first = await createStudy({ studyName: 'a', storage, sampler: make() });
    const second = await createStudy({ studyName: 'b', storage, sampler: make() });
    for (const study of [first, second]) await study.optimize(sum, { nTrials: 6 });
    expect(seedOf(first)).not.toBe(seedOf(second));
    expect(first.sampler.seed).toBe(seedOf(first));
    expect(first.sampler.options['seed']).toBe(seedOf(first));
    expect(paramsOf(first)).not.toEqual(paramsOf(second));
    await first.storage.close();

    // Gone on with by another process, it is the study that it would have been.
    const again = await loadStudy({ studyName: 'a', storage, sampler: make() });
    expect(again.sampler.seed).toBe(seedOf(first));
    await again.optimize(sum, { totalTrials: 12 });
    const { name, options } = again.sampler;
    const whole = await createStudy({
      sampler:
        name === 'partial-fixed'
          ? new PartialFixedSampler({
              fixedParams: { x: 0.5 },
              sampler: new RandomSampler({ seed: seedOf(first) }),
            })
          : samplerRegistry.get(name)(options),
    });
    await whole.optimize(sum, { nTrials: 12 });
    expect(paramsOf(again)).toEqual(paramsOf(whole));
    await again.storage.close();
  });
});

describe('a seed', () => {
  it('that is given stands, and is no different from one that was drawn', async () => {
    const sampler = new RandomSampler({ seed: 7 });
    const study = await createStudy({ sampler });
    expect(study.sampler).toBe(sampler);
    expect(seedOf(study)).toBe(7);
  });

  it('is kept by every sampler of the registry with its other options', () => {
    const needs: Readonly<Record<string, object>> = {
      grid: { searchSpace: { x: [1, 2] } },
      'partial-fixed': { fixedParams: { x: 1 } },
    };
    for (const name of samplerRegistry.names()) {
      const unseeded = samplerRegistry.get(name)({ ...needs[name] });
      const seeded = samplerRegistry.get(name)({ seed: 5, ...needs[name] });
      expect(unseeded.withSeed!(5).options, name).toEqual(seeded.options);
      expect(unseeded.withSeed!(5).seed, name).toBe(5);
      expect(seeded.withSeed, name).toBeUndefined();
      expect(unseeded.withSeed!(5).withSeed, name).toBeUndefined();
    }
  });

  it('is that of the record when another sampler goes on, and one that follows from the name in a file of Optuna', async () => {
    const storage = new InMemoryStorage();
    await createStudy({ studyName: 's', storage, sampler: new RandomSampler({ seed: 11 }) });
    expect((await loadStudy({ studyName: 's', storage, sampler: new TpeSampler() })).sampler.seed).toBe(11);
    // Optuna creates studies without a sampler's name.
    for (const name of ['foreign', 'other']) await storage.createStudy(name, ['minimize']);
    const seed = async (studyName: string) => (await loadStudy({ studyName, storage })).sampler.seed;
    expect(await seed('foreign')).toBe(await seed('foreign'));
    expect(await seed('foreign')).not.toBe(await seed('other'));
  });

  it('of two processes that create one study at once is one seed', async () => {
    const storage = file();
    const open = () => createStudy({ studyName: 'both', storage, loadIfExists: true });
    const [one, other] = await Promise.all([open(), open()]);
    expect(one.sampler.seed).toBe(other.sampler.seed);
    await one.storage.close();
  });

  it('of a child study follows from that of the study that owns it, and from its name', async () => {
    const run = async (seed: number) => {
      const study = await createStudy({ studyName: 'top', sampler: new RandomSampler({ seed }) });
      const seeds: number[] = [];
      for (let i = 0; i < 2; i++) {
        const trial = await study.ask();
        for (const name of ['a', 'b']) {
          const child = await trial.createStudy(name, { sampler: new TpeSampler() });
          const grandchild = await (await child.ask()).createStudy('deep');
          seeds.push(child.sampler.seed, grandchild.sampler.seed);
        }
      }
      return seeds;
    };
    const seeds = await run(1);
    expect(new Set(seeds).size).toBe(8);
    expect(await run(1)).toEqual(seeds);
    expect((await run(2)).some((seed) => seeds.includes(seed))).toBe(false);
  });

  it('is drawn by nobody without the composition root: it follows from the name', async () => {
    const open = (studyName: string) =>
      Study.open(
        { storage: new InMemoryStorage(), defaultSampler: () => new RandomSampler() },
        { studyName, ifExists: 'error' },
      );
    expect((await open('x')).sampler.seed).toBe((await open('x')).sampler.seed);
    expect((await open('x')).sampler.seed).not.toBe((await open('y')).sampler.seed);
  });
});
