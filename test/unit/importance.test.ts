import { describe, expect, it } from 'vitest';
import {
  categoricalDistribution,
  createTrial,
  type Distribution,
  type FrozenTrial,
  floatDistribution,
  intDistribution,
  type ParamValue,
  Rng,
  type StudyDirection,
} from '../../src/core/index.ts';
import { uniformAt } from '../../src/core/uniform.ts';
import {
  FanovaEvaluator,
  type ImportanceEvaluator,
  MeanDecreaseImpurityEvaluator,
  nestedParamImportances,
  PedAnovaEvaluator,
  paramImportances,
  pooledTrials,
} from '../../src/importance/index.ts';
import { createStudy } from '../../src/index.ts';

type Params = Record<string, ParamValue>;
type Space = Readonly<Record<string, Distribution>>;

/** Uniform points of a space. */
function trialsOf(n: number, space: Space, objective: (params: Params) => number | number[]): FrozenTrial[] {
  return Array.from({ length: n }, (_, i) => {
    const params = Object.fromEntries(
      Object.entries(space).map(([name, d]) => [name, uniformAt(Rng.uniformOf('importance', i, name), d)]),
    );
    return createTrial({ values: [objective(params)].flat(), params, distributions: space });
  });
}

const XYZ: Space = {
  x: floatDistribution(-1, 1),
  y: floatDistribution(-1, 1),
  z: floatDistribution(-1, 1),
};
const num = (params: Params, name: string): number => params[name] as number;

const minimize: readonly StudyDirection[] = ['minimize'];
const maximize: readonly StudyDirection[] = ['maximize'];

function sharesOf(
  trials: readonly FrozenTrial[],
  evaluator: ImportanceEvaluator,
  directions = minimize,
): Record<string, number> {
  const found = paramImportances({ trials, directions }, { evaluator });
  return Object.fromEntries(found.map(({ name, importance }) => [name, importance]));
}

const EVALUATORS: readonly [string, () => ImportanceEvaluator][] = [
  ['PED-ANOVA', () => new PedAnovaEvaluator()],
  ['fANOVA', () => new FanovaEvaluator({ seed: 3 })],
  ['MDI', () => new MeanDecreaseImpurityEvaluator({ seed: 3 })],
];

