/**
 * Conformance kit for pruners: tests of the clauses P1 to P4 of the contract in `core/pruner.ts`.
 *
 * ```ts
 * import { describe, it } from 'vitest';
 * prunerConformance({ describe, it }, () => new MyPruner({ nStartupTrials: 3 }));
 * ```
 */
import assert from 'node:assert/strict';
import { type FrozenTrial, frozenTrial, type StudyDirection } from '../core/frozen-trial.ts';
import type { Pruner, PrunerContext } from '../core/pruner.ts';
import { Rng } from '../core/rng.ts';
import { makeTrial, type Outcome } from './sampler-loop.ts';
import type { TestFrame } from './storage-kit.ts';

/**
 * Makes the pruner under test. Its start-up phase should be small: the kit runs 30 trials of at most 12 steps, with values from
 * about -3 to 3. A pruner with bounds on values must mirror them for the direction 'maximize'.
 */
export type MakePruner = (direction: StudyDirection) => Pruner;

interface Question {
  readonly context: PrunerContext;
  readonly answer: boolean;
}

type Reports = readonly (readonly [step: number, value: number])[];

const N_TRIALS = 30;
const N_STEPS = 12;

/** A learning curve from about 2 + quality down to quality, with noise. */
function curve(number: number): number[] {
  const rng = Rng.keyed('pruner-kit', number);
  const quality = 2 * rng.uniform() - 1;
  return Array.from({ length: N_STEPS }, (_, step) => quality + 2 / (1 + step) + 0.3 * (rng.uniform() - 0.5));
}

/** What a trial reports, in this order. */
const SHAPES: Readonly<Record<string, (number: number) => Reports>> = {
  curves: (number) => [...curve(number).entries()],
  'NaN values': (number) =>
    curve(number).map((value, step) => [
      step,
      number % 7 === 3 || (number + step) % 4 === 2 ? Number.NaN : value,
    ]),
  'infinite values': (number) =>
    curve(number).map((value, step) => [step, (number + step) % 5 === 2 ? value / 0 : value]),
  'equal values': (number) => curve(number).map((value, step) => [step, Math.round(value)]),
  'missing steps': (number) =>
    curve(number)
      .map((value, step) => [step, value] as const)
      .filter(([step]) => (number + step) % 3 !== 0),
  'steps in any order': (number) => {
    const values = curve(number);
    return values.map((_, i) => [(i * 5 + number) % N_STEPS, values[(i * 5 + number) % N_STEPS]]);
  },
  'one step': (number) => [[3, curve(number)[3]]],
};

function trialOf(number: number, outcome: Outcome): FrozenTrial {
  return makeTrial(number, {}, { params: {}, systemAttrs: {} }, outcome);
}

/** How a trial ends that was not pruned: some fail, some are pruned by the objective, one without values. */
function ending(number: number, intermediateValues: ReadonlyMap<number, number>): Outcome {
  if (number % 9 === 4) return { state: 'FAIL', intermediateValues };
  if (number === 8) return { state: 'PRUNED' };
  if (number === 10) return { values: [0.5] };
  const last = [...intermediateValues.values()].at(-1)!;
  if (Number.isNaN(last)) return { state: 'FAIL', intermediateValues };
  return { values: [last], intermediateValues };
}

/** A study whose trials obey the pruner, with every question that it was asked. */
function study(make: MakePruner, reportsOf: (number: number) => Reports): Question[] {
  const pruner = make('minimize');
  const trials: FrozenTrial[] = [];
  const questions: Question[] = [];
  for (let number = 0; number < N_TRIALS; number++) {
    const values = new Map<number, number>();
    const history = Object.freeze([...trials]);
    let answer = false;
    for (const [step, value] of reportsOf(number)) {
      values.set(step, value);
      const trial = trialOf(number, { state: 'RUNNING', intermediateValues: new Map(values) });
      const context: PrunerContext = { studyName: 'kit', direction: 'minimize', trials: history, trial };
      answer = pruner.shouldPrune(context);
      questions.push({ context, answer });
      if (answer) break;
    }
    const last = [...values.values()].at(-1)!;
    trials.push(
      trialOf(
        number,
        answer
          ? { state: 'PRUNED', values: Number.isNaN(last) ? null : [last], intermediateValues: values }
          : ending(number, values),
      ),
    );
  }
  return questions;
}

