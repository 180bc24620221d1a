import { describe, expect, it } from 'vitest';
import { sphere } from '../../objectives/synthetic/index.ts';
import { type Crossover, NsgaIISampler, polynomialMutation, sbxCrossover } from '../../samplers/index.ts';
import { NO_CONDITIONS } from '../../src/core/conditions.ts';
import {
  categorical,
  type FrozenTrial,
  float,
  int,
  type ParamValue,
  type SamplerContext,
  type SearchSpace,
  space,
} from '../../src/core/index.ts';
import { createStudy, type Trial } from '../../src/index.ts';
import { makeTrial, runSamplerLoop, suggest } from '../../src/testing/sampler-loop.ts';

type Params = Readonly<Record<string, ParamValue>>;
type Options = ConstructorParameters<typeof NsgaIISampler>[0];

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

describe('nsga2', () => {
  const { space: searchSpace } = sphere(6);
  const directions = ['minimize', 'minimize'] as const;
  /** Squared distances from two points. */
  const evaluate = (params: Params): number[] =>
    [-1, 2].map((center) =>
      Object.values(params).reduce((sum: number, x) => sum + (Number(x) - center) ** 2, 0),
    );
  const run = (options: Options, nTrials: number, batchSize = 1) =>
    runSamplerLoop({
      sampler: new NsgaIISampler(options),
      space: searchSpace,
      directions,
      nTrials,
      batchSize,
      evaluate: (params) => ({ values: evaluate(params) }),
    });
  /** The two distances add up to least between the two points. */
  const bestSum = (trials: ReturnType<typeof run>): number =>
    Math.min(...trials.map((t) => t.values![0] + t.values![1]));

  it('numbers generations of populationSize complete trials', () => {
    const generations = run({ populationSize: 10 }, 35).map((t) => t.systemAttrs['NSGAIISampler:generation']);
    expect(generations).toEqual(Array.from({ length: 35 }, (_, i) => Math.floor(i / 10)));
  });

  it('fills generations in a study, whether its space is declared or not', async () => {
    for (const declared of [true, false]) {
      const study = await createStudy({ directions, sampler: new NsgaIISampler({ populationSize: 6 }) });
      const two = space({ x: float(0, 1), y: float(0, 1) });
      const options = { nTrials: 25, batchSize: 3 };
      if (declared) await study.optimize(two, ({ x, y }) => [x + y, x - y], options);
      else
        await study.optimize((trial: Trial) => {
          const [x, y] = [trial.suggestFloat('x', 0, 1), trial.suggestFloat('y', 0, 1)];
          return [x + y, x - y];
        }, options);
      const generations = study.trials.map((t) => Number(t.systemAttrs['NSGAIISampler:generation'] ?? 0));
      // A batch is of one generation, so generations end with batches.
      expect(generations).toEqual(Array.from({ length: 25 }, (_, i) => Math.floor(i / 6)));
    }
  });

  const seeds = [1, 2, 3, 4, 5];
  const random = seeds.map((seed) => bestSum(run({ seed, populationSize: 400 }, 400)));

  it.each(['uniform', 'blx-alpha', 'sbx', 'vsbx', 'spx', 'undx'])(
    'makes progress with the %s crossover',
    (crossover) => {
      const evolved = seeds.map((seed) => bestSum(run({ seed, populationSize: 20, crossover }, 400)));
      expect(median(evolved)).toBeLessThan(0.85 * median(random));
    },
  );

  it('prefers feasible parents', () => {
    const trials = runSamplerLoop({
      sampler: new NsgaIISampler({ populationSize: 10, seed: 4 }),
      space: searchSpace,
      directions,
      nTrials: 150,
      evaluate: (params) => ({
        values: evaluate(params),
        constraints: [3 - Number(params['x1'])],
      }),
    });
    const feasible = (from: number, to: number): number =>
      trials.slice(from, to).filter((t) => Number(t.params['x1']) >= 3).length;
    expect(feasible(100, 150)).toBeGreaterThan(40);
    expect(feasible(0, 10)).toBeLessThan(8);
  });

  it('checks its options', () => {
    expect(() => new NsgaIISampler({ populationSize: 1 })).toThrow(/populationSize/);
    expect(() => new NsgaIISampler({ crossoverProb: 1.5 })).toThrow(/crossoverProb/);
    expect(() => new NsgaIISampler({ crossover: 'ux' })).toThrow(/uniform, blx-alpha, sbx/);
    expect(() => new NsgaIISampler({ mutation: 'poly' })).toThrow(/unknown mutation "poly".*polynomial/);
    expect(() => new NsgaIISampler({ crossover: 'spx', populationSize: 2 })).toThrow(
      /at least the 3 parents/,
    );
  });
});

