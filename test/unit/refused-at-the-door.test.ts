/** A mistake is refused where it is made, with a typed error that shows it, and before anything is written. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RandomSampler } from '../../samplers/index.ts';
import {
  categorical,
  createStudy,
  defineStudy,
  float,
  loadStudy,
  setLogLevel,
  space,
  ThanosError,
  type Trial,
} from '../../src/index.ts';
import { InMemoryStorage, SqliteStorage } from '../../storage/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'thanos-refused-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(() => setLogLevel('silent'));
afterAll(() => setLogLevel('warn'));

/** A value that a caller in JavaScript, or one who reads JSON, may pass. */
const wrong = (value: unknown): never => value as never;

async function refusal(run: () => unknown): Promise<ThanosError> {
  try {
    await run();
  } catch (error) {
    expect(error).toBeInstanceOf(ThanosError);
    return error as ThanosError;
  }
  throw new Error('nothing was refused');
}

const fail = (): never => {
  throw new Error('looked at');
};
const sampler = () => new RandomSampler({ seed: 1 });

describe('in an objective', () => {
  const LONE = 'model 😀'.slice(0, 7);
  const MISTAKES: Readonly<Record<string, (trial: Trial) => unknown>> = {
    'log: 0': (t) => t.suggestFloat('x', 0.001, 1, wrong({ log: 0 })),
    "log: 'false'": (t) => t.suggestFloat('x', 0.001, 1, wrong({ log: 'false' })),
    'log: null': (t) => t.suggestInt('x', 1, 9, wrong({ log: null })),
    "step: '0.25'": (t) => t.suggestFloat('x', 0, 1, wrong({ step: '0.25' })),
    'step: Infinity': (t) => t.suggestFloat('x', 0, 1, { step: Number.POSITIVE_INFINITY }),
    'a step that is too small': (t) => t.suggestFloat('x', 0, 1e300, { step: 1e-10 }),
    'Log: true': (t) => t.suggestFloat('x', 0.001, 1, wrong({ Log: true })),
    'options: null': (t) => t.suggestFloat('x', 0, 1, wrong(null)),
    "low: '0'": (t) => t.suggestFloat('x', wrong('0'), 1),
    "choices: 'abc'": (t) => t.suggestCategorical('x', wrong('abc')),
    'a distribution without log and step': (t) => t.suggest('x', wrong({ kind: 'float', low: 0, high: 1 })),
    'a distribution of another kind': (t) => t.suggest('x', wrong({ kind: 'uniform', low: 0, high: 1 })),
    'a symbol for a name': (t) => t.suggestFloat(wrong(Symbol('x')), 0, 1),
    'an object for a name': (t) => t.suggestFloat(wrong({}), 0, 1),
    'undefined for a name': (t) => t.suggestInt(wrong(undefined), 0, 1),
    'half a character in a name': (t) => t.suggestInt(LONE, 0, 1),
    'half a character in a key': (t) => t.setUserAttr(LONE, 1),
    'a step that is no safe integer': (t) => t.report(1, 2 ** 53),
    'a reported string': (t) => t.report(wrong('1'), 0),
    'an attribute that is no JSON': (t) => t.setUserAttr('big', wrong(5n)),
    'constraints with a hole': (t) => t.setConstraints(wrong(Array(2))),
    'constraints that are no list': (t) => t.setConstraints(wrong(5)),
    'a child study with an unknown option': (t) => t.createStudy('in', wrong({ smapler: sampler() })),
    'a child study of no name': (t) => t.createStudy(wrong(Symbol('in'))),
  };

  it.each(Object.entries(MISTAKES))('%s ends the trial, and the study stays readable', async (_, mistake) => {
    const path = join(folder, 'objective.db');
    const storage = new SqliteStorage(path);
    const study = await createStudy({ studyName: 's', storage, sampler: sampler() });
    await study.optimize((t) => t.suggestFloat('x', 0.001, 1), { nTrials: 2 });
    const error = await refusal(() =>
      study.optimize(async (t) => Number(await mistake(t)) || 1, { nTrials: 1, catch: [RangeError] }),
    );
    await study.optimize(async (t) => Number(await mistake(t)) || 1, { nTrials: 1, catch: true });
    await storage.close();
    const again = await loadStudy({ storage: new SqliteStorage(path) });
    expect(again.trials.map((t) => t.state)).toEqual(['COMPLETE', 'COMPLETE', 'FAIL', 'FAIL']);
    for (const { systemAttrs } of again.trials.slice(2))
      expect(systemAttrs['thanos:fail_reason']).toContain(error.message);
    await again.storage.close();
    rmSync(path);
  });

  it.each([1, 2])(
    'whoever tells the trial itself is told so, and nothing goes on for ever (batchSize %d)',
    async (batchSize) => {
      const study = await createStudy({ sampler: sampler() });
      const telling = async (t: Trial) => {
        await study.tell(t, 1);
        return 2;
      };
      const error = await refusal(() => study.optimize(telling, { nTrials: 2, batchSize, catch: true }));
      expect([error.code, error.message]).toEqual([
        'TRIAL_FINISHED',
        expect.stringMatching(/trial 0 was told while its objective ran/),
      ]);
      expect(new Set(study.trials.map((t) => t.state))).toEqual(new Set(['COMPLETE']));
    },
  );

  it.each([
    ['a proxy', () => new Proxy({}, { get: () => fail(), getPrototypeOf: () => fail() })],
    ['an object without a prototype', () => Object.create(null)],
    ['undefined', () => undefined],
    ['an error whose message throws', () => Object.defineProperty(new Error('x'), 'message', { get: fail })],
    ['an error whose name throws', () => Object.defineProperty(new Error('x'), 'name', { get: fail })],
  ])('%s may be thrown, and is a failure as any other', async (_, thrown) => {
    const study = await createStudy({ sampler: sampler() });
    const throwing = () => {
      throw thrown();
    };
    await study.optimize(throwing, { nTrials: 2, catch: true });
    await study.optimize(throwing, { nTrials: 1, catch: [RangeError] }).catch(() => {});
    expect(study.trials.map((t) => t.state)).toEqual(['FAIL', 'FAIL', 'FAIL']);
  });

  it('a queued trial for which a sampler gives attributes that are no JSON is FAIL, not RUNNING for ever', async () => {
    const odd = Object.assign(sampler(), {
      sampleRelative: () => ({ params: {}, systemAttrs: { a: wrong(5n) } }),
    });
    const study = await createStudy({ sampler: odd });
    await study.enqueueTrial({ x: 0.5 });
    await refusal(() => study.optimize((t) => t.suggestFloat('x', 0, 1), { nTrials: 1 }));
    expect(study.trials.map((t) => t.state)).toEqual(['FAIL']);
  });

  it('a value that a sampler of the user made of nothing', async () => {
    const broken = Object.assign(sampler(), { sampleIndependent: () => Number.NaN });
    const study = await createStudy({ sampler: broken });
    await study.optimize((t) => t.suggestFloat('x', 0, 1), { nTrials: 2, catch: true });
    expect(study.trials.map((t) => [t.state, t.params])).toEqual([
      ['FAIL', {}],
      ['FAIL', {}],
    ]);
  });
});

