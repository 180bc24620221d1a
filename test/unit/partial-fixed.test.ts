import { describe, expect, it } from 'vitest';
import { BruteForceSampler } from '../../samplers/brute-force/sampler.ts';
import { samplerRegistry } from '../../samplers/index.ts';
import { PartialFixedSampler } from '../../samplers/partial-fixed-sampler.ts';
import { RandomSampler } from '../../samplers/random-sampler.ts';
import { TpeSampler } from '../../samplers/tpe/sampler.ts';
import {
  categorical,
  choice,
  createStudy,
  float,
  int,
  NO_CONDITIONS,
  type Sampler,
  type SamplerContext,
  type SearchSpace,
  space,
} from '../../src/index.ts';
import { runSamplerLoop } from '../../src/testing/sampler-loop.ts';
import { InMemoryStorage } from '../../storage/in-memory.ts';

const declared = space({ x: float(-1, 1), y: int(-5, 5), act: categorical(['relu', 'gelu', null]) });

it('keeps what is fixed and draws the rest as the base does in the space without it', () => {
  const fixedParams = { y: 3, act: null };
  const run = (sampler: Sampler, searchSpace: SearchSpace) =>
    runSamplerLoop({
      sampler,
      space: searchSpace,
      directions: ['minimize'],
      nTrials: 25,
      evaluate: ({ x }) => ({ values: [(x as number) ** 2] }),
    }).map((t) => t.params);
  const ours = run(new PartialFixedSampler({ fixedParams, sampler: new TpeSampler({ seed: 1 }) }), declared);
  const base = run(new TpeSampler({ seed: 1 }), { x: declared.x });
  expect(ours).toEqual(base.map((params) => ({ ...params, ...fixedParams })));
});

it('goes on with a study that has drawn what is now fixed', async () => {
  const storage = new InMemoryStorage();
  const open = (sampler: Sampler) => createStudy({ storage, studyName: 's', loadIfExists: true, sampler });
  await (await open(new TpeSampler())).optimize(declared, ({ x, y }) => x ** 2 + y, { nTrials: 12 });
  const study = await open(new PartialFixedSampler({ fixedParams: { y: -5 }, sampler: new TpeSampler() }));
  await study.optimize(declared, ({ x, y }) => x ** 2 + y, { nTrials: 12, batchSize: 3 });
  expect(study.trials.slice(12).every((t) => t.params['y'] === -5)).toBe(true);
  expect(new Set(study.trials.map((t) => t.params['x'])).size).toBe(24);
});

it('fixes define-by-run parameters', async () => {
  const sampler = new PartialFixedSampler({
    fixedParams: { a: 7 },
    sampler: new TpeSampler({ nStartupTrials: 3 }),
  });
  const study = await createStudy({ sampler });
  await study.optimize((t) => t.suggestInt('a', 0, 9) + t.suggestFloat('b', 0, 1), { nTrials: 12 });
  expect(study.trials.map((t) => t.params['a'])).toEqual(new Array(12).fill(7));
  expect(new Set(study.trials.map((t) => t.params['b'])).size).toBe(12);
});

describe('over a conditional space', () => {
  const conditional = space({
    n: int(0, 2),
    optimizer: choice({
      sgd: { momentum: int(0, 3), schedule: choice({ step: { every: int(1, 5) }, none: {} }) },
      adam: { beta: int(0, 9) },
    }),
  });
  const tried = async (fixedParams: PartialFixedSampler['fixedParams']) => {
    const study = await createStudy({
      sampler: new PartialFixedSampler({ fixedParams, sampler: new BruteForceSampler() }),
    });
    await study.optimize(conditional, () => 0, { nTrials: 500 });
    for (const { params } of study.trials) expect({ ...params, ...fixedParams }).toEqual(params);
    return study.trials.length;
  };

  it('leaves the base the branches that are left', async () => {
    expect(await tried({ optimizer: 'adam' })).toBe(3 * 10);
    expect(await tried({ optimizer: 'sgd' })).toBe(3 * 4 * 6);
    expect(await tried({ optimizer: 'sgd', 'optimizer.sgd.schedule': 'step' })).toBe(3 * 4 * 5);
    expect(await tried({ n: 0, optimizer: 'sgd', 'optimizer.sgd.momentum': 2 })).toBe(6);
  });

  it('fixes a parameter of a branch where it exists', async () => {
    const sampler = new PartialFixedSampler({
      fixedParams: { 'optimizer.sgd.schedule': 'step' },
      sampler: new RandomSampler({ seed: 2 }),
    });
    const study = await createStudy({ sampler });
    await study.optimize(conditional, () => 0, { nTrials: 20 });
    const schedules = study.trials.map((t) => t.params['optimizer.sgd.schedule']);
    expect(new Set(schedules)).toEqual(new Set([undefined, 'step']));
  });
});

