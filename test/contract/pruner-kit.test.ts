/** The pruner contract over every pruner, and every clause of it against a pruner that breaks it. */
import { describe, expect, it } from 'vitest';
import type { FrozenTrial, Pruner, PrunerContext } from '../../src/core/index.ts';
import {
  HyperbandPruner,
  MedianPruner,
  NopPruner,
  PatientPruner,
  PercentilePruner,
  SuccessiveHalvingPruner,
  ThresholdPruner,
  WilcoxonPruner,
} from '../../src/pruners/index.ts';
import { type MakePruner, prunerConformance } from '../../src/testing/pruner-kit.ts';

const pruners: Readonly<Record<string, MakePruner>> = {
  nop: () => new NopPruner(),
  median: () => new MedianPruner({ nStartupTrials: 2 }),
  'median, rarely': () =>
    new MedianPruner({ nStartupTrials: 1, nWarmupSteps: 2, intervalSteps: 3, nMinTrials: 4 }),
  percentile: () => new PercentilePruner({ percentile: 30, nStartupTrials: 0 }),
  'successive halving': () => new SuccessiveHalvingPruner({ reductionFactor: 2 }),
  'successive halving, known resource': () =>
    new SuccessiveHalvingPruner({
      minResource: 2,
      reductionFactor: 3,
      minEarlyStoppingRate: 1,
      bootstrapCount: 2,
    }),
  hyperband: () => new HyperbandPruner(),
  'hyperband, known resource': () => new HyperbandPruner({ maxResource: 12, reductionFactor: 2 }),
  threshold: (direction) =>
    new ThresholdPruner(direction === 'minimize' ? { lower: -0.9, upper: 2.5 } : { lower: -2.5, upper: 0.9 }),
  patient: () => new PatientPruner({ patience: 1, minDelta: 0.01 }),
  'patient hyperband': () =>
    new PatientPruner({ wrappedPruner: new HyperbandPruner({ maxResource: 12 }), patience: 0 }),
  wilcoxon: () => new WilcoxonPruner(),
};

for (const [name, make] of Object.entries(pruners))
  describe(name, () => {
    prunerConformance({ describe, it }, make);

    it('is asked questions by the kit that it says yes and no to', async () => {
      const answers = new Set<boolean>();
      const tests = testsOf((direction) => recording(make(direction), answers));
      await tests.find(([title]) => title.startsWith('P2'))![1]();
      expect([...answers].sort()).toEqual(name === 'nop' ? [false] : [false, true]);
    });
  });

function recording(pruner: Pruner, answers: Set<boolean>): Pruner {
  return changed(pruner, (context) => {
    const answer = pruner.shouldPrune(context);
    answers.add(answer);
    return answer;
  });
}

/** Returns a pruner that differs from this one in its answers alone. */
function changed(pruner: Pruner, shouldPrune: Pruner['shouldPrune']): Pruner {
  return {
    name: pruner.name,
    options: pruner.options,
    peersOf: pruner.peersOf?.bind(pruner),
    shouldPrune,
  };
}

type Test = readonly [title: string, body: () => Promise<void>];

/** The kit's tests, not yet run. */
function testsOf(make: MakePruner): Test[] {
  const tests: Test[] = [];
  prunerConformance(
    { describe: (_name, body) => body(), it: (title, body) => tests.push([title, body]) },
    make,
  );
  return tests;
}

const median = new MedianPruner({ nStartupTrials: 2 });

/** Whether the value reported last, whatever its step, is worse than that of the trial that comes first by `key`. */
function behindFirst(context: PrunerContext, key: (trial: FrozenTrial) => number): boolean {
  const last = [...context.trial.intermediateValues.values()].at(-1);
  const first = [...context.trials].sort((a, b) => key(a) - key(b))[0]?.value ?? null;
  const sign = context.direction === 'minimize' ? 1 : -1;
  return last !== undefined && first !== null && sign * last > sign * first;
}

