import { describe, expect, it } from 'vitest';
import { NO_PROBES } from '../../samplers/auto/probes.ts';
import { AutoSampler, type PickFacts, pickSampler } from '../../samplers/auto/sampler.ts';
import { GpSampler } from '../../samplers/gp/sampler.ts';
import { CmaEsSampler, TpeSampler } from '../../samplers/index.ts';
import { categorical, choice, createStudy, float, int, Rng, type Sampler, space } from '../../src/index.ts';

const NUMERIC: PickFacts = {
  nParams: 5,
  nCategorical: 0,
  isConditional: false,
  nComplete: 15,
  firstDiffer: true,
  nObjectives: 1,
  trialNumber: 20,
  budget: null,
  ...NO_PROBES,
};

/** Beyond the reach of a Gaussian process, and probed: the middle and corners of the space were no better than other points. */
const MANY = { nParams: 30, isMiddleBest: false, areCornersPromising: false };

describe('the pick', () => {
  it.each([
    ['gp', 'a few trials', {}],
    ['gp', 'categorical parameters', { nCategorical: 3 }],
    ['tpe', 'the first trials, as it learns from pruned ones too', { nComplete: 9 }],
    ['gp', 'many trials of which few are complete', { nComplete: 100, trialNumber: 400 }],
    ['tpe', 'a conditional space', { isConditional: true }],
    ['middle', 'more parameters than a GP can do', { nParams: 21 }],
    [
      'cmaes',
      'many parameters that are best in the middle',
      { ...MANY, isMiddleBest: true, areCornersPromising: true },
    ],
    ['separable cmaes', 'hundreds of them', { ...MANY, isMiddleBest: true, nParams: 300 }],
    ['corner', 'many parameters that are not', { ...MANY, areCornersPromising: true }],
    ['corner', 'many parameters that had a good corner, by turns', { ...MANY, wasCornerBest: true }],
    ['tpe', 'those, by turns', { ...MANY, wasCornerBest: true, trialNumber: 21 }],
    ['cmaes', 'many parameters of which no corner was good', MANY],
    ['cmaes', 'many parameters and many trials', { ...MANY, wasCornerBest: true, trialNumber: 1000 }],
    ['corner', 'many parameters, some categorical', { nParams: 30, nCategorical: 1 }],
    ['tpe', 'those of which no corner was good', { ...MANY, nCategorical: 1 }],
    ['tpe', 'many parameters of a conditional space', { nParams: 30, isConditional: true }],
    ['tpe', 'many parameters on a plateau, or where most trials fail', { nParams: 30, firstDiffer: false }],
    ['tpe', 'many trials on a plateau, or of which most fail', { trialNumber: 2000, firstDiffer: false }],
    ['tpe', 'a single categorical beyond the reach of a GP', { nCategorical: 1, trialNumber: 2000 }],
    ['cmaes', 'many trials', { trialNumber: 2000, nComplete: 2000 }],
    ['cmaes', 'many trials to come', { budget: 20_000 }],
    ['tpe', 'many trials of one parameter', { nParams: 1, trialNumber: 2000 }],
    ['gp', 'two objectives and a few trials', { nObjectives: 2 }],
    ['joint tpe', 'two objectives of hundreds of parameters', { nObjectives: 2, nParams: 300 }],
    ['tpe', 'three objectives and a few trials', { nObjectives: 3 }],
    ['tpe', 'two objectives of a conditional space', { nObjectives: 2, isConditional: true }],
    ['nsga2', 'two objectives and many trials', { nObjectives: 2, budget: 5000 }],
    ['nsga3', 'four objectives and many trials', { nObjectives: 4, budget: 5000 }],
  ] as const)('is %s for %s', (name, _what, facts) => {
    expect(pickSampler({ ...NUMERIC, ...facts })).toBe(name);
  });
});