describe('at the door of a study', () => {
  it.each([
    [{ smapler: sampler() }, /no option 'smapler'; did you mean 'sampler'/],
    [{ sampler: 'tpe' }, /sampler must be a Sampler.*but is "tpe"/],
    [{ sampler: null }, /but is null/],
    [{ pruner: 'median' }, /pruner must be a Pruner/],
    [{ constraints: 5 }, /constraints must be a function.*but is 5/],
    [{ constraints: [() => [1]] }, /constraints must be a function/],
    [{ directions: 'minimize' }, /directions must be a list.*"minimize"/],
    [{ directions: [] }, /directions must be a list/],
    [{ direction: 'minimise' }, /direction must be 'minimize' or 'maximize', but is "minimise"/],
    [{ direction: 'minimize', directions: ['minimize'] }, /not both/],
    [{ loadIfExists: 'yes' }, /loadIfExists must be true or false/],
    [{ studyName: 5 }, /studyName must be a string/],
    [
      { studyName: 'model 😀'.slice(0, 7) },
      /studyName must be a string of whole characters, but is "model \\ud83d"/,
    ],
    [{ storage: 5 }, /storage must be/],
    [null, /createStudy needs its options/],
  ])('createStudy(%o)', async (options, message) => {
    const storage = new InMemoryStorage();
    const given = options === null ? null : { storage, ...options };
    expect((await refusal(() => createStudy(wrong(given)))).message).toMatch(message);
    expect(await storage.listStudies()).toEqual([]);
  });

  it('loadStudy and deleteStudy too', async () => {
    const storage = new InMemoryStorage();
    await createStudy({ studyName: 's', storage });
    for (const options of [
      { direction: 'minimize' },
      { constraints: 5 },
      { pruner: {} },
      { studyName: Symbol('s') },
    ])
      await refusal(() => loadStudy(wrong({ storage, ...options })));
    expect((await refusal(() => loadStudy(wrong({ storge: storage })))).message).toMatch(
      "did you mean 'storage'",
    );
  });

  const objective = () => 1;
  it.each([
    [{ smapler: 1 }, /no option 'smapler'; did you mean 'sampler'/],
    [{ bachSize: 2 }, /did you mean 'batchSize'/],
    [{ nTrials: '3' }, /nTrials must be an integer >= 0, but is "3"/],
    [{ nTrials: undefined }, /defineStudy needs nTrials, an integer >= 0, but it is missing/],
    [{ nTrials: 3n }, /but is 3n/],
    [{ batchSize: 0 }, /batchSize must be an integer >= 1, but is 0/],
    [{ batchSize: 2, concurrency: 3 }, /concurrency must be <= batchSize/],
    [{ timeout: '1' }, /timeout must be a number of seconds >= 0, or null/],
    [{ constraints: 5 }, /constraints must be a function/],
    [{ callbacks: () => {} }, /callbacks must be a list of functions/],
    [{ catch: [undefined] }, /catch must be true or a list of error classes/],
    [{ space: { x: 5 } }, /'x' of a space/],
    [{ space: null }, /a space must be/],
    [{ objective: 5 }, /objective must be a function/],
    [{ studyName: '' }, /studyName must be a non-empty string, but is ""/],
    [{ direction: 'minimize', directions: ['minimize'] }, /not both/],
  ])('defineStudy with %o', async (more, message) => {
    const definition = { studyName: 's', objective, nTrials: 3, ...more };
    expect((await refusal(() => defineStudy(wrong(definition)))).message).toMatch(message);
  });
});