function forEachShape(make: MakePruner, check: (questions: readonly Question[], what: string) => void): void {
  for (const [shape, reportsOf] of Object.entries(SHAPES)) check(study(make, reportsOf), shape);
}

function expectAnswer(pruner: Pruner, { context, answer }: Question, what: string): void {
  const { trial } = context;
  const where = `${what}: trial ${trial.number} after ${trial.intermediateValues.size} values`;
  assert.equal(pruner.shouldPrune(context), answer, where);
}

/** Changes every trial; questions with the same history have the same one still. */
function withTrials(
  questions: readonly Question[],
  change: (trial: FrozenTrial) => FrozenTrial,
  direction: StudyDirection = 'minimize',
): Question[] {
  const histories = new Map<readonly FrozenTrial[], readonly FrozenTrial[]>();
  return questions.map(({ context, answer }) => {
    const trials = histories.get(context.trials) ?? context.trials.map(change);
    histories.set(context.trials, trials);
    return { context: { ...context, direction, trials, trial: change(context.trial) }, answer };
  });
}

function mirror(trial: FrozenTrial): FrozenTrial {
  return frozenTrial({
    ...trial,
    values: trial.values?.map((value) => -value) ?? null,
    intermediateValues: new Map([...trial.intermediateValues].map(([step, value]) => [step, -value])),
  });
}

function pure(make: MakePruner): void {
  forEachShape(make, (questions, shape) => {
    const used = make('minimize');
    const others = withTrials(questions, mirror).map(({ context }) => ({
      context,
      answer: make('minimize').shouldPrune(context),
    }));
    const again = withTrials(questions, (trial) => frozenTrial({ ...trial }));
    for (const question of [...questions].reverse())
      expectAnswer(used, question, `${shape}, asked backwards`);
    questions.forEach((question, i) => {
      expectAnswer(make('minimize'), question, `${shape}, a fresh instance`);
      expectAnswer(used, others[(i * 7) % others.length], `${shape}, another study by turns`);
      expectAnswer(used, question, `${shape}, two studies by turns`);
      expectAnswer(used, again[i], `${shape}, the history read again`);
    });
  });
}

function optionsAreData(make: MakePruner): void {
  const { name, options } = make('minimize');
  assert.ok(name.length > 0, 'a pruner has a name');
  assert.ok(typeof options === 'object' && options !== null, 'a pruner has options');
  assert.deepEqual(JSON.parse(JSON.stringify(options)), options, 'options must survive JSON');
}

function falseBeforeValues(make: MakePruner): void {
  const pruner = make('minimize');
  forEachShape(make, (questions, shape) => {
    for (const { context } of questions) {
      const trial = trialOf(context.trial.number, { state: 'RUNNING' });
      expectAnswer(pruner, { context: { ...context, trial }, answer: false }, shape);
    }
  });
}

function mirrors(make: MakePruner): void {
  const pruner = make('maximize');
  forEachShape(make, (questions, shape) => {
    for (const question of withTrials(questions, mirror, 'maximize'))
      expectAnswer(pruner, question, `${shape}, maximizing -f`);
  });
}

/** Nothing but states, numbers and values may count: not ids, not times, not in which order the steps were reported. */
function orderIsOfNumbers(make: MakePruner): void {
  const pruner = make('minimize');
  const disguise = (trial: FrozenTrial): FrozenTrial =>
    frozenTrial({
      ...trial,
      trialId: 1000 - trial.number,
      datetimeStart: new Date(1e6 - trial.number),
      datetimeComplete: trial.datetimeComplete && new Date(2e6 - (trial.number % 4)),
      intermediateValues: new Map([...trial.intermediateValues].reverse()),
    });
  forEachShape(make, (questions, shape) => {
    for (const question of withTrials(questions, disguise))
      expectAnswer(pruner, question, `${shape}, other ids, times and order of reports`);
  });
}

