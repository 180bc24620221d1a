/** A study that its sampler or its pruner cannot do is refused at the door, with a remedy, and nothing of it is written. */
import { describe, expect, it } from 'vitest';
import {
  BruteForceSampler,
  CmaEsSampler,
  GridSampler,
  NsgaIIISampler,
  PartialFixedSampler,
  RandomSampler,
  TpeSampler,
} from '../../samplers/index.ts';
import { compareSamplers } from '../../src/compare/index.ts';
import { categorical, choice, float, int, type Sampler, space } from '../../src/core/index.ts';
import { createStudy, loadStudy } from '../../src/create-study.ts';
import { MedianPruner } from '../../src/pruners/index.ts';
import { InMemoryStorage } from '../../storage/index.ts';

const UNIT = space({ x: float(0, 1) });
const MIXED = space({ x: float(0, 1), act: categorical(['relu', 'gelu']) });
const TWO = ['minimize', 'maximize'] as const;

/** A random sampler that says that it cannot do something. */
function without(missing: Partial<Sampler['capabilities']>): Sampler {
  const sampler = new RandomSampler({ seed: 0 });
  return Object.assign(sampler, { name: 'picky', capabilities: { ...sampler.capabilities, ...missing } });
}

async function expectNothingWritten(
  storage: InMemoryStorage,
  create: () => Promise<unknown>,
  message: RegExp,
) {
  await expect(create()).rejects.toThrow(message);
  expect(await storage.listStudies()).toEqual([]);
}

