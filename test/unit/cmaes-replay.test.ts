/** The state of CMA-ES follows from the history alone: whatever the order in which trials end, and whoever asks. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CmaEsSampler, type CmaEsSamplerOptions } from '../../samplers/index.ts';
import { NO_CONDITIONS } from '../../src/core/conditions.ts';
import { type FrozenTrial, float, frozenTrial, int, SYSTEM_ATTR, space } from '../../src/core/index.ts';
import { createStudy, type Trial } from '../../src/index.ts';
import { makeTrial, runSamplerLoop, type Suggestion, suggest } from '../../src/testing/sampler-loop.ts';
import { InMemoryStorage } from '../../storage/index.ts';

const SPACE = space({ a: float(-1, 2), b: float(1e-3, 1, { log: true }), n: int(0, 3) });

type Params = Readonly<Record<string, number>>;
const score = ({ a, b, n }: Params): number => (a - 1.9) ** 2 + Math.log(b / 0.02) ** 2 + (n - 1) ** 2;

function ask(sampler: CmaEsSampler, trials: readonly FrozenTrial[], trialNumber = trials.length): Suggestion {
  const context = {
    directions: ['minimize'] as const,
    trialNumber,
    trials: trials.slice(0, trialNumber),
    declaredSpace: SPACE,
    conditions: NO_CONDITIONS,
    attempt: 0,
  };
  return suggest(sampler, context, SPACE);
}

/** The trials whose numbers these are, as running ones, are noted as a study does. */
function asked(number: number, { params, systemAttrs }: Suggestion, running: readonly number[]): FrozenTrial {
  const attrs = running.length > 0 ? { ...systemAttrs, [SYSTEM_ATTR.running]: running } : systemAttrs;
  return makeTrial(number, SPACE, { params, systemAttrs: attrs }, { state: 'RUNNING' });
}

function ended(trial: FrozenTrial, state: 'COMPLETE' | 'FAIL' = 'COMPLETE'): FrozenTrial {
  const values = state === 'COMPLETE' ? [score(trial.params as Params)] : null;
  return frozenTrial({ ...trial, state, values });
}

function runLoop(options: CmaEsSamplerOptions, nTrials: number, history?: readonly FrozenTrial[]) {
  return runSamplerLoop({
    sampler: new CmaEsSampler(options),
    space: SPACE,
    directions: ['minimize'],
    nTrials,
    evaluate: (params) => ({ values: [score(params as Params)] }),
    history,
  });
}

describe('trials that end in any order', () => {
  /** How many trials run at once, and which of the running ones ends next, and how. */
  const schedule = fc.record({
    atOnce: fc.integer({ min: 1, max: 9 }),
    ends: fc.array(fc.record({ which: fc.nat(), fails: fc.nat({ max: 6 }) }), {
      minLength: 60,
      maxLength: 60,
    }),
  });
  const variants: Readonly<Record<string, CmaEsSamplerOptions>> = {
    full: { popsize: 4 },
    'with margin': { popsize: 5, withMargin: true },
  };

  it.each(Object.entries(variants))('a living sampler answers as a fresh one: %s', (_, options) => {
    fc.assert(
      fc.property(schedule, ({ atOnce, ends }) => {
        const living = new CmaEsSampler(options);
        const trials: FrozenTrial[] = [];
        const running: number[] = [];
        const snapshots: { readonly trials: readonly FrozenTrial[]; readonly answer: Suggestion }[] = [];
        for (const { which, fails } of ends) {
          while (running.length < atOnce) {
            const answer = ask(living, trials);
            snapshots.push({ trials: [...trials], answer });
            trials.push(asked(trials.length, answer, running));
            running.push(trials.length - 1);
          }
          const [number] = running.splice(which % running.length, 1);
          trials[number] = ended(trials[number], fails === 0 ? 'FAIL' : 'COMPLETE');
        }
        for (const snapshot of snapshots.filter((_, i) => i % 9 === 8))
          expect(ask(new CmaEsSampler(options), snapshot.trials)).toEqual(snapshot.answer);
        const reached = Number(trials.at(-1)!.systemAttrs[withMargin(options)]);
        expect(reached).toBeGreaterThan(0);
      }),
      { seed: 4, numRuns: 15 },
    );
  });

  it('one that ends after its generation was closed changes nothing any more', () => {
    const sampler = new CmaEsSampler({ popsize: 4 });
    const trials = [...runLoop({ popsize: 4 }, 1)];
    for (let i = 1; i <= 6; i++)
      trials.push(asked(i, ask(sampler, trials), [1, 2, 3, 4, 5, 6].slice(0, i - 1)));
    // Trial 1, the first one, is still running when the generation is closed by the next four.
    for (let i = 2; i <= 5; i++) trials[i] = ended(trials[i]);
    trials.push(asked(7, ask(sampler, trials), [1, 6]));
    expect(trials[7].systemAttrs['cma:generation']).toBe(1);
    const before = ask(sampler, trials);
    trials[1] = ended(trials[1]);
    expect(ask(sampler, trials)).toEqual(before);
    expect(ask(new CmaEsSampler({ popsize: 4 }), trials)).toEqual(before);
    // Nor if the trial that closed it was not seen at first.
    trials.push(asked(8, before, [6, 7]));
    const late = new CmaEsSampler({ popsize: 4 });
    const unseen = ask(late, [...trials.slice(0, 7), trials[8]], 9);
    const seen = ask(late, trials);
    expect(seen).toEqual(ask(new CmaEsSampler({ popsize: 4 }), trials));
    expect(seen.params).not.toEqual(unseen.params);
    trials.pop();
    // Without the note of who was running, it would have been one of the four.
    trials[7] = makeTrial(
      7,
      SPACE,
      { ...trials[7], systemAttrs: { 'cma:generation': 1 } },
      { state: 'RUNNING' },
    );
    expect(ask(new CmaEsSampler({ popsize: 4 }), trials).params).not.toEqual(before.params);
  });

  it('a trial of a lower number that appears late is heeded', () => {
    const trials = runLoop({ popsize: 4 }, 14);
    const without = trials.filter((t) => t.number !== 3);
    const living = new CmaEsSampler({ popsize: 4 });
    const hidden = ask(living, without, 14);
    const context = (history: readonly FrozenTrial[]) => ask(living, history, 14);
    expect(context(trials)).toEqual(ask(new CmaEsSampler({ popsize: 4 }), trials, 14));
    expect(context(trials).params).not.toEqual(hidden.params);
    expect(context(without)).toEqual(hidden);
  });
});

