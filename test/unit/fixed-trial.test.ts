import { afterEach, describe, expect, it, vi } from 'vitest';
import { FixedTrial, namedConstraints, setLogLevel, type Trial, TrialPruned } from '../../src/index.ts';

afterEach(() => {
  vi.restoreAllMocks();
  setLogLevel('warn');
});

/** An objective as a study has it. */
async function objective(trial: Trial): Promise<number> {
  const x = trial.suggestFloat('x', -100, 100);
  const n = trial.suggestInt('n', 1, 10, { step: 3 });
  const kind = trial.suggestCategorical('kind', ['a', 'b']);
  trial.setUserAttr('seen', [x]);
  trial.setConstraint('memory', x - 1);
  for (let step = 0; step < 3; step++) {
    trial.report(x, step);
    if (trial.shouldPrune()) throw new TrialPruned();
  }
  return x ** 2 + n + (kind === 'a' ? 0 : 100);
}

describe('FixedTrial', () => {
  it('gives an objective the parameters that it was made with', async () => {
    const given = { x: 2, n: 4, kind: 'b', unused: null };
    const trial = new FixedTrial(given, 7);
    expect(await objective(trial)).toBe(108);
    expect(trial.number).toBe(7);
    expect(trial.params).toEqual({ x: 2, n: 4, kind: 'b' });
    expect(Object.keys(trial.distributions)).toEqual(['x', 'n', 'kind']);
    expect(trial.userAttrs).toEqual({ seen: [2] });
    expect(namedConstraints(trial)).toEqual({ memory: 1 });
    expect(trial.signal.aborted).toBe(false);
    given.x = 3;
    expect(trial.suggestFloat('x', -100, 100)).toBe(2);
    expect(await objective(new FixedTrial(given))).toBe(113);
  });

  it('refuses what it has no value for, another kind, and what is no choice', async () => {
    const trial = new FixedTrial({ x: 1, kind: 'c' });
    expect(() => trial.suggestFloat('y', 0, 1)).toThrow(/a value for every parameter, but 'y' .*: x, kind/);
    expect(() => trial.suggestCategorical('kind', ['a'])).toThrow(/not one of the choices/);
    trial.suggestFloat('x', 0, 1);
    expect(() => trial.suggestInt('x', 0, 1)).toThrow(/'x'/);
    expect(() => trial.suggestFloat('x', 2, 1)).toThrow(/low/);
    expect(() => trial.setConstraint('c', Number.NaN)).toThrow(/must be a number/);
    expect(() => trial.setUserAttr('f', (() => 1) as never)).toThrow(/JSON/);
    await expect(trial.createStudy()).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });

  it('gives a value outside a range all the same, and says so', () => {
    const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(new FixedTrial({ x: 5 }).suggestFloat('x', 0, 1)).toBe(5);
    expect(written.mock.calls.join()).toMatch(/The value 5 of 'x' is outside/);
  });

  it.each([[undefined], [null], [[]], ['x']])('is not made of %j', (params) => {
    expect(() => new FixedTrial(params as never)).toThrow(/as an object/);
  });

  it.each([[-1], [0.5], ['1']])('has no number %j', (number) => {
    expect(() => new FixedTrial({}, number as never)).toThrow(/integer >= 0/);
  });
});