const broken: Readonly<Record<string, { readonly clause: string; readonly make: MakePruner }>> = {
  'counts its questions': {
    clause: 'P1 a fresh',
    make: () => {
      let asked = 0;
      return changed(median, (context) => context.trial.intermediateValues.size > 0 && ++asked % 20 === 0);
    },
  },
  'remembers its answers by number and step': {
    clause: 'P1 a fresh',
    make: () => {
      const answers = new Map<string, boolean>();
      return changed(median, (context) => {
        const key = `${context.trial.number} ${context.trial.intermediateValues.size}`;
        if (!answers.has(key)) answers.set(key, median.shouldPrune(context));
        return answers.get(key)!;
      });
    },
  },
  'keeps the first history that it sees': {
    clause: 'P1 a fresh',
    make: () => {
      let trials: readonly FrozenTrial[] = [];
      return changed(median, (context) => {
        if (trials.length < 8) trials = context.trials;
        return median.shouldPrune({ ...context, trials });
      });
    },
  },
  'does not tell its options': {
    clause: 'P1 options',
    make: () =>
      Object.assign(
        changed(median, () => false),
        { options: { wrapped: () => median } },
      ),
  },
  'chooses peers by turns': {
    clause: 'P1 the peers',
    make: () => {
      let turn = 0;
      return { ...changed(median, () => false), peersOf: ({ trials }) => trials.slice(0, turn++ % 3) };
    },
  },
  'sorts the peers': {
    clause: 'P1 the peers',
    make: () => ({ ...changed(median, () => false), peersOf: ({ trials }) => [...trials].reverse() }),
  },
  'takes no value for a bad one': {
    clause: 'P2',
    make: () =>
      changed(
        median,
        (context) => context.trial.intermediateValues.size === 0 || median.shouldPrune(context),
      ),
  },
  'always minimizes': {
    clause: 'P3',
    make: () => changed(median, (context) => median.shouldPrune({ ...context, direction: 'minimize' })),
  },
  'goes by the order of reports': {
    clause: 'P4 only',
    make: () => changed(median, (context) => behindFirst(context, (trial) => trial.number)),
  },
  'goes by ids': {
    clause: 'P4 only',
    make: () =>
      changed(median, (context) => {
        const step = Math.max(...context.trial.intermediateValues.keys());
        const value = context.trial.intermediateValues.get(step);
        const trial = {
          ...context.trial,
          intermediateValues: new Map(value === undefined ? [] : [[step, value]]),
        };
        return behindFirst({ ...context, trial }, (other) => other.trialId);
      }),
  },
  'drops NaN from the history': {
    clause: 'P4 no trial',
    make: () =>
      changed(median, (context) => {
        for (const trial of context.trials)
          for (const [step, value] of trial.intermediateValues)
            if (Number.isNaN(value)) (trial.intermediateValues as Map<number, number>).delete(step);
        return median.shouldPrune(context);
      }),
  },
  'sorts the history': {
    clause: 'P4 no trial',
    make: () =>
      changed(median, (context) => {
        if (!Object.isFrozen(context.trials)) (context.trials as FrozenTrial[]).reverse();
        return median.shouldPrune(context);
      }),
  },
  'needs a first trial with values': {
    clause: 'it answers',
    make: () => changed(median, (context) => context.trials[0].number >= 0 && median.shouldPrune(context)),
  },
  'answers undefined': {
    clause: 'it answers',
    make: () => changed(median, () => undefined as unknown as boolean),
  },
};

describe('a pruner that', () => {
  for (const [defect, { clause, make }] of Object.entries(broken))
    it(`${defect} fails ${clause}`, async () => {
      const tests = testsOf(make).filter(([title]) => title.startsWith(clause));
      expect(tests).toHaveLength(1);
      await expect(tests[0][1]()).rejects.toThrow();
    });
});