/** A generation of COMPLETE trials, of two objectives. */
function generation(number: number, searchSpace: SearchSpace, all: readonly Params[]): FrozenTrial[] {
  return all.map((params, i) =>
    makeTrial(
      number * all.length + i,
      searchSpace,
      { params, systemAttrs: { 'NSGAIISampler:generation': number } },
      { values: [i, all.length - i] },
    ),
  );
}

function contextOf(
  trials: readonly FrozenTrial[],
  declared: SearchSpace | null,
  trialNumber = trials.length,
) {
  return {
    directions: ['minimize', 'minimize'],
    trialNumber,
    trials,
    declaredSpace: declared,
    conditions: NO_CONDITIONS,
    attempt: 0,
  } satisfies SamplerContext;
}

describe('children of nsga2', () => {
  const mixed = space({ x: float(0, 1), n: int(0, 9), c: categorical(['a', 'b', 'c']) });
  const parents = [1, 2, 3, 4].map((k) => ({ x: k / 8, n: 2 * k, c: k % 2 === 0 ? 'a' : 'b' }));
  const trials = generation(0, mixed, parents);
  const children = (options: Options, declared: SearchSpace | null = mixed): Params[] => {
    const sampler = new NsgaIISampler({ populationSize: 4, ...options });
    return Array.from(
      { length: 60 },
      (_, k) => suggest(sampler, contextOf(trials, declared, 4 + k), declared ?? mixed).params,
    );
  };

  it('inherit each parameter from either parent', () => {
    const all = children({ crossoverProb: 1, mutationProb: 0 });
    for (const name of ['x', 'n', 'c'] as const) {
      const values = new Set(all.map((child) => child[name]));
      expect(values).toEqual(new Set(parents.map((parent) => parent[name])));
    }
    expect(all.some((child) => !parents.some((p) => p.x === child['x'] && p.n === child['n']))).toBe(true);
  });

  it('are copies without crossover and mutation', () => {
    for (const child of children({ crossoverProb: 0, mutationProb: 0 }))
      expect(parents).toContainEqual({ ...child });
  });

  it('forget their parents if everything mutates', () => {
    const all = children({ mutationProb: 1 });
    expect(new Set(all.map((child) => child['x'])).size).toBe(60);
    expect(new Set(all.map((child) => child['c']))).toEqual(new Set(['a', 'b', 'c']));
  });

  it('change numbers a little by polynomial mutation, and draw choices anew', () => {
    const options = { crossoverProb: 0, mutationProb: 1, mutation: polynomialMutation(60) };
    const all = children(options);
    const distance = (child: Params) => Math.min(...parents.map((p) => Math.abs(p.x - Number(child['x']))));
    expect(Math.max(...all.map(distance))).toBeGreaterThan(0);
    expect(median(all.map(distance))).toBeLessThan(0.02);
    expect(new Set(all.map((child) => child['c']))).toEqual(new Set(['a', 'b', 'c']));
    expect(children({ ...options, mutation: { name: 'polynomial', eta: 60 } })).toEqual(all);
  });

  it('repeat no parent, unless nothing may mutate', () => {
    for (const child of children({ crossoverProb: 0, mutationProb: 1e-9 }))
      expect(parents).not.toContainEqual({ ...child });
  });

  it('descend from members of their own generation as soon as a fifth of it is there', () => {
    const more = (n: number) =>
      [0, 1, 2]
        .slice(0, n)
        .map((i) =>
          makeTrial(
            10 + i,
            mixed,
            { params: { x: 0.99, n: 9, c: 'c' }, systemAttrs: { 'NSGAIISampler:generation': 1 } },
            { values: [-1, -1] },
          ),
        );
    const ten = generation(
      0,
      mixed,
      Array.from({ length: 10 }, (_, i) => parents[i % 4]),
    );
    const inherits = (n: number): boolean => {
      const sampler = new NsgaIISampler({ populationSize: 10, crossoverProb: 1, mutationProb: 0 });
      return Array.from({ length: 40 }, (_, k) => {
        const { params, systemAttrs } = suggest(
          sampler,
          contextOf([...ten, ...more(n)], mixed, 13 + k),
          mixed,
        );
        expect(systemAttrs).toEqual({ 'NSGAIISampler:generation': 1 });
        return params['x'];
      }).includes(0.99);
    };
    expect([0, 1, 2, 3].map(inherits)).toEqual([false, false, true, true]);
  });

  it('differ from attempt to attempt', () => {
    const sampler = new NsgaIISampler({ populationSize: 4 });
    const answers = [0, 1, 2].map(
      (attempt) => suggest(sampler, { ...contextOf(trials, mixed), attempt }, mixed).params,
    );
    expect(new Set(answers.map((a) => JSON.stringify(a))).size).toBe(3);
  });

  it('are the same by an object and by its plain form', () => {
    expect(children({ crossover: sbxCrossover({ eta: 3 }) })).toEqual(
      children({ crossover: { name: 'sbx', eta: 3 } }),
    );
    expect(children({ crossover: 'undx' })).toEqual(children({ crossover: { name: 'undx' } }));
  });

  it('may be made by a crossover of the user, and are kept inside the space', () => {
    const outside: Crossover = {
      options: { name: 'mine' },
      nParents: 2,
      cross: ([a], _bounds, rng) => [a[0] + 5, rng.uniform() < 2 ? Number.NaN : 0],
    };
    for (const child of children({ crossover: outside, crossoverProb: 1, mutationProb: 0 })) {
      expect(child['x']).toBe(1);
      expect(parents.map((p) => p.n)).toContain(child['n']);
    }
  });

  it('borrow from another parent what no longer fits because the user narrowed a range', () => {
    const narrower = space({ ...mixed, n: int(0, 6) });
    const all = children({ crossoverProb: 1, mutationProb: 0 }, narrower);
    expect(new Set(all.map((child) => child['n']))).toEqual(new Set([2, 4, 6]));
  });

  it('inherit the parameters of a conditional branch from the parents that have them', () => {
    const flat = space({
      kind: categorical(['left', 'right']),
      'kind.left.x': float(0, 1),
      'kind.right.y': float(0, 1),
    });
    const conditions = new Map([
      ['kind.left.x', { parent: 'kind', choice: 'left' }],
      ['kind.right.y', { parent: 'kind', choice: 'right' }],
    ]);
    const branches = [1, 2, 3, 4].map(
      (k): Params =>
        k % 2 === 0 ? { kind: 'left', 'kind.left.x': k / 8 } : { kind: 'right', 'kind.right.y': k / 8 },
    );
    const sampler = new NsgaIISampler({ populationSize: 4, mutationProb: 0 });
    const [xs, ys] = [new Set<ParamValue>(), new Set<ParamValue>()];
    for (let k = 0; k < 60; k++) {
      const context = { ...contextOf(generation(0, flat, branches), flat, 4 + k), conditions };
      const { params } = sampler.sampleRelative(context, sampler.inferRelativeSearchSpace(context));
      if (params['kind'] === 'left') xs.add(params['kind.left.x']);
      else ys.add(params['kind.right.y']);
    }
    // Two parents of the same branch cross in it; it is drawn only where neither parent has it, which then has not the branch.
    expect(xs).toEqual(new Set([0.25, 0.5]));
    expect(ys).toEqual(new Set([0.125, 0.375]));
  });

  it('of a space that is discovered have the parameters that all trials have', () => {
    const uneven = [
      ...trials,
      makeTrial(4, mixed, { params: { x: 0.5 }, systemAttrs: {} }, { values: [9, 9] }),
    ];
    const sampler = new NsgaIISampler({ populationSize: 4 });
    const context = contextOf(uneven, null);
    expect(Object.keys(sampler.inferRelativeSearchSpace(context))).toEqual(['x']);
  });

  it('may have nothing to inherit', () => {
    const fixed = space({ a: int(3, 3) });
    const alone = generation(0, fixed, [{ a: 3 }, { a: 3 }]);
    const sampler = new NsgaIISampler({ populationSize: 2 });
    for (const declared of [fixed, null])
      expect(suggest(sampler, contextOf(alone, declared), fixed)).toEqual({
        params: { a: 3 },
        systemAttrs: { 'NSGAIISampler:generation': 1 },
      });
  });

  it('have parents that a latecomer of an earlier generation may change', () => {
    const late = makeTrial(
      2,
      mixed,
      { params: { x: 0.999, n: 9, c: 'c' }, systemAttrs: { 'NSGAIISampler:generation': 0 } },
      { values: [-1, -1] },
    );
    const running = makeTrial(2, mixed, late, { state: 'RUNNING' });
    const others = [...trials.slice(0, 2), ...trials.slice(2).map((t) => ({ ...t, number: t.number + 1 }))];
    const history = (third: FrozenTrial) => [...others.slice(0, 2), third, ...others.slice(2)];
    const sampler = new NsgaIISampler({ populationSize: 4, crossoverProb: 1, mutationProb: 0 });
    const xs = (third: FrozenTrial) =>
      Array.from(
        { length: 30 },
        (_, k) => suggest(sampler, contextOf(history(third), mixed, 5 + k), mixed).params['x'],
      );
    expect(xs(running)).not.toContain(0.999);
    expect(xs(late)).toContain(0.999);
  });
});
