/** Conditional spaces, predicates, extended choices, and repetition on finite spaces, through a study. */
import { describe, expect, expectTypeOf, it } from 'vitest';
import { RandomSampler, TpeSampler } from '../../samplers/index.ts';
import {
  categorical,
  choice,
  createStudy,
  float,
  InfeasibleSpaceError,
  int,
  nestedParams,
  space,
} from '../../src/index.ts';
import { InMemoryStorage } from '../../storage/index.ts';

const PIPELINE = space({
  lr: float(1e-4, 1, { log: true }),
  optimizer: choice({
    sgd: { momentum: float(0, 1), nesterov: choice({ on: { decay: float(0, 0.1) }, off: {} }) },
    adam: { beta: float(0.8, 0.99) },
  }),
});

describe('conditional spaces', () => {
  it('give the objective the nested, typed parameters and keep them flat', async () => {
    const study = await createStudy({ sampler: new RandomSampler({ seed: 1 }) });
    const seen = new Set<string>();
    await study.optimize(
      PIPELINE,
      ({ lr, optimizer }) => {
        expectTypeOf(optimizer.choice).toEqualTypeOf<'sgd' | 'adam'>();
        seen.add(optimizer.choice);
        if (optimizer.choice === 'adam') {
          expectTypeOf(optimizer.beta).toEqualTypeOf<number>();
          expect(Object.keys(optimizer)).toEqual(['choice', 'beta']);
          return lr + optimizer.beta;
        }
        expect(typeof optimizer.momentum).toBe('number');
        if (optimizer.nesterov.choice === 'on') return lr + optimizer.nesterov.decay;
        // @ts-expect-error: the other branch has no such parameter
        expect(optimizer.nesterov.decay).toBeUndefined();
        return lr + optimizer.momentum;
      },
      { nTrials: 30 },
    );
    expect([...seen].sort()).toEqual(['adam', 'sgd']);
    for (const trial of study.trials) {
      const isSgd = trial.params['optimizer'] === 'sgd';
      const isOn = trial.params['optimizer.sgd.nesterov'] === 'on';
      expect(Object.keys(trial.params)).toEqual([
        'lr',
        'optimizer',
        ...(isSgd ? ['optimizer.sgd.momentum', 'optimizer.sgd.nesterov'] : ['optimizer.adam.beta']),
        ...(isOn ? ['optimizer.sgd.nesterov.on.decay'] : []),
      ]);
      expect(Object.keys(trial.distributions)).toEqual(Object.keys(trial.params));
    }
    const { params } = study.trials.find((t) => t.params['optimizer'] === 'adam')!;
    expect(nestedParams(PIPELINE, params)).toEqual({
      lr: params['lr'],
      optimizer: { choice: 'adam', beta: params['optimizer.adam.beta'] },
    });
  });

  it('are completed for queued trials, by flat name', async () => {
    const study = await createStudy({ sampler: new TpeSampler({ seed: 1 }) });
    await study.enqueueTrial({ optimizer: 'sgd', 'optimizer.sgd.momentum': 0.25 });
    const trial = await study.ask(PIPELINE);
    expectTypeOf(trial.params.optimizer).toEqualTypeOf<'sgd' | 'adam'>();
    expect(trial.params['optimizer.sgd.momentum']).toBe(0.25);
    expect(trial.params).toHaveProperty('lr');
    expect(trial.params).toHaveProperty(['optimizer.sgd.nesterov']);
  });

  it('are refused where they are ambiguous or malformed', async () => {
    // @ts-expect-error: as a JavaScript user may write it
    expect(() => choice({ a: 3 })).toThrow("branch 'a' of a choice must be a plain object");
    expect(() => choice({})).toThrow('branches');
    expect(() => choice({ a: { choice: int(0, 1) } })).toThrow('holds the label');
    const twice = space({ a: choice({ b: { c: int(0, 1) } }), 'a.b.c': int(0, 1) });
    const study = await createStudy();
    await expect(study.ask(twice)).rejects.toThrow("'a.b.c' is declared twice");
  });
});

