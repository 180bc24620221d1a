/** The number of values follows from the directions. */
import {
  createStudy,
  type Directions,
  defineStudy,
  float,
  loadStudy,
  type ObjectiveValue,
  type Study,
  type StudyDirection,
  space,
} from 'thanos-hpo';
import { MedianPruner } from 'thanos-hpo/pruners';
import { typed } from './typed.ts';

const xs = space({ x: float(0, 1) });

const two = await createStudy({ directions: ['minimize', 'maximize'] });
await two.optimize((trial) => [trial.suggestFloat('x', 0, 1), 1], { nTrials: 1 });
await two.optimize(() => [1, 2], { nTrials: 1 });
await two.optimize(async () => [1, 2], { nTrials: 1 });
await two.optimize(xs, ({ x }) => [x, 1], { nTrials: 1 });
// @ts-expect-error: one value
await two.optimize(() => 1, { nTrials: 1 });
// @ts-expect-error: one value
await two.optimize(() => [1], { nTrials: 1 });
// @ts-expect-error: three values
await two.optimize(() => [1, 2, 3], { nTrials: 1 });
// @ts-expect-error: one value
await two.optimize(async () => 1, { nTrials: 1 });
// @ts-expect-error: one value
await two.optimize(xs, ({ x }) => x, { nTrials: 1 });
const trial = await two.ask();
await two.tell(trial, [1, 2]);
await two.tell(trial, { state: 'COMPLETE', values: [1, 2] });
await two.tell(trial, { state: 'PRUNED' });
// @ts-expect-error: one value
await two.tell(trial, 1);
// @ts-expect-error: one value
await two.tell(trial, { state: 'COMPLETE', values: [1] });
typed(two.directions).as<readonly ['minimize', 'maximize']>();
typed(two.bestTrials[0].values).as<readonly [number, number]>();
typed(two.trials[0].values).as<readonly [number, number] | null>();
// @ts-expect-error: there is no single best
two.bestTrial;
// @ts-expect-error: there is no single best
two.bestValue;
// @ts-expect-error: there is no single best
two.bestParams;
// @ts-expect-error: there are two
two.direction;
// @ts-expect-error: pruning needs a single objective
await createStudy({ directions: ['minimize', 'maximize'], pruner: new MedianPruner() });
// @ts-expect-error: pruning needs a single objective
await createStudy({ space: xs, directions: ['minimize', 'maximize'], pruner: new MedianPruner() });

const twoOfSpace = await createStudy({
  space: xs,
  directions: ['minimize', 'minimize', 'maximize'],
  constraints: ({ values, params }) => [(values?.[2] ?? 0) - params.x],
});
await twoOfSpace.optimize(({ x }) => [x, 1, 2], { nTrials: 1 });
// @ts-expect-error: two values
await twoOfSpace.optimize(({ x }) => [x, 1], { nTrials: 1 });
typed(twoOfSpace.bestTrials[0].values).as<readonly [number, number, number]>();
typed(twoOfSpace.bestTrials[0].params).as<{ readonly x: number }>();
// @ts-expect-error: there is no single best
twoOfSpace.bestParams;

// One objective: a number, or a list of one.
for (const one of [
  await createStudy(),
  await createStudy({ direction: 'maximize' }),
  await createStudy({ directions: ['minimize'] }),
  await createStudy({ direction: 'minimize', loadIfExists: true }),
  await createStudy({ pruner: new MedianPruner() }),
]) {
  await one.optimize(() => 1, { nTrials: 1 });
  await one.optimize(() => [1], { nTrials: 1 });
  typed(one.bestValue).as<number>();
}
const one = await createStudy({ space: xs });
await one.optimize(({ x }) => [x], { nTrials: 1 });
// @ts-expect-error: two values
await one.optimize(({ x }) => [x, 1], { nTrials: 1 });
const minimizing = await createStudy({ direction: 'minimize', loadIfExists: true });
// @ts-expect-error: two values
await minimizing.optimize(() => [1, 2], { nTrials: 1 });
// @ts-expect-error: two values
await minimizing.tell(3, [1, 2]);

// Directions that only the run knows
declare const given: readonly StudyDirection[];
for (const unknown of [
  await createStudy({ directions: given }),
  await loadStudy({}),
  await createStudy({ loadIfExists: true }),
]) {
  await unknown.optimize(() => 1, { nTrials: 1 });
  await unknown.optimize(() => [1, 2, 3], { nTrials: 1 });
  typed(unknown.bestTrials[0].values).as<readonly number[]>();
  unknown.bestTrial;
}

defineStudy({ studyName: 's', nTrials: 1, directions: ['minimize', 'maximize'], objective: () => [1, 2] });
defineStudy({
  studyName: 's',
  nTrials: 1,
  directions: ['minimize', 'maximize'],
  space: xs,
  objective: ({ x }) => [x, 2],
});
// @ts-expect-error: one value
defineStudy({ studyName: 's', nTrials: 1, directions: ['minimize', 'maximize'], objective: () => 1 });
defineStudy({
  studyName: 's',
  nTrials: 1,
  directions: ['minimize', 'maximize'],
  // @ts-expect-error: pruning needs a single objective
  pruner: new MedianPruner(),
  objective: () => [1, 2],
});

// Child studies
const outer = await (await createStudy()).ask();
const inner = await outer.createStudy('inner', { directions: ['minimize', 'maximize'], space: xs });
await inner.optimize(({ x }) => [x, 1], { nTrials: 1 });
// @ts-expect-error: one value
await inner.optimize(({ x }) => x, { nTrials: 1 });
// @ts-expect-error: there is no single best
inner.bestTrial;
const plain = await outer.createStudy('plain');
await plain.optimize((running) => running.suggestFloat('x', 0, 1), { nTrials: 1 });
const typedChild = await outer.createStudy('typed', { space: xs, direction: 'maximize' });
typed(typedChild.bestParams).as<{ readonly x: number }>();
// @ts-expect-error: misspelled
await outer.createStudy('wrong', { space: xs, smapler: 1 });

// Annotations
const value: ObjectiveValue<Directions> = [1, 2];
const pair: ObjectiveValue<readonly ['minimize', 'minimize']> = [1, 2];
const annotated: Study<typeof xs, readonly ['minimize', 'minimize', 'maximize']> = twoOfSpace;
await annotated.tell(3, [...pair, typeof value === 'number' ? value : value[0]]);
