/** What is particular to each pruner; their decisions as a whole are held against Optuna's in test/reference. */
import { describe, expect, it } from 'vitest';
import { type FrozenTrial, type Pruner, ThanosError, type TrialState } from '../../src/core/index.ts';
import { Brackets } from '../../src/pruners/brackets.ts';
import {
  HyperbandPruner,
  MedianPruner,
  NopPruner,
  PatientPruner,
  PercentilePruner,
  prunerRegistry,
  SuccessiveHalvingPruner,
  ThresholdPruner,
  WilcoxonPruner,
} from '../../src/pruners/index.ts';
import { isAbovePercentile } from '../../src/pruners/percentile.ts';
import { makeTrial } from '../../src/testing/sampler-loop.ts';

/** A trial with these values at steps 0, 1, …; its value is the last of them. */
function trial(number: number, values: readonly number[], state: TrialState = 'COMPLETE'): FrozenTrial {
  return makeTrial(
    number,
    {},
    { params: {}, systemAttrs: {} },
    {
      state,
      values: state === 'COMPLETE' || state === 'PRUNED' ? values.slice(-1) : null,
      intermediateValues: new Map(values.entries()),
    },
  );
}

function judge(
  pruner: Pruner,
  trials: readonly FrozenTrial[],
  values: readonly number[],
  number = 99,
): boolean {
  return pruner.shouldPrune({
    studyName: 'unit',
    direction: 'minimize',
    trials,
    trial: trial(number, values, 'RUNNING'),
  });
}

const flat = (number: number, value: number, nSteps = 3): FrozenTrial =>
  trial(number, Array<number>(nSteps).fill(value));

describe('percentiles', () => {
  it.each([
    // numpy.percentile (numpy 2.4.6)
    [[3, 1, 2], 50, 2],
    [[4, 1, 2, 3], 50, 2.5],
    [[4, 1, 2, 3], 25, 1.75],
    [[4, 1, 2, 3], 90, 3.7],
    [[7], 10, 7],
    [[1, Number.NaN, 2], 100, 2],
    // not NaN, as numpy has it
    [[1, 2, Infinity], 50, 2],
    [[1, 2, Infinity, Infinity], 50, Infinity],
    [[-Infinity, 2, 3], 25, -Infinity],
    [[Infinity, Infinity], 50, Infinity],
  ])('of %j at %d: %d', (values, percentile, expected) => {
    expect(isAbovePercentile(expected, values, percentile)).toBe(false);
    if (Number.isFinite(expected))
      expect(isAbovePercentile(expected * (1 + 1e-12), values, percentile)).toBe(true);
    expect(isAbovePercentile(1e9, values, percentile)).toBe(expected < 1e9);
    expect(isAbovePercentile(-1e9, values, percentile)).toBe(expected < -1e9);
  });

  it('of no numbers have nothing above them', () => {
    expect(isAbovePercentile(1, [Number.NaN], 50)).toBe(false);
    expect(isAbovePercentile(1, [], 0)).toBe(false);
  });
});

describe('MedianPruner', () => {
  it('goes on pruning where a trial has diverged to infinity', () => {
    const trials = [flat(0, 1), flat(1, 2), flat(2, Infinity)];
    const pruner = new MedianPruner({ nStartupTrials: 1 });
    expect([judge(pruner, trials, [2]), judge(pruner, trials, [2.1])]).toEqual([false, true]);
  });

  it('looks at COMPLETE trials only', () => {
    const pruner = new MedianPruner({ nStartupTrials: 2 });
    const history = (state: TrialState) => [trial(0, [1], 'COMPLETE'), trial(1, [1], state)];
    expect(judge(pruner, history('COMPLETE'), [2])).toBe(true);
    for (const state of ['PRUNED', 'FAIL'] as const) expect(judge(pruner, history(state), [2])).toBe(false);
  });
});

