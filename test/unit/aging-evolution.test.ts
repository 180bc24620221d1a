import { describe, expect, it } from 'vitest';
import { AgingEvolutionSampler } from '../../samplers/evolutionary/aging-evolution-sampler.ts';
import { neighbor } from '../../samplers/evolutionary/neighbor.ts';
import { RandomSampler } from '../../samplers/random-sampler.ts';
import {
  categorical,
  createStudy,
  type Distribution,
  type FrozenTrial,
  float,
  int,
  NO_CONDITIONS,
  type ParamValue,
  Rng,
  type SamplerContext,
  space,
} from '../../src/index.ts';
import { makeTrial, type Outcome, runSamplerLoop, suggest } from '../../src/testing/sampler-loop.ts';

const flat = space({
  x: float(-5, 5),
  lr: float(1e-4, 1, { log: true }),
  n: int(1, 9),
  act: categorical(['relu', 'gelu', 'tanh']),
});

/** Trial `number` has x = number / 10, so a child shows its parent unless x was mutated. */
const trialOf = (number: number, outcome: Outcome): FrozenTrial =>
  makeTrial(
    number,
    flat,
    { params: { x: number / 10, lr: 0.01, n: 4, act: 'gelu' }, systemAttrs: {} },
    outcome,
  );

const contextAfter = (
  trials: readonly FrozenTrial[],
  more: Partial<SamplerContext> = {},
): SamplerContext => ({
  directions: ['minimize'],
  trialNumber: trials.length,
  trials,
  declaredSpace: flat,
  conditions: NO_CONDITIONS,
  attempt: 0,
  ...more,
});

/** Children of several seeds. */
function children(
  trials: readonly FrozenTrial[],
  options: { populationSize: number; sampleSize: number },
  more: Partial<SamplerContext> = {},
): Readonly<Record<string, ParamValue>>[] {
  return Array.from(
    { length: 200 },
    (_, seed) =>
      suggest(new AgingEvolutionSampler({ seed, ...options }), contextAfter(trials, more), flat).params,
  );
}

const parentsOf = (kids: readonly Readonly<Record<string, ParamValue>>[]): Set<number> =>
  new Set(
    kids
      .filter((k) => k['lr'] !== 0.01 || k['n'] !== 4 || k['act'] !== 'gelu')
      .map((k) => (k['x'] as number) * 10),
  );

describe('a child', () => {
  const trials = Array.from({ length: 12 }, (_, i) => trialOf(i, { values: [i] }));

  it('differs from its parent in one parameter, each as often', () => {
    const counts = new Map<string, number>();
    for (const kid of children(trials, { populationSize: 10, sampleSize: 10 })) {
      const changed = ['lr', 'n', 'act'].filter((name) => kid[name] !== trials[0].params[name]);
      expect(changed.length).toBeLessThan(2);
      const which = changed[0] ?? 'x';
      counts.set(which, (counts.get(which) ?? 0) + 1);
    }
    // Binomial(200, 1/4): 50 +- 6.1.
    for (const name of Object.keys(flat)) expect(Math.abs(counts.get(name)! - 50)).toBeLessThan(4 * 6.1);
  });

  it('descends from one that lives, and of those mostly from the best', () => {
    const parents = parentsOf(children(trials, { populationSize: 4, sampleSize: 2 }));
    expect([...parents].map(Math.round).sort((a, b) => a - b)).toEqual([8, 9, 10, 11]);
    const best = children(trials, { populationSize: 4, sampleSize: 2 }).filter((k) => k['x'] === 0.8).length;
    // The best is in a sample of two with probability 7/16, and passes x on with 3/4: 66 +- 6.7 of 200.
    expect(Math.abs(best - 66)).toBeLessThan(4 * 6.7);
  });

  it('is random until the population is complete, failed trials included, whatever was pruned or runs', () => {
    const others: Outcome[] = [{ state: 'FAIL' }, { state: 'PRUNED' }, { state: 'RUNNING' }];
    const mixed = [...trials.slice(0, 8), ...others.map((outcome, i) => trialOf(9 + i, outcome))];
    const options = { populationSize: 10, sampleSize: 3 };
    const random = suggest(new RandomSampler({ seed: 5 }), contextAfter(mixed), flat);
    expect(suggest(new AgingEvolutionSampler({ seed: 5, ...options }), contextAfter(mixed), flat)).toEqual(
      random,
    );
    const complete = contextAfter([...mixed, trialOf(12, { state: 'FAIL' })]);
    expect(suggest(new AgingEvolutionSampler({ seed: 5, ...options }), complete, flat).params).not.toEqual(
      suggest(new RandomSampler({ seed: 5 }), complete, flat).params,
    );
  });
});

