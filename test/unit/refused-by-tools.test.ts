/** Tools on studies, and what samplers, pruners and evaluators are made with: misspelled and unusable options are refused by name. */
import { describe, expect, it } from 'vitest';
import {
  CmaEsSampler,
  EvolutionarySampler,
  GridSampler,
  PartialFixedSampler,
  RandomSampler,
  samplerRegistry,
} from '../../samplers/index.ts';
import { compareSamplers } from '../../src/compare/index.ts';
import {
  copyStudy,
  createStudy,
  createTrial,
  deleteStudy,
  FanovaEvaluator,
  float,
  int,
  intersectionSearchSpace,
  MeanDecreaseImpurityEvaluator,
  maxTrialsCallback,
  openStorage,
  PedAnovaEvaluator,
  paramImportances,
  pooledTrials,
  space,
  stagnationCallback,
  ThanosError,
  trialsTable,
} from '../../src/index.ts';
import { MedianPruner, PatientPruner, PercentilePruner, prunerRegistry } from '../../src/pruners/index.ts';
import { InMemoryStorage, SqliteStorage } from '../../storage/index.ts';

const wrong = (value: unknown): never => value as never;

async function refusal(run: () => unknown): Promise<string> {
  try {
    await run();
  } catch (error) {
    expect(error).toBeInstanceOf(ThanosError);
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}

const study = await createStudy({ studyName: 's', sampler: new RandomSampler({ seed: 1 }) });
await study.optimize((t) => t.suggestFloat('x', 0, 1) + t.suggestFloat('y', 0, 1), { nTrials: 10 });
const { storage } = study;
const sampler = new RandomSampler({ seed: 1 });
const problem = { name: 'p', space: space({ x: float(0, 1) }), directions: ['minimize'], evaluate: () => 1 };
const comparison = {
  problem,
  samplers: [{ name: 'random', make: (seed: number) => new RandomSampler({ seed }) }],
  nTrials: 2,
  seeds: [1],
  storage: new InMemoryStorage(),
};

const CASES: readonly [what: string, run: () => unknown, message: RegExp][] = [
  ['importance: option', () => paramImportances(study, wrong({ evalator: 1 })), /did you mean 'evaluator'/],
  [
    'importance: normalize',
    () => paramImportances(study, wrong({ normalize: 'no' })),
    /normalize must be true or false/,
  ],
  [
    'importance: params',
    () => paramImportances(study, wrong({ params: 'x' })),
    /params must be a list of parameter names, but is "x"/,
  ],
  [
    'importance: evaluator',
    () => paramImportances(study, wrong({ evaluator: 'fanova' })),
    /evaluator must be one, as new Fanova/,
  ],
  [
    'importance: target',
    () => paramImportances(study, wrong({ target: 3 })),
    /target must be the index of an objective \(here 0\), or a function of a trial, but is 3/,
  ],
  ['importance: target name', () => paramImportances(study, wrong({ target: '0' })), /but is "0"/],
  [
    'importance: target of strings',
    () => paramImportances(study, { target: () => wrong('1') }),
    /target must return a number, but of trial 0 it returned "1"/,
  ],
  ['importance: source', () => paramImportances(wrong(null)), /needs a study/],
  ['ped-anova', () => new PedAnovaEvaluator(wrong({ targetQuantle: 0.1 })), /did you mean 'targetQuantile'/],
  [
    'ped-anova quantile',
    () => new PedAnovaEvaluator(wrong({ targetQuantile: '0.1' })),
    /targetQuantile must be a number in \(0, 1\], but is "0.1"/,
  ],
  [
    'ped-anova order',
    () => new PedAnovaEvaluator({ targetQuantile: 0.5, regionQuantile: 0.2 }),
    /targetQuantile < regionQuantile/,
  ],
  [
    'ped-anova local',
    () => new PedAnovaEvaluator(wrong({ evaluateOnLocal: 1 })),
    /evaluateOnLocal must be true or false/,
  ],
  ['fanova', () => new FanovaEvaluator(wrong({ seeds: 1 })), /did you mean 'seed'/],
  [
    'mdi',
    () => new MeanDecreaseImpurityEvaluator(wrong({ nTrees: '64' })),
    /nTrees must be an integer >= 1, but is "64"/,
  ],
  ['table option', () => trialsTable(study, wrong({ atrs: [] })), /did you mean 'attrs'/],
  [
    'table attrs',
    () => trialsTable(study, wrong({ attrs: 'number' })),
    /attrs must be a list of some of number, value.*"number"/,
  ],
  ['table attr', () => trialsTable(study, wrong({ attrs: ['numbr'] })), /attrs must be a list of some of/],
  ['table source', () => trialsTable(wrong(5)), /trialsTable needs a study, or a list of trials, but got 5/],
  [
    'copy option',
    () => copyStudy(wrong({ fromStudyName: 's', fromStorage: storage, tostorage: storage })),
    /did you mean 'toStorage'/,
  ],
  [
    'copy without a goal',
    () => copyStudy(wrong({ fromStudyName: 's', fromStorage: storage })),
    /toStorage must be a URL.*but is undefined/,
  ],
  [
    'copy name',
    () => copyStudy(wrong({ fromStudyName: 5, fromStorage: storage, toStorage: storage })),
    /fromStudyName must be a string/,
  ],
  [
    'copy to half a character',
    () => copyStudy({ fromStudyName: 's', fromStorage: storage, toStorage: storage, toStudyName: '\ud83d' }),
    /toStudyName must be/,
  ],
  ['delete option', () => deleteStudy(wrong({ studyNam: 's', storage })), /did you mean 'studyName'/],
  ['delete nothing', () => deleteStudy(wrong({ storage })), /studyName must be a string/],
  ['delete nowhere', () => deleteStudy(wrong({ studyName: 's' })), /storage must be/],
  ['delete without options', () => deleteStudy(wrong(undefined)), /deleteStudy needs its options/],
  ['maxTrials', () => maxTrialsCallback(3, wrong({ state: ['FAIL'] })), /did you mean 'states'/],
  ['maxTrials states', () => maxTrialsCallback(3, wrong({ states: 'FAIL' })), /states must be a list/],
  ['maxTrials number', () => maxTrialsCallback(wrong('3')), /nTrials must be an integer >= 0, but is "3"/],
  ['stagnation', () => stagnationCallback(wrong({ patiance: 3 })), /did you mean 'patience'/],
  [
    'stagnation patience',
    () => stagnationCallback(wrong({})),
    /patience must be an integer >= 1, but is undefined/,
  ],
  ['compare option', () => compareSamplers(wrong({ ...comparison, seds: [1] })), /did you mean 'seeds'/],
  [
    'compare seeds',
    () => compareSamplers(wrong({ ...comparison, seeds: 3 })),
    /seeds must be a list of integers >= 0, but is 3/,
  ],
  [
    'compare samplers',
    () => compareSamplers(wrong({ ...comparison, samplers: ['tpe'] })),
    /samplers must be a list of \{ name, make \}/,
  ],
  [
    'compare trials',
    () => compareSamplers(wrong({ ...comparison, nTrials: '2' })),
    /nTrials must be an integer >= 1, but is "2"/,
  ],
  [
    'compare signal',
    () => compareSamplers(wrong({ ...comparison, signal: new AbortController() })),
    /signal must be an AbortSignal/,
  ],
  [
    'compare nothing',
    () => compareSamplers(wrong({ ...comparison, problem: undefined })),
    /problem must be a problem/,
  ],
  [
    'compare storage',
    () => compareSamplers(wrong({ ...comparison, storage: 'sqlite:///x.db' })),
    /storage must be a Storage/,
  ],
  ['grid bigint', () => new GridSampler(wrong({ searchSpace: { a: [5n] } })), /'a' has 5n/],
  [
    'grid list',
    () => new GridSampler(wrong({ searchSpace: { a: 'ab' } })),
    /needs a list of at least one value, but 'a' has "ab"/,
  ],
  ['grid name', () => new GridSampler({ searchSpace: { '\ud83d': [1] } }), /half of a surrogate pair/],
  [
    'fixed names',
    () => new PartialFixedSampler({ fixedParams: { '\ud83d': 1 }, sampler }),
    /fixedParams must be/,
  ],
  [
    'fixed value',
    () => new PartialFixedSampler(wrong({ fixedParams: { x: 5n }, sampler })),
    /fixedParams must be/,
  ],
  [
    'fixed by null',
    () => new PartialFixedSampler(wrong({ fixedParams: { x: 1 }, sampler: null })),
    /sampler must be a Sampler/,
  ],
  [
    'fixed without a sampler',
    () => new PartialFixedSampler(wrong({ fixedParams: { x: 1 } })),
    /needs sampler, .*but it is missing/,
  ],
  [
    'fixed undefined',
    () => new PartialFixedSampler(wrong({ fixedParams: undefined, sampler })),
    /needs fixedParams, .*but it is missing/,
  ],
  [
    'cmaes source',
    () => new CmaEsSampler(wrong({ sourceTrials: [1] })),
    /sourceTrials must be a list of trials or null/,
  ],
  [
    'cmaes independent',
    () => new CmaEsSampler(wrong({ independentSampler: { sampleIndependent: 5 } })),
    /independentSampler must be a Sampler/,
  ],
  [
    'violation async',
    () => new EvolutionarySampler(wrong({ violation: async () => 0 })),
    /violation must be a function that returns its result at once/,
  ],
  ['median', () => new MedianPruner(wrong({ nStartupTrial: 1 })), /did you mean 'nStartupTrials'/],
  [
    'percentile',
    () => new PercentilePruner(wrong({ percentile: '25' })),
    /percentile must be a number in \[0, 100\], but is "25"/,
  ],
  [
    'patient',
    () => new PatientPruner(wrong({ patience: 2, wrappedPruner: 'median' })),
    /wrappedPruner must be a Pruner.*"median"/,
  ],
  [
    'options as a Map',
    () => createStudy(wrong(new Map([['studyName', 's']]))),
    /needs its options as an object/,
  ],
  [
    'a path of another kind',
    () => new SqliteStorage(wrong(5)),
    /the path of a database must be a string.*but is 5/,
  ],
  ['a path with a NUL', () => openStorage('sqlite:///a\0b'), /a storage URL must be/],
  ['a password', () => openStorage('mysql://u:p@s/s@host/db'), /but got "mysql:\/\/\*\*\*@host\/db"/],
  [
    'a child by a symbol',
    () => pooledTrials(study, wrong(Symbol('x'))),
    /the name of a child study must be a string/,
  ],
  ['no parent', () => pooledTrials(wrong(null), 'x'), /pooledTrials needs a study/],
  ['trials of a Map', () => intersectionSearchSpace(wrong(new Map())), /trials must be a list/],
  [
    'attribute by an object',
    () => study.setUserAttr(wrong(Object.create(null)), 1),
    /the key of an attribute must be a string/,
  ],
  ['sampler name', () => samplerRegistry.get('tep'), /unknown sampler 'tep'; did you mean 'tpe'\? known are/],
  [
    'sampler by symbol',
    () => samplerRegistry.get(wrong(Symbol('tpe'))),
    /a sampler goes by its name, but got Symbol\(tpe\)/,
  ],
  ['pruner name', () => prunerRegistry.get('medain'), /unknown pruner 'medain'/],
];

describe('is refused', () => {
  it.each(CASES)('%s', async (_, run, message) => {
    expect(await refusal(run)).toMatch(message);
  });

  it.each([() => Promise.resolve(0), () => undefined, () => Number.NaN, () => '0'])(
    'a violation that returns no number: %s',
    async (violation) => {
      const s = await createStudy({ sampler: new EvolutionarySampler(wrong({ violation })) });
      const declared = space({ n: int(0, 9), m: int(0, 9) });
      expect(await refusal(() => s.optimize(declared, () => 1, { nTrials: 1 }))).toMatch(
        /violation must return a number \(<= 0 if feasible\), but of \{ n: \d, m: \d \} it returned/,
      );
      expect(s.trials).toEqual([]);
    },
  );
});

it('is refused: a grid of a parameter that the space has not', async () => {
  const s = await createStudy({ sampler: new GridSampler({ searchSpace: { n: [1], depht: [1, 2] } }) });
  const declared = space({ n: int(0, 9), depth: int(0, 9) });
  expect(await refusal(() => s.optimize(declared, () => 1))).toMatch(
    /a grid must name parameters of the space, but 'depht' is none; did you mean 'depth'\? known are: n, depth/,
  );
  expect(s.trials).toEqual([]);
  expect(await refusal(() => s.optimize((t) => t.suggestInt('depth', 0, 9)))).toMatch(/did you mean 'depht'/);
});

describe('is taken', () => {
  it('a grid of a parameter called __proto__, and of 0 for -0', async () => {
    const name = '__proto__';
    const s = await createStudy({ sampler: new GridSampler({ searchSpace: { [name]: [1, 2], z: [0] } }) });
    await s.optimize((t) => t.suggestInt(name, 0, 9) + t.suggestCategorical('z', [-0, 1]), { nTrials: 5 });
    expect(s.trials.map((t) => Object.entries(t.params)[0]).sort()).toEqual([
      [name, 1],
      [name, 2],
    ]);
  });

  it('an importance whose target is NaN for some trials, which are left out', () => {
    const partly = paramImportances(study, { target: (t) => (t.number < 3 ? Number.NaN : t.values![0]) });
    const without = paramImportances({ trials: study.trials.slice(3), directions: study.directions });
    expect(partly).toEqual(without);
  });

  it('a COMPLETE trial without values, as another tool may leave it', () => {
    const odd = { ...createTrial({ value: 1 }), values: null };
    const { trials, directions } = study;
    expect(paramImportances({ trials: [...trials, odd], directions })).toEqual(paramImportances(study));
  });
});