it('keeps what is fixed where predicates or repetition make the engine draw', async () => {
  const rare = space({ a: int(0, 99), b: int(0, 99) }, { where: ({ a, b }) => a === b });
  const sampler = new PartialFixedSampler({ fixedParams: { a: 42 }, sampler: new TpeSampler({ seed: 1 }) });
  const study = await createStudy({ sampler });
  await study.optimize(rare, () => 0, { nTrials: 2 });
  expect(study.trials.map((t) => t.params)).toEqual(new Array(2).fill({ a: 42, b: 42 }));
});

describe('refuses', () => {
  const context = (declaredSpace: SearchSpace | null): SamplerContext => ({
    directions: ['minimize'],
    trialNumber: 0,
    trials: [],
    declaredSpace,
    conditions: NO_CONDITIONS,
    attempt: 0,
  });
  const fix = (fixedParams: PartialFixedSampler['fixedParams']) =>
    new PartialFixedSampler({ fixedParams, sampler: new RandomSampler() });

  it.each([
    [{ y: 9 }, /fixedParams.y must lie in the parameter's distribution, but is 9/],
    [{ y: 0.5 }, /fixedParams.y .* is 0.5/],
    [{ y: '3' }, /fixedParams.y .* is "3"/],
    [{ act: 'tanh' }, /fixedParams.act .* is "tanh"/],
    [{ z: 1 }, /fixedParams must name parameters of the space, but 'z' is none.*known are: x, y, act/],
    [{ actt: 'relu' }, /did you mean 'act'/],
  ])('values outside the space: %o', (fixedParams, message) => {
    expect(() => fix(fixedParams).inferRelativeSearchSpace(context(declared))).toThrow(message);
  });

  it('a value outside a define-by-run distribution', () => {
    expect(() => fix({ y: 9 }).sampleIndependent(context(null), 'y', declared.y)).toThrow(/fixedParams.y/);
  });

  it.each([
    [() => fix(3 as never), /fixedParams must be an object/],
    [() => fix({ x: Number.NaN }), /fixedParams must be an object/],
    [
      () => new PartialFixedSampler({ fixedParams: {} } as never),
      /needs sampler, which must be a Sampler.*missing/,
    ],
    [
      () => new PartialFixedSampler({ fixedParams: {}, sampler: 'tpe' as never }),
      /sampler must be a Sampler/,
    ],
    [
      () => samplerRegistry.get('partial-fixed')({ fixedParams: {}, sampler: 'tpi' }),
      /unknown sampler 'tpi'/,
    ],
    [() => samplerRegistry.get('partial-fixed')({ fixedParams: {}, sampler: 3 }), /name of a sampler/],
  ])('options (%#)', (make, message) => {
    expect(make).toThrow(message);
  });
});

it('is made of plain options, which its own options are again', () => {
  const make = samplerRegistry.get('partial-fixed');
  const sampler = make({ seed: 4, fixedParams: { x: 0.5 }, sampler: { name: 'tpe', nStartupTrials: 3 } });
  expect(sampler.options).toMatchObject({ seed: 4, sampler: { name: 'tpe', seed: 4, nStartupTrials: 3 } });
  expect(make(sampler.options).options).toEqual(sampler.options);
  expect(make({ fixedParams: {} }).options).toMatchObject({ sampler: { name: 'tpe' } });
});
