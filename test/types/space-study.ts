/** A study that is created with its space is typed by it throughout. */
import {
  type AnyStudy,
  categorical,
  choice,
  createStudy,
  defineStudy,
  float,
  int,
  loadStudy,
  maxTrialsCallback,
  type SpaceStudy,
  type Study,
  space,
  stagnationCallback,
  type Trial,
} from 'thanos-hpo';
import { TpeSampler } from 'thanos-hpo/samplers';
import { typed } from './typed.ts';

const model = space({
  lr: float(0, 1),
  act: categorical(['relu', 'gelu']),
  opt: choice({ adam: {}, sgd: { m: int(0, 9) } }),
});
type Nested = {
  readonly lr: number;
  readonly act: 'relu' | 'gelu';
  readonly opt: { readonly choice: 'adam' } | { readonly choice: 'sgd'; readonly m: number };
};
type Flat = {
  readonly lr: number;
  readonly act: 'relu' | 'gelu';
  readonly opt: 'adam' | 'sgd';
  readonly 'opt.sgd.m'?: number;
};

const study = await createStudy({
  space: model,
  direction: 'maximize',
  sampler: new TpeSampler({ seed: 1 }),
  constraints: ({ params, values }) => {
    typed(params).as<Flat>();
    return [params.lr - 0.5, values?.[0] ?? 0];
  },
});

// ask
const trial = await study.ask();
typed(trial).as<Trial<Flat>>();
typed(trial.params).as<Flat>();
typed(trial.params['opt.sgd.m']).as<number | undefined>();
// @ts-expect-error: no such parameter
trial.params.bogus;
// @ts-expect-error: the study has its space
await study.ask(model);
await study.tell(trial, 0.5);
await study.tell(trial.number, { state: 'FAIL' });

// enqueueTrial
await study.enqueueTrial({ lr: 0.5, opt: 'sgd', 'opt.sgd.m': 3 }, { skipIfExists: true });
await study.enqueueTrial({});
// @ts-expect-error: misspelled
await study.enqueueTrial({ l: 0.5 });
// @ts-expect-error: no choice
await study.enqueueTrial({ act: 'tanh' });
// @ts-expect-error: a number
await study.enqueueTrial({ 'opt.sgd.m': 'three' });

// optimize
await study.optimize(
  (params, running) => {
    typed(params).as<Nested>();
    typed(running).as<Trial<Flat>>();
    typed(running.params.opt).as<'adam' | 'sgd'>();
    return params.opt.choice === 'sgd' ? params.opt.m : params.lr;
  },
  {
    nTrials: 3,
    callbacks: [
      (its, told) => {
        typed(its.bestParams).as<Flat>();
        typed(told.params.act).as<'relu' | 'gelu' | undefined>();
        its.stop();
      },
      maxTrialsCallback(3),
      stagnationCallback({ patience: 2 }),
    ],
  },
);
await study.optimize(async ({ lr }) => lr, { nTrials: 1, batchSize: 2, catch: [TypeError] });
await study.optimize(() => 1);
// @ts-expect-error: the study has its space
await study.optimize(model, ({ lr }) => lr, { nTrials: 1 });
// @ts-expect-error: it gets the parameters first
await study.optimize((first) => first.suggestFloat('x', 0, 1), { nTrials: 1 });
// @ts-expect-error: no number
await study.optimize(({ act }) => act, { nTrials: 1 });
// @ts-expect-error: misspelled
await study.optimize(({ lr }) => lr, { ntrials: 1 });

// What is found
typed(study.bestParams).as<Flat>();
typed(study.bestTrial.params).as<Flat>();
typed(study.bestTrial.value).as<number>();
typed(study.bestTrial.values).as<readonly [number]>();
typed(study.bestValue).as<number>();
typed(study.bestTrials[0].params).as<Flat>();
typed(study.bestTrials[0].values).as<readonly number[]>();
typed(study.leastViolatingTrials[0].params).as<Flat>();
// Any trial may lack some: one that is queued, or failed.
typed(study.trials[0].params.act).as<'relu' | 'gelu' | undefined>();
typed(study.getTrials({ states: ['COMPLETE'] })[0].params.lr).as<number | undefined>();
// @ts-expect-error: no such parameter
study.bestParams.momentum;
// @ts-expect-error: read only
study.bestParams.lr = 1;

// An inline space, and none that is none.
const inline = await createStudy({ space: { x: int(0, 3), kind: categorical(['a', 'b']) } });
typed(inline.bestParams).as<{ readonly x: number; readonly kind: 'a' | 'b' }>();
// @ts-expect-error: no distribution
await createStudy({ space: { x: 3 } });
// @ts-expect-error: misspelled, where the space is given
await createStudy({ space: model, smapler: new TpeSampler() });
// @ts-expect-error: misspelled, in the constraints
await createStudy({ space: model, constraints: ({ params }) => [params.rl] });

// Loaded and defined studies
const loaded = await loadStudy({ studyName: 's', space: model });
typed(loaded.bestParams).as<Flat>();
await loaded.optimize(({ lr }) => lr, { totalTrials: 3 });
defineStudy({
  studyName: 's',
  nTrials: 3,
  space: model,
  constraints: ({ params }) => [params.lr],
  objective: (params, running) => {
    typed(params).as<Nested>();
    typed(running.params).as<Flat>();
    return params.lr;
  },
});
// @ts-expect-error: misspelled
defineStudy({ studyName: 's', nTrials: 3, space: model, objective: ({ rl }) => rl });

// Annotations
const annotated: Study<typeof model> = study;
const spelled: SpaceStudy<typeof model> = annotated;
typed(spelled.bestParams).as<Flat>();
const report = (any: AnyStudy): number => any.trials.length + any.bestTrials[0].values[0];
report(study);
report(inline);
report(loaded);
const looksAt = (running: Trial): number => running.number;
looksAt(trial);
// @ts-expect-error: its objective would be called with other arguments
const dynamic: Study = study;
dynamic.stop();
