/** A trial that failed at known parameters tells every sampler that learns to stay away; one that was refused tells nothing. */
import { describe, expect, it } from 'vitest';
import {
  AgingEvolutionSampler,
  AutoSampler,
  CmaEsSampler,
  GpSampler,
  NsgaIIISampler,
  NsgaIISampler,
  RandomSampler,
  TpeSampler,
} from '../../samplers/index.ts';
import { createStudy, type FrozenTrial, float, type Sampler, setLogLevel, space } from '../../src/index.ts';

setLogLevel('silent');

const N_TRIALS = 100;
/** A Gaussian process is slow, and fewer trials show enough where much does not fail. */
const N_GP_TRIALS = 50;
const PLANE = space({ x: float(0, 1), y: float(0, 1) });

async function trialsOf(
  sampler: Sampler,
  fails: (x: number, y: number) => boolean,
  nTrials: number,
): Promise<readonly FrozenTrial[]> {
  const study = await createStudy({ sampler });
  await study.optimize(
    PLANE,
    ({ x, y }) => {
      if (fails(x, y)) throw new Error('diverged');
      return -(x + y);
    },
    { nTrials, catch: true },
  );
  return study.trials;
}

const nFailed = (trials: readonly FrozenTrial[]): number =>
  trials.slice(trials.length / 2).filter(({ state }) => state === 'FAIL').length;

const SAMPLERS: Readonly<Record<string, (seed: number) => Sampler>> = {
  auto: (seed) => new AutoSampler({ seed }),
  gp: (seed) => new GpSampler({ seed, nPreliminarySamples: 64, nLocalSearch: 3 }),
  tpe: (seed) => new TpeSampler({ seed }),
  cmaes: (seed) => new CmaEsSampler({ seed }),
  nsga2: (seed) => new NsgaIISampler({ seed, populationSize: 10 }),
  nsga3: (seed) => new NsgaIIISampler({ seed, populationSize: 10 }),
  'aging-evolution': (seed) => new AgingEvolutionSampler({ seed, populationSize: 12, sampleSize: 5 }),
};

describe.each(Object.keys(SAMPLERS))('%s', (name) => {
  const make = SAMPLERS[name];
  const nTrials = name === 'gp' || name === 'auto' ? N_GP_TRIALS : N_TRIALS;

  it('fails less often than random search where the best values lie beside a region that fails', async () => {
    const isBeyond = (x: number, y: number): boolean => x + y > 0.8;
    let [failed, failedAtRandom] = [0, 0];
    for (const seed of [1, 2]) {
      failed += nFailed(await trialsOf(make(seed), isBeyond, nTrials));
      failedAtRandom += nFailed(await trialsOf(new RandomSampler({ seed }), isBeyond, nTrials));
    }
    expect(failed).toBeLessThan(failedAtRandom);
  });

  it('finds its way out of a space that fails nearly everywhere', async () => {
    const isOutside = (x: number, y: number): boolean => x > 0.4 || y > 0.4;
    const trials = await trialsOf(make(1), isOutside, N_TRIALS);
    const atRandom = await trialsOf(new RandomSampler({ seed: 1 }), isOutside, N_TRIALS);
    expect(nFailed(trials)).toBeLessThan(0.8 * nFailed(atRandom));
  });
});

describe.each(Object.keys(SAMPLERS))('%s', (name) => {
  it('draws as if there were none what was refused, or failed without parameters', async () => {
    const paramsOf = async (isQueued: boolean): Promise<unknown[]> => {
      const study = await createStudy({ sampler: SAMPLERS[name](3) });
      const run = (nTrials: number): Promise<void> =>
        study.optimize((trial) => trial.suggestFloat('x', 0, 1) + trial.suggestFloat('y', 0, 1), {
          nTrials,
          catch: true,
        });
      await run(20);
      for (let k = 0; k < 6; k++)
        if (isQueued) await study.enqueueTrial(k % 2 === 0 ? { x: 0.01, y: 5 } : { x: 'no' });
        else await study.tell(await study.ask(), { state: 'FAIL' });
      if (isQueued) await run(6);
      await run(6);
      return study.trials.slice(26).map(({ params }) => params);
    };
    expect(await paramsOf(true)).toEqual(await paramsOf(false));
  });
});