describe('what the generations are made of', () => {
  const meanOf = (trials: readonly FrozenTrial[], options: CmaEsSamplerOptions = { popsize: 4 }): number =>
    Number(ask(new CmaEsSampler(options), trials).params['a']);

  it('trials of other samplers do not count', () => {
    const trials = runLoop({ popsize: 4 }, 5);
    const foreign = makeTrial(
      5,
      SPACE,
      { params: { a: 2, b: 0.5, n: 1 }, systemAttrs: {} },
      { values: [-9] },
    );
    const others = [...trials, foreign];
    expect(ask(new CmaEsSampler({ popsize: 4 }), others).systemAttrs['cma:generation']).toBe(1);
    expect(meanOf(others)).toBe(meanOf(trials));
  });

  it('the parameters that a trial was given instead of those drawn count', () => {
    const trials = runLoop({ popsize: 4 }, 5);
    const given = trials.map((t) =>
      t.number === 3 ? ended(frozenTrial({ ...t, params: { a: 1.9, b: 0.02, n: 1 } })) : t,
    );
    expect(Math.abs(meanOf(given) - 1.9)).toBeLessThan(Math.abs(meanOf(trials) - 1.9));
  });

  it('what was drawn with margin counts only if the parameters are those it stands for', () => {
    const options = { popsize: 4, withMargin: true };
    const trials = runLoop(options, 5);
    const change = (drawnN: number, n: number): readonly FrozenTrial[] =>
      trials.map((t) =>
        t.number === 4
          ? frozenTrial({
              ...t,
              params: { ...t.params, n },
              systemAttrs: { ...t.systemAttrs, x_for_tell: [0.5, 0.5, drawnN] },
            })
          : t,
      );
    const next = (history: readonly FrozenTrial[]) => ask(new CmaEsSampler(options), history).systemAttrs;
    // 0.3 and 0.36 stand for n = 1: where it was drawn matters; for n = 3 neither was drawn.
    expect(next(change(0.3, 1))).not.toEqual(next(change(0.36, 1)));
    expect(next(change(0.3, 3))).toEqual(next(change(0.36, 3)));
  });

  it('parameters outside the bounds do not count', () => {
    const trials = runLoop({ popsize: 4 }, 5);
    const outside = trials.map((t) =>
      t.number === 2 ? frozenTrial({ ...t, params: { a: 1, b: -5, n: 1 } }) : t,
    );
    expect(ask(new CmaEsSampler({ popsize: 4 }), outside).systemAttrs['cma:generation']).toBe(0);
  });

  it('larger generations fill up smaller ones of before', () => {
    const trials = runLoop({ popsize: 4 }, 25);
    const more = runLoop({ popsize: 8 }, 40, trials).slice(25);
    expect(more.map((t) => t.systemAttrs['cma:generation'])).toEqual(
      Array.from({ length: 40 }, (_, i) => (i < 24 ? Math.floor(i / 4) : 6 + Math.floor((i - 24) / 8))),
    );
  });
});

describe('a study', () => {
  const objective = (trial: Trial): number =>
    score({
      a: trial.suggestFloat('a', -1, 2),
      b: trial.suggestFloat('b', 1e-3, 1, { log: true }),
      n: trial.suggestInt('n', 0, 3),
    });

  it.each([1, 4])(
    'resumed by a fresh sampler goes on as one that was not, in batches of %i',
    async (batchSize) => {
      const options: CmaEsSamplerOptions = { popsize: 5, seed: 8 };
      const batches = { batchSize, concurrency: batchSize };
      const open = (storage: InMemoryStorage) =>
        createStudy({
          storage,
          studyName: 's',
          loadIfExists: true,
          sampler: new CmaEsSampler(options),
        });
      const whole = await open(new InMemoryStorage());
      await whole.optimize(objective, { nTrials: 48, ...batches });
      const storage = new InMemoryStorage();
      for (let part = 0; part < 4; part++)
        await (await open(storage)).optimize(objective, { nTrials: 12, ...batches });
      const resumed = await open(storage);
      expect(resumed.trials.map((t) => t.params)).toEqual(whole.trials.map((t) => t.params));
      expect(whole.trials.at(-1)!.systemAttrs['cma:generation']).toBeGreaterThan(4);
    },
  );
});

function withMargin(options: CmaEsSamplerOptions): string {
  return options.withMargin === true ? 'cmawm:generation' : 'cma:generation';
}
