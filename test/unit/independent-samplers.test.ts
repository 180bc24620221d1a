/** The option `independentSampler` of the samplers that draw jointly. */
import { describe, expect, it } from 'vitest';
import { CmaEsSampler, GpSampler, QmcSampler, RandomSampler, TpeSampler } from '../../samplers/index.ts';
import { createStudy, float, type Sampler, space, type Trial } from '../../src/index.ts';

const MAKERS: Readonly<Record<string, (independentSampler?: Sampler, seed?: number) => Sampler>> = {
  gp: (independentSampler, seed = 1) => new GpSampler({ seed, nStartupTrials: 4, independentSampler }),
  qmc: (independentSampler, seed = 1) => new QmcSampler({ seed, independentSampler }),
  cmaes: (independentSampler, seed = 1) => new CmaEsSampler({ seed, independentSampler }),
};
/** Has a parameter that only some trials have. */
const objective = (trial: Trial): number => {
  const x = trial.suggestFloat('x', 0, 1);
  return trial.number % 2 === 0 ? x : x + trial.suggestFloat('extra', 0, 1);
};

async function drawn(sampler: Sampler): Promise<readonly unknown[]> {
  const study = await createStudy({ sampler });
  await study.optimize(objective, { nTrials: 8 });
  return study.trials.map(({ params }) => params);
}

describe.each(Object.entries(MAKERS))('the independent sampler of %s', (_, make) => {
  it('draws what is not drawn jointly, and only that', async () => {
    const asked: string[] = [];
    class Watched extends RandomSampler {
      override sampleIndependent(...args: Parameters<Sampler['sampleIndependent']>) {
        asked.push(`${args[0].trialNumber} ${args[1]}`);
        return super.sampleIndependent(...args);
      }
    }
    const params = await drawn(make(new Watched({ seed: 9 })));
    expect(asked).toEqual(expect.arrayContaining(['0 x', '1 extra', '3 extra', '5 extra', '7 extra']));
    expect(asked).not.toContain('7 x');
    // Uniform draws of a seed of its own differ from those of the sampler itself; of the same seed they do not.
    expect(params).not.toEqual(await drawn(make()));
    expect(await drawn(make(new RandomSampler({ seed: 1 })))).toEqual(await drawn(make()));
  });

  it('goes by the seed of the sampler if it has none', async () => {
    expect(await drawn(make(new RandomSampler()))).toEqual(await drawn(make(new RandomSampler({ seed: 1 }))));
    const study = await createStudy({ sampler: make(new TpeSampler({ nStartupTrials: 2 })) });
    await study.optimize(objective, { nTrials: 8 });
    expect(study.trials).toHaveLength(8);
  });

  it('is refused if it is none, or cannot draw the study', async () => {
    expect(() => make({} as Sampler)).toThrow(/independentSampler must be a Sampler/);
    const picky = Object.assign(new RandomSampler({ seed: 1 }), {
      name: 'picky',
      capabilities: { multiObjective: true, constraints: false, categorical: true, defineByRun: false },
    });
    const study = await createStudy({ sampler: make(picky) }).catch((error) => error);
    const refusal =
      study instanceof Error
        ? study
        : await study.ask().then(
            () => null,
            (error: Error) => error,
          );
    expect(refusal).toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('the picky sampler'),
    });
  });
});

it('of qmc has nothing to draw in a declared space', async () => {
  const study = await createStudy({ sampler: MAKERS['qmc'](new CmaEsSampler({ seed: 1 })) });
  await study.optimize(space({ x: float(0, 1), y: float(0, 1) }), ({ x }) => x, { nTrials: 2 });
  expect(study.trials[1].params).toEqual({ x: 0.5, y: 0.5 });
});
