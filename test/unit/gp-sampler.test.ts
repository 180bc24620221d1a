/** The Gaussian process sampler as a whole: what it does with histories that are not plain. */
import { describe, expect, test } from 'vitest';
import { NormalizedSpace } from '../../samplers/gp/normalized-space.ts';
import { Observations } from '../../samplers/gp/observations.ts';
import type { Output } from '../../samplers/gp/output-model.ts';
import { GpSampler, RandomSampler } from '../../samplers/index.ts';
import { NO_CONDITIONS } from '../../src/core/conditions.ts';
import type { ParamValue, SearchSpace } from '../../src/core/distribution.ts';
import { type FrozenTrial, frozenTrial, type StudyDirection } from '../../src/core/frozen-trial.ts';
import type { SamplerContext } from '../../src/core/sampler.ts';
import { categorical, createStudy, float, int, space } from '../../src/index.ts';
import { hypervolume } from '../../src/pareto/index.ts';
import { makeTrial, type Outcome, runSamplerLoop } from '../../src/testing/sampler-loop.ts';

type Params = Readonly<Record<string, ParamValue>>;

const PLANE = space({ x: float(0, 1), y: float(0, 1) });
const at = (params: Params): number[] => Object.values(params) as number[];
const bowl = (params: Params): number => at(params).reduce((sum, v) => sum + (v - 0.3) ** 2, 0);

/** Trials on a grid of the plane. */
function gridOf(outcome: (params: { x: number; y: number }) => Outcome): FrozenTrial[] {
  return Array.from({ length: 25 }, (_, i) => {
    const params = { x: (i % 5) / 4, y: Math.floor(i / 5) / 4 };
    return makeTrial(i, PLANE, { params, systemAttrs: {} }, outcome(params));
  });
}

function ask(
  trials: readonly FrozenTrial[],
  { attempt = 0, of = PLANE as SearchSpace, directions = ['minimize'] as readonly StudyDirection[] } = {},
): Params {
  const sampler = new GpSampler({ seed: 1 });
  const context = {
    directions,
    trialNumber: trials.length,
    trials,
    declaredSpace: of,
    conditions: NO_CONDITIONS,
    attempt,
  };
  return sampler.sampleRelative(context, sampler.inferRelativeSearchSpace(context)).params;
}

function modelledOf(trials: readonly FrozenTrial[]): {
  modeled: Observations['modeled'];
  objective: Output;
} {
  const observations = new Observations(trials, new NormalizedSpace(PLANE), ['minimize']);
  return { modeled: observations.modeled, objective: observations.objective(0, trials.length) };
}