describe('at optimize, ask and tell', () => {
  const controller = new AbortController();
  it.each([
    [{ nTrails: 3 }, /did you mean 'nTrials'/],
    [{ nTrials: '3' }, /nTrials must be an integer >= 0 or null, but is "3"/],
    [{ nTrials: 1.5 }, /but is 1.5/],
    [{ signal: controller }, /signal must be an AbortSignal, as controller.signal/],
    [{ signal: {} }, /signal must be an AbortSignal/],
    [{ timeout: '1' }, /timeout must be a number of seconds >= 0, or null for no limit, but is "1"/],
    [{ timeout: Number.NaN }, /but is NaN/],
    [{ callbacks: () => {} }, /callbacks must be a list of functions/],
    [{ callbacks: [undefined] }, /callbacks must be a list of functions .*, but is \[ undefined \]/],
    [{ callbacks: [Object.assign(() => {}, { isDone: true })] }, /isDone of one is a function/],
    [{ catch: [undefined] }, /catch must be true or a list of error classes, but is \[ undefined \]/],
    [{ catch: [() => {}] }, /catch must be true or a list of error classes/],
    [{ catch: false }, /but is false/],
    ['fast', /optimize needs its options/],
  ])('optimize(objective, %o) begins no trial', async (options, message) => {
    const study = await createStudy({ sampler: sampler() });
    expect((await refusal(() => study.optimize(() => 1, wrong(options)))).message).toMatch(message);
    expect(study.trials).toEqual([]);
  });

  it('timeout: null is no limit, nor is nTrials: null', async () => {
    const study = await createStudy({ sampler: sampler() });
    await study.optimize(() => 1, { nTrials: 3, timeout: null });
    const stopsAtFive = (): void => {
      if (study.trials.length >= 5) study.stop();
    };
    await study.optimize(() => 1, { nTrials: null, totalTrials: null, callbacks: [stopsAtFive] });
    expect(study.trials).toHaveLength(5);
  });

  it.each([
    null,
    5,
    'x',
    [float(0, 1)],
    Object.freeze({ x: 5 }),
    { x: Object.freeze({ kind: 'float', low: 0, high: 1 }) },
  ])('ask and optimize refuse the space %o', async (given) => {
    const study = await createStudy({ sampler: sampler() });
    await refusal(() => study.ask(wrong(given)));
    await refusal(() => study.optimize(wrong(given), () => 1, { nTrials: 1 }));
    expect(study.trials).toEqual([]);
  });

  it('tell refuses what is no running trial, and what is no result', async () => {
    const study = await createStudy({ sampler: sampler() });
    const trial = await study.ask();
    for (const given of [null, undefined, '0', study.trials[0], {}, Symbol('t')])
      expect((await refusal(() => study.tell(wrong(given), 1))).message).toMatch(
        /tell needs a running trial/,
      );
    for (const number of [1.5, -1, 7, Number.NaN]) await refusal(() => study.tell(number, 1));
    for (const result of [null, { state: 'DONE' }, { stat: 'FAIL' }, { state: 'FAIL', values: [1] }, {}])
      expect((await refusal(() => study.tell(trial, wrong(result)))).message).toMatch(/tell/);
    expect(study.trials.map((t) => t.state)).toEqual(['RUNNING']);
    await study.tell(0, 1);
  });

  it.each([
    ['3', 'value 0 is "3", not a number'],
    [5n, 'value 0 is 5n, not a number'],
    [Float64Array.of(1), 'value 0 is Float64Array(1) [ 1 ], not a number'],
    [undefined, 'value 0 is undefined, not a number'],
    [[1, 2], '1 value(s) were expected, but got 2: [ 1, 2 ]'],
  ])('the objective value %s is shown as it is', async (value, reason) => {
    const study = await createStudy({ sampler: sampler() });
    await study.optimize(() => wrong(value), { nTrials: 1 });
    expect(study.trials[0].systemAttrs['thanos:fail_reason']).toBe(reason);
  });
});

