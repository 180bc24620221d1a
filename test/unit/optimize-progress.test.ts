/** What `optimize({ progress })` shows, and where. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RandomSampler } from '../../samplers/index.ts';
import { createStudy, TrialPruned } from '../../src/index.ts';

let written: string;
const isTty = process.stderr.isTTY;
beforeEach(() => {
  written = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  process.stderr.isTTY = isTty;
});

const study = (studyName = 'demo') => createStudy({ studyName, sampler: new RandomSampler({ seed: 1 }) });

describe('without a terminal', () => {
  beforeEach(() => {
    process.stderr.isTTY = false;
  });

  it('nothing is shown, unless it is asked for always: a line at every tenth', async () => {
    const s = await study();
    await s.optimize(() => 1, { nTrials: 20, progress: true });
    expect(written).toBe('');
    let value = 10;
    await s.optimize(() => value--, { totalTrials: 40, progress: 'always' });
    const lines = written.trim().split('\n');
    expect(lines).toHaveLength(5);
    expect(lines[0]).toBe('demo 24/40  best 1');
    expect(lines[4]).toBe('demo 40/40  best -9');
  });

  it('has no best without a feasible value, and counts failures', async () => {
    const s = await study();
    const objective = ({ number }: { number: number }): number => {
      if (number === 0) throw new TrialPruned();
      throw new RangeError('no');
    };
    const { setLogLevel } = await import('../../src/index.ts');
    setLogLevel('silent');
    await s.optimize(objective, { nTrials: 2, progress: 'always', catch: true });
    setLogLevel('warn');
    expect(written).toBe('demo 1/2\ndemo 2/2\n');
  });

  it('says nothing where nothing is to be done, and ends with the study', async () => {
    const s = await study();
    await s.optimize(() => 1, { nTrials: 0, progress: 'always' });
    await s.optimize(() => 1, { nTrials: 3 });
    await s.optimize(() => 1, { totalTrials: 3, progress: 'always' });
    expect(written).toBe('');
    const failing = s.optimize(
      () => {
        throw new RangeError('no');
      },
      { nTrials: 10, progress: 'always' },
    );
    await expect(failing).rejects.toThrow('no');
  });
});

it('on a terminal there is a bar, with and without an end', async () => {
  process.stderr.isTTY = true;
  const s = await study('bar');
  await s.optimize(() => 0.25, { nTrials: 3, progress: true });
  expect(written).toMatch(/bar .*━/);
  expect(written).toMatch(/0\/3/);
  written = '';
  await s.optimize(() => 0.25, { timeout: 0.05, progress: true });
  expect(written).toMatch(/bar \d+ trials/);
});

it.each([['yes'], [1], [null]])('progress is not %j', async (progress) => {
  const s = await study();
  await expect(s.optimize(() => 1, { nTrials: 1, progress: progress as never })).rejects.toThrow(
    /progress must be true, false or 'always'/,
  );
});

it('several objectives are shown without a best value', async () => {
  process.stderr.isTTY = false;
  const s = await createStudy({ studyName: 'two', directions: ['minimize', 'maximize'] });
  await s.optimize(() => [1, 2], { nTrials: 2, progress: 'always' });
  expect(written).toBe('two 1/2\ntwo 2/2\n');
});
