/** The sampler contract over every sampler, and every clause of it against a sampler that breaks it. */
import { describe, expect, it } from 'vitest';
import {
  EvolutionarySampler,
  GridSampler,
  type GridSamplerOptions,
  NsgaIISampler,
  RandomSampler,
  TpeSampler,
} from '../../samplers/index.ts';
import {
  cardinality,
  type Distribution,
  type ParamValue,
  type Sampler,
  type SamplerContext,
  type SearchSpace,
  type StudyTraits,
  ThanosError,
  toExternalRepr,
} from '../../src/core/index.ts';
import { type MakeSampler, samplerConformance } from '../../src/testing/sampler-kit.ts';

/** At most three values of each parameter, the ends among them. */
function gridOf(space: SearchSpace): GridSamplerOptions['searchSpace'] {
  const values = (d: Distribution): ParamValue[] => {
    if (d.kind === 'categorical') return [...d.choices];
    const n = Math.min(3, cardinality(d));
    const value = (k: number): number => {
      if (k === 0 || k === n - 1) return k === 0 ? d.low : d.high;
      return d.step === null ? d.low / 2 + d.high / 2 : d.low + d.step;
    };
    return Array.from({ length: n }, (_, k) => toExternalRepr(d, value(k)));
  };
  return Object.fromEntries(Object.entries(space).map(([name, d]) => [name, values(d)]));
}

const samplers: Readonly<Record<string, MakeSampler>> = {
  random: (seed) => new RandomSampler({ seed }),
  grid: (seed, space) => new GridSampler({ seed, searchSpace: gridOf(space) }),
  tpe: (seed) => new TpeSampler({ seed }),
  'tpe univariate, without constant liar': (seed) =>
    new TpeSampler({ seed, multivariate: false, constantLiar: false, nStartupTrials: 4 }),
  'tpe multivariate, in groups': (seed) =>
    new TpeSampler({ seed, multivariate: true, group: true, nEiCandidates: 3 }),
  nsga2: (seed) => new NsgaIISampler({ seed, populationSize: 8 }),
  'nsga2 sbx': (seed) => new NsgaIISampler({ seed, populationSize: 6, crossover: 'sbx', mutationProb: 0 }),
  'nsga2 blx-alpha': (seed) =>
    new NsgaIISampler({
      seed,
      populationSize: 6,
      crossover: { name: 'blx-alpha', alpha: 0.9 },
      crossoverProb: 1,
    }),
  evolutionary: (seed) =>
    new EvolutionarySampler({ seed, populationSize: 10, parentSize: 4, mutationSize: 6, crossoverSize: 4 }),
};

for (const [name, make] of Object.entries(samplers))
  describe(name, () => {
    samplerConformance({ describe, it }, make);
  });

type Test = readonly [title: string, body: () => Promise<void>];

/** The kit's tests, not yet run. */
function testsOf(make: MakeSampler): Test[] {
  const tests: Test[] = [];
  samplerConformance(
    {
      describe: (_name, body) => body(),
      it: (title, body) => tests.push([title, body]),
    },
    make,
  );
  return tests;
}

class Independent extends TpeSampler {
  override inferRelativeSearchSpace(_context: SamplerContext): SearchSpace {
    return {};
  }
}