describe('the parent', () => {
  const options = { populationSize: 10, sampleSize: 10 };

  it('is feasible if any of those drawn is, and else violates least', () => {
    const mixed = Array.from({ length: 10 }, (_, i) =>
      trialOf(i, { values: [i], constraints: i === 7 ? [0, -1] : [0.5, i] }),
    );
    const kids = children(mixed, options);
    // Trial 7 is among ten draws with probability 0.65; without it, the least violation of those drawn counts.
    expect(kids.filter((k) => k['x'] === 0.7).length).toBeGreaterThan(70);
    const infeasible = mixed.map((_, i) => trialOf(i, { values: [-i], constraints: [i + 1] }));
    const best = children(infeasible, options).filter((k) => k['x'] === 0).length;
    expect(best).toBeGreaterThan(70);
  });

  it('of several objectives is any on the front of those drawn', () => {
    const values = (i: number): [number, number] => (i < 3 ? [i, i] : [10 + i, -i]);
    const trials = Array.from({ length: 10 }, (_, i) => trialOf(i, { values: values(i) }));
    const kids = children(trials, options, { directions: ['minimize', 'maximize'] });
    const descendants = (i: number): number => kids.filter((k) => k['x'] === i / 10).length;
    // The front are trials 0 to 2, some of which are among ten draws with probability 0.97.
    for (const i of [0, 1, 2]) expect(Math.abs(descendants(i) - 49)).toBeLessThan(4 * 6.1);
    expect([3, 4, 5, 6, 7, 8, 9].reduce((sum, i) => sum + descendants(i), 0)).toBeLessThan(20);
  });
});

it('keeps what a branch of a define-by-run space has, and draws what a new one needs', async () => {
  const study = await createStudy({
    sampler: new AgingEvolutionSampler({ seed: 1, populationSize: 8, sampleSize: 4 }),
  });
  await study.optimize(
    (trial) =>
      trial.suggestCategorical('kind', ['a', 'b']) === 'a'
        ? (trial.suggestFloat('a.x', 0, 1) - 0.3) ** 2
        : 1 + trial.suggestFloat('b.x', 0, 1),
    { nTrials: 60 },
  );
  expect(study.bestTrial.params['kind']).toBe('a');
  for (const { params } of study.trials) expect(Object.keys(params)).toEqual(['kind', `${params['kind']}.x`]);
  // One gene changes: as long as the branch stays, its parameter is a neighbor of one of the population's.
  const bred = study.trials.slice(8).map((trial) => trial.systemAttrs['thanos:relative_params']);
  const kept = bred.filter((relative) => Object.keys((relative as { params: object }).params).length === 2);
  expect(bred).toHaveLength(52);
  expect(kept.length).toBeGreaterThan(10);
});

it('finds better values than random search', () => {
  const sphere = space({
    x: float(-5, 5),
    y: float(-5, 5),
    z: float(-5, 5),
    n: int(0, 100),
    c: categorical([0, 1, 2]),
  });
  const bestOf = (sampler: RandomSampler | AgingEvolutionSampler): number => {
    const trials = runSamplerLoop({
      sampler,
      space: sphere,
      directions: ['minimize'],
      nTrials: 200,
      evaluate: ({ x, y, z, n, c }) => {
        const numbers = [x, y, z, (n as number) / 10 - 5, c] as number[];
        return { values: [numbers.reduce((sum, v) => sum + v * v, 0)] };
      },
    });
    return Math.min(...trials.map((t) => t.values![0]));
  };
  let wins = 0;
  for (let seed = 0; seed < 8; seed++) {
    const ours = bestOf(new AgingEvolutionSampler({ seed, populationSize: 20, sampleSize: 8 }));
    if (ours < bestOf(new RandomSampler({ seed }))) wins++;
  }
  expect(wins).toBeGreaterThanOrEqual(7);
});

describe('a neighbor', () => {
  const rng = Rng.keyed(3, 'test');
  it.each<[string, Distribution, ParamValue]>([
    ['float', float(0, 10), 9.9],
    ['log float', float(1e-5, 1, { log: true }), 1e-5],
    ['stepped', float(0, 1, { step: 0.25 }), 0.5],
    ['int', int(0, 1), 1],
    ['sparse int', int(5, 95, { step: 15 }), 95],
    ['log int', int(1, 1000, { log: true }), 1],
    ['choice', categorical(['a', 'b', null]), null],
  ])('of a %s is another value', (_name, d, value) => {
    const drawn = Array.from({ length: 100 }, () => neighbor(rng, d, value));
    expect(drawn).not.toContain(value);
    if (d.kind === 'categorical') expect(new Set(drawn)).toEqual(new Set(['a', 'b']));
    else for (const x of drawn as number[]) expect(x >= d.low && x <= d.high).toBe(true);
  });

  it('is as far away as a cut normal with a fifth of the range', () => {
    const drawn = Array.from({ length: 4000 }, () => neighbor(rng, float(0, 1), 0.5) as number);
    const spread = Math.sqrt(drawn.reduce((sum, x) => sum + (x - 0.5) ** 2, 0) / drawn.length);
    // scipy 1.17.1: truncnorm(-2.5, 2.5, scale=0.2).std()
    expect(Math.abs(spread - 0.19092)).toBeLessThan(0.006);
  });
});

it.each([
  [{ sampleSize: 11, populationSize: 10 }, /sampleSize must be <= populationSize, but is 11 > 10/],
  [{ populationSize: 1 }, /populationSize must be an integer >= 2/],
  [{ sampleSize: 0 }, /sampleSize must be an integer >= 1/],
])('refuses %o', (options, message) => {
  expect(() => new AgingEvolutionSampler(options)).toThrow(message);
});