describe('SuccessiveHalvingPruner', () => {
  const pruner = new SuccessiveHalvingPruner({ minResource: 1, reductionFactor: 2 });
  const trials = [flat(0, 1), flat(1, 2), flat(2, 3), flat(3, 4)];

  it('does not forget that a trial fell out, and says so whenever it is asked', () => {
    expect(judge(pruner, trials, [9])).toBe(false); // no rung at step 0
    expect(judge(pruner, trials, [9, 9])).toBe(true);
    expect(judge(pruner, trials, [9, 9, 0, 0, 0])).toBe(true);
    expect(judge(pruner, trials, [0, 0, 0, 0, 9])).toBe(false); // alone at step 4
  });

  it('counts whoever has reached the rung, in any state', () => {
    const judged = (states: readonly TrialState[]) =>
      judge(
        pruner,
        states.map((state, i) => trial(i, [0, i], state)),
        [0, 1.5],
      );
    expect(judged(['PRUNED', 'FAIL', 'COMPLETE', 'PRUNED'])).toBe(true); // third of 5: the best 2 go on
    expect(judged(['PRUNED', 'FAIL', 'COMPLETE', 'PRUNED', 'FAIL'])).toBe(false); // third of 6: the best 3
  });

  it("takes its 'auto' resource from the first COMPLETE trial, also when longer ones follow", () => {
    const auto = new SuccessiveHalvingPruner({ reductionFactor: 2 });
    const long = [flat(0, 5, 401), flat(1, 1, 401), flat(2, 1, 5000)];
    const steps = (n: number) => Array<number>(n).fill(3);
    expect(judge(auto, long, steps(4))).toBe(false); // rung 0 is at step 4
    expect(judge(auto, long, steps(5))).toBe(true);
    expect(judge(auto, [trial(0, steps(401), 'PRUNED')], steps(9))).toBe(false);
  });
});

describe('HyperbandPruner', () => {
  it('has as many brackets as the paper: log3(243) + 1 = 6', () => {
    expect(new Brackets(1, 243, 3).budgets).toHaveLength(6);
    expect(new Brackets(1, 242, 3).budgets).toHaveLength(5);
    expect(new Brackets(2, 1, 3).budgets).toHaveLength(0);
    // n of the paper for R = 81, eta = 3: 81, 34, 15, 8, 5
    expect(new Brackets(1, 81, 3).budgets).toEqual([81, 34, 15, 8, 5]);
  });

  it('spreads the trials in proportion', () => {
    const brackets = new Brackets(1, 81, 3);
    const counts = [0, 0, 0, 0, 0];
    for (let number = 0; number < 14_300; number++) counts[brackets.of('spread', number)]++;
    for (const [i, budget] of brackets.budgets.entries())
      expect(Math.abs(counts[i] / budget - 100)).toBeLessThan(20);
  });

  it('leaves a trial alone while nobody has shown how many steps there are', () => {
    const pruner = new HyperbandPruner();
    const pruned = [0, 1, 2].map((i) => trial(i, [0, 0, 0, 0], 'PRUNED'));
    for (let number = 3; number < 30; number++)
      expect(judge(pruner, pruned, [9, 9, 9, 9], number)).toBe(false);
    expect(pruner.peersOf({ studyName: 'unit', trialNumber: 3, trials: pruned })).toBe(pruned);
  });
});

describe('PatientPruner', () => {
  it('prunes when the last patience + 1 values are worse than the best before', () => {
    const pruner = new PatientPruner({ patience: 1, minDelta: 0.5 });
    expect(judge(pruner, [], [1, 2])).toBe(false);
    expect(judge(pruner, [], [1, 1.4, 2])).toBe(false);
    expect(judge(pruner, [], [1, 1.6, 2])).toBe(true);
    expect(judge(pruner, [], [1, 1.6, 2, 1.2])).toBe(false);
  });

  it('asks the wrapped pruner then, and has its peers', () => {
    const trials = [flat(0, 1), flat(1, 1), flat(2, 9)];
    const patient = (wrappedPruner: Pruner) => new PatientPruner({ wrappedPruner, patience: 0 });
    expect(judge(patient(new NopPruner()), trials, [1, 2])).toBe(false);
    expect(judge(patient(new ThresholdPruner({ upper: 1.5 })), trials, [1, 2])).toBe(true);
    expect(judge(patient(new ThresholdPruner({ upper: 1.5 })), trials, [3, 2])).toBe(false);
    const hyperband = new HyperbandPruner({ maxResource: 81 });
    const context = { studyName: 'unit', trialNumber: 3, trials };
    expect(patient(hyperband).peersOf(context)).toEqual(hyperband.peersOf(context));
    expect(patient(new NopPruner()).peersOf(context)).toBe(trials);
  });
});

