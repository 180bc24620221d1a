/** Studies without a space: as their trials ask. */
import {
  type AnyStudy,
  createStudy,
  defineStudy,
  float,
  int,
  loadStudy,
  type Objective,
  type OptimizeCallback,
  type ParamValue,
  type Study,
  space,
  type Trial,
} from 'thanos-hpo';
import { typed } from './typed.ts';

const study = await createStudy();
await study.optimize(
  (trial) => {
    typed(trial).as<Trial>();
    typed(trial.params).as<Readonly<Record<string, ParamValue>>>();
    typed(trial.suggestFloat('x', 0, 1, { log: true })).as<number>();
    typed(trial.suggestInt('n', 0, 1, { step: 2 })).as<number>();
    typed(trial.suggestCategorical('c', ['a', 3, null])).as<'a' | 3 | null>();
    typed(trial.suggest('f', float(0, 1))).as<number>();
    trial.report(1, 0);
    return trial.shouldPrune() ? 0 : 1;
  },
  { nTrials: 1 },
);
await study.optimize(async () => 1);
await study.optimize(() => 1, { nTrials: 1, timeout: null, signal: new AbortController().signal });
const objective: Objective = (trial) => trial.suggestFloat('x', 0, 1);
await study.optimize(objective, { callbacks: [(its, trial) => void (trial.number > 3 && its.stop())] });
const callback: OptimizeCallback<Study> = (its, trial) => void [its.bestTrial, trial.params['x']];
await study.optimize(objective, { callbacks: [callback] });

// A space by the call
const xs = space({ x: float(0, 1), n: int(1, 2) });
const trial = await study.ask(xs);
typed(trial.params).as<{ readonly x: number; readonly n: number }>();
// @ts-expect-error: no such parameter
trial.params.bogus;
await study.tell(trial, 1);
await study.tell(await study.ask(), [1]);
await study.tell(3, { state: 'COMPLETE', values: [1] }, { skipIfFinished: true });
await study.optimize(xs, ({ x }, running) => x + running.params.n, { nTrials: 1 });
await study.optimize(xs, async ({ x }) => x, { nTrials: 1 });
await study.enqueueTrial({ anything: 1, text: 'a', flag: true, none: null });

typed(study.bestParams).as<Readonly<Record<string, ParamValue>>>();
typed(study.trials[0].params['x']).as<ParamValue>();
typed(study.bestTrial.value).as<number>();

// Variables of one kind of study take the other's.
let kept: Study = await createStudy({ direction: 'minimize' });
kept = await loadStudy({});
let mine = await createStudy({ direction: 'minimize' });
mine = await loadStudy({});
const report = (any: AnyStudy): number => any.trials.length;
report(kept);
report(mine);
const tune = (its: Study): Promise<void> => its.optimize(() => 1);
await tune(study);
await tune(kept);
defineStudy({ studyName: 's', nTrials: 1, objective: (running) => running.suggestFloat('x', 0, 1) });

// @ts-expect-error: misspelled
await study.optimize(() => 1, { ntrials: 3 });
// @ts-expect-error: no number
await study.optimize(() => 'good', { nTrials: 1 });
// @ts-expect-error: no objective
await study.optimize({ nTrials: 1 });
// @ts-expect-error: neither value nor state
await study.tell(trial, { state: 'DONE' });
// @ts-expect-error: neither value
await study.enqueueTrial({ x: [1] });
// @ts-expect-error: misspelled
await createStudy({ smapler: undefined });
// @ts-expect-error: misspelled
await createStudy({ direction: 'minimise' });

// What belongs to the study is not the objective's.
type Engine = 'takeNow' | 'takePending' | 'isWriting' | 'flush' | 'finish' | 'snapshot' | 'setSystemAttr';
declare const shown: Extract<keyof Trial, Engine>;
typed(shown).as<never>();