describe('createStudy refuses', () => {
  it.each<
    [what: string, options: Omit<Parameters<typeof createStudy>[0] & object, 'space'>, message: RegExp]
  >([
    [
      'several objectives of a sampler of one',
      { directions: TWO, sampler: without({ multiObjective: false }) },
      /the picky sampler needs one objective, but the study has 2; use a sampler of several/,
    ],
    [
      'the same for CMA-ES',
      { directions: TWO, sampler: new CmaEsSampler() },
      /the cmaes sampler needs one objective.*has 2/,
    ],
    [
      'reference points of other dimensions',
      { directions: TWO, sampler: new NsgaIIISampler({ referencePoints: [[1, 0, 0]] }) },
      /one coordinate per objective, but have 3 in a study of 2/,
    ],
    [
      'the same through a sampler that fixes parameters',
      { directions: TWO, sampler: new PartialFixedSampler({ fixedParams: {}, sampler: new CmaEsSampler() }) },
      /needs one objective, but the study has 2/,
    ],
    [
      'a hook of the sampler that it wraps',
      {
        directions: TWO,
        sampler: new PartialFixedSampler({
          fixedParams: {},
          sampler: new NsgaIIISampler({ referencePoints: [[1]] }),
        }),
      },
      /one coordinate per objective/,
    ],
    [
      'an independent sampler of one objective',
      {
        sampler: new CmaEsSampler({ independentSampler: new NsgaIIISampler({ referencePoints: [[1, 1]] }) }),
      },
      /one coordinate per objective, but have 2 in a study of 1/,
    ],
    [
      'a pruner of several objectives',
      { directions: TWO, pruner: new MedianPruner() as never },
      /pruning needs a single objective.*leave the pruner out/,
    ],
  ])('%s', async (_, options, message) => {
    const storage = new InMemoryStorage();
    await expectNothingWritten(storage, () => createStudy({ ...options, storage } as never), message);
  });

  it.each<[what: string, sampler: Sampler, space: object, message: RegExp]>([
    [
      'choices',
      without({ categorical: false }),
      MIXED,
      /draws numbers only, but 'act' is categorical.*fix it/,
    ],
    [
      'real numbers',
      new BruteForceSampler(),
      MIXED,
      /brute-force sampler needs finitely many values.*'x'.*give it a step/,
    ],
    [
      'real numbers below a fixed value',
      new PartialFixedSampler({ fixedParams: { act: 'relu' }, sampler: new BruteForceSampler() }),
      MIXED,
      /'x'/,
    ],
    [
      'what a grid lacks',
      new GridSampler({ searchSpace: { x: [0, 1] } }),
      MIXED,
      /knows the parameters x, but was asked for 'act'/,
    ],
    [
      'what a grid has too much',
      new GridSampler({ searchSpace: { x: [0, 1], y: [1] } }),
      UNIT,
      /'y' is none; known are: x/,
    ],
    [
      'grid values outside',
      new GridSampler({ searchSpace: { x: [0, 2] } }),
      UNIT,
      /every grid value must lie in its distribution, but 'x' has 2/,
    ],
    [
      'branches of a grid',
      new GridSampler({ searchSpace: { x: [0, 1] } }),
      space({ o: choice({ a: { x: float(0, 1) }, b: {} }) }),
      /no conditional parameters/,
    ],
    [
      'a value fixed outside',
      new PartialFixedSampler({ fixedParams: { x: 3 }, sampler: new TpeSampler() }),
      UNIT,
      /fixedParams.x must lie/,
    ],
    [
      'choices that an independent sampler cannot draw',
      new CmaEsSampler({ independentSampler: without({ categorical: false }) }),
      MIXED,
      /picky sampler draws numbers only/,
    ],
  ])('%s, if the space is declared', async (_, sampler, declared, message) => {
    const storage = new InMemoryStorage();
    await expectNothingWritten(
      storage,
      () => createStudy({ storage, sampler, space: declared as typeof UNIT }),
      message,
    );
    const study = await createStudy({ storage, sampler });
    await expect(study.optimize(declared as typeof UNIT, () => 0, { nTrials: 3 })).rejects.toThrow(message);
    await expect(study.ask(declared as typeof UNIT)).rejects.toThrow(message);
    expect(study.trials).toEqual([]);
  });

  it('a space that is not declared, before the first trial', async () => {
    const study = await createStudy({ sampler: without({ defineByRun: false }) });
    const message = /must know the parameters before the first trial.*createStudy\(\{ space/;
    await expect(study.optimize(() => 0, { nTrials: 1 })).rejects.toThrow(message);
    await expect(study.ask()).rejects.toThrow(message);
    expect(study.trials).toEqual([]);
    await study.optimize(UNIT, ({ x }) => x, { nTrials: 2 });
    expect(study.trials).toHaveLength(2);
  });

  it('what a define-by-run objective asks for, when it asks', async () => {
    const study = await createStudy({ sampler: new BruteForceSampler() });
    const run = study.optimize((trial) => trial.suggestInt('n', 0, 3) + trial.suggestFloat('x', 0, 1), {
      nTrials: 2,
    });
    await expect(run).rejects.toThrow(/finitely many values of every parameter, but 'x'/);
    expect(study.trials.map(({ state }) => state)).toEqual(['FAIL']);
  });

  it('a child study, of which nothing is written', async () => {
    const storage = new InMemoryStorage();
    const study = await createStudy({ storage });
    const trial = await study.ask();
    const child = trial.createStudy('inner', { directions: TWO, sampler: new CmaEsSampler() });
    await expect(child).rejects.toThrow(/needs one objective/);
    expect(await storage.listStudies()).toHaveLength(1);
  });

  it('a study that is loaded with a sampler that cannot go on with it', async () => {
    const storage = new InMemoryStorage();
    await createStudy({ storage, studyName: 'two', directions: TWO });
    const load = (sampler: Sampler) => loadStudy({ storage, studyName: 'two', sampler });
    await expect(load(new CmaEsSampler())).rejects.toThrow(/the study has 2/);
    const again = createStudy({ storage, studyName: 'two', sampler: new CmaEsSampler(), loadIfExists: true });
    await expect(again).rejects.toThrow(/the study has 2/);
    expect((await load(new TpeSampler())).directions).toEqual(TWO);
  });

  it('a comparison, before the first of its samplers has begun', async () => {
    const storage = new InMemoryStorage();
    const comparison = () =>
      compareSamplers({
        problem: { name: 'p', space: MIXED, directions: ['minimize'], evaluate: () => 0 },
        samplers: [
          { name: 'random', make: (seed) => new RandomSampler({ seed }) },
          { name: 'all', make: (seed) => new BruteForceSampler({ seed }) },
        ],
        seeds: [0],
        nTrials: 2,
        storage,
      });
    await expectNothingWritten(storage, comparison, /brute-force sampler needs finitely many values/);
  });

  it('a sampler without capabilities', async () => {
    const sampler = Object.assign(new RandomSampler(), { capabilities: undefined });
    await expect(createStudy({ sampler: sampler as never })).rejects.toThrow(/sampler must be a Sampler/);
  });
});

describe('createStudy lets in', () => {
  it.each<[what: string, sampler: Sampler, space: object]>([
    [
      'one value of what cannot be drawn',
      without({ categorical: false, continuous: false }),
      space({ x: float(1, 1), n: int(0, 3), c: categorical(['a']) }),
    ],
    [
      'real numbers that are fixed',
      new PartialFixedSampler({ fixedParams: { x: 0.5 }, sampler: new BruteForceSampler() }),
      MIXED,
    ],
    [
      'real numbers of a branch that is never taken',
      new PartialFixedSampler({ fixedParams: { o: 'b' }, sampler: new BruteForceSampler() }),
      space({ o: choice({ a: { x: float(0, 1) }, b: { n: int(0, 1) } }) }),
    ],
    [
      'a grid in which one parameter is fixed',
      new PartialFixedSampler({
        fixedParams: { x: 1 },
        sampler: new GridSampler({ searchSpace: { x: [0, 1], n: [1, 2] } }),
      }),
      space({ x: float(0, 1), n: int(0, 3) }),
    ],
  ])('%s', async (_, sampler, declared) => {
    const study = await createStudy({ sampler, space: declared as typeof UNIT });
    await study.optimize(() => 0, { nTrials: 1 });
    expect(study.trials[0].state).toBe('COMPLETE');
  });

  it('constraints of a sampler that takes no notice of them, as documented', async () => {
    const study = await createStudy({ sampler: new RandomSampler(), constraints: () => [1], space: UNIT });
    await study.optimize(({ x }) => x, { nTrials: 1 });
    expect(study.trials[0].constraints).toEqual([1]);
  });
});