describe('WilcoxonPruner', () => {
  const best = trial(0, [1, 2, 3, 4, 5, 6]);
  it('needs steps that both trials have', () => {
    const pruner = new WilcoxonPruner({ pThreshold: 0.3, nStartupSteps: 0 });
    expect(judge(pruner, [best], [2])).toBe(false);
    expect(judge(pruner, [best], [9, 9])).toBe(true);
    expect(judge(pruner, [trial(0, [])], [9, 9])).toBe(false);
  });

  it('spares a trial whose mean is not worse', () => {
    const steep = trial(0, [0, 0, 0, 0, 0, 0, 100]);
    expect(judge(new WilcoxonPruner(), [steep], [1, 1, 1, 1, 1, 1])).toBe(false);
    expect(judge(new WilcoxonPruner(), [flat(0, 0, 6)], [1, 1, 1, 1, 1, 1])).toBe(true);
  });
});

describe('options', () => {
  const made: readonly Pruner[] = [
    new NopPruner(),
    new MedianPruner({ nWarmupSteps: 2 }),
    new PercentilePruner({ percentile: 10 }),
    new SuccessiveHalvingPruner(),
    new HyperbandPruner({ maxResource: 9 }),
    new ThresholdPruner({ lower: 1 }),
    new PatientPruner({ wrappedPruner: new PatientPruner({ patience: 1 }), patience: 3 }),
    new WilcoxonPruner(),
  ];

  it.each(made)('of a $name pruner make the same one by its name', (pruner) => {
    const again = prunerRegistry.get(pruner.name)(JSON.parse(JSON.stringify(pruner.options)));
    expect(again).toBeInstanceOf(pruner.constructor);
    expect(again.options).toEqual(pruner.options);
  });

  it('have the registered names', () => {
    expect(made.map(({ name }) => name).sort()).toEqual(prunerRegistry.names());
    expect(() => prunerRegistry.get('asha')).toThrow('known are: hyperband, median, nop');
  });

  it("have Optuna's defaults", () => {
    expect(Object.fromEntries(made.map(({ name, options }) => [name, options]))).toMatchObject({
      median: { nStartupTrials: 5, nWarmupSteps: 2, intervalSteps: 1, nMinTrials: 1 },
      percentile: { nStartupTrials: 5, nWarmupSteps: 0, intervalSteps: 1, nMinTrials: 1 },
      'successive-halving': {
        minResource: 'auto',
        reductionFactor: 4,
        minEarlyStoppingRate: 0,
        bootstrapCount: 0,
      },
      hyperband: { minResource: 1, reductionFactor: 3, bootstrapCount: 0 },
      threshold: { upper: null, nWarmupSteps: 0, intervalSteps: 1 },
      patient: { minDelta: 0, wrappedPruner: { name: 'patient', options: { wrappedPruner: null } } },
      wilcoxon: { pThreshold: 0.1, nStartupSteps: 2 },
    });
  });

  it.each([
    ['median', { nStartupTrials: -1 }, 'nStartupTrials must be an integer >= 0, but is -1'],
    ['median', { n_startup_trials: 5 }, "did you mean 'nStartupTrials'"],
    ['median', { percentile: 5 }, "no option 'percentile'"],
    ['percentile', {}, 'needs percentile, which must be a number in [0, 100]'],
    ['percentile', { percentile: 101 }, 'percentile must be a number in [0, 100]'],
    ['percentile', { percentile: 5, intervalSteps: 0 }, 'intervalSteps must be'],
    ['successive-halving', { minResource: 0 }, "minResource must be an integer >= 1 or 'auto'"],
    ['successive-halving', { reductionFactor: 1 }, 'reductionFactor must be'],
    ['successive-halving', { bootstrapCount: 1 }, 'needs a known minResource'],
    ['hyperband', { bootstrapCount: 1 }, 'needs a known maxResource'],
    ['hyperband', { minResource: 5, maxResource: 4 }, 'but 4 < 5'],
    ['hyperband', { minResource: 'auto' }, 'minResource must be'],
    ['threshold', {}, 'give lower, upper or both'],
    ['threshold', { lower: 2, upper: 1 }, 'lower must be <= upper'],
    ['threshold', { upper: Number.NaN }, 'upper must be a finite number or null'],
    ['patient', {}, 'needs patience, which must be'],
    ['patient', { patience: 1, wrappedPruner: 5 }, 'wrappedPruner must be a Pruner'],
    ['patient', { patience: 1, wrappedPruner: { name: 'median', options: { x: 1 } } }, "no option 'x'"],
    ['wilcoxon', { pThreshold: 2 }, 'pThreshold must be'],
    ['nop', { patience: 1 }, "no option 'patience'"],
  ])('%s %j are refused', (name, options, message) => {
    const make = () => prunerRegistry.get(name)(options);
    expect(make).toThrow(ThanosError);
    expect(make).toThrow(message);
  });
});
