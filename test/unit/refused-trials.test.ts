/** Trials that are queued or brought from elsewhere: what is refused, what is there already, what nobody asks for. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PartialFixedSampler, RandomSampler } from '../../samplers/index.ts';
import { createStudy, createTrial, float, int, onLog, space, ThanosError } from '../../src/index.ts';
import { InMemoryStorage, SqliteStorage } from '../../storage/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'thanos-refused-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let warnings: string[] = [];
let restore = (): void => {};
beforeEach(() => {
  warnings = [];
  restore = onLog(({ level, text }) => void (level === 'warn' && warnings.push(text)));
});
afterEach(() => restore());

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

const sampler = () => new RandomSampler({ seed: 1 });

describe('what is queued', () => {
  it.each([
    null,
    5,
    'lr',
    [1],
    { lr: [1] },
    { lr: { a: 1 } },
    { lr: undefined },
    { lr: 5n },
    new Map([['lr', 1]]),
  ])('is not %s', async (params) => {
    const study = await createStudy();
    await refusal(() => study.enqueueTrial(wrong(params)));
    expect(study.trials).toEqual([]);
  });

  it.each([
    [{ skipIfExist: true }, /did you mean 'skipIfExists'/],
    [{ skipIfExists: 'yes' }, /skipIfExists must be true or false/],
    [{ userAttrs: 5 }, /userAttrs must be an object/],
    [null, /enqueueTrial needs its options/],
  ])('with the options %o', async (options, message) => {
    const study = await createStudy();
    expect((await refusal(() => study.enqueueTrial({ lr: 0.5 }, wrong(options)))).message).toMatch(message);
    expect(study.trials).toEqual([]);
  });

  it('is warned of if the objective never asks for it', async () => {
    const study = await createStudy({ sampler: sampler() });
    await study.enqueueTrial({ lerning_rate: 0.5 });
    await study.enqueueTrial({ learning_rate: 0.5 });
    await study.optimize((t) => t.suggestFloat('learning_rate', 0, 1), { nTrials: 3 });
    expect(warnings).toEqual([
      "Trial 0 never asked for 'lerning_rate', which was enqueued for it; did you mean 'learning_rate'? it asked for learning_rate.",
    ]);
  });

  it('is warned of if a sampler fixes it, once', async () => {
    const fixing = new PartialFixedSampler({ fixedParams: { lr: 0.5, y: 1 }, sampler: sampler() });
    const study = await createStudy({ sampler: fixing });
    await study.optimize((t) => t.suggestFloat('x', 0, 1) + t.suggestInt('y', 0, 1), { nTrials: 3 });
    expect(warnings).toEqual(["Trial 0 never asked for 'lr', which the sampler fixes; it asked for x, y."]);
  });

  it('is no reason for a warning where it belongs to a branch that was not taken', async () => {
    const declared = space({ x: float(0, 1), y: int(0, 3) });
    const fixing = new PartialFixedSampler({ fixedParams: { y: 1 }, sampler: sampler() });
    const study = await createStudy({ sampler: fixing });
    await study.optimize(declared, ({ x }) => x, { nTrials: 2 });
    expect(warnings).toEqual([]);
  });
});

describe('the same queued again with skipIfExists', () => {
  it('is skipped although its trial has run and has more parameters, so that a program may be run again', async () => {
    const storage = new InMemoryStorage();
    for (let run = 0; run < 3; run++) {
      const study = await createStudy({ studyName: 's', storage, loadIfExists: true, sampler: sampler() });
      await study.enqueueTrial({ x: 0.5 }, { skipIfExists: true });
      await study.optimize((t) => t.suggestFloat('x', 0, 1) + t.suggestInt('k', 1, 3), {
        totalTrials: 2 + run,
      });
      expect(study.trials.filter((t) => t.params['x'] === 0.5)).toHaveLength(1);
    }
  });

  it.each([
    [{ x: 0 }, { x: -0 }, 1],
    [{ x: 0, k: 'a' }, { k: 'a', x: 0 }, 1],
    [{ x: Number.NaN }, { x: Number.NaN }, 1],
    [{}, {}, 1],
    [{ x: 1 }, { x: true }, 2],
    [{ x: 1 }, { x: 1, k: 1 }, 2],
    [{ x: 1 }, { y: 1 }, 2],
    [{ toString: 1 }, { x: 1 }, 2],
  ])('after %o, %o makes it %d', async (first, second, count) => {
    const study = await createStudy();
    await study.enqueueTrial(wrong(first), { skipIfExists: true });
    await study.enqueueTrial(wrong(second), { skipIfExists: true });
    expect(study.trials).toHaveLength(count);
  });

  it('compares with the parameters of a trial that was not queued', async () => {
    const study = await createStudy({ sampler: sampler() });
    await study.optimize((t) => t.suggestFloat('x', 0, 0), { nTrials: 1 });
    await study.enqueueTrial({ x: -0 }, { skipIfExists: true });
    expect(study.trials).toHaveLength(1);
  });
});

describe('a trial from elsewhere', () => {
  const good = { params: { x: 1 }, distributions: { x: int(0, 3) }, value: 1 };

  it.each([
    [{ ...good, distributions: { x: { kind: 'uniform', low: 0, high: 3 } } }, 'INVALID_DISTRIBUTION'],
    [{ ...good, distributions: { x: { kind: 'int', low: 0, high: 3 } } }, 'INVALID_DISTRIBUTION'],
    [
      { ...good, distributions: { x: { kind: 'int', low: 0, high: 3, log: 0, step: 1 } } },
      'INVALID_DISTRIBUTION',
    ],
    [{ ...good, distributions: 'int' }, 'INVALID_ARGUMENT'],
    [{ ...good, params: null }, 'INVALID_ARGUMENT'],
    [{ ...good, datetimeStart: new Date(8.64e15) }, 'INVALID_ARGUMENT'],
    [{ ...good, datetimeComplete: new Date('-000001-01-01T00:00:00Z') }, 'INVALID_ARGUMENT'],
    [{ ...good, datetimeStart: new Date(Number.NaN) }, 'INVALID_ARGUMENT'],
    [{ ...good, datetimeStart: '2020-01-01' }, 'INVALID_ARGUMENT'],
    [{ ...good, intermediateValues: [1, 2] }, 'INVALID_ARGUMENT'],
    [{ ...good, intermediateValues: { a: 1 } }, 'INVALID_ARGUMENT'],
    [{ ...good, intermediateValues: new Map([[2 ** 53, 1]]) }, 'INVALID_ARGUMENT'],
    [{ ...good, constraints: 'ab' }, 'INVALID_ARGUMENT'],
    [{ ...good, userAttrs: 5 }, 'INVALID_ARGUMENT'],
    [{ ...good, userAttrs: { ['\ud800']: 5 } }, 'INVALID_ARGUMENT'],
    [{ ...good, vlaue: 1 }, 'INVALID_ARGUMENT'],
    [{ params: { ['\ud800']: 1 }, distributions: { ['\ud800']: int(0, 3) }, value: 1 }, 'INVALID_ARGUMENT'],
  ])('%o is refused by createTrial', async (fields, code) => {
    expect((await refusal(() => createTrial(wrong(fields)))).code).toBe(code);
  });

  it('is refused by addTrial and by every storage, if it was made without createTrial', async () => {
    const trial = createTrial(good);
    for (const part of [
      { distributions: { x: { kind: 'int', low: 0, high: 3, log: 0, step: 1 } } },
      { distributions: { x: Object.freeze({ kind: 'int', low: 0, high: 3 }) } },
      { datetimeStart: new Date(8.64e15) },
    ]) {
      const odd = { ...trial, ...part };
      for (const storage of [new InMemoryStorage(), new SqliteStorage(join(folder, 'added.db'))]) {
        const study = await createStudy({ studyName: 's', storage, loadIfExists: true });
        const [{ studyId }] = await storage.listStudies();
        await refusal(() => study.addTrial(wrong(odd)));
        await refusal(() => storage.createTrial(studyId, wrong({ ...odd, values: [1], state: 'COMPLETE' })));
        expect(await storage.getTrials(studyId)).toEqual([]);
        await storage.close();
      }
    }
  });

  it('may have written its distributions by hand, if they are whole', async () => {
    const byHand = wrong({ x: { kind: 'int', low: 0, high: 3, log: false, step: 1 } });
    const study = await createStudy();
    await study.addTrial(createTrial({ ...good, distributions: byHand }));
    expect(study.trials[0].distributions['x']).toStrictEqual(int(0, 3));
    await refusal(() => study.addTrials(wrong(null)));
    await refusal(() => study.addTrial(wrong(null)));
  });

  it('may lie anywhere on a grid of many steps', async () => {
    const study = await createStudy({ sampler: sampler() });
    const many = float(0, 1e6, { step: 0.001 });
    await study.addTrial(createTrial({ params: { x: 346583.046 }, distributions: { x: many }, value: 1 }));
    await study.enqueueTrial({ x: 346583.046 });
    await study.optimize((t) => t.suggestFloat('x', 0, 1e6, { step: 0.001 }), { nTrials: 1 });
    expect(study.trials.map((t) => t.params['x'])).toEqual([346583.046, 346583.046]);
    expect(
      (await refusal(() => createTrial({ params: { x: 0.0015 }, distributions: { x: many }, value: 1 })))
        .message,
    ).toMatch(/0.0015 is outside/);
  });
});
