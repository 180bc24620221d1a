/** Options that a sampler does not know, or cannot use, are refused with what it knows. */
import { describe, expect, it } from 'vitest';
import {
  blxAlphaCrossover,
  EvolutionarySampler,
  GridSampler,
  NsgaIISampler,
  RandomSampler,
  samplerRegistry,
  sbxCrossover,
  TpeSampler,
  uniformCrossover,
} from '../../samplers/index.ts';
import { InvalidArgumentError } from '../../src/core/index.ts';

const OPTIONS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  random: {},
  grid: { searchSpace: { a: [1, 2] } },
  tpe: {},
  nsga2: {},
  nsga3: {},
  'partial-fixed': { fixedParams: { a: 1 } },
  'aging-evolution': {},
  auto: {},
  cmaes: {},
  gp: {},
  qmc: {},
  'brute-force': {},
  evolutionary: {},
};

const refusal = (make: () => unknown): Error => {
  try {
    make();
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidArgumentError);
    return error as Error;
  }
  throw new Error('nothing was refused');
};

it('covers every sampler', () => {
  expect(Object.keys(OPTIONS).sort()).toEqual(samplerRegistry.names());
});

describe.each(Object.entries(OPTIONS))('%s', (name, options) => {
  const make = (more: unknown) => () =>
    samplerRegistry.get(name)({ ...options, ...(more as Record<string, unknown>) });

  it('refuses an unknown option and lists the known ones', () => {
    const { message } = refusal(make({ foo: 1 }));
    expect(message).toContain("'foo'");
    expect(message).toContain('seed');
    for (const known of Object.keys(make({})().options)) expect(message).toContain(known);
  });

  it('says which option was meant', () => {
    expect(refusal(make({ sed: 1 })).message).toMatch(/'sed'.*did you mean 'seed'/);
  });

  it.each([Number.NaN, 'abc', '1', -1, -1.5, 0.5, Number.POSITIVE_INFINITY, 2 ** 53, null, true, {}])(
    'refuses the seed %s',
    (seed) => {
      expect(refusal(make({ seed })).message).toMatch(/^seed must be an integer >= 0/);
    },
  );

  it('takes undefined for the default', () => {
    expect(make({ seed: undefined })().seed).toBe(make({})().seed);
    expect(make({ seed: Number.MAX_SAFE_INTEGER })().seed).toBe(Number.MAX_SAFE_INTEGER);
  });

  it.each([null, 7, 'seed', [1]])('refuses %s in place of options', (bad) => {
    expect(refusal(() => samplerRegistry.get(name)(bad as never)).message).toMatch(/needs its options/);
  });
});

it.each([
  [() => new TpeSampler({ n_startup_trials: 5 } as never), /did you mean 'nStartupTrials'/],
  [() => new TpeSampler({ constantliar: true } as never), /did you mean 'constantLiar'/],
  [() => new TpeSampler({ nStartupTrials: 1.5 }), /nStartupTrials must be an integer >= 0, but is 1.5/],
  [
    () => new TpeSampler({ nEiCandidates: '24' as never }),
    /nEiCandidates must be an integer >= 1, but is "24"/,
  ],
  [() => new TpeSampler({ multivariate: 'yes' as never }), /multivariate must be true, false or null/],
  [() => new TpeSampler({ constantLiar: null as never }), /constantLiar must be true or false, but is null/],
  [
    () => new NsgaIISampler({ populationSize: Number.NaN }),
    /populationSize must be an integer >= 2, but is NaN/,
  ],
  [
    () => new NsgaIISampler({ mutationProb: '0.1' as never }),
    /mutationProb must be a number in \[0, 1\] or null/,
  ],
  [() => new NsgaIISampler({ swappingProb: null as never }), /swappingProb must be a number in \[0, 1\]/],
  [() => new NsgaIISampler({ crossover: 7 as never }), /unknown crossover 7.*uniform, blx-alpha, sbx/],
  [() => new NsgaIISampler({ crossover: null as never }), /unknown crossover null/],
  [() => new NsgaIISampler({ crossover: { name: 'sbx', etta: 2 } }), /'etta'.*did you mean 'eta'/],
  [() => new NsgaIISampler({ crossover: { name: 'uniform', eta: 2 } }), /'eta'.*swappingProb/],
  [() => new EvolutionarySampler({ mutationProb: 0 }), /mutationProb must be a number in \(0, 1\], but is 0/],
  [() => new EvolutionarySampler({ violation: 3 as never }), /violation must be a function/],
  [() => new EvolutionarySampler({ popSize: 3 } as never), /known are: .*populationSize/],
  [() => new EvolutionarySampler({ maxAttempts: 0 }), /maxAttempts must be an integer >= 1, but is 0/],
  [() => new RandomSampler({ Seed: 3 } as never), /did you mean 'seed'/],
  [() => new GridSampler(undefined as never), /needs its options.*searchSpace/],
  [() => new GridSampler({} as never), /needs searchSpace.*missing/],
  [
    () => new GridSampler({ searchSpace: { a: [Number.NaN] } }),
    /null, a string, a boolean or a finite number, but 'a' has/,
  ],
  [
    () => new GridSampler({ searchSpace: { a: [{}] } } as never),
    /null, a string, a boolean or a finite number, but 'a' has/,
  ],
  [() => new GridSampler({ searchSpace: [1, 2] } as never), /at least one parameter/],
  [() => sbxCrossover({ eta: -1 }), /eta must be a number >= 0 or null, but is -1/],
  [() => sbxCrossover({ useChildGeneProb: 2 }), /useChildGeneProb must be a number in \[0, 1\], but is 2/],
  [() => uniformCrossover(-1), /swappingProb must be a number in \[0, 1\], but is -1/],
  [() => blxAlphaCrossover(Number.NaN), /alpha must be a number >= 0, but is NaN/],
])('says what is wrong (%#)', (make, message) => {
  expect(refusal(make).message).toMatch(message);
});