describe.each(EVALUATORS)('%s', (_, made) => {
  const trials = trialsOf(120, XYZ, (p) => 10 * num(p, 'x') ** 2 + num(p, 'y') ** 2);

  it('ranks what matters first, in shares that add up to 1', () => {
    const found = paramImportances({ trials, directions: minimize }, { evaluator: made() });
    expect(found[0].name).toBe('x');
    expect(found.map(({ importance }) => importance)).toEqual(
      found.map(({ importance }) => importance).toSorted((a, b) => b - a),
    );
    expect(found.reduce((sum, { importance }) => sum + importance, 0)).toBeCloseTo(1, 12);
  });

  it('gives the same numbers again, also for a fresh evaluator', () => {
    const evaluator = made();
    const first = sharesOf(trials, evaluator);
    expect(sharesOf(trials, evaluator)).toEqual(first);
    expect(sharesOf(trials, made())).toEqual(first);
  });

  it('sees a maximized objective as its negative', () => {
    const mirrored = trialsOf(120, XYZ, (p) => -(10 * num(p, 'x') ** 2 + num(p, 'y') ** 2));
    const [there, back] = [sharesOf(trials, made()), sharesOf(mirrored, made(), maximize)];
    for (const name of Object.keys(XYZ)) expect(back[name]).toBeCloseTo(there[name], 12);
  });

  it('leaves out trials that are not COMPLETE or not finite', () => {
    const { params, distributions } = trials[0];
    const others = [
      createTrial({ state: 'FAIL', params, distributions }),
      createTrial({ state: 'PRUNED', value: -100, params, distributions }),
      createTrial({ state: 'RUNNING' }),
      createTrial({ value: Number.NEGATIVE_INFINITY, params, distributions }),
    ];
    expect(sharesOf([...others, ...trials], made())).toEqual(sharesOf(trials, made()));
  });

  it.each([0, 1])('finds all equal with %i trials', (n) => {
    const few = trials.slice(0, n);
    const expected = n === 0 ? {} : { x: 1 / 3, y: 1 / 3, z: 1 / 3 };
    expect(sharesOf(few, made())).toEqual(expected);
  });

  it('finds all equal, in order of name, if the objective is constant', () => {
    const flat = trialsOf(40, { b: XYZ['x'], a: XYZ['y'] }, () => 7);
    const found = paramImportances({ trials: flat, directions: minimize }, { evaluator: made() });
    expect(found.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(found.map(({ importance }) => importance)).toEqual([0.5, 0.5]);
  });

  it('gives nothing to a parameter of one value', () => {
    const space = { x: XYZ['x'], fixed: intDistribution(3, 3), only: categoricalDistribution(['a']) };
    const shares = sharesOf(
      trialsOf(60, space, (p) => num(p, 'x')),
      made(),
    );
    expect(shares).toEqual({ x: 1, fixed: 0, only: 0 });
  });

  it('ranks the parameters that are named', () => {
    const some = paramImportances(
      { trials, directions: minimize },
      { evaluator: made(), params: ['z', 'x'] },
    );
    expect(some.map(({ name }) => name)).toEqual(['x', 'z']);
    expect(paramImportances({ trials, directions: minimize }, { evaluator: made(), params: [] })).toEqual([]);
    expect(() =>
      paramImportances({ trials, directions: minimize }, { evaluator: made(), params: ['x', 'w'] }),
    ).toThrow(/params.*COMPLETE trial.*w/);
  });

  it('explains one of several objectives, or any number', () => {
    const pairs = trialsOf(120, XYZ, (p) => [num(p, 'x'), num(p, 'y')]);
    const directions: StudyDirection[] = ['minimize', 'maximize'];
    const topOf = (target: number | ((t: FrozenTrial) => number)): string =>
      paramImportances({ trials: pairs, directions }, { evaluator: made(), target })[0].name;
    expect([topOf(0), topOf(1), topOf((t) => num(t.params, 'z'))]).toEqual(['x', 'y', 'z']);
  });
});

describe('fANOVA', () => {
  /** Shares of variance of an additive function, computed by hand. */
  it.each([
    ['floats', XYZ, (p: Params) => 2 * num(p, 'x') + num(p, 'y'), { x: 0.8, y: 0.2, z: 0 }],
    [
      'a square and a line',
      XYZ,
      // var(x²) = 4/45 and var(y) = 1/3 on [-1, 1].
      (p: Params) => 2 * num(p, 'x') ** 2 + num(p, 'y'),
      { x: 16 / 31, y: 15 / 31, z: 0 },
    ],
    [
      'choices and coarse integers',
      { act: categoricalDistribution(['a', 'b', 'c', 'd', 'e']), k: intDistribution(0, 2) },
      // 4 of one choice in five: 16 · 4/25; 2k of three values: 4 · 2/3.
      (p: Params) => (p['act'] === 'c' ? 4 : 0) + 2 * num(p, 'k'),
      { act: 2.56 / (2.56 + 8 / 3), k: 8 / 3 / (2.56 + 8 / 3) },
    ],
    [
      'steps and many choices',
      {
        act: categoricalDistribution(Array.from({ length: 12 }, (_, i) => i)),
        rate: floatDistribution(0, 1, { step: 0.25 }),
      },
      // var of 0..11 is 143/12; of 8 times {0, 1/4, …, 1} it is 8.
      (p: Params) => num(p, 'act') + 8 * num(p, 'rate'),
      { act: 143 / 12 / (143 / 12 + 8), rate: 8 / (143 / 12 + 8) },
    ],
  ] as [string, Space, (p: Params) => number, Record<string, number>][])(
    'finds the shares of variance of %s',
    (_, space, objective, expected) => {
      const shares = sharesOf(trialsOf(800, space, objective), new FanovaEvaluator());
      for (const [name, share] of Object.entries(expected))
        expect(Math.abs(shares[name] - share), `${name}: ${shares[name]} for ${share}`).toBeLessThan(0.03);
    },
  );

  it('leaves interactions to nobody: a product of centered factors has no main effects', () => {
    const trials = trialsOf(800, XYZ, (p) => num(p, 'x') * num(p, 'y'));
    const found = paramImportances(
      { trials, directions: minimize },
      { evaluator: new FanovaEvaluator(), normalize: false },
    );
    for (const { name, importance } of found) expect(importance, name).toBeLessThan(0.1);
  });

  it('does not depend on the scale of the objective', () => {
    const evaluator = new FanovaEvaluator();
    const f = (p: Params): number => num(p, 'x') + 0.5 * num(p, 'y');
    const here = sharesOf(trialsOf(100, XYZ, f), evaluator);
    for (const scale of [1e-200, 1e200]) {
      const there = sharesOf(
        trialsOf(100, XYZ, (p) => scale * f(p)),
        evaluator,
      );
      for (const name of Object.keys(XYZ)) expect(there[name]).toBeCloseTo(here[name], 8);
    }
  });

  it('splits between neighboring doubles', () => {
    const [low, high] = [1 + Number.EPSILON, 1 + 2 * Number.EPSILON];
    const space = { x: floatDistribution(low, high), y: floatDistribution(0, 1) };
    const trials = Array.from({ length: 40 }, (_, i) => {
      const params = { x: i % 2 === 0 ? low : high, y: Rng.uniformOf('neighbors', i) };
      return createTrial({ value: i % 2, params, distributions: space });
    });
    expect(sharesOf(trials, new MeanDecreaseImpurityEvaluator())['y']).toBeLessThan(0.05);
    // To fANOVA one side of that split has no width.
    for (const share of Object.values(sharesOf(trials, new FanovaEvaluator()))) expect(share).not.toBeNaN();
  });

  it('draws other forests for other seeds', () => {
    const trials = trialsOf(80, XYZ, (p) => num(p, 'x') + 0.5 * num(p, 'y'));
    expect(sharesOf(trials, new FanovaEvaluator({ seed: 1 }))).not.toEqual(
      sharesOf(trials, new FanovaEvaluator({ seed: 2 })),
    );
  });
});

/** Twins of a search: over a log parameter, and over its exponent. */
const LOG_TWINS: readonly [string, Distribution, Distribution, (exponent: number) => ParamValue][] = [
  [
    'a log float',
    floatDistribution(1e-7, 1, { log: true }),
    floatDistribution(-7, 0),
    (exponent) => Math.min(1, Math.max(1e-7, 10 ** exponent)),
  ],
  [
    'a log integer',
    intDistribution(1, 9999, { log: true }),
    floatDistribution(Math.log10(0.5), Math.log10(9999.5)),
    (exponent) => Math.min(9999, Math.max(1, Math.round(10 ** exponent))),
  ],
];

describe.each(LOG_TWINS)('%s', (_, log, exponents, valueAt) => {
  it.each(EVALUATORS)('matters to %s as much as its exponent does', (_, made) => {
    const other = floatDistribution(0, 1);
    const middle = uniformAt(0.4, exponents) as number;
    // Good in a band of small values, bad above it: nine tenths of the range without the logarithm.
    const loss = (exponent: number, y: number): number =>
      (exponent > middle ? 10 : Math.abs(exponent - middle)) + 0.5 * y;
    const drawn = Array.from({ length: 300 }, (_, i) => {
      const exponent = uniformAt(Rng.uniformOf('exponent', i), exponents) as number;
      return { exponent, y: uniformAt(Rng.uniformOf('y', i), other) as number };
    });
    const shares = (x: Distribution, xOf: (exponent: number) => ParamValue): Record<string, number> =>
      sharesOf(
        drawn.map(({ exponent, y }) =>
          createTrial({
            value: loss(exponent, y),
            params: { x: xOf(exponent), y },
            distributions: { x, y: other },
          }),
        ),
        made(),
      );
    const byExponent = shares(exponents, (exponent) => exponent);
    expect(shares(log, valueAt)['x']).toBeCloseTo(byExponent['x'], 1);
    expect(byExponent['x']).toBeGreaterThan(0.9);
  });
});

describe('forests', () => {
  it('share evenly what two equal parameters explain', () => {
    const trials = Array.from({ length: 200 }, (_, i) => {
      const x = Rng.uniformOf('twins', i) * 2 - 1;
      const params = { x, y: x, z: Rng.uniformOf('noise', i) };
      return createTrial({ value: x, params, distributions: XYZ });
    });
    const { x, y, z } = sharesOf(trials, new MeanDecreaseImpurityEvaluator());
    // Each of the 64 trees gives most to either, by lot.
    expect(Math.abs(x - y)).toBeLessThan(0.4);
    expect(z).toBeLessThan(0.02);
  });

  it('rank only parameters that all trials have with one range', () => {
    const both = trialsOf(30, XYZ, (p) => num(p, 'x'));
    const other = trialsOf(30, { x: XYZ['x'], y: floatDistribution(0, 2) }, (p) => num(p, 'x'));
    const trials = [...both, ...other];
    expect(Object.keys(sharesOf(trials, new FanovaEvaluator()))).toEqual(['x']);
    expect(Object.keys(sharesOf(trials, new PedAnovaEvaluator())).sort()).toEqual(['x', 'y', 'z']);
    expect(() =>
      paramImportances(
        { trials, directions: minimize },
        { evaluator: new FanovaEvaluator(), params: ['x', 'y'] },
      ),
    ).toThrow(/that of 'y' changed/);
  });

  it('refuse several objectives without a target', () => {
    const trials = trialsOf(10, XYZ, (p) => [num(p, 'x'), num(p, 'y')]);
    expect(() =>
      paramImportances(
        { trials, directions: ['minimize', 'minimize'] },
        { evaluator: new MeanDecreaseImpurityEvaluator() },
      ),
    ).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }));
  });
});

