import { describe, expect, it } from 'vitest';
import { dtlz2 } from '../../objectives/synthetic/index.ts';
import { NsgaIIISampler, type NsgaIIISamplerOptions } from '../../samplers/index.ts';
import { associate, fillNiches } from '../../samplers/nsga3/niching.ts';
import { normalizedLosses } from '../../samplers/nsga3/normalize.ts';
import { dasDennisPoints } from '../../samplers/nsga3/reference-points.ts';
import { nicheSelection } from '../../samplers/nsga3/selection.ts';
import { InvalidArgumentError, Rng, type StudyDirection } from '../../src/core/index.ts';
import { createStudy } from '../../src/index.ts';
import { makeTrial, type Outcome, runSamplerLoop } from '../../src/testing/sampler-loop.ts';

describe('reference points', () => {
  it('are all points of the simplex on a grid', () => {
    const points = dasDennisPoints(4, 5);
    expect(points).toHaveLength(56);
    expect(new Set(points.map((p) => p.join())).size).toBe(56);
    for (const point of points) {
      expect(point.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
      for (const x of point) expect(x * 5).toBeCloseTo(Math.round(x * 5), 12);
    }
  });
});

describe('normalized losses', () => {
  it('do not depend on the units of the objectives', () => {
    const losses = Float64Array.from({ length: 60 }, (_, i) => Rng.uniformOf('losses', i));
    const scaled = losses.map((x, k) => (k % 2 === 0 ? 3 + x * 1e-2 : -1e3 + x * 100));
    normalizedLosses(losses, 2).forEach((x, k) => {
      expect(normalizedLosses(scaled, 2)[k]).toBeCloseTo(x, 6);
    });
  });

  it('are one on the plane of the extreme points', () => {
    const normalized = normalizedLosses(Float64Array.of(7, 1, 1, 1, 3, 1, 1, 1, 5, 3, 2, 2), 3);
    expect([...normalized.subarray(0, 9)]).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
  });

  it('are finite whatever the losses are', () => {
    const inf = Number.POSITIVE_INFINITY;
    for (const losses of [
      [inf, inf, inf, inf],
      [-inf, inf, 3, 3],
      [inf, 1, 2, inf, 0, 0],
      [5, 5],
    ])
      expect(normalizedLosses(Float64Array.from(losses), 2).every(Number.isFinite), `${losses}`).toBe(true);
  });
});

describe('niches', () => {
  it('fill evenly, an empty one by its nearest point', () => {
    // Three directions: two rows are taken already, near the first; the candidates are 3, 2 and 1.
    const angles = [0.02, 0.05, 0.01, 0.03, 0.04, 0.7, 0.75, 1.5];
    const losses = Float64Array.from(angles.flatMap((a) => [Math.cos(a), Math.sin(a)]));
    const association = associate(losses, 2, [
      [1, 0],
      [1, 1],
      [0, 1],
    ]);
    expect([...association.niches]).toEqual([0, 0, 0, 0, 0, 1, 1, 2]);
    for (let seed = 0; seed < 20; seed++) {
      const chosen = fillNiches(association, 2, 4, Rng.keyed(seed));
      // 0.75 is nearer to the diagonal than 0.7.
      expect(chosen.slice(0, 2).sort()).toEqual([6, 7]);
      expect(chosen[2]).toBe(5);
      expect([2, 3, 4]).toContain(chosen[3]);
    }
    expect(fillNiches(association, 2, 6, Rng.keyed(0)).sort()).toEqual([2, 3, 4, 5, 6, 7]);
  });

  const select = (
    values: readonly (readonly number[])[],
    size: number,
    directions: readonly StudyDirection[],
    referencePoints: readonly (readonly number[])[] | null = null,
  ) =>
    nicheSelection({ referencePoints, dividingParameter: 2, rngOf: () => Rng.keyed(1) })(
      values.map((row, i) => makeTrial(i, {}, { params: {}, systemAttrs: {} }, { values: row })),
      directions,
      size,
      1,
    ).trials.map((t) => t.number);

  it('are where the reference points are', () => {
    // 91 points of one front, of which 20 are to be chosen; the corner is where the first objective is the largest.
    const front = dasDennisPoints(3, 12);
    const corner = dasDennisPoints(3, 5).map(([a, b, c]) => [a + 3, b, c]);
    const inCorner = (referencePoints: readonly (readonly number[])[] | null): number =>
      select(front, 20, ['minimize', 'minimize', 'minimize'], referencePoints).filter(
        (i) => front[i][0] > 0.6,
      ).length;
    expect(inCorner(corner)).toBeGreaterThan(9);
    expect(inCorner(null)).toBeLessThan(8);
  });

  it('are the same for mirrored objectives, unlike in Optuna, which normalizes what it maximizes as if it minimized', () => {
    const values = Array.from({ length: 30 }, (_, i) => [0, 1, 2].map((j) => Rng.uniformOf('mirror', i, j)));
    const minimize = ['minimize', 'minimize', 'minimize'] as const;
    const there = select(values, 10, minimize);
    expect(
      select(
        values.map(([a, b, c]) => [-a, b, -c]),
        10,
        ['maximize', 'minimize', 'maximize'],
      ),
    ).toEqual(there);
    expect(there).toHaveLength(10);
  });
});

describe('nsga3', () => {
  const run = (
    options: NsgaIIISamplerOptions,
    nTrials: number,
    evaluate?: (values: readonly number[]) => Outcome,
  ) => {
    const problem = dtlz2(3);
    return runSamplerLoop({
      sampler: new NsgaIIISampler(options),
      space: problem.space,
      directions: problem.directions,
      nTrials,
      evaluate: (params) => {
        const values = problem.evaluate(params as Record<string, number>);
        return evaluate?.(values) ?? { values };
      },
    });
  };

  it('numbers generations in its own attribute', () => {
    const generations = run({ populationSize: 6 }, 20).map((t) => t.systemAttrs['NSGAIIISampler:generation']);
    expect(generations).toEqual(Array.from({ length: 20 }, (_, i) => Math.floor(i / 6)));
  });

  /** On the front of dtlz2 values have length 1. */
  const medianLength = (trials: ReturnType<typeof run>): number =>
    trials.map((t) => Math.hypot(...t.values!)).sort((a, b) => a - b)[trials.length >> 1];

  it('comes nearer to the front', () => {
    const trials = run({ populationSize: 20, seed: 1 }, 600);
    expect(medianLength(trials.slice(-100)) - 1).toBeLessThan(0.5 * (medianLength(trials.slice(0, 20)) - 1));
  });

  it('goes on with infinite values, equal values and infeasible trials', () => {
    const outcomes: readonly Outcome[] = [
      { values: [Number.POSITIVE_INFINITY, 0, Number.NEGATIVE_INFINITY] },
      { values: [1, 1, 1] },
      { values: [0, 2, 2], constraints: [1] },
    ];
    let k = 0;
    const trials = run({ populationSize: 6 }, 40, () => outcomes[k++ % outcomes.length]);
    expect(trials).toHaveLength(40);
  });

  it.each([
    [{ referencePoints: [] }, /referencePoints must be points/],
    [{ referencePoints: [[1, 0], [1]] }, /referencePoints must be points.*\[ \[ 1, 0 \], \[ 1 \] \]/],
    [{ referencePoints: [[0, 0]] }, /none of them the origin/],
    [{ referencePoints: [[1, Number.NaN]] }, /finite/],
    [{ referencePoints: 'even' }, /referencePoints must be points.*"even"/],
    [{ dividingParameter: 0 }, /dividingParameter must be an integer >= 1, but is 0/],
    [{ dividingParameters: 4 }, /did you mean 'dividingParameter'/],
  ])('refuses %j', (options, message) => {
    expect(() => new NsgaIIISampler(options as never)).toThrow(message);
    expect(() => new NsgaIIISampler(options as never)).toThrow(InvalidArgumentError);
  });

  it('says before a study is created that the reference points do not fit it', async () => {
    const sampler = new NsgaIIISampler({ referencePoints: [[1, 1]] });
    const study = createStudy({ directions: ['minimize', 'minimize', 'minimize'], sampler });
    await expect(study).rejects.toThrow(/have 2 in a study of 3 objectives/);
  });
});
