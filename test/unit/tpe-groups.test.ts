/** TPE on spaces whose parameters are not in every trial, and on choices that were added to. */
import { describe, expect, it } from 'vitest';
import { TpeSampler, type TpeSamplerOptions } from '../../samplers/index.ts';
import {
  type Conditions,
  categorical,
  type FrozenTrial,
  float,
  int,
  isActive,
  NO_CONDITIONS,
  type ParamValue,
  type SamplerContext,
  type SearchSpace,
  space,
} from '../../src/core/index.ts';
import { makeTrial } from '../../src/testing/sampler-loop.ts';

type Params = Readonly<Record<string, ParamValue>>;

const tree = space({
  kind: categorical(['u', 'v']),
  x: float(-5, 5),
  'kind.u.y': float(-5, 5),
  'kind.u.z': float(-5, 5),
  'kind.v.n': int(0, 9),
});
const conditions: Conditions = new Map([
  ['kind.u.y', { parent: 'kind', choice: 'u' }],
  ['kind.u.z', { parent: 'kind', choice: 'u' }],
  ['kind.v.n', { parent: 'kind', choice: 'v' }],
]);
const loss = (p: Params): number =>
  Number(p['x']) ** 2 +
  (p['kind'] === 'u' ? (Number(p['kind.u.y']) - Number(p['kind.u.z'])) ** 2 : 1 + Number(p['kind.v.n']));

interface Run {
  readonly declared: SearchSpace;
  readonly conditions?: Conditions;
  readonly isDeclared?: boolean;
  readonly nTrials?: number;
  readonly evaluate?: (params: Params, number: number) => number;
  readonly history?: readonly FrozenTrial[];
}

function contextOf(
  { declared, conditions: given, isDeclared = true }: Run,
  trials: readonly FrozenTrial[],
): SamplerContext {
  return {
    directions: ['minimize'],
    trialNumber: trials.length,
    trials,
    declaredSpace: isDeclared ? declared : null,
    conditions: isDeclared ? (given ?? NO_CONDITIONS) : NO_CONDITIONS,
    attempt: 0,
  };
}

/** Parameters for the next trial, only those that exist; and which of them came from the joint draw. */
function next(
  sampler: TpeSampler,
  run: Run,
  trials: readonly FrozenTrial[],
): { params: Params; joint: string[] } {
  const context = contextOf(run, trials);
  const { params: relative } = sampler.sampleRelative(context, sampler.inferRelativeSearchSpace(context));
  const params: Record<string, ParamValue> = {};
  for (const [name, d] of Object.entries(run.declared))
    if (isActive(run.conditions ?? NO_CONDITIONS, name, params))
      params[name] = name in relative ? relative[name] : sampler.sampleIndependent(context, name, d);
  return { params, joint: Object.keys(relative).sort() };
}

function trialsOf(sampler: TpeSampler, run: Run): readonly FrozenTrial[] {
  const trials = [...(run.history ?? [])];
  for (let k = 0; k < (run.nTrials ?? 40); k++) {
    const { params } = next(sampler, run, trials);
    const value = (run.evaluate ?? loss)(params, trials.length);
    trials.push(makeTrial(trials.length, run.declared, { params, systemAttrs: {} }, { values: [value] }));
  }
  return trials;
}

const paramsOf = (options: TpeSamplerOptions, run: Run): Params[] =>
  trialsOf(new TpeSampler(options), run).map(({ params }) => params);

describe('groups', () => {
  const run: Run = { declared: tree, conditions };
  const trials = trialsOf(new TpeSampler({ seed: 3 }), run);

  it('are drawn from where parameters are drawn jointly', () => {
    expect(next(new TpeSampler(), run, trials).joint).toEqual(Object.keys(tree).sort());
    expect(next(new TpeSampler({ group: false }), run, trials).joint).toEqual(['kind', 'x']);
    expect(next(new TpeSampler({ multivariate: false }), run, trials).joint).toEqual([]);
  });

  it('are drawn from in spaces that are discovered, too', () => {
    const discovered = { ...run, isDeclared: false };
    expect(next(new TpeSampler(), discovered, trials).joint).toEqual(Object.keys(tree).sort());
    expect(next(new TpeSampler({ group: false }), discovered, trials).joint).toEqual(['kind', 'x']);
  });

  it('make no difference where every trial has every parameter', () => {
    const plain = space({ a: float(0, 1), b: int(0, 9), c: categorical(['u', 'v', 'w']) });
    const evaluate = (p: Params): number => Number(p['a']) + Number(p['b']);
    for (const isDeclared of [true, false]) {
      const of = (group: boolean) => paramsOf({ seed: 2, group }, { declared: plain, isDeclared, evaluate });
      expect(of(true)).toEqual(of(false));
    }
  });

  it('answer the same from a fresh instance, at every moment', () => {
    trials.forEach(({ params }, n) => {
      if (n % 4 === 3)
        expect(next(new TpeSampler({ seed: 3 }), run, trials.slice(0, n)).params).toEqual(params);
    });
  });

  it('learn how the parameters of a branch go together', () => {
    // y and z have good values only together, which no distribution of either alone can tell.
    const late = (group: boolean): number[] =>
      [1, 2, 3].flatMap((seed) =>
        paramsOf({ seed, group }, { ...run, nTrials: 120 })
          .slice(60)
          .filter(({ kind }) => kind === 'u')
          .map((p) => Math.abs(Number(p['kind.u.y']) - Number(p['kind.u.z']))),
      );
    const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1];
    expect(median(late(true))).toBeLessThan(median(late(false)));
  });

  it('of which one is not asked for are drawn without it', () => {
    const context = contextOf(run, trials);
    const asked: SearchSpace = { kind: tree.kind, 'kind.u.z': tree['kind.u.z'] };
    const { params } = new TpeSampler({ seed: 3 }).sampleRelative(context, asked);
    expect(Object.keys(params).sort()).toEqual(['kind', 'kind.u.z']);
  });

  it('need joint draws', () => {
    expect(() => new TpeSampler({ group: true, multivariate: false })).toThrow(/multivariate/);
    const two: SamplerContext = {
      ...contextOf(run, trials),
      directions: ['minimize', 'minimize'],
      trials: [],
    };
    expect(new TpeSampler().inferRelativeSearchSpace(two)).toEqual({});
    expect(Object.keys(new TpeSampler({ group: true }).inferRelativeSearchSpace(two))).toEqual(['kind', 'x']);
  });
});

it('goes on when a choice is added, with what it knows of the others', () => {
  const before: Run = {
    declared: space({ k: categorical(['bad', 'good']), x: float(0, 1) }),
    evaluate: ({ k, x }) => (k === 'good' ? 0 : 1) + Number(x),
  };
  const history = trialsOf(new TpeSampler({ seed: 1 }), before);
  for (const multivariate of [true, false]) {
    const now: Run = {
      ...before,
      declared: space({ k: categorical(['bad', 'good', 'new']), x: float(0, 1) }),
      history,
    };
    const sampler = new TpeSampler({ seed: 1, multivariate });
    expect(next(sampler, now, history).joint).toEqual(multivariate ? ['k', 'x'] : []);
    const after = trialsOf(sampler, { ...now, nTrials: 60 }).slice(history.length);
    const count = (choice: string): number => after.filter(({ params }) => params['k'] === choice).length;
    expect(count('good')).toBeGreaterThan(count('bad'));
    expect(count('new')).toBeGreaterThan(0);
  }
});
