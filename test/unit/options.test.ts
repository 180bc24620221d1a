/** Options declared once: what follows from a declaration, and that nothing which is kept with a study has moved. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { RandomSampler, samplerRegistry } from '../../samplers/index.ts';
import {
  BOOLEAN,
  integerFrom,
  oneOf,
  orNull,
  PROBABILITY,
  SYNC_FUNCTION,
} from '../../src/core/option-rules.ts';
import {
  defineOptions,
  type OptionsOf,
  option,
  optional,
  required,
  SEED,
  type SettingsOf,
} from '../../src/core/options.ts';
import { prunerRegistry } from '../../src/pruners/index.ts';

type Kept = readonly [name: string, options: Readonly<Record<string, unknown>>, plain: string];

/** What studies of version 0.1 hold, byte for byte. */
const SAMPLERS: readonly Kept[] = [
  ['random', {}, '{"seed":0}'],
  ['random', { seed: 7 }, '{"seed":7}'],
  [
    'cmaes',
    {},
    '{"seed":0,"nStartupTrials":1,"popsize":null,"withMargin":false,"useSeparableCma":false,"lrAdapt":false,"considerPrunedTrials":false,"restartStrategy":"ipop","sourceTrials":null,"sourceSpread":0.1,"independentSampler":null}',
  ],
  [
    'cmaes',
    {
      seed: 3,
      nStartupTrials: 2,
      popsize: 6,
      withMargin: true,
      considerPrunedTrials: true,
      restartStrategy: null,
      sourceTrials: [],
      sourceSpread: 0.2,
      independentSampler: new RandomSampler({ seed: 2 }),
    },
    '{"seed":3,"nStartupTrials":2,"popsize":6,"withMargin":true,"useSeparableCma":false,"lrAdapt":false,"considerPrunedTrials":true,"restartStrategy":null,"sourceTrials":0,"sourceSpread":0.2,"independentSampler":{"name":"random","options":{"seed":2}}}',
  ],
  [
    'cmaes',
    { useSeparableCma: true, restartStrategy: 'bipop', withMargin: undefined },
    '{"seed":0,"nStartupTrials":1,"popsize":null,"withMargin":false,"useSeparableCma":true,"lrAdapt":false,"considerPrunedTrials":false,"restartStrategy":"bipop","sourceTrials":null,"sourceSpread":0.1,"independentSampler":null}',
  ],
  [
    'cmaes',
    { lrAdapt: true },
    '{"seed":0,"nStartupTrials":1,"popsize":null,"withMargin":false,"useSeparableCma":false,"lrAdapt":true,"considerPrunedTrials":false,"restartStrategy":"ipop","sourceTrials":null,"sourceSpread":0.1,"independentSampler":null}',
  ],
  ['auto', {}, '{"seed":0,"budget":null}'],
  ['auto', { seed: 1, budget: 50 }, '{"seed":1,"budget":50}'],
  [
    'evolutionary',
    {},
    '{"seed":0,"populationSize":125,"parentSize":25,"mutationSize":50,"crossoverSize":50,"mutationProb":0.3,"maxAttempts":100}',
  ],
  [
    'evolutionary',
    {
      maxAttempts: 5,
      populationSize: 9,
      parentSize: 3,
      mutationSize: 2,
      crossoverSize: 1,
      mutationProb: 0.5,
      seed: 4,
      violation: () => 0,
      canonical: (c: unknown) => c,
    },
    '{"seed":4,"populationSize":9,"parentSize":3,"mutationSize":2,"crossoverSize":1,"mutationProb":0.5,"maxAttempts":5}',
  ],
  ['aging-evolution', {}, '{"seed":0,"populationSize":100,"sampleSize":25}'],
  ['aging-evolution', { populationSize: 10 }, '{"seed":0,"populationSize":10,"sampleSize":10}'],
  [
    'aging-evolution',
    { populationSize: 30, sampleSize: 4, seed: 2 },
    '{"seed":2,"populationSize":30,"sampleSize":4}',
  ],
  ['brute-force', {}, '{"seed":0,"avoidPrematureStop":false}'],
  ['brute-force', { avoidPrematureStop: true, seed: 5 }, '{"seed":5,"avoidPrematureStop":true}'],
  [
    'grid',
    { searchSpace: { b: [1, 2], a: ['x', null] } },
    '{"seed":0,"searchSpace":{"a":["x",null],"b":[1,2]}}',
  ],
  ['grid', { searchSpace: { b: [true] }, seed: 6 }, '{"seed":6,"searchSpace":{"b":[true]}}'],
  [
    'gp',
    {},
    '{"seed":0,"nStartupTrials":10,"deterministicObjective":false,"nPreliminarySamples":512,"nLocalSearch":10}',
  ],
  [
    'gp',
    { seed: 1, nLocalSearch: 3, nPreliminarySamples: 8, deterministicObjective: true, nStartupTrials: 4 },
    '{"seed":1,"nStartupTrials":4,"deterministicObjective":true,"nPreliminarySamples":8,"nLocalSearch":3}',
  ],
  [
    'tpe',
    {},
    '{"seed":0,"nStartupTrials":10,"nEiCandidates":24,"multivariate":null,"group":null,"constantLiar":true}',
  ],
  [
    'tpe',
    { seed: 1, nStartupTrials: 0, nEiCandidates: 3, multivariate: true, group: true, constantLiar: false },
    '{"seed":1,"nStartupTrials":0,"nEiCandidates":3,"multivariate":true,"group":true,"constantLiar":false}',
  ],
  [
    'partial-fixed',
    { fixedParams: { a: 1 } },
    '{"seed":0,"fixedParams":{"a":1},"sampler":{"name":"tpe","seed":0,"nStartupTrials":10,"nEiCandidates":24,"multivariate":null,"group":null,"constantLiar":true}}',
  ],
  [
    'partial-fixed',
    { fixedParams: { a: 1 }, sampler: { name: 'random', seed: 4 }, seed: 2 },
    '{"seed":4,"fixedParams":{"a":1},"sampler":{"name":"random","seed":4}}',
  ],
  ['qmc', {}, '{"seed":0,"qmcType":"sobol","scramble":false}'],
  ['qmc', { qmcType: 'halton', scramble: true, seed: 8 }, '{"seed":8,"qmcType":"halton","scramble":true}'],
  [
    'nsga2',
    {},
    '{"seed":0,"populationSize":50,"crossover":{"name":"uniform","swappingProb":0.5},"crossoverProb":0.9,"swappingProb":0.5,"mutation":{"name":"uniform"},"mutationProb":null}',
  ],
  [
    'nsga2',
    {
      seed: 2,
      populationSize: 8,
      crossover: { name: 'sbx', eta: 3 },
      crossoverProb: 1,
      swappingProb: 0.25,
      mutation: 'polynomial',
      mutationProb: 0.1,
    },
    '{"seed":2,"populationSize":8,"crossover":{"name":"sbx","eta":3,"uniformCrossoverProb":0.5,"useChildGeneProb":0.5},"crossoverProb":1,"swappingProb":0.25,"mutation":{"name":"polynomial","eta":20},"mutationProb":0.1}',
  ],
  [
    'nsga2',
    { swappingProb: 0.1, crossover: 'undx' },
    '{"seed":0,"populationSize":50,"crossover":{"name":"undx","sigmaXi":0.5,"sigmaEta":null},"crossoverProb":0.9,"swappingProb":0.1,"mutation":{"name":"uniform"},"mutationProb":null}',
  ],
  [
    'nsga3',
    {},
    '{"seed":0,"populationSize":50,"crossover":{"name":"uniform","swappingProb":0.5},"crossoverProb":0.9,"swappingProb":0.5,"mutation":{"name":"uniform"},"mutationProb":null,"referencePoints":null,"dividingParameter":3}',
  ],
  [
    'nsga3',
    {
      referencePoints: [
        [1, 0],
        [0, 1],
      ],
      dividingParameter: 5,
      populationSize: 12,
      crossover: 'spx',
    },
    '{"seed":0,"populationSize":12,"crossover":{"name":"spx","epsilon":null},"crossoverProb":0.9,"swappingProb":0.5,"mutation":{"name":"uniform"},"mutationProb":null,"referencePoints":[[1,0],[0,1]],"dividingParameter":5}',
  ],
];
const PRUNERS: readonly Kept[] = [
  ['median', {}, '{"nStartupTrials":5,"nWarmupSteps":0,"intervalSteps":1,"nMinTrials":1}'],
  [
    'median',
    { nStartupTrials: 1, nWarmupSteps: 2, intervalSteps: 3, nMinTrials: 4 },
    '{"nStartupTrials":1,"nWarmupSteps":2,"intervalSteps":3,"nMinTrials":4}',
  ],
  [
    'percentile',
    { percentile: 25 },
    '{"percentile":25,"nStartupTrials":5,"nWarmupSteps":0,"intervalSteps":1,"nMinTrials":1}',
  ],
  [
    'percentile',
    { nMinTrials: 2, percentile: 10, nStartupTrials: 1, nWarmupSteps: 2, intervalSteps: 3 },
    '{"percentile":10,"nStartupTrials":1,"nWarmupSteps":2,"intervalSteps":3,"nMinTrials":2}',
  ],
  [
    'successive-halving',
    {},
    '{"minResource":"auto","reductionFactor":4,"minEarlyStoppingRate":0,"bootstrapCount":0}',
  ],
  [
    'successive-halving',
    { minResource: 2, reductionFactor: 3, minEarlyStoppingRate: 1, bootstrapCount: 5 },
    '{"minResource":2,"reductionFactor":3,"minEarlyStoppingRate":1,"bootstrapCount":5}',
  ],
  ['hyperband', {}, '{"minResource":1,"maxResource":"auto","reductionFactor":3,"bootstrapCount":0}'],
  [
    'hyperband',
    { minResource: 2, maxResource: 9, reductionFactor: 2, bootstrapCount: 1 },
    '{"minResource":2,"maxResource":9,"reductionFactor":2,"bootstrapCount":1}',
  ],
  ['threshold', { upper: 3 }, '{"lower":null,"upper":3,"nWarmupSteps":0,"intervalSteps":1}'],
  [
    'threshold',
    { lower: -1, upper: 3, nWarmupSteps: 2, intervalSteps: 3 },
    '{"lower":-1,"upper":3,"nWarmupSteps":2,"intervalSteps":3}',
  ],
  ['patient', { patience: 2 }, '{"wrappedPruner":null,"patience":2,"minDelta":0}'],
  [
    'patient',
    { patience: 0, minDelta: 0.5, wrappedPruner: { name: 'median', options: { nStartupTrials: 3 } } },
    '{"wrappedPruner":{"name":"median","options":{"nStartupTrials":3,"nWarmupSteps":0,"intervalSteps":1,"nMinTrials":1}},"patience":0,"minDelta":0.5}',
  ],
  ['wilcoxon', {}, '{"pThreshold":0.1,"nStartupSteps":2}'],
  ['wilcoxon', { pThreshold: 0.2, nStartupSteps: 4 }, '{"pThreshold":0.2,"nStartupSteps":4}'],
  ['nop', {}, '{}'],
];

