import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TpeSampler } from '../../samplers/index.ts';
import {
  createStudy,
  getLogLevel,
  type LogLevel,
  type LogMessage,
  onLog,
  setLogLevel,
  TrialPruned,
} from '../../src/index.ts';

let messages: LogMessage[];
let restore: () => void;

beforeEach(() => {
  messages = [];
  restore = onLog((message) => messages.push(message));
});

afterEach(() => {
  restore();
  setLogLevel('warn');
});

const texts = (): string[] => messages.map(({ text }) => text);

describe('log levels', () => {
  it("are 'warn' unless set", () => {
    expect(getLogLevel()).toBe('warn');
    setLogLevel('silent');
    expect(getLogLevel()).toBe('silent');
  });

  it('refuse others', () => {
    expect(() => setLogLevel('loud' as LogLevel)).toThrow(/debug, info, warn, error, silent.*loud/);
    expect(() => onLog(7 as never)).toThrow(/needs a function/);
    expect(getLogLevel()).toBe('warn');
  });

  it('info has one line for each finished trial, as Optuna words it', async () => {
    setLogLevel('info');
    const study = await createStudy();
    await study.enqueueTrial({ x: 0.5 });
    await study.enqueueTrial({ x: 0.25 });
    await study.enqueueTrial({ x: 1 });
    await study.optimize((t) => t.suggestFloat('x', 0, 1), { nTrials: 3 });
    await study.optimize(
      () => {
        throw new TrialPruned();
      },
      { nTrials: 1 },
    );
    await study.optimize(
      () => {
        throw new RangeError('too far');
      },
      { nTrials: 1, catch: true },
    );
    expect(messages.map(({ level, text }) => `${level} ${text}`)).toEqual([
      'info Trial 0 finished with value: 0.5 and parameters: {"x": 0.5}. Best is trial 0 with value: 0.5.',
      'info Trial 1 finished with value: 0.25 and parameters: {"x": 0.25}. Best is trial 1 with value: 0.25.',
      'info Trial 2 finished with value: 1 and parameters: {"x": 1}. Best is trial 1 with value: 0.25.',
      'info Trial 3 pruned.',
      'info Trial 4 failed with parameters: {} because of the following error: RangeError: too far.',
    ]);
    expect(messages[0].studyName).toBe(study.studyName);
  });

  it('info names the values of several objectives, and no best trial', async () => {
    setLogLevel('info');
    const study = await createStudy({ directions: ['minimize', 'maximize'] });
    await study.tell(await study.ask(), [1, Number.POSITIVE_INFINITY]);
    expect(texts()).toEqual(['Trial 0 finished with values: [1, Infinity] and parameters: {}.']);
  });

  it('debug has a line when a trial starts, too', async () => {
    setLogLevel('debug');
    const study = await createStudy();
    await study.enqueueTrial({ x: 0.5 });
    const trial = await study.ask();
    await study.tell(trial, trial.suggestFloat('x', 0, 1));
    expect(messages.map(({ level }) => level)).toEqual(['debug', 'info']);
    expect(texts()[0]).toBe('Trial 0 starts with parameters: {"x": 0.5}.');
  });

  it('warn tells of values that are ignored, and only of those', async () => {
    const study = await createStudy();
    await study.optimize(
      (t) => {
        t.report(1, 0);
        t.report(2, 0);
        t.suggestFloat('x', 0, 1);
        t.suggestFloat('x', 0, 1);
        t.suggestFloat('x', 0, 2);
        return Number.NaN;
      },
      { nTrials: 1 },
    );
    await study.tell(await study.ask(), 1);
    expect(messages.every(({ level }) => level === 'warn')).toBe(true);
    expect(texts()).toEqual([
      expect.stringMatching(/^Trial 0: the value 2 for step 0 is ignored/),
      expect.stringMatching(/^Trial 0: another range for 'x' is ignored/),
      expect.stringMatching(/^Trial 0 failed with parameters: .*value 0 is NaN, not a number/),
    ]);
  });

  it('silent and error say nothing of all this', async () => {
    for (const level of ['silent', 'error'] as const) {
      setLogLevel(level);
      const study = await createStudy();
      await study.tell(await study.ask(), Number.NaN);
    }
    expect(messages).toEqual([]);
  });

  it('change no result', async () => {
    const run = async (level: LogLevel) => {
      setLogLevel(level);
      const study = await createStudy({ studyName: 's', sampler: new TpeSampler({ seed: 0 }) });
      await study.optimize((t) => t.suggestFloat('x', 0, 1), { nTrials: 15 });
      return study.trials.map((t) => t.params);
    };
    expect(await run('debug')).toEqual(await run('silent'));
  });
});

describe('onLog', () => {
  it('gives the handler before it back', async () => {
    setLogLevel('info');
    const inner: string[] = [];
    const back = onLog(({ text }) => inner.push(text));
    const study = await createStudy();
    await study.tell(await study.ask(), 1);
    back();
    await study.tell(await study.ask(), 2);
    expect([inner.length, messages.length]).toEqual([1, 1]);
  });

  it('without it, lines go to standard error, with the name of a study that a trial owns', () => {
    const program =
      "import { createStudy, setLogLevel } from './src/index.ts';" +
      "setLogLevel('info'); const study = await createStudy({ studyName: 'outer' });" +
      "const trial = await study.ask(); const inner = await trial.createStudy('inner');" +
      'await inner.tell(await inner.ask(), 1); await study.tell(trial, 2);';
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', program],
      {
        encoding: 'utf8',
        cwd: new URL('../../', import.meta.url),
      },
    );
    expect(stdout).toBe('');
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^\[info\] outer\/0\/inner: Trial 0 finished with value: 1 /),
      expect.stringMatching(/^\[info\] Trial 0 finished with value: 2 /),
    ]);
  });
});