describe('predicates', () => {
  const ORDERED = { a: float(0, 1), b: float(0, 1) };

  it('hold for every trial, whatever the sampler', async () => {
    const ordered = space(ORDERED, { where: ({ a, b }) => a < b });
    for (const sampler of [new RandomSampler({ seed: 3 }), new TpeSampler({ seed: 3 })]) {
      const study = await createStudy({ sampler });
      await study.optimize(ordered, ({ a, b }) => b - a, { nTrials: 40 });
      for (const { params } of study.trials) expect(params['a']).toBeLessThan(params['b'] as number);
      // The optimum lies on the border of what is allowed.
      expect(study.bestValue).toBeLessThan(0.1);
    }
  });

  it('see nested parameters, and all of several must hold', async () => {
    const search = space(
      { n: int(1, 6), kind: choice({ wide: { width: int(1, 6) }, flat: {} }) },
      {
        where: [
          ({ n, kind }) => kind.choice === 'flat' || kind.width <= n,
          ({ kind }) => kind.choice === 'wide',
        ],
      },
    );
    const study = await createStudy({ sampler: new RandomSampler() });
    await study.optimize(search, ({ n }) => n, { nTrials: 15 });
    for (const { params } of study.trials)
      expect(params['kind.wide.width']).toBeLessThanOrEqual(params['n'] as number);
  });

  it('that nothing satisfies end in INFEASIBLE_SPACE', async () => {
    const study = await createStudy();
    const nothing = space(ORDERED, { where: ({ a, b }) => a > b + 2 });
    await expect(study.optimize(nothing, () => 0, { nTrials: 1 })).rejects.toThrow(InfeasibleSpaceError);
    expect(study.trials).toEqual([]);
  });

  it('fail a queued trial that breaks them', async () => {
    const ordered = space(ORDERED, { where: ({ a, b }) => a < b });
    const study = await createStudy();
    await study.enqueueTrial({ a: 0.9, b: 0.1 });
    await study.enqueueTrial({ a: 0.5 });
    await study.optimize(ordered, ({ b }) => b, { nTrials: 2, catch: true });
    expect(study.trials.map((t) => t.state)).toEqual(['FAIL', 'COMPLETE']);
    expect(study.trials[0].systemAttrs['thanos:fail_reason']).toContain('predicates');
    expect(study.trials[1].params['b']).toBeGreaterThan(0.5);
  });
});

describe('choices', () => {
  it('may be extended between runs, after the known ones', async () => {
    const storage = new InMemoryStorage();
    const open = () =>
      createStudy({ studyName: 's', storage, loadIfExists: true, sampler: new TpeSampler({ seed: 5 }) });
    const cost = (name: string): number => ['slow', 'fast', 'faster'].length - name.length / 6;
    const first = await open();
    await first.optimize((t) => cost(t.suggestCategorical('kind', ['slow', 'fast'])), { nTrials: 15 });
    const second = await open();
    await second.optimize((t) => cost(t.suggestCategorical('kind', ['slow', 'fast', 'faster'])), {
      nTrials: 30,
    });
    expect(second.trials.slice(15).some((t) => t.params['kind'] === 'faster')).toBe(true);
    expect(second.bestParams).toEqual({ kind: 'faster' });
    const third = await open();
    const reverted = third.optimize((t) => cost(t.suggestCategorical('kind', ['slow', 'fast'])), {
      nTrials: 1,
    });
    await expect(reverted).rejects.toThrow('new ones may be added after them');
  });
});

describe('finite spaces', () => {
  const SMALL = space({
    a: int(0, 3),
    b: categorical(['x', 'y', 'z']),
    c: choice({ p: { q: int(0, 1) }, r: {} }),
  });
  const POINTS = 4 * 3 * 3;
  const points = (trials: readonly { params: object }[]): number =>
    new Set(trials.map((t) => JSON.stringify(t.params))).size;

  it.each([new RandomSampler({ seed: 2 }), new TpeSampler({ seed: 2 })])(
    'are not sampled twice by $name before every point was had',
    async (sampler) => {
      const study = await createStudy({ sampler });
      const score = ({ a, b }: { a: number; b: string }): number => a + b.charCodeAt(0);
      await study.optimize(SMALL, score, { nTrials: POINTS - 4, batchSize: 4 });
      expect(points(study.trials)).toBe(POINTS - 4);
      await study.optimize(SMALL, score, { nTrials: 8 });
      expect(points(study.trials)).toBe(POINTS);
    },
  );

  it('are known to a define-by-run study as soon as parameters are drawn jointly', async () => {
    const study = await createStudy({ sampler: new TpeSampler({ seed: 2, nStartupTrials: 3 }) });
    await study.optimize((t) => t.suggestInt('a', 0, 4) * t.suggestInt('b', 0, 4), { nTrials: 25 });
    expect(points(study.trials.slice(3))).toBe(22);
  });
});