describe('the plain form of', () => {
  it.each(SAMPLERS)('the sampler %s with %j stays', (name, options, plain) => {
    expect(JSON.stringify(samplerRegistry.get(name)(options).options)).toBe(plain);
  });
  it.each(PRUNERS)('the pruner %s with %j stays', (name, options, plain) => {
    expect(JSON.stringify(prunerRegistry.get(name)(options).options)).toBe(plain);
  });
  it('covers every sampler and pruner', () => {
    expect([...new Set(SAMPLERS.map(([name]) => name))].sort()).toEqual(samplerRegistry.names());
    expect([...new Set(PRUNERS.map(([name]) => name))].sort()).toEqual(prunerRegistry.names());
  });
});

const TEA = defineOptions(
  'the tea maker',
  {
    seed: SEED,
    cups: required(integerFrom(1)),
    strength: option(PROBABILITY, 0.5),
    milk: option(orNull(BOOLEAN), null),
    kind: option(oneOf('black', 'green'), 'black'),
    taste: optional<(sip: number) => boolean>(SYNC_FUNCTION),
  },
  (settings) => ({ ...settings, leaves: settings.cups * settings.strength }),
);

describe('declared options', () => {
  it('have their defaults, and what follows from them', () => {
    expect(TEA.read({ cups: 2, milk: undefined })).toEqual({
      seed: 0,
      cups: 2,
      strength: 0.5,
      milk: null,
      kind: 'black',
      taste: undefined,
      leaves: 1,
    });
  });

  it('are plain data, in the order of the declaration, without what is none', () => {
    const settings = TEA.read({ taste: () => true, kind: 'green', cups: 1 });
    expect(JSON.stringify(TEA.plain(settings))).toBe(
      '{"seed":0,"cups":1,"strength":0.5,"milk":null,"kind":"green"}',
    );
  });

  it.each([
    [{}, 'the tea maker needs cups, which must be an integer >= 1, but it is missing'],
    [{ cups: 1, strenght: 1 }, "has no option 'strenght'; did you mean 'strength'? known are: seed, cups"],
    [{ cups: 1, milk: 'oat' }, 'milk must be true, false or null, but is "oat"'],
    [{ cups: 1, kind: 'red' }, "kind must be 'black' or 'green', but is \"red\""],
    [{ cups: 1, taste: async () => true }, 'taste must be a function that returns its result at once'],
    [[1], 'needs its options as an object { seed, cups'],
  ])('are refused: %j', (given, message) => {
    expect(() => TEA.read(given)).toThrow(message);
  });

  it('are checked wherever they stand', () => {
    const inherited = Object.assign(Object.create({ strength: 'strong' }), { cups: 1 });
    expect(() => TEA.read(inherited)).toThrow('strength must be a number in [0, 1], but is "strong"');
  });

  it('can be listed', () => {
    expect(TEA.rows().slice(1, 4)).toEqual([
      { name: 'cups', values: 'an integer >= 1', default: null },
      { name: 'strength', values: 'a number in [0, 1]', default: '0.5' },
      { name: 'milk', values: 'true, false or null', default: 'null' },
    ]);
  });

  it('have types', () => {
    expectTypeOf<OptionsOf<typeof TEA>['strength']>().toEqualTypeOf<number | undefined>();
    expectTypeOf<OptionsOf<typeof TEA>['cups']>().toEqualTypeOf<number>();
    expectTypeOf<SettingsOf<typeof TEA>['milk']>().toEqualTypeOf<boolean | null>();
    expectTypeOf<SettingsOf<typeof TEA>['kind']>().toEqualTypeOf<'black' | 'green'>();
    expectTypeOf<SettingsOf<typeof TEA>['leaves']>().toEqualTypeOf<number>();
    // @ts-expect-error: cups are required.
    const none: OptionsOf<typeof TEA> = { strength: 1 };
    // @ts-expect-error: not a kind of tea.
    const red: OptionsOf<typeof TEA> = { cups: 1, kind: 'red' };
    expect([none, red]).toHaveLength(2);
  });
});

describe('the comment of an option', () => {
  const root = new URL('../../', import.meta.url);
  const files = ['samplers', 'src/pruners', 'src/importance'].flatMap((folder) =>
    readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${folder}/${name}`),
  );
  const DOCUMENTED = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s+(\w+): option\((?:[^;]*?), ([^,()]+)\),\n/g;
  const declared = files.flatMap((file) =>
    [...readFileSync(new URL(file, root), 'utf8').matchAll(DOCUMENTED)].map(
      ([, comment, name, fallback]) => ({
        place: `${file}: ${name}`,
        comment: comment.replaceAll(/\s*\n\s*\*\s*/g, ' '),
        fallback,
      }),
    ),
  );

  it('is there for all of them', () => {
    const all = files.flatMap(
      (file) => readFileSync(new URL(file, root), 'utf8').match(/\w: option\(/g) ?? [],
    );
    expect(declared.length).toBe(all.length);
    expect(all.length).toBeGreaterThan(40);
  });

  it.each(declared)('says the default that it has: $place', ({ comment, fallback }) => {
    expect(/Default \(?([^\s):]+?)\)?[.,:]?(?:\s|$)/.exec(comment)?.[1]).toBe(fallback);
  });
});
