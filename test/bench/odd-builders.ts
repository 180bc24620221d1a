/** What odd problems are made of (odd-cases.ts). */
import {
  type CategoricalChoice,
  categorical,
  choice,
  float,
  int,
  type Rng,
  type SpaceEntries,
  type StudyDirection,
} from '../../src/core/index.ts';

export type Flat = Readonly<Record<string, CategoricalChoice>>;

/** What an objective returns or does. */
export type Told = number | readonly number[] | 'throws' | 'pruned';

export interface OddCase {
  readonly label: string;
  readonly group: string;
  readonly space: SpaceEntries;
  readonly nTrials: number;
  readonly directions: readonly StudyDirection[];
  /** Whether the space is declared, rather than found while the objective runs. */
  readonly isDeclared: boolean;
  /** What the study is told. `rng` belongs to the trial. */
  readonly tell: (params: Flat, trialNumber: number, rng: Rng) => Told;
  /** Reported before the trial ends, one step each. */
  readonly reports?: (params: Flat) => readonly number[];
  readonly constraints?: (params: Flat) => readonly number[];
  /** How bad a point really is, without noise and penalties; of several objectives their losses. */
  readonly losses: (params: Flat) => readonly number[];
  /** Where the hypervolume of several objectives ends. */
  readonly reference?: readonly number[];
}

export type Loss = (x: readonly number[]) => number;

export const numbers = (params: Flat): number[] =>
  Object.values(params).filter((value): value is number => typeof value === 'number');

/** The optimum of coordinate `i`, away from the middle and the ends. */
export const optimum = (i: number): number => 0.5 + 0.3 * Math.sin(i + 1);

export const sphere: Loss = (x) => x.reduce((sum, v, i) => sum + (v - optimum(i)) ** 2, 0);
export const rosenbrock: Loss = (x) => {
  const z = x.map((v, i) => 3 * (v - optimum(i)) + 1);
  let sum = 0;
  for (let i = 0; i + 1 < z.length; i++) sum += 100 * (z[i + 1] - z[i] ** 2) ** 2 + (1 - z[i]) ** 2;
  return sum;
};
export const rastrigin: Loss = (x) =>
  x.reduce((sum, v, i) => {
    const z = 5 * (v - optimum(i));
    return sum + z * z + 10 * (1 - Math.cos(2 * Math.PI * z));
  }, 0);
/** Best in a corner. */
export const slope: Loss = (x) => x.reduce((sum, v, i) => sum + (i % 2 === 0 ? v : 1 - v), 0);

export function unitBox(d: number): SpaceEntries {
  return Object.fromEntries(Array.from({ length: d }, (_, i) => [`x${i}`, float(0, 1)]));
}

export type Rest = Partial<Omit<OddCase, 'label' | 'group' | 'space'>>;

/** A function of the numbers of a space; what else is odd about it is in `rest`. */
export function numeric(
  group: string,
  label: string,
  entries: SpaceEntries,
  loss: Loss,
  rest: Rest = {},
): OddCase {
  return {
    label,
    group,
    space: entries,
    nTrials: 100,
    directions: ['minimize'],
    isDeclared: true,
    tell: (params) => loss(numbers(params)),
    losses: (params) => [loss(numbers(params))],
    ...rest,
  };
}

export const boxed = (group: string, label: string, d: number, loss: Loss, rest: Rest = {}): OddCase =>
  numeric(group, label, unitBox(d), loss, rest);

/** Where `isBad` the study is told something else than the loss. */
export const except =
  (loss: Loss, isBad: (x: readonly number[]) => boolean, bad: Told): OddCase['tell'] =>
  (params) => {
    const x = numbers(params);
    return isBad(x) ? bad : loss(x);
  };

/** Returns a case in which the study is told something else where `isBad`, and such points do not count. */
export function failing(
  group: string,
  label: string,
  d: number,
  isBad: (x: readonly number[]) => boolean,
  bad: Told,
  {
    loss = sphere,
    space = unitBox(d),
    ...rest
  }: Rest & { readonly loss?: Loss; readonly space?: SpaceEntries } = {},
): OddCase {
  return numeric(group, label, space, loss, {
    tell: except(loss, isBad, bad),
    losses: (params) => [isBad(numbers(params)) ? Number.POSITIVE_INFINITY : loss(numbers(params))],
    nTrials: 60,
    ...rest,
  });
}

/** `n` categorical parameters of `k` choices, of which one is best, and some pairs matter. */
export function categories(n: number, k: number, rest: Rest = {}): OddCase {
  const entries = Object.fromEntries(
    Array.from({ length: n }, (_, i) => [`c${i}`, categorical(Array.from({ length: k }, (_, j) => `v${j}`))]),
  );
  const loss = (params: Flat): number => {
    const picks = Object.values(params).map((value, i) => (Number(String(value).slice(1)) + 3 * i + 1) % k);
    return picks.reduce((sum, pick, i) => sum + pick * (1 + 0.3 * picks[(i + 1) % n]), 0);
  };
  return {
    label: `${n} categoricals of ${k}`,
    group: 'categorical',
    space: entries,
    nTrials: 100,
    directions: ['minimize'],
    isDeclared: true,
    tell: loss,
    losses: (params) => [loss(params)],
    ...rest,
  };
}

