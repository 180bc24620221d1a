import { describe, expect, it } from 'vitest';
import { QmcSampler, type QmcSamplerOptions, samplerRegistry } from '../../samplers/index.ts';
import {
  categorical,
  createStudy,
  float,
  int,
  NO_CONDITIONS,
  type SamplerContext,
  type SearchSpace,
  space,
} from '../../src/index.ts';
import { SobolSequence } from '../../src/math/sobol.ts';
import { makeTrial, runSamplerLoop, suggest } from '../../src/testing/sampler-loop.ts';

const contextAt = (trialNumber: number, declaredSpace: SearchSpace | null, attempt = 0): SamplerContext => ({
  directions: ['minimize'],
  trialNumber,
  trials: [],
  declaredSpace,
  conditions: NO_CONDITIONS,
  attempt,
});
const square = space({ b: float(0, 1), a: float(0, 1) });

it('gives trial n point n of the sequence, a dimension per parameter in order of name', () => {
  const sampler = new QmcSampler();
  const points = new SobolSequence(2).points(0, 20);
  for (const n of [0, 1, 2, 7, 19])
    expect(suggest(sampler, contextAt(n, square), square).params).toEqual({
      a: points[2 * n],
      b: points[2 * n + 1],
    });
});

it.each<QmcSamplerOptions>([
  {},
  { qmcType: 'halton' },
  { scramble: true },
  { qmcType: 'halton', scramble: true },
])('draws every refused point anew, and the seed decides if scrambled: %o', (options) => {
  const sampler = new QmcSampler({ seed: 1, ...options });
  const answers = [0, 1, 2, 3, 20, 1, 0].map(
    (attempt) => suggest(sampler, contextAt(5, square, attempt), square).params,
  );
  expect(new Set(answers.map((params) => JSON.stringify(params))).size).toBe(5);
  expect(answers[5]).toEqual(answers[1]);
  expect(answers[6]).toEqual(answers[0]);
  const other = suggest(new QmcSampler({ ...options, seed: 2 }), contextAt(5, square), square).params;
  if (options.scramble === true) expect(other).not.toEqual(answers[0]);
  else expect(other).toEqual(answers[0]);
});

it('spreads choices and steps evenly', () => {
  const finite = space({
    act: categorical(['a', 'b', 'c', 'd']),
    n: int(1, 16),
    x: float(0, 0.7, { step: 0.1 }),
  });
  const sampler = new QmcSampler({ scramble: true, seed: 3 });
  const trials = runSamplerLoop({
    sampler,
    space: finite,
    directions: ['minimize'],
    nTrials: 64,
    evaluate: () => ({ values: [0] }),
  });
  for (const [name, each] of [
    ['act', 16],
    ['n', 4],
    ['x', 8],
  ] as const) {
    const counts = new Map<unknown, number>();
    for (const { params } of trials) counts.set(params[name], (counts.get(params[name]) ?? 0) + 1);
    expect([...counts.values()], name).toEqual(new Array(64 / each).fill(each));
  }
});

describe('in a define-by-run study', () => {
  it('the first trial that came to something names the dimensions', () => {
    const sampler = new QmcSampler();
    const trials = [
      makeTrial(0, { z: float(0, 1) }, { params: { z: 0.5 }, systemAttrs: {} }, { state: 'FAIL' }),
      makeTrial(1, square, { params: { a: 0, b: 0 }, systemAttrs: {} }, { state: 'RUNNING' }),
    ];
    const at = (n: number) => ({ ...contextAt(n, null), trials });
    expect(sampler.inferRelativeSearchSpace(at(2))).toEqual({});
    trials.push(makeTrial(2, square, { params: { a: 0, b: 0 }, systemAttrs: {} }, { values: [1] }));
    trials.push(makeTrial(3, { z: float(0, 1) }, { params: { z: 0 }, systemAttrs: {} }, { values: [1] }));
    expect(Object.keys(sampler.inferRelativeSearchSpace(at(4)))).toEqual(['a', 'b']);
  });

  it('draws parameters of other branches uniformly', async () => {
    const study = await createStudy({ sampler: new QmcSampler({ seed: 4 }) });
    await study.optimize(
      (trial) => {
        const x = trial.suggestFloat('x', 0, 1);
        return x < 0.5 ? trial.suggestFloat('low', 0, 1) : trial.suggestFloat('high', 0, 1);
      },
      { nTrials: 17 },
    );
    const points = new SobolSequence(2).points(0, 17);
    const first = Object.keys(study.trials[0].params).sort();
    for (const { number, params } of study.trials.slice(1))
      expect(params['x']).toBe(points[2 * number + first.indexOf('x')]);
  });
});

it('refuses options that it has not', () => {
  expect(() => samplerRegistry.get('qmc')({ qmcType: 'sobel' })).toThrow(
    /qmcType must be 'sobol' or 'halton'/,
  );
  expect(() => samplerRegistry.get('qmc')({ scrambled: true })).toThrow(/did you mean 'scramble'/);
});
