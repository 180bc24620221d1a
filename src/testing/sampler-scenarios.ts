/** What the sampler kit tries a sampler on: spaces, studies of every kind that it says it can do, and every way to end. */
import assert from 'node:assert/strict';
import { cardinality, type ParamValue, type SearchSpace } from '../core/distribution.ts';
import { SearchSpaceExhaustedError } from '../core/errors.ts';
import type { StudyDirection } from '../core/frozen-trial.ts';
import type { Sampler, SamplerCapabilities, SamplerContext } from '../core/sampler.ts';
import { categorical, float, int, space } from '../core/space.ts';
import { type Outcome, runSamplerLoop, type Suggestion, suggest } from './sampler-loop.ts';

/**
 * Makes the sampler under test. Its start-up phase or population should be small: the kit runs some 50 trials and wants to
 * see what comes after it. `space` is what it will be asked for, in case the sampler must know (a grid).
 */
export type MakeSampler = (seed: number, space: SearchSpace) => Sampler;

export type Params = Readonly<Record<string, ParamValue>>;

export const N_TRIALS = 50;
export const ONE: readonly StudyDirection[] = ['minimize'];
export const TWO: readonly StudyDirection[] = ['minimize', 'maximize'];

export const NUMERIC = space({
  real: float(-2, 3),
  log: float(1e-4, 10, { log: true }),
  stepped: float(-0.5, 0.7, { step: 0.1 }),
  whole: int(-3, 12),
  sparse: int(5, 95, { step: 15 }),
  wholeLog: int(1, 1000, { log: true }),
});
export const CHOICES = {
  act: categorical(['relu', 'gelu', 'tanh']),
  flag: categorical([true, false, null, 3]),
};
const ONE_POINT = { fixed: float(2, 2), only: categorical(['a']), seven: int(7, 7) };
export const SINGLES: SearchSpace = { ...ONE_POINT, x: float(0, 1), n: int(0, 9) };
export const EXTREME = space({
  huge: float(-1e300, 1e300),
  tiny: float(1e-300, 1e-299, { log: true }),
  narrow: float(1, 1 + 1e-12),
  big: int(-(2 ** 40), 2 ** 40),
  pair: int(0, 1),
});

export function spaceFor({ capabilities }: Sampler): SearchSpace {
  return supported(capabilities.categorical ? { ...NUMERIC, ...CHOICES } : NUMERIC, capabilities);
}

/** What a sampler can draw of a space: without continuous parameters if it needs finitely many values. */
export function supported(searchSpace: SearchSpace, { continuous = true }: SamplerCapabilities): SearchSpace {
  if (continuous) return searchSpace;
  return Object.fromEntries(Object.entries(searchSpace).filter(([, d]) => cardinality(d) < Infinity));
}

/** Some number in [-1, 2] that depends on every parameter. */
export function score(params: Params, shift: number): number {
  let sum = 0;
  Object.values(params).forEach((value, i) => {
    const x = typeof value === 'number' ? value : String(value).length;
    sum += Math.tanh((x - shift) / (i + 1)) ** 2;
  });
  return sum / (1 + Object.keys(params).length);
}

/** Every way in which a trial can end: complete, failed, pruned (one objective), infinite, infeasible. */
export function mixedOutcome(nObjectives: number): (params: Params, number: number) => Outcome {
  return (params, number) => {
    if (number % 11 === 4) return { state: 'FAIL' };
    const values = Array.from({ length: nObjectives }, (_, k) => score(params, k));
    if (number % 13 === 5) values[0] = number % 2 === 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    const constraints = number % 5 === 2 ? [values[0] - 0.3, -1] : [-1, 0];
    if (nObjectives === 1 && number % 7 === 3) {
      const reports: [number, number][] =
        number % 2 === 0
          ? []
          : [
              [0, values[0]],
              [number % 3, number % 5 === 0 ? Number.NaN : values[0]],
            ];
      return { state: 'PRUNED', intermediateValues: new Map(reports), constraints };
    }
    return { values, constraints };
  };
}

export interface Recorded {
  readonly context: SamplerContext;
  readonly space: SearchSpace;
  readonly suggestion: Suggestion;
}

export interface Scenario {
  readonly name: string;
  readonly directions: readonly StudyDirection[];
  readonly declared: boolean;
  readonly batchSize: number;
}

/** The kinds of study that a sampler says it can do. */
export function scenarios({ capabilities }: Sampler): readonly Scenario[] {
  const all: Scenario[] = [
    { name: 'declared space', directions: ONE, declared: true, batchSize: 1 },
    { name: 'maximize', directions: ['maximize'], declared: true, batchSize: 1 },
    { name: 'batches of 4', directions: ONE, declared: true, batchSize: 4 },
  ];
  if (capabilities.defineByRun)
    all.push({ name: 'define-by-run', directions: ONE, declared: false, batchSize: 1 });
  if (capabilities.multiObjective)
    for (const declared of capabilities.defineByRun ? [true, false] : [true])
      all.push({
        name: `two objectives, declared=${declared}`,
        directions: TWO,
        declared,
        batchSize: declared ? 3 : 1,
      });
  return all;
}

export function record(
  sampler: Sampler,
  searchSpace: SearchSpace,
  scenario: Scenario,
  nTrials = N_TRIALS,
): Recorded[] {
  const recorded: Recorded[] = [];
  const run = (): unknown =>
    runSamplerLoop({
      ...scenario,
      sampler,
      space: searchSpace,
      nTrials,
      evaluate: mixedOutcome(scenario.directions.length),
      onSuggest: (context, suggestion) => {
        recorded.push({
          context: { ...context, trials: [...context.trials] },
          space: searchSpace,
          suggestion,
        });
      },
    });
  try {
    run();
  } catch (error) {
    // A sampler of finitely many points may be done with a small space.
    if (!(error instanceof SearchSpaceExhaustedError && recorded.length > 0)) throw error;
  }
  return recorded;
}

export function expectAnswer(
  sampler: Sampler,
  { context, space: asked, suggestion }: Recorded,
  what: string,
): void {
  assert.deepEqual(suggest(sampler, context, asked), suggestion, `${what}, trial ${context.trialNumber}`);
}

export const probe = (make: MakeSampler): Sampler => make(1, NUMERIC);

export function forEachScenario(
  make: MakeSampler,
  body: (scenario: Scenario, searchSpace: SearchSpace) => void,
): void {
  const sampler = probe(make);
  for (const scenario of scenarios(sampler)) body(scenario, spaceFor(sampler));
}