describe('a study', () => {
  const trials = async (sampler: Sampler, nTrials: number) => {
    const study = await createStudy({ sampler });
    const box = space({ x: float(-5, 5), n: int(0, 20) });
    await study.optimize(box, ({ x, n }) => (x - 1) ** 2 + (n - 7) ** 2 / 10, { nTrials });
    return study.trials.map((trial) => trial.params);
  };

  it('is sampled as by the sampler that is picked', async () => {
    expect(await trials(new AutoSampler({ seed: 4 }), 14)).toEqual(
      await trials(new GpSampler({ seed: 4 }), 14),
    );
    const budget = 20_000;
    expect(await trials(new AutoSampler({ seed: 4, budget }), 30)).toEqual(
      await trials(new CmaEsSampler({ seed: 4, nStartupTrials: 10 }), 30),
    );
  });

  it('is known to be conditional if declared so, and as soon as define-by-run shows it', async () => {
    const declared = space({ kind: choice({ a: { x: float(0, 1) }, b: { n: int(0, 9) } }), y: float(0, 1) });
    const run = async (sampler: Sampler) => {
      const study = await createStudy({ sampler });
      await study.optimize(declared, ({ y }) => y, { nTrials: 15 });
      return study.trials.map((trial) => trial.params);
    };
    expect(await run(new AutoSampler({ seed: 1 }))).toEqual(await run(new TpeSampler({ seed: 1 })));
    const dynamic = async (sampler: Sampler) => {
      const study = await createStudy({ sampler });
      await study.optimize(
        (trial) => (trial.suggestCategorical('kind', ['a', 'b']) === 'a' ? trial.suggestFloat('x', 0, 1) : 1),
        { nTrials: 20 },
      );
      return study.trials.map((trial) => trial.params);
    };
    expect(await dynamic(new AutoSampler({ seed: 1 }))).toEqual(await dynamic(new TpeSampler({ seed: 1 })));
  });

  describe('whose losses a Gaussian process cannot explain', () => {
    const box = space({ x: float(-5, 5), y: float(-5, 5) });
    const drawn = async (
      sampler: Sampler,
      loss: (x: number, number: number) => number | readonly number[],
    ) => {
      const nObjectives = [loss(0, 0)].flat().length;
      const study = await createStudy({ sampler, directions: new Array(nObjectives).fill('minimize') });
      await study.optimize(box, ({ x }, trial) => loss(x, trial.number), { nTrials: 40 });
      return study;
    };
    const noise = (number: number): number => Rng.keyed('noise', number).normal();

    it.each([
      ['a plateau', () => 1],
      ['two plateaus', () => [1, 2]],
    ])('is sampled as by TPE on %s', async (_, loss) => {
      const { trials } = await drawn(new AutoSampler({ seed: 1 }), loss);
      const byTpe = await drawn(new TpeSampler({ seed: 1 }), loss);
      expect(trials.map(({ params }) => params)).toEqual(byTpe.trials.map(({ params }) => params));
    });

    it.each([
      ['noise', (_: number, number: number) => noise(number), 'tpe'],
      ['noise with a heavy tail', (_: number, number: number) => Math.exp(9 * noise(number)), 'tpe'],
      ['noise in both objectives', (_: number, n: number) => [noise(n), noise(n + 100)], 'tpe'],
      ['a bowl', (x: number) => x * x, 'gp'],
      ['a bowl beside noise', (x: number, number: number) => [noise(number), x * x], 'gp'],
    ] as const)('continues %s as is right for what was seen', async (_, loss, expected) => {
      const study = await drawn(new AutoSampler({ seed: 1 }), loss);
      const next = async (sampler: Sampler) => {
        const copy = await createStudy({ sampler, directions: study.directions });
        await copy.addTrials(study.trials);
        const trial = await copy.ask(box);
        return trial.params;
      };
      const byPick = { tpe: new TpeSampler({ seed: 1 }), gp: new GpSampler({ seed: 1 }) };
      expect(await next(new AutoSampler({ seed: 1 }))).toEqual(await next(byPick[expected]));
    });
  });

  it('has it as its default sampler', async () => {
    const study = await createStudy();
    expect(study.sampler).toBeInstanceOf(AutoSampler);
    await study.optimize(space({ c: categorical(['a', 'b']) }), ({ c }) => c.length, { nTrials: 3 });
    expect(study.trials).toHaveLength(3);
  });
});

it('refuses options that it does not have', () => {
  // @ts-expect-error: as a JavaScript user may write it
  expect(() => new AutoSampler({ bugdet: 3 })).toThrow("did you mean 'budget'");
  expect(() => new AutoSampler({ budget: 0 })).toThrow('budget must be an integer >= 1');
});