describe('the gp sampler', () => {
  test('finds a minimum to many digits in 40 trials', () => {
    const evaluate = (params: Params): Outcome => ({ values: [bowl(params)] });
    const shared = { space: PLANE, directions: ['minimize'] as const, nTrials: 40, evaluate };
    const trials = runSamplerLoop({ ...shared, sampler: new GpSampler({ seed: 0 }) });
    expect(Math.min(...trials.map((t) => t.values![0]))).toBeLessThan(1e-6);
  });

  test('begins as the random sampler with its seed', () => {
    const evaluate = (params: Params): Outcome => ({ values: [bowl(params)] });
    const shared = { space: PLANE, directions: ['minimize'] as const, nTrials: 11, evaluate };
    const ours = runSamplerLoop({ ...shared, sampler: new GpSampler({ seed: 3 }) });
    const random = runSamplerLoop({ ...shared, sampler: new RandomSampler({ seed: 3 }) });
    expect(ours.slice(0, 10).map((t) => t.params)).toEqual(random.slice(0, 10).map((t) => t.params));
    expect(ours[10].params).not.toEqual(random[10].params);
  });

  test.each(['FAIL', 'PRUNED'] as const)('keeps away from where trials %s', (state) => {
    const trials = gridOf((params) => ({ values: [bowl(params)] }));
    const tried = ask(trials);
    expect(bowl(tried)).toBeLessThan(0.01);
    const distances: number[] = [];
    for (let k = 0; k < 4; k++) {
      const next = ask(trials);
      distances.push(
        Math.hypot((next.x as number) - (tried.x as number), (next.y as number) - (tried.y as number)),
      );
      trials.push(makeTrial(trials.length, PLANE, { params: next, systemAttrs: {} }, { state }));
    }
    expect(Math.max(...distances)).toBeGreaterThan(0.1);
  });

  test('spreads trials that run at the same time', () => {
    const waves = ({ x, y }: { x: number; y: number }): number => Math.sin(9 * x) + Math.cos(7 * y + x);
    const trials = gridOf((params) => ({ values: [waves(params)] }));
    const asked = [0, 1, 2, 3].map(() => {
      const params = ask(trials);
      trials.push(makeTrial(trials.length, PLANE, { params, systemAttrs: {} }, { state: 'RUNNING' }));
      return params;
    });
    const points = asked.map(at);
    points.forEach(([x, y], i) => {
      for (const [u, v] of points.slice(0, i)) expect(Math.hypot(x - u, y - v)).toBeGreaterThan(1e-3);
    });
  });

  test('looks for the best feasible point, also if some trials have no constraints', () => {
    const right = ({ x, y }: { x: number; y: number }): Outcome => ({
      values: [bowl({ x, y })],
      ...(y === 0 ? {} : { constraints: [0.6 - x] }),
    });
    const params = ask(gridOf(right));
    expect(params.x as number).toBeGreaterThan(0.5);
    expect(params.x as number).toBeLessThan(0.75);
  });

  test('looks for any feasible point as long as there is none', () => {
    const constraint = ({ x, y }: { x: number; y: number }): Outcome => ({
      values: [x],
      constraints: [Math.hypot(x - 0.62, y - 0.4) - 0.05],
    });
    const { x, y } = ask(gridOf(constraint)) as { x: number; y: number };
    expect(Math.hypot(x - 0.62, y - 0.4)).toBeLessThan(0.12);
  });

  test('finds more hypervolume than random search', () => {
    const shared = {
      space: PLANE,
      directions: ['minimize', 'maximize'] as const,
      nTrials: 30,
      evaluate: ({ x, y }: Params): Outcome => ({
        values: [(x as number) ** 2 + (y as number), -(((x as number) - 1) ** 2) - (y as number)],
      }),
    };
    const volume = (sampler: GpSampler | RandomSampler): number => {
      const values = runSamplerLoop({ ...shared, sampler }).map((t) => [t.values![0], -t.values![1]]);
      return hypervolume(Float64Array.from(values.flat()), [2, 2]);
    };
    expect(volume(new GpSampler({ seed: 0 }))).toBeGreaterThan(volume(new RandomSampler({ seed: 0 })) + 0.1);
  });

  test('takes infinite values for the worst and best finite ones', () => {
    const { x, y } = ask(
      gridOf((params) => ({ values: [params.x > 0.6 ? Number.POSITIVE_INFINITY : bowl(params)] })),
    ) as { x: number; y: number };
    expect(bowl({ x, y })).toBeLessThan(0.05);
  });

  test('gives another point for each attempt, in the end any', () => {
    const trials = gridOf((params) => ({ values: [bowl(params)] }));
    const attempts = Array.from({ length: 12 }, (_, attempt) => ask(trials, { attempt }));
    expect(new Set(attempts.map((params) => JSON.stringify(params))).size).toBe(12);
    expect(bowl(attempts[1])).toBeLessThan(0.1);
    expect(Math.max(...attempts.slice(8).map(bowl))).toBeGreaterThan(0.1);
  });

  test('leaves parameters that only some trials have to be drawn on their own', () => {
    const branches = space({ x: float(0, 1), kind: categorical(['a', 'b']), only: int(1, 9) });
    const trials = Array.from({ length: 12 }, (_, i) => {
      const { only, ...others } = { x: i / 12, kind: i % 2 === 0 ? 'a' : 'b', only: 1 + (i % 9) };
      const params: Params = i % 2 === 0 ? { ...others, only } : others;
      return makeTrial(i, branches, { params, systemAttrs: {} }, { values: [i] });
    });
    expect(Object.keys(ask(trials, { of: branches })).sort()).toEqual(['kind', 'x']);
  });

  test('solves a space of steps, logarithms, large ranges and choices', async () => {
    const mixed = space({
      rate: float(1e-5, 1, { log: true }),
      size: int(1, 2000),
      step: float(0, 1, { step: 0.125 }),
      kind: categorical(['a', 'b', 'c']),
    });
    const study = await createStudy({ sampler: new GpSampler({ seed: 2 }) });
    await study.optimize(
      (trial) => {
        const rate = trial.suggestFloat('rate', 1e-5, 1, { log: true });
        const size = trial.suggestInt('size', 1, 2000);
        const step = trial.suggestFloat('step', 0, 1, { step: 0.125 });
        const kind = trial.suggestCategorical('kind', ['a', 'b', 'c']);
        return (
          (Math.log10(rate) + 2) ** 2 + ((size - 700) / 500) ** 2 + (step - 0.5) ** 2 + (kind === 'b' ? 0 : 1)
        );
      },
      { nTrials: 45 },
    );
    const { params, value } = (await study.bestTrial)!;
    expect(Object.keys(params).sort()).toEqual(Object.keys(mixed).sort());
    expect(params['kind']).toBe('b');
    expect(params['step']).toBe(0.5);
    expect(value).toBeLessThan(0.01);
  });

  test('visits every point of a finite space', async () => {
    const study = await createStudy({
      sampler: new GpSampler({ seed: 0, nStartupTrials: 4, nPreliminarySamples: 16, nLocalSearch: 2 }),
    });
    const finite = space({ a: int(0, 3), b: categorical(['p', 'q', 'r']) });
    const seen = new Set<string>();
    for (let i = 0; i < 12; i++) {
      const trial = await study.ask(finite);
      seen.add(JSON.stringify([trial.params.a, trial.params.b]));
      await study.tell(trial, (trial.params.a as number) + (trial.params.b === 'q' ? 0 : 1));
    }
    expect(seen.size).toBe(12);
  });

  test('answers the same whatever it was asked before, and from a copy of the history', () => {
    const make = (): GpSampler => new GpSampler({ seed: 4, nPreliminarySamples: 32, nLocalSearch: 2 });
    const contexts: SamplerContext[] = [];
    const answer = (sampler: GpSampler, context: SamplerContext): Params =>
      sampler.sampleRelative(context, sampler.inferRelativeSearchSpace(context)).params;
    const sampler = make();
    const trials = runSamplerLoop({
      sampler,
      space: PLANE,
      directions: ['minimize'],
      nTrials: 30,
      batchSize: 3,
      evaluate: (params, number) =>
        number % 7 === 3
          ? { state: 'FAIL' }
          : { values: [bowl(params)], constraints: [0.2 - (params.x as number)] },
      onSuggest: (context) => contexts.push({ ...context, trials: [...context.trials] }),
    });
    for (const context of contexts.slice(16).reverse()) {
      const { params } = trials[context.trialNumber];
      const copy = { ...context, trials: context.trials.map((trial) => frozenTrial({ ...trial })) };
      expect(answer(sampler, context)).toEqual(params);
      expect(answer(sampler, copy)).toEqual(params);
      expect(answer(make(), context)).toEqual(params);
    }
  });

  test('models the best and the latest of very many trials', () => {
    const point = (i: number): Params => ({ x: (i % 97) / 97, y: (i % 89) / 89 });
    const trials = Array.from({ length: 620 }, (_, i) =>
      makeTrial(i, PLANE, { params: point(i), systemAttrs: {} }, { values: [i === 50 ? -1 : i % 7] }),
    );
    const { modeled, objective } = modelledOf(trials);
    const numbers = modeled.map(({ trial }) => trial.number);
    expect(numbers).toHaveLength(500);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(numbers).toEqual(expect.arrayContaining([50, 616, 617, 618, 619]));
    expect(Math.min(...objective.losses)).toBe(-1);
  });

  test('refuses options that it does not have or cannot use', () => {
    expect(() => new GpSampler({ nStartupTrial: 3 } as object)).toThrow(/did you mean 'nStartupTrials'/);
    expect(() => new GpSampler({ nLocalSearch: 0 })).toThrow(/nLocalSearch must be an integer >= 1/);
    expect(() => new GpSampler({ deterministicObjective: 1 as unknown as boolean })).toThrow(/true or false/);
  });
});
