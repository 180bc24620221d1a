/** How the default sampler begins with more parameters than a Gaussian process can do. */
import { describe, expect, it } from 'vitest';
import { bestCorner } from '../../samplers/auto/linear-trend.ts';
import { probeResults } from '../../samplers/auto/probes.ts';
import { NormalizedSpace } from '../../samplers/gp/normalized-space.ts';
import { AutoSampler, RandomSampler } from '../../samplers/index.ts';
import {
  categorical,
  createStudy,
  type FrozenTrial,
  float,
  int,
  type Sampler,
  type SpaceEntries,
  type StudyDirection,
  setLogLevel,
  space,
} from '../../src/index.ts';
import { InMemoryStorage } from '../../storage/in-memory.ts';

setLogLevel('silent');

const names = (prefix: string, n: number): string[] => Array.from({ length: n }, (_, i) => `${prefix}${i}`);
const each = (prefix: string, n: number, entry: SpaceEntries[string]): SpaceEntries =>
  Object.fromEntries(names(prefix, n).map((name) => [name, entry]));

const FLOATS = each('x', 30, float(-5, 5));
const KINDS = { ...each('l', 15, float(1e-6, 1, { log: true })), ...each('n', 15, int(0, 9)) };
const MIXED = { ...each('x', 20, float(0, 1)), ...each('c', 10, categorical(['a', 'b', 'c'])) };

type Params = Readonly<Record<string, unknown>>;
const total = (params: Params, of: (value: number) => number): number =>
  Object.values(params).reduce<number>(
    (sum, v) => sum + (typeof v === 'number' ? of(v) : 'cab'.indexOf(String(v))),
    0,
  );
const slope = (params: Params): number => total(params, (v) => v);
const bowl = (params: Params): number => total(params, (v) => (v - 1) ** 2);
const logSlope = (params: Params): number => total(params, (v) => Math.log(v + 1e-6));

async function studied(
  entries: SpaceEntries,
  objective: (params: Params) => number,
  nTrials: number,
  { sampler = new AutoSampler({ seed: 1 }) as Sampler, direction = 'minimize' as StudyDirection } = {},
) {
  const study = await createStudy({ sampler, direction });
  await study.optimize(space(entries), (params) => objective(params), { nTrials });
  return study;
}

const probeOf = ({ systemAttrs }: FrozenTrial): unknown => systemAttrs['auto:probe'];

describe('the best corner of a linear trend', () => {
  it('is where ranks fall, of a number an end and of a categorical its best choice', () => {
    const normalized = new NormalizedSpace({
      down: float(0, 1),
      up: float(0, 1),
      kind: categorical(['a', 'b', 'c']),
    });
    const points = [];
    for (const down of [0.1, 0.9])
      for (const up of [0.2, 0.7]) for (const kind of [0, 1, 2]) points.push(Float64Array.of(down, up, kind));
    const loss = ([down, up, kind]: Float64Array): number => down - 0.5 * up + [0.3, 0.1, 0.2][kind];
    points.sort((a, b) => loss(a) - loss(b));
    expect([...bestCorner(normalized, points, [...points.keys()])]).toEqual([0, 1, 1]);
    points.reverse();
    expect([...bestCorner(normalized, points, [...points.keys()])]).toEqual([1, 0, 0]);
  });
});

describe('a study of many parameters', () => {
  it('draws the middle of the space once, after the first ten trials', async () => {
    const { trials } = await studied(KINDS, logSlope, 30);
    expect(trials.filter((trial) => probeOf(trial) === 'middle').map(({ number }) => number)).toEqual([10]);
    for (const name of names('l', 15)) expect(trials[10].params[name]).toBeCloseTo(1e-3, 12);
    for (const name of names('n', 15)) expect([4, 5]).toContain(trials[10].params[name]);
  });

  it('goes on with CMA-ES from a middle that is better than all before', async () => {
    const { trials } = await studied(FLOATS, bowl, 30);
    expect(trials.slice(11).every(({ systemAttrs }) => 'cma:generation' in systemAttrs)).toBe(true);
  });

  it.each([
    ['numbers', FLOATS, slope],
    ['logarithms and integers', KINDS, logSlope],
    ['numbers and categoricals', MIXED, slope],
    ['categoricals', each('c', 60, categorical(['a', 'b', 'c'])), slope],
  ] as const)(
    'follows the slope of %s beyond what random search finds in thrice the trials',
    async (_, entries, objective) => {
      const { bestValue, trials } = await studied(entries, objective, 40);
      const random = await studied(entries, objective, 120, { sampler: new RandomSampler({ seed: 1 }) });
      expect(bestValue).toBeLessThan(random.bestValue);
      expect(trials.filter((trial) => probeOf(trial) === 'corner').length).toBeGreaterThan(3);
    },
  );

  it('leaves the corners alone after three that were no better', async () => {
    const { trials } = await studied(MIXED, (params) => total(params, (v) => 10 * Math.abs(v - 0.5)), 40);
    const corners = trials.filter((trial) => probeOf(trial) === 'corner');
    const results = probeResults(trials, 'minimize');
    expect(results).toMatchObject({ areCornersPromising: false, wasCornerBest: false });
    expect(corners).toHaveLength(3);
  });

  it('is a function of seed and history, whoever goes on with it', async () => {
    for (const [entries, objective] of [
      [FLOATS, slope],
      [FLOATS, bowl],
      [MIXED, slope],
    ] as const) {
      const { trials } = await studied(entries, objective, 30);
      for (const n of [0, 9, 10, 11, 12, 15, 29]) {
        const copy = await createStudy({ sampler: new AutoSampler({ seed: 1 }) });
        await copy.addTrials(trials.slice(0, n));
        const { params } = await copy.ask(space(entries));
        expect(params).toEqual(trials[n].params);
      }
    }
  });

  it('is the same in one run and in two, in batches and define-by-run', async () => {
    const run = async (...parts: readonly number[]) => {
      const storage = new InMemoryStorage();
      for (const totalTrials of parts) {
        const options = {
          studyName: 's',
          storage,
          loadIfExists: true,
          sampler: new AutoSampler({ seed: 2 }),
        };
        const study = await createStudy(options);
        await study.optimize(
          (trial) =>
            slope(Object.fromEntries(names('x', 25).map((name) => [name, trial.suggestFloat(name, 0, 1)]))),
          { totalTrials, batchSize: 4 },
        );
      }
      const study = await createStudy({ studyName: 's', storage, loadIfExists: true });
      return study.trials.map(({ params }) => params);
    };
    expect(await run(12, 16, 40)).toEqual(await run(40));
  });

  it('mirrors when it is to maximize', async () => {
    const up = await studied(MIXED, (params) => -slope(params), 25, { direction: 'maximize' });
    const down = await studied(MIXED, slope, 25);
    expect(up.trials.map(({ params }) => params)).toEqual(down.trials.map(({ params }) => params));
  });

  it('is not caught where a predicate or failures forbid the middle and the corners', async () => {
    const sum = (params: Params): number => slope(params);
    const model = space(each('x', 25, float(0, 1)), {
      where: (params) => sum(params) > 11 && Math.abs(sum(params) - 12.5) > 0.1,
    });
    const study = await createStudy({ sampler: new AutoSampler({ seed: 1 }) });
    await study.optimize(model, (params) => (sum(params) < 11.3 ? Number.NaN : sum(params)), { nTrials: 40 });
    expect(study.trials).toHaveLength(40);
    expect(study.trials.filter((trial) => probeOf(trial) === 'middle')).toHaveLength(1);
    expect(study.bestValue).toBeLessThan(12.5);
  });
});