export function mixed(label: string, n: number, rest: Rest = {}): OddCase {
  const entries: Record<string, SpaceEntries[string]> = {};
  for (let i = 0; i < n; i++) {
    entries[`lr${i}`] = float(1e-6, 1, { log: true });
    entries[`n${i}`] = int(1, 40);
    entries[`p${i}`] = float(0, 1, { step: 0.05 });
    entries[`act${i}`] = categorical(['relu', 'gelu', 'tanh', 'none']);
    entries[`only${i}`] = int(7, 7);
  }
  const loss = (params: Flat): number => {
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const act = { relu: 0.3, gelu: 0, tanh: 0.6, none: 1.5 }[String(params[`act${i}`])]!;
      sum += ((Math.log10(params[`lr${i}`] as number) + 3.3) / 3) ** 2 + act;
      sum += (((params[`n${i}`] as number) - 23) / 20) ** 2 + ((params[`p${i}`] as number) - 0.35) ** 2 * 4;
    }
    return sum;
  };
  return {
    label,
    group: 'mixed',
    space: entries,
    nTrials: 100,
    directions: ['minimize'],
    isDeclared: true,
    tell: loss,
    losses: (params) => [loss(params)],
    ...rest,
  };
}

/** `n` numbers, and `n` categoricals of three choices, each of which has its best end or choice. */
export function slopeWithCategories(label: string, n: number): OddCase {
  const choices = ['a', 'b', 'c'];
  const entries = Object.fromEntries(
    Array.from({ length: n }, (_, i) => [
      [`x${i}`, float(0, 1)],
      [`c${i}`, categorical(choices)],
    ]).flat(),
  );
  const loss = (params: Flat): number =>
    slope(numbers(params)) +
    Array.from({ length: n }, (_, i) => 0.4 * ((choices.indexOf(String(params[`c${i}`])) + i) % 3)).reduce(
      (a, b) => a + b,
    );
  return {
    label,
    group: 'mixed',
    space: entries,
    nTrials: 40,
    directions: ['minimize'],
    isDeclared: true,
    tell: loss,
    losses: (params) => [loss(params)],
  };
}

export function branches(label: string, rest: Rest = {}): OddCase {
  const entries = {
    model: choice({
      tree: { depth: int(1, 12), rate: float(1e-4, 1, { log: true }) },
      svm: {
        c: float(1e-5, 1e5, { log: true }),
        kernel: choice({ rbf: { gamma: float(1e-6, 10, { log: true }) }, linear: {} }),
      },
      net: { width: int(8, 512, { log: true }), layers: int(1, 6), dropout: float(0, 0.9) },
    }),
    scale: categorical([true, false]),
  };
  const at = (params: Flat, name: string): number => params[name] as number;
  const loss = (params: Flat): number => {
    const scaled = params['scale'] === true ? 0 : 0.4;
    if (params['model'] === 'tree')
      return (
        scaled +
        0.5 +
        ((at(params, 'model.tree.depth') - 6) / 6) ** 2 +
        (Math.log10(at(params, 'model.tree.rate')) + 1.2) ** 2 / 4
      );
    if (params['model'] === 'svm') {
      const rest =
        params['model.svm.kernel'] === 'rbf'
          ? (Math.log10(at(params, 'model.svm.kernel.rbf.gamma')) + 2.5) ** 2 / 6
          : 0.9;
      return scaled + 0.1 + (Math.log10(at(params, 'model.svm.c')) - 1.7) ** 2 / 10 + rest;
    }
    const layers = ((at(params, 'model.net.layers') - 3) / 3) ** 2;
    return (
      scaled +
      0.2 +
      layers +
      (Math.log2(at(params, 'model.net.width')) - 7) ** 2 / 9 +
      (at(params, 'model.net.dropout') - 0.3) ** 2
    );
  };
  return {
    label,
    group: 'branches',
    space: entries,
    nTrials: 100,
    directions: ['minimize'],
    isDeclared: true,
    tell: loss,
    losses: (params) => [loss(params)],
    ...rest,
  };
}

/** Two or three objectives, each least at another place. */
export function several(
  label: string,
  d: number,
  m: number,
  rest: Rest & { readonly penalty?: number } = {},
): OddCase {
  const losses = (params: Flat): number[] => {
    const x = numbers(params);
    return Array.from({ length: m }, (_, k) =>
      Math.sqrt(x.reduce((sum, v, i) => sum + (v - 0.5 - 0.35 * Math.sin(i + 1 + 2 * k)) ** 2, 0) / d),
    );
  };
  const { penalty, ...others } = rest;
  return {
    label,
    group: 'objectives',
    space: unitBox(d),
    nTrials: 80,
    directions: Array.from({ length: m }, () => 'minimize' as const),
    isDeclared: true,
    tell: (params) =>
      penalty !== undefined && numbers(params)[0] > 0.6
        ? Array.from({ length: m }, () => penalty)
        : losses(params),
    losses,
    reference: Array.from({ length: m }, () => 1),
    ...others,
  };
}
