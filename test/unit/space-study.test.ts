/** Studies that are created with their space: what the types promise holds at run time. */
import { describe, expect, it } from 'vitest';
import { AutoSampler } from '../../samplers/index.ts';
import {
  categorical,
  choice,
  createStudy,
  defineStudy,
  float,
  int,
  loadStudy,
  space,
} from '../../src/index.ts';
import { InMemoryStorage } from '../../storage/in-memory.ts';

const MODEL = space(
  {
    lr: float(1e-5, 1e-1, { log: true }),
    layers: int(1, 6),
    act: categorical(['relu', 'gelu', null]),
    opt: choice({
      sgd: { momentum: float(0, 1), warm: choice({ on: { steps: int(1, 9) }, off: {} }) },
      adam: {},
    }),
  },
  { where: ({ lr, layers }) => lr * layers < 0.3 },
);

describe('a study of one space', () => {
  it('hands the objective what optimize(space, …) does, and draws the same trials', async () => {
    const seen: unknown[] = [];
    const typed = await createStudy({ space: MODEL, sampler: new AutoSampler({ seed: 0 }) });
    await typed.optimize(
      (params, trial) => {
        seen.push(params);
        expect(Object.keys(trial.params)).toContain('opt');
        return params.lr * params.layers + (params.opt.choice === 'sgd' ? params.opt.momentum : 1);
      },
      { nTrials: 15, batchSize: 3 },
    );
    const dynamic = await createStudy({ sampler: new AutoSampler({ seed: 0 }) });
    const alike: unknown[] = [];
    await dynamic.optimize(
      MODEL,
      (params) => {
        alike.push(params);
        return params.lr * params.layers + (params.opt.choice === 'sgd' ? params.opt.momentum : 1);
      },
      { nTrials: 15, batchSize: 3 },
    );
    expect(seen).toEqual(alike);
    expect(typed.trials.map(({ params, values }) => [params, values])).toEqual(
      dynamic.trials.map(({ params, values }) => [params, values]),
    );
    expect(typed.bestParams).toBe(typed.bestTrial.params);
    expect(typed.bestParams.lr).toBeGreaterThan(0);
  });

  it('decides all parameters at ask', async () => {
    const study = await createStudy({ space: MODEL });
    for (let i = 0; i < 8; i++) {
      const { params } = await study.ask();
      const branch = params.opt === 'sgd' ? ['opt.sgd.momentum', 'opt.sgd.warm'] : [];
      const inner = params['opt.sgd.warm'] === 'on' ? ['opt.sgd.warm.on.steps'] : [];
      expect(Object.keys(params)).toEqual(['lr', 'layers', 'act', 'opt', ...branch, ...inner]);
    }
  });

  it('gives constraints the parameters', async () => {
    const study = await createStudy({
      space: { x: float(0, 1) },
      constraints: ({ params, values }) => [params.x - 0.5, values === null ? 0 : -1],
    });
    await study.optimize(({ x }) => x, { nTrials: 5 });
    for (const { params, constraints } of study.trials) expect(constraints).toEqual([params.x! - 0.5, -1]);
  });

  it('has no second space', async () => {
    const study = await createStudy({ space: MODEL });
    const other = { y: float(0, 1) };
    // @ts-expect-error: as a JavaScript user may write it
    await expect(study.ask(other)).rejects.toThrow('a study has one space');
    // @ts-expect-error: as a JavaScript user may write it
    await expect(study.optimize(other, () => 1, { nTrials: 1 })).rejects.toThrow(
      'call optimize(objective, options)',
    );
    // @ts-expect-error: the objective is missing
    await expect(study.optimize({ nTrials: 1 })).rejects.toThrow('optimize needs an objective function');
    expect(study.trials).toEqual([]);
  });

  it('refuses to queue what it has not, before anything is written', async () => {
    const study = await createStudy({ space: MODEL });
    // @ts-expect-error: misspelled
    const misspelled = study.enqueueTrial({ layer: 2 });
    await expect(misspelled).rejects.toThrow("no parameter 'layer'; did you mean 'layers'?");
    await expect(study.enqueueTrial({ layers: 7 })).rejects.toThrow("value of 'layers' must lie in");
    // @ts-expect-error: no choice
    await expect(study.enqueueTrial({ act: 'tanh' })).rejects.toThrow();
    expect(study.trials).toEqual([]);
    await study.enqueueTrial({ layers: 3, act: null, opt: 'sgd', 'opt.sgd.momentum': 0.25 });
    const { params } = await study.ask();
    expect(params).toMatchObject({ layers: 3, act: null, opt: 'sgd', 'opt.sgd.momentum': 0.25 });
  });

  it('is refused at the door if the space is none, or not that of the study that is loaded', async () => {
    const storage = new InMemoryStorage();
    // @ts-expect-error: no distribution
    await expect(createStudy({ storage, space: { x: 3 } })).rejects.toThrow("'x' of a space must be made by");
    await expect(createStudy({ storage, space: {} })).rejects.toThrow('a space needs at least one parameter');
    expect(await storage.listStudies()).toEqual([]);
    const study = await createStudy({ storage, studyName: 's', space: { x: int(0, 9) } });
    await study.tell(await study.ask(), 1);
    const again = loadStudy({ storage, space: { x: float(0, 9) } });
    await expect(again).rejects.toMatchObject({ code: 'INCOMPATIBLE_DISTRIBUTION' });
    const wider = await loadStudy({ storage, space: { x: int(0, 20) } });
    await wider.enqueueTrial({ x: 20 });
    expect((await wider.ask()).params.x).toBe(20);
  });

  it('may be a child study', async () => {
    const study = await createStudy();
    const trial = await study.ask();
    const child = await trial.createStudy('inner', { space: { x: float(0, 1) }, direction: 'maximize' });
    await child.optimize(({ x }) => x, { nTrials: 3 });
    expect(child.bestParams.x).toBe(child.bestValue);
    await expect(trial.createStudy('other', { space: { x: 5 } as never })).rejects.toThrow('must be made by');
  });

  it('may be defined by a module, with its types', () => {
    const definition = defineStudy({
      studyName: 'two',
      directions: ['minimize', 'maximize'],
      nTrials: 3,
      space: { x: float(0, 1) },
      constraints: ({ params }) => [params.x],
      objective: ({ x }, trial) => [x, trial.params.x],
    });
    expect(Object.isFrozen(definition)).toBe(true);
  });
});