describe('a predicate of a space', () => {
  it.each([async () => false, 5, null, 'x', [() => true, async () => true], [undefined]])(
    'is not %s',
    async (where) => {
      expect((await refusal(() => space({ x: float(0, 1) }, wrong({ where })))).message).toMatch(
        /where must be a function of the parameters that returns true or false at once/,
      );
    },
  );

  it.each([() => Promise.resolve(false), () => undefined, () => 1, () => 'no'])(
    'returns true or false, not %s',
    async (where) => {
      const study = await createStudy({ sampler: sampler() });
      const declared = space({ x: float(0, 1) }, wrong({ where }));
      expect((await refusal(() => study.optimize(declared, () => 1, { nTrials: 1 }))).message).toMatch(
        /where must return true or false at once/,
      );
      expect(study.trials).toEqual([]);
    },
  );
});

describe('a child study', () => {
  it("never takes over a user's study of its name", async () => {
    const storage = new InMemoryStorage();
    const mine = await createStudy({ studyName: 'o/0/in', storage, sampler: sampler() });
    await mine.optimize((t) => -t.suggestInt('mine', 0, 9), { nTrials: 3 });
    const outer = await createStudy({ studyName: 'o', storage, sampler: sampler() });
    const run = () =>
      outer.optimize(
        async (t) => {
          const child = await t.createStudy('in', { sampler: sampler() });
          await child.optimize((u) => u.suggestFloat('b', 0, 1), { totalTrials: 5 });
          return child.bestValue;
        },
        { nTrials: 1 },
      );
    const error = await refusal(run);
    expect([error.code, error.message]).toEqual([
      'DUPLICATED_STUDY',
      expect.stringMatching(/'o\/0\/in' exists and is not the child of this trial/),
    ]);
    expect(outer.trials.map((t) => [t.state, t.systemAttrs['thanos:children']])).toEqual([
      ['FAIL', undefined],
    ]);
    await mine.sync();
    expect(mine.trials.map((t) => Object.keys(t.params))).toEqual([['mine'], ['mine'], ['mine']]);
    await run();
    expect(outer.trials[1].state).toBe('COMPLETE');
  });

  it('of another trial, copied to that name, is refused too', async () => {
    const storage = new InMemoryStorage();
    await storage.createStudy('o/0/in', ['minimize'], { 'thanos:parent': { study: 'other', trial: 0 } });
    const outer = await createStudy({ studyName: 'o', storage, sampler: sampler() });
    const trial = await outer.ask();
    expect((await refusal(() => trial.createStudy('in'))).code).toBe('DUPLICATED_STUDY');
    await outer.tell(trial, { state: 'FAIL' });
  });
});

describe('names that cannot be kept', () => {
  it('are refused by both storages, and what may hold half a character survives', async () => {
    for (const storage of [new InMemoryStorage(), new SqliteStorage(join(folder, 'names.db'))]) {
      for (const name of ['\ud83d', 'a\udc00b', '\udc00\ud800'])
        expect((await refusal(() => storage.createStudy(name, ['minimize']))).message).toMatch(
          /half of a surrogate pair/,
        );
      const study = await createStudy({ studyName: '😀', storage, sampler: sampler() });
      await refusal(() => study.setUserAttr('\ud83d', 1));
      await study.setUserAttr('cut', '😀'.slice(0, 1));
      await study.optimize((t) => t.suggestCategorical('c', ['\ud83d', '😀']).length, { nTrials: 4 });
      expect((await loadStudy({ studyName: '😀', storage })).userAttrs).toEqual({ cut: '\ud83d' });
      for (const { params } of study.trials) expect(['\ud83d', '😀']).toContain(params['c']);
      await storage.close();
    }
    expect(() => space({ ['\ud83d']: categorical(['a']) })).toThrow(/half of a surrogate pair/);
  });
});