describe('options', () => {
  const trials = trialsOf(10, XYZ, (p) => num(p, 'x'));
  const source = { trials, directions: minimize };

  it.each([
    [() => paramImportances(source, { evaluater: 1 } as object), /no option 'evaluater'.*evaluator/],
    [() => paramImportances(source, { evaluator: 'fanova' as never }), /evaluator must be one.*fanova/],
    [() => paramImportances(source, { params: 'x' as never }), /params must be a list/],
    [() => paramImportances(source, { target: 1 }), /index of an objective \(here 0\).*1/],
    [() => paramImportances(null as never), /needs a study/],
    [() => new PedAnovaEvaluator({ targetQuantile: 1 }), /0 < targetQuantile < regionQuantile <= 1.*1/],
    [() => new PedAnovaEvaluator({ regionQuantile: 0.05 }), /regionQuantile=0.05/],
    [() => new FanovaEvaluator({ nTrees: 0 }), /nTrees must be an integer >= 1, but is 0/],
    [() => new FanovaEvaluator({ trees: 3 } as object), /no option 'trees'/],
    [() => new MeanDecreaseImpurityEvaluator({ seed: -1 }), /seed must be an integer >= 0/],
  ] as [() => unknown, RegExp][])('%s', (call, message) => {
    expect(call).toThrow(message);
    expect(call).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});

describe('nested studies', () => {
  async function nested() {
    const study = await createStudy({ studyName: 'outer' });
    for (let i = 0; i < 8; i++) {
      const outer = await study.ask();
      const width = outer.suggestFloat('width', 0, 1);
      const inner = await outer.createStudy('search');
      await inner.optimize(
        (t) => 5 * width + t.suggestFloat('width', 0, 1) + 0.01 * t.suggestInt('k', 0, 9),
        {
          nTrials: 12,
        },
      );
      await study.tell(outer, inner.bestValue);
    }
    return study;
  }

  it('rank the parameters of both levels in one list', async () => {
    const study = await nested();
    const evaluator = new FanovaEvaluator();
    const found = await nestedParamImportances(study, 'search', { evaluator });
    expect(found.map(({ name }) => name)).toEqual(['width', 'search/width', 'search/k']);
    const pooled = await pooledTrials(study, 'search');
    expect(pooled.trials).toHaveLength(8 * 12);
    expect(found).toEqual(paramImportances(pooled, { evaluator }));
    expect(pooled.trials[13].params['width']).toBe(study.trials[1].params['width']);
  });

  it('say which studies there are', async () => {
    const study = await nested();
    await expect(nestedParamImportances(study, 'saerch')).rejects.toThrow(/'saerch'.*they own: search/);
    const lone = await createStudy();
    await expect(nestedParamImportances(lone, 'search')).rejects.toThrow(/they own none/);
  });

  it('cannot be pooled across directions', async () => {
    const study = await createStudy();
    for (const direction of ['minimize', 'maximize'] as const) {
      const outer = await study.ask();
      await outer.createStudy('search', { direction });
      await study.tell(outer, 1);
    }
    await expect(nestedParamImportances(study, 'search')).rejects.toThrow(/same directions/);
  });
});
