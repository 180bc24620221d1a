import { describe, expect, it } from 'vitest';
import {
  categoricalDistribution,
  createTrial,
  floatDistribution,
  intDistribution,
  type NewTrial,
} from '../../src/core/index.ts';
import { createStudy } from '../../src/index.ts';

const X = floatDistribution(0, 1);
const AT_HALF: NewTrial = { value: 1, params: { x: 0.5 }, distributions: { x: X } };

describe('createTrial', () => {
  it('keeps what it is given', () => {
    const trial = createTrial({
      ...AT_HALF,
      userAttrs: { note: 'by hand' },
      systemAttrs: { origin: [1, 2] },
      intermediateValues: { 3: 0.3, 1: 0.1 },
      constraints: { memory: -1, time: 2 },
      datetimeStart: new Date(1000),
      datetimeComplete: new Date(3000),
    });
    expect(trial).toMatchObject({
      number: -1,
      state: 'COMPLETE',
      value: 1,
      values: [1],
      params: { x: 0.5 },
      userAttrs: { note: 'by hand' },
      constraints: [-1, 2],
      datetimeComplete: new Date(3000),
    });
    expect([...trial.intermediateValues]).toEqual([
      [1, 0.1],
      [3, 0.3],
    ]);
  });

  it.each([
    ['an unknown field', { valeu: 1 }, /no option 'valeu'.*value/],
    ['a state that is none', { state: 'DONE' }, /state of a trial must be COMPLETE.*DONE/],
    ['value and values', { value: 1, values: [1] }, /either value or values/],
    ['a COMPLETE trial without values', {}, /COMPLETE trial needs value/],
    ['NaN', { value: Number.NaN }, /other than NaN/],
    ['a value that is no number', { value: '1' }, /value must be a number.*"1"/],
    ['no values at all', { values: [] }, /values must be a list/],
    ['values of a FAIL', { state: 'FAIL', value: 1 }, /only COMPLETE and PRUNED.*FAIL/],
    ['values of a queued trial', { state: 'WAITING', value: 1 }, /only COMPLETE and PRUNED/],
    ['a parameter without distribution', { value: 1, params: { x: 1 } }, /params needs its distribution.*x/],
    ['a distribution without parameter', { value: 1, distributions: { x: X } }, /needs its parameter.*x/],
    ['a value outside', { ...AT_HALF, params: { x: 2 } }, /'x' must lie in its distribution, but 2 is/],
    [
      'a value between steps',
      { value: 1, params: { n: 3 }, distributions: { n: intDistribution(0, 8, { step: 2 }) } },
      /'n' must lie in its distribution, but 3 is/,
    ],
    [
      'a choice that is none',
      { value: 1, params: { c: 'z' }, distributions: { c: categoricalDistribution(['a', 'b']) } },
      /"z" is not one of the choices/,
    ],
    ['a step below 0', { value: 1, intermediateValues: { '-1': 1 } }, /step must be an integer >= 0.*-1/],
    ['a step that is no number', { value: 1, intermediateValues: { a: 1 } }, /step must be an integer/],
    ['NaN as a constraint', { value: 1, constraints: [Number.NaN] }, /constraint must be a number/],
    ['an attribute that is not JSON', { value: 1, userAttrs: { f: () => 1 } }, /JSON value.*'f'/],
    [
      'the end of a running trial',
      { state: 'RUNNING', datetimeComplete: new Date(1) },
      /for finished trials/,
    ],
    ['a time that is none', { value: 1, datetimeStart: new Date(Number.NaN) }, /valid Dates/],
  ] as [string, object, RegExp][])('refuses %s', (_, fields, message) => {
    expect(() => createTrial(fields as NewTrial)).toThrow(message);
    expect(() => createTrial(fields as NewTrial)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });
});

describe('study.addTrial', () => {
  it('makes the trial one of the study', async () => {
    const study = await createStudy();
    await study.addTrial(createTrial({ value: 3 }));
    await study.addTrial(createTrial({ ...AT_HALF, userAttrs: { a: 1 }, datetimeStart: new Date(5) }));
    expect(study.trials.map(({ number, value }) => [number, value])).toEqual([
      [0, 3],
      [1, 1],
    ]);
    expect(study.bestTrial).toMatchObject({ number: 1, params: { x: 0.5 }, userAttrs: { a: 1 } });
    expect(study.bestTrial.datetimeStart).toEqual(new Date(5));
    expect(study.trials[0].datetimeComplete).toBeInstanceOf(Date);
  });

  it('is seen by the sampler and by enqueued points as any other trial', async () => {
    const study = await createStudy();
    await study.addTrial(createTrial(AT_HALF));
    await study.enqueueTrial({ x: 0.5 }, { skipIfExists: true });
    expect(study.trials).toHaveLength(1);
  });

  it('queues a WAITING trial with its parameters, and reopens a RUNNING one', async () => {
    const study = await createStudy();
    const { params, distributions } = AT_HALF;
    await study.addTrials([
      createTrial({ state: 'WAITING', params, distributions }),
      createTrial({ state: 'RUNNING', params, distributions }),
    ]);
    const trial = await study.ask();
    expect([trial.number, trial.suggestFloat('x', 0, 1)]).toEqual([0, 0.5]);
    await study.tell(1, 7);
    expect(study.trials[1]).toMatchObject({ state: 'COMPLETE', values: [7], params: { x: 0.5 } });
  });

  it('takes trials of another study, without their place in it', async () => {
    const from = await createStudy();
    await from.optimize((t) => t.suggestFloat('x', 0, 1), { nTrials: 6, batchSize: 3 });
    const to = await createStudy();
    await to.addTrials(from.trials);
    expect(to.trials.map((t) => t.params)).toEqual(from.trials.map((t) => t.params));
    expect(from.trials.some((t) => 'thanos:batch' in t.systemAttrs)).toBe(true);
    expect(to.trials.some((t) => 'thanos:batch' in t.systemAttrs)).toBe(false);
    await to.optimize((t) => t.suggestFloat('x', 0, 1), { nTrials: 3, batchSize: 3 });
    expect(to.trials.map((t) => t.state)).toEqual(Array(9).fill('COMPLETE'));
  });

  it('adds all or none', async () => {
    const study = await createStudy();
    const bad = createTrial({ values: [1, 2] });
    await expect(study.addTrials([createTrial(AT_HALF), bad])).rejects.toThrow(
      /one value for each.*1 obj.*2/,
    );
    const changed = { c: categoricalDistribution(['a', 'b']) };
    const kept = { c: categoricalDistribution(['b', 'c']) };
    await expect(
      study.addTrials([
        createTrial({ value: 1, params: { c: 'a' }, distributions: changed }),
        createTrial({ value: 1, params: { c: 'b' }, distributions: kept }),
      ]),
    ).rejects.toThrow(expect.objectContaining({ code: 'INCOMPATIBLE_DISTRIBUTION' }));
    await expect(study.addTrial({ state: 'COMPLETE' } as never)).rejects.toThrow(/made by createTrial/);
    await expect(study.addTrial(null as never)).rejects.toThrow(/made by createTrial/);
    expect(study.trials).toEqual([]);
  });

  it('takes trials from before a choice was added', async () => {
    const study = await createStudy();
    const of = (choices: readonly string[]) =>
      createTrial({ value: 1, params: { c: 'a' }, distributions: { c: categoricalDistribution(choices) } });
    await study.addTrials([of(['a', 'b']), of(['a', 'b', 'c']), of(['a'])]);
    await study.addTrial(of(['a', 'b']));
    expect(study.trials).toHaveLength(4);
  });
});
