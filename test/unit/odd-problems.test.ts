/** A share of the bench of odd problems that takes seconds: the default sampler is not worse than random search on them. */
import { describe, expect, it } from 'vitest';
import { AutoSampler, RandomSampler } from '../../samplers/index.ts';
import { createStudy, float, type Sampler, setLogLevel, space } from '../../src/index.ts';
import { quantile } from '../../src/math/statistics.ts';
import { ODD_CASES } from '../bench/odd-cases.ts';
import { runOddCase } from '../bench/odd-run.ts';

setLogLevel('silent');

const CHOSEN = [
  'sphere, 21',
  'sphere, 30, define-by-run',
  'slope to a corner, 30',
  'slope to a corner, 30, 20 trials',
  'slope to a corner, 200',
  'best in any corner, 100',
  'slope with categoricals, 60',
  '1 categoricals of 6',
  '30 categoricals of 6',
  'branches, define-by-run',
  'NaN on 20 %',
  'NaN on half, 30 parameters',
  'throws but in a corner, 30 parameters',
  '1e+4 on 20 %',
  'MAX_VALUE on 60 %',
  '1e30 but in a corner, 30 parameters',
  'two objectives, penalties of MAX_VALUE',
  'first 15 fail',
  'first 260 fail',
  'first 260 pruned',
  'first 30 fail, 30 parameters',
  'feasible on 1 %, 30 parameters',
  'violations of 1e30',
  'constant, 30 parameters',
  'exp(100 distance), 30 parameters',
  'outliers upwards',
  'huge ranges',
  'least range',
];

/** With so many trials a Gaussian process shows enough; other samplers are fast. */
const GP_TRIALS = 40;
/** Under noise much is luck. */
const NOISE_SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];

describe('the default sampler is not worse than random search', () => {
  it.each(CHOSEN)('%s', async (label) => {
    const odd = ODD_CASES.find((each) => each.label === label)!;
    const isOfGp = odd.group !== 'branches' && Object.keys(odd.space).length <= 20;
    const isLate = odd.nTrials > 200;
    const short = isOfGp && !isLate ? { ...odd, nTrials: GP_TRIALS } : odd;
    const seeds = odd.group === 'noise' ? NOISE_SEEDS : isOfGp ? [2] : [1, 2, 3];
    const medianOf = async (make: (seed: number) => Sampler): Promise<number> => {
      const scores: number[] = [];
      for (const seed of seeds) scores.push((await runOddCase(short, make(seed), seed)).score);
      return quantile(scores, 0.5);
    };
    const auto = await medianOf((seed) => new AutoSampler({ seed }));
    expect(auto).toBeLessThanOrEqual(await medianOf((seed) => new RandomSampler({ seed })));
  });
});

describe('a study of many parameters', () => {
  it.each([true, false])('takes the step of CMA-ES over the whole box, declared: %s', async (isDeclared) => {
    const study = await createStudy({ sampler: new AutoSampler({ seed: 1 }) });
    const names = Array.from({ length: 21 }, (_, i) => `w${i}`);
    const sum = (values: Readonly<Record<string, number>>): number =>
      names.reduce((total, name) => total + (values[name] - 1.3) ** 2, 0);
    if (isDeclared)
      await study.optimize(space(Object.fromEntries(names.map((name) => [name, float(-5, 5)]))), sum, {
        nTrials: 100,
      });
    else
      await study.optimize(
        (trial) => sum(Object.fromEntries(names.map((name) => [name, trial.suggestFloat(name, -5, 5)]))),
        { nTrials: 100 },
      );
    const drawn = study.trials.slice(10).map(({ params }) => params['w0'] as number);
    expect(Math.max(...drawn) - Math.min(...drawn)).toBeGreaterThan(4);
    expect(study.bestValue).toBeLessThan(50);
  });

  it('ends at its timeout, within a trial', async () => {
    const study = await createStudy();
    const big = space(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`w${i}`, float(-5, 5)])));
    await study.optimize(big, (params) => Object.values(params).reduce((a, b) => a + b * b, 0), {
      timeout: 0.05,
      nTrials: 10_000,
    });
    expect(study.trials.length).toBeGreaterThan(0);
    expect(study.trials.length).toBeLessThan(10_000);
  });
});