const broken: Readonly<Record<string, { readonly clause: string; readonly make: MakeSampler }>> = {
  'keeps its generator between trials': {
    clause: 'C1 a fresh',
    make: (seed) => {
      let calls = 0;
      const inner = new RandomSampler({ seed });
      return Object.assign(new RandomSampler({ seed }), {
        sampleIndependent: (context: SamplerContext, name: string, d: Distribution) =>
          inner.sampleIndependent({ ...context, trialNumber: calls++ }, name, d),
      });
    },
  },
  'ignores its seed': {
    clause: 'C1 the seed',
    make: (seed) => {
      const inner = new RandomSampler({ seed: 0 });
      return Object.assign(new RandomSampler({ seed }), {
        sampleIndependent: (context: SamplerContext, name: string, d: Distribution) =>
          inner.sampleIndependent(context, name, d),
      });
    },
  },
  'does not tell its options': {
    clause: 'C1 options',
    make: (seed) => Object.assign(new RandomSampler({ seed }), { options: {} }),
  },
  'answers every attempt alike': {
    clause: 'C1 every attempt',
    make: (seed) => {
      const inner = new RandomSampler({ seed });
      return Object.assign(new RandomSampler({ seed }), {
        sampleIndependent: (context: SamplerContext, name: string, d: Distribution) =>
          inner.sampleIndependent({ ...context, attempt: 0 }, name, d),
      });
    },
  },
  'says that it enumerates, but repeats refused points': {
    clause: 'C1 every attempt',
    make: (seed) => {
      const inner = new RandomSampler({ seed });
      return Object.assign(new RandomSampler({ seed }), {
        capabilities: { ...inner.capabilities, enumerates: true },
        sampleIndependent: (context: SamplerContext, name: string, d: Distribution) =>
          inner.sampleIndependent({ ...context, attempt: context.attempt % 3 }, name, d),
      });
    },
  },
  'remembers answers by trial number': {
    clause: 'C2',
    make: (seed) => {
      const answers = new Map<string, ParamValue>();
      const inner = new Independent({ seed, nStartupTrials: 2 });
      return Object.assign(new RandomSampler({ seed }), {
        capabilities: inner.capabilities,
        sampleIndependent: (context: SamplerContext, name: string, d: Distribution) => {
          const key = `${context.trialNumber} ${name}`;
          if (!answers.has(key)) answers.set(key, inner.sampleIndependent(context, name, d));
          return answers.get(key)!;
        },
      });
    },
  },
  'answers the index of a choice': {
    clause: 'C3',
    make: (seed) =>
      changed(new RandomSampler({ seed }), (v, d) => (d.kind === 'categorical' ? d.choices.indexOf(v) : v)),
  },
  'forgets the step': {
    clause: 'C3',
    make: (seed) =>
      changed(new RandomSampler({ seed }), (v, d) =>
        d.kind === 'float' && d.step !== null ? d.low + d.step / 3 : v,
      ),
  },
  'overshoots the bound': {
    clause: 'C3',
    make: (seed) =>
      changed(new RandomSampler({ seed }), (v, d) => (d.kind === 'int' ? (v as number) + d.step : v)),
  },
  'varies what is fixed': {
    clause: 'C4',
    make: (seed) =>
      Object.assign(new RandomSampler({ seed }), {
        inferRelativeSearchSpace: (context: SamplerContext) => context.declaredSpace ?? {},
        sampleRelative: (_context: SamplerContext, space: SearchSpace) => ({
          params: 'seven' in space ? { seven: 8 } : {},
        }),
      }),
  },
  'claims several objectives, but throws at the first trial': {
    clause: 'C5',
    make: (seed) =>
      Object.assign(new RandomSampler({ seed }), {
        sampleRelative: ({ directions }: SamplerContext) => {
          if (directions.length > 1) throw new ThanosError('UNSUPPORTED', 'one objective only');
          return { params: {} };
        },
      }),
  },
  'claims choices, but refuses them at the door': {
    clause: 'C5',
    make: (seed) =>
      Object.assign(new RandomSampler({ seed }), {
        validate: ({ declaredSpace }: StudyTraits) => {
          if (Object.values(declaredSpace ?? {}).some(({ kind }) => kind === 'categorical'))
            throw new ThanosError('UNSUPPORTED', 'numbers only');
        },
      }),
  },
  'refuses with any error': {
    clause: 'C5',
    make: (seed) => {
      const sampler = new RandomSampler({ seed });
      return Object.assign(sampler, {
        capabilities: { ...sampler.capabilities, multiObjective: false },
        validate: ({ directions }: StudyTraits) => {
          if (directions.length === 1) throw new RangeError('not this one');
        },
      });
    },
  },
  'finds out late that it cannot draw the space': {
    clause: 'C5',
    make: (seed) =>
      Object.assign(new RandomSampler({ seed }), {
        sampleRelative: ({ trialNumber, declaredSpace }: SamplerContext) => {
          if (trialNumber === 12 && declaredSpace === null)
            throw new ThanosError('UNSUPPORTED', 'the space must be declared');
          return { params: {} };
        },
      }),
  },
  'gives up with any error': {
    clause: 'C6',
    make: (seed) =>
      Object.assign(new RandomSampler({ seed }), {
        sampleRelative: (context: SamplerContext) => {
          if (context.trialNumber >= 8 && 'a' in (context.declaredSpace ?? {}))
            throw new RangeError('no idea left');
          return { params: {} };
        },
      }),
  },
  'always minimizes': {
    clause: 'C7',
    make: (seed) => {
      const inner = new Independent({ seed, nStartupTrials: 2 });
      const minimize = (context: SamplerContext): SamplerContext => ({
        ...context,
        directions: ['minimize'],
      });
      return Object.assign(new RandomSampler({ seed }), {
        capabilities: { ...inner.capabilities, multiObjective: false },
        sampleIndependent: (context: SamplerContext, name: string, d: Distribution) =>
          inner.sampleIndependent(minimize(context), name, d),
      });
    },
  },
  'ignores the constraints that it claims to use': {
    clause: 'constraints',
    make: (seed) => {
      const sampler = new RandomSampler({ seed });
      return Object.assign(sampler, { capabilities: { ...sampler.capabilities, constraints: true } });
    },
  },
};

function changed(
  sampler: RandomSampler,
  change: (value: ParamValue, d: Distribution) => ParamValue,
): Sampler {
  const inner = new RandomSampler({ seed: sampler.seed });
  return Object.assign(sampler, {
    sampleIndependent: (context: SamplerContext, name: string, d: Distribution) =>
      change(inner.sampleIndependent(context, name, d), d),
  });
}

describe('a sampler that', () => {
  for (const [defect, { clause, make }] of Object.entries(broken))
    it(`${defect} fails ${clause}`, async () => {
      const tests = testsOf(make).filter(([title]) => title.startsWith(clause));
      expect(tests).toHaveLength(1);
      await expect(tests[0][1]()).rejects.toThrow();
    });
});
