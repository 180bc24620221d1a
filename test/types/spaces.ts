/** What the compiler infers from a space. */
import {
  categorical,
  choice,
  createStudy,
  type FlatParamsOf,
  float,
  int,
  nestedParams,
  type ParamsOf,
  type Space,
  type SpaceEntries,
  type SpaceObjective,
  space,
} from 'thanos-hpo';
import { typed } from './typed.ts';

const study = await createStudy();

// Choices are literal, whatever they are.
const SIZES = ['small', 'large'] as const;
const enumLike = { Red: 'red', Blue: 'blue' } as const;
const names: string[] = ['a', 'b'];
const choices = space({
  act: categorical(['relu', 'gelu']),
  mixed: categorical(['auto', 8, true, null]),
  size: categorical(SIZES),
  color: categorical(Object.values(enumLike)),
  name: categorical(names),
});
declare const chosen: ParamsOf<typeof choices>;
typed(chosen.act).as<'relu' | 'gelu'>();
typed(chosen.mixed).as<'auto' | 8 | true | null>();
typed(chosen.size).as<'small' | 'large'>();
typed(chosen.color).as<'red' | 'blue'>();
typed(chosen.name).as<string>();

// A choice is narrowed by its label, at every depth.
const nested = space({
  lr: float(1e-5, 1e-1, { log: true }),
  opt: choice({
    sgd: { momentum: float(0, 1), schedule: choice({ warm: { steps: int(1, 9) }, none: {} }) },
    adam: { beta: float(0.8, 0.99) },
    none: {},
  }),
});
await study.optimize(
  nested,
  ({ lr, opt }) => {
    typed(lr).as<number>();
    typed(opt.choice).as<'sgd' | 'adam' | 'none'>();
    // @ts-expect-error: no branch is called that
    if (opt.choice === 'rmsprop') return 0;
    // @ts-expect-error: not known before the branch is
    opt.momentum;
    switch (opt.choice) {
      case 'sgd':
        typed(opt.momentum).as<number>();
        // @ts-expect-error: that of another branch
        opt.beta;
        return opt.schedule.choice === 'warm' ? opt.schedule.steps : opt.momentum;
      case 'adam':
        return opt.beta;
      case 'none':
        typed(opt).as<{ readonly choice: 'none' }>();
        return lr;
      default:
        typed(opt).as<never>();
        return 0;
    }
  },
  { nTrials: 1 },
);

// What a trial keeps is flat; a parameter of a branch may be missing, and has its own type.
declare const flat: FlatParamsOf<typeof nested>;
typed(flat).as<{
  readonly lr: number;
  readonly opt: 'sgd' | 'adam' | 'none';
  readonly 'opt.sgd.momentum'?: number;
  readonly 'opt.sgd.schedule'?: 'warm' | 'none';
  readonly 'opt.sgd.schedule.warm.steps'?: number;
  readonly 'opt.adam.beta'?: number;
}>();
typed(nestedParams(nested, flat)).as<ParamsOf<typeof nested>>();
// @ts-expect-error: no such parameter
flat['opt.sgd.beta'];

// Types are written out, as a reader of an editor sees them.
declare const params: ParamsOf<typeof nested>;
typed(params.opt).as<
  | {
      readonly choice: 'sgd';
      readonly momentum: number;
      readonly schedule: { readonly choice: 'warm'; readonly steps: number } | { readonly choice: 'none' };
    }
  | { readonly choice: 'adam'; readonly beta: number }
  | { readonly choice: 'none' }
>();

// An objective is held to its space.
const objective: SpaceObjective<typeof choices> = ({ act }) => (act === 'relu' ? 1 : 0);
await study.optimize(choices, objective, { nTrials: 1 });
// @ts-expect-error: misspelled
await study.optimize(choices, ({ acts }) => (acts ? 1 : 0), { nTrials: 1 });
// @ts-expect-error: no choice
await study.optimize(choices, ({ act }) => (act === 'tanh' ? 1 : 0), { nTrials: 1 });
// @ts-expect-error: no number
await study.optimize(choices, ({ act }) => act, { nTrials: 1 });
// @ts-expect-error: returns nothing
await study.optimize(choices, ({ act }) => void act, { nTrials: 1 });
// @ts-expect-error: params never change
await study.optimize(nested, (given) => (given.lr = 1), { nTrials: 1 });

// Rules between parameters see the same.
space(
  { a: int(0, 1), b: choice({ x: { c: float(0, 1) }, y: {} }) },
  { where: ({ a, b }) => b.choice === 'y' || b.c > a },
);
// @ts-expect-error: misspelled
space({ a: int(0, 1) }, { where: ({ b }) => b > 1 });

// Spaces without space(), spread, optional, and by computed names.
await study.optimize({ x: float(0, 1) }, ({ x }) => x, { nTrials: 1 });
const wider = space({ ...nested, batch: int(1, 8) });
declare const inWider: ParamsOf<typeof wider>;
typed(inWider.batch).as<number>();
typed(inWider.lr).as<number>();
declare const maybe: boolean;
const some = { x: float(0, 1), ...(maybe ? { y: float(0, 1) } : {}) };
await study.optimize(some, ({ x, y }) => x + (y ?? 0), { nTrials: 1 });
const branching = { x: float(0, 1), ...(maybe ? { kind: choice({ a: { y: int(0, 1) }, b: {} }) } : {}) };
const ofBranching = await createStudy({ space: branching, directions: ['minimize', 'minimize'] });
await ofBranching.optimize(({ x, kind }) => [x, kind?.choice === 'a' ? kind.y : 1], { nTrials: 1 });
typed(ofBranching.bestTrials[0].params['kind.a.y']).as<number | undefined>();
const byName: Record<string, ReturnType<typeof float>> = { x: float(0, 1) };
await study.optimize(byName, (p) => Object.values(p).reduce((sum, x) => sum + x, 0), { nTrials: 1 });
const ofNames = await createStudy({ space: byName });
await ofNames.optimize((p, trial) => p['x'] + trial.params['y'], { nTrials: 1 });
const many: readonly Space<SpaceEntries>[] = [nested, choices, wider];
many.forEach(Object.keys);

// Functions that take any space.
async function tune<S extends SpaceEntries>(
  of: Space<S>,
  loss: (params: ParamsOf<S>) => number,
): Promise<FlatParamsOf<S>> {
  await study.optimize(of, (p) => loss(p), { nTrials: 1 });
  const own = await createStudy({ space: of });
  await own.optimize((p) => loss(p), { nTrials: 1 });
  return own.bestParams;
}
typed((await tune(nested, ({ lr }) => lr)).lr).as<number>();
// @ts-expect-error: misspelled
await tune(nested, ({ rl }) => rl);