function changesNothing(make: MakePruner): void {
  const pruner = make('minimize');
  for (const [shape, reportsOf] of Object.entries(SHAPES)) {
    const trials = Array.from({ length: N_TRIALS }, (_, i) => trialOf(i, ending(i, new Map(reportsOf(i)))));
    const trial = trialOf(N_TRIALS, { state: 'RUNNING', intermediateValues: new Map(reportsOf(N_TRIALS)) });
    const contents = (): unknown =>
      [...trials, trial].map((each) => [each.number, ...each.intermediateValues].flat());
    const before = contents();
    pruner.shouldPrune({ studyName: 'kit', direction: 'minimize', trials, trial });
    pruner.peersOf?.({ studyName: 'kit', trialNumber: N_TRIALS, trials });
    assert.deepEqual(contents(), before, `${shape}: the history must stay as it was`);
  }
}

/** Also in the shortest histories, with trials missing, and from a trial that goes on although it should not. */
function alwaysAnswers(make: MakePruner): void {
  const pruner = make('minimize');
  forEachShape(make, (questions, shape) => {
    const ask = (context: PrunerContext): unknown =>
      assert.equal(typeof pruner.shouldPrune(context), 'boolean', `${shape}: the answer is true or false`);
    for (const { context } of questions) {
      ask(context);
      for (const size of [0, 1, 2]) ask({ ...context, trials: context.trials.slice(0, size) });
      ask({ ...context, trials: context.trials.filter(({ number }) => number % 3 === 1) });
      for (const state of ['COMPLETE', 'PRUNED', 'FAIL'] as const)
        ask({ ...context, trials: context.trials.filter((trial) => trial.state === state) });
    }
    const { context } = questions[questions.length - 1];
    for (const other of questions) ask({ ...context, trial: other.context.trial });
  });
}

function peersArePure(make: MakePruner): void {
  const used = make('minimize');
  if (used.peersOf === undefined) return;
  forEachShape(make, (questions, shape) => {
    const histories = [...new Set(questions.map(({ context }) => context.trials))];
    for (const trials of histories.toReversed()) {
      const [context, other] = ['kit', 'other'].map((studyName) => ({
        studyName,
        trialNumber: trials.length,
        trials,
      }));
      const peers = used.peersOf!(context);
      const where = `${shape}, ${trials.length} trials`;
      const places = peers.map((peer) => trials.indexOf(peer));
      assert.ok(
        places.every((place, i) => place > (places[i - 1] ?? -1)),
        `${where}: peers are trials of the history, in its order`,
      );
      assert.deepEqual(make('minimize').peersOf!(context), peers, `${where}: a fresh instance`);
      used.peersOf!(other);
      assert.deepEqual(used.peersOf!(context), peers, `${where}: two studies by turns`);
    }
  });
}

const CLAUSES: readonly (readonly [title: string, check: (make: MakePruner) => void])[] = [
  ['P1 a fresh instance answers the same, as does one that was asked other things', pure],
  ['P1 options are plain data', optionsAreData],
  ['P1 the peers of a trial depend on the history only, and are part of it', peersArePure],
  ['P2 it answers false before the trial has reported a value', falseBeforeValues],
  ['P3 maximizing -f is minimizing f', mirrors],
  ['P4 only numbers order the trials, and steps the values', orderIsOfNumbers],
  ['P4 no trial is changed', changesNothing],
  ['it answers whatever the values and the history are', alwaysAnswers],
];

/** Registers the tests of the pruner contract. */
export function prunerConformance({ describe, it }: TestFrame, make: MakePruner): void {
  describe('pruner contract', () => {
    for (const [title, check] of CLAUSES) it(title, async () => check(make));
  });
}
