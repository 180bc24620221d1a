/**
 * Conformance kit for samplers: tests of the clauses C1 to C7 of the contract in `core/sampler.ts`.
 *
 * ```ts
 * import { describe, it } from 'vitest';
 * samplerConformance({ describe, it }, (seed) => new MySampler({ seed, populationSize: 8 }));
 * ```
 */
import assert from 'node:assert/strict';
import { NO_CONDITIONS } from '../core/conditions.ts';
import {
  cardinality,
  contains,
  isSingle,
  type ParamValue,
  type SearchSpace,
  singleValue,
  toInternalRepr,
} from '../core/distribution.ts';
import { SearchSpaceExhaustedError, ThanosError } from '../core/errors.ts';
import { type FrozenTrial, frozenTrial, type StudyDirection } from '../core/frozen-trial.ts';
import type { Sampler, SamplerCapabilities, SamplerContext } from '../core/sampler.ts';
import { categorical, float, int, space } from '../core/space.ts';
import { makeTrial, type Outcome, runSamplerLoop, type Suggestion, suggest } from './sampler-loop.ts';
import type { TestFrame } from './storage-kit.ts';

/**
 * Makes the sampler under test. Its start-up phase or population should be small: the kit runs some 50 trials and wants to
 * see what comes after it. `space` is what it will be asked for, in case the sampler must know (a grid).
 */
export type MakeSampler = (seed: number, space: SearchSpace) => Sampler;

type Check = (make: MakeSampler) => void;
type Params = Readonly<Record<string, ParamValue>>;

const N_TRIALS = 50;
const ONE: readonly StudyDirection[] = ['minimize'];
const TWO: readonly StudyDirection[] = ['minimize', 'maximize'];

const NUMERIC = space({
  real: float(-2, 3),
  log: float(1e-4, 10, { log: true }),
  stepped: float(-0.5, 0.7, { step: 0.1 }),
  whole: int(-3, 12),
  sparse: int(5, 95, { step: 15 }),
  wholeLog: int(1, 1000, { log: true }),
});
const CHOICES = { act: categorical(['relu', 'gelu', 'tanh']), flag: categorical([true, false, null, 3]) };
const ONE_POINT = { fixed: float(2, 2), only: categorical(['a']), seven: int(7, 7) };
const SINGLES: SearchSpace = { ...ONE_POINT, x: float(0, 1), n: int(0, 9) };
const EXTREME = space({
  huge: float(-1e300, 1e300),
  tiny: float(1e-300, 1e-299, { log: true }),
  narrow: float(1, 1 + 1e-12),
  big: int(-(2 ** 40), 2 ** 40),
  pair: int(0, 1),
});

function spaceFor({ capabilities }: Sampler): SearchSpace {
  return supported(capabilities.categorical ? { ...NUMERIC, ...CHOICES } : NUMERIC, capabilities);
}

/** What a sampler can draw of a space: without continuous parameters if it needs finitely many values. */
function supported(searchSpace: SearchSpace, { continuous = true }: SamplerCapabilities): SearchSpace {
  if (continuous) return searchSpace;
  return Object.fromEntries(Object.entries(searchSpace).filter(([, d]) => cardinality(d) < Infinity));
}

/** Some number in [-1, 2] that depends on every parameter. */
function score(params: Params, shift: number): number {
  let sum = 0;
  Object.values(params).forEach((value, i) => {
    const x = typeof value === 'number' ? value : String(value).length;
    sum += Math.tanh((x - shift) / (i + 1)) ** 2;
  });
  return sum / (1 + Object.keys(params).length);
}

/** Every way in which a trial can end: complete, failed, pruned (one objective), infinite, infeasible. */
function mixedOutcome(nObjectives: number): (params: Params, number: number) => Outcome {
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

interface Recorded {
  readonly context: SamplerContext;
  readonly space: SearchSpace;
  readonly suggestion: Suggestion;
}

interface Scenario {
  readonly name: string;
  readonly directions: readonly StudyDirection[];
  readonly declared: boolean;
  readonly batchSize: number;
}

/** The kinds of study that a sampler says it can do. */
function scenarios({ capabilities }: Sampler): readonly Scenario[] {
  const all: Scenario[] = [
    { name: 'declared space', directions: ONE, declared: true, batchSize: 1 },
    { name: 'maximise', directions: ['maximize'], declared: true, batchSize: 1 },
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

function record(
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

function expectAnswer(sampler: Sampler, { context, space: asked, suggestion }: Recorded, what: string): void {
  assert.deepEqual(suggest(sampler, context, asked), suggestion, `${what}, trial ${context.trialNumber}`);
}

const probe = (make: MakeSampler): Sampler => make(1, NUMERIC);

function forEachScenario(
  make: MakeSampler,
  body: (scenario: Scenario, searchSpace: SearchSpace) => void,
): void {
  const sampler = probe(make);
  for (const scenario of scenarios(sampler)) body(scenario, spaceFor(sampler));
}

function pure(make: MakeSampler): void {
  forEachScenario(make, (scenario, searchSpace) => {
    const recorded = record(make(1, searchSpace), searchSpace, scenario);
    for (const one of recorded.filter((_, i) => i % 3 === 0))
      expectAnswer(make(1, searchSpace), one, `${scenario.name}: a fresh instance`);
    assert.deepEqual(
      record(make(1, searchSpace), searchSpace, scenario).map((r) => r.suggestion),
      recorded.map((r) => r.suggestion),
      `${scenario.name}: the same study again`,
    );
  });
}

function seedMatters(make: MakeSampler): void {
  const searchSpace = spaceFor(probe(make));
  const draws = [1, 2].map((seed) =>
    record(make(seed, searchSpace), searchSpace, scenarios(probe(make))[0], 5).map(
      (r) => r.suggestion.params,
    ),
  );
  assert.notDeepEqual(draws[0], draws[1], 'two seeds must not give the same trials');
}

function optionsAreData(make: MakeSampler): void {
  const { options, seed, name } = make(41, NUMERIC);
  assert.equal(seed, 41);
  assert.ok(name.length > 0, 'a sampler has a name');
  assert.equal(options['seed'], 41, 'options hold the seed');
  assert.deepEqual(JSON.parse(JSON.stringify(options)), options, 'options must survive JSON');
}

function cacheIsInvisible(make: MakeSampler): void {
  forEachScenario(make, (scenario, searchSpace) => {
    const sampler = make(1, searchSpace);
    const recorded = record(sampler, searchSpace, scenario, 30);
    const what = (how: string): string => `${scenario.name}: ${how}`;
    for (const one of [...recorded].reverse()) expectAnswer(sampler, one, what('asked again, backwards'));
    const other = record(sampler, searchSpace, { ...scenario, batchSize: 2 }, 20);
    recorded.forEach((one, i) => {
      expectAnswer(sampler, one, what('two studies by turns'));
      if (i < other.length) expectAnswer(sampler, other[i], what('two studies by turns'));
    });
    const reread = recorded.map((one) => withTrials(one, (t) => frozenTrial({ ...t })));
    for (const one of reread.slice(-4)) expectAnswer(sampler, one, what('the history read again'));
    // Another past with the numbers and ids of the first.
    const last = recorded[recorded.length - 1];
    const changed = withTrials(last, (t) =>
      t.number === 0 || t.values === null
        ? t
        : frozenTrial({
            ...t,
            params: last.context.trials[(t.number * 7) % 20].params,
            values: t.values.map((v) => -v),
          }),
    );
    const suggestion = suggest(make(1, searchSpace), changed.context, searchSpace);
    expectAnswer(sampler, { ...changed, suggestion }, what('another past'));
  });
}

function withTrials(recorded: Recorded, change: (trial: FrozenTrial) => FrozenTrial): Recorded {
  return { ...recorded, context: { ...recorded.context, trials: recorded.context.trials.map(change) } };
}

/** Attempt after attempt at some trials: never the same answer all over, and from a sampler that enumerates never one twice. */
function attemptsDiffer(make: MakeSampler): void {
  const searchSpace = spaceFor(probe(make));
  const sampler = make(1, searchSpace);
  const recorded = record(sampler, searchSpace, scenarios(sampler)[0]);
  for (const { context } of recorded.filter((_, i) => i % 7 === 0)) {
    const ask = (attempt: number, asked: Sampler): string =>
      JSON.stringify(suggest(asked, { ...context, attempt }, searchSpace).params);
    const answers = [0, 1, 2, 3].map((attempt) => ask(attempt, sampler));
    const least = sampler.capabilities.enumerates === true ? answers.length : 2;
    const message = `trial ${context.trialNumber}: attempts must draw anew, but gave ${answers.join(' ')}`;
    assert.ok(new Set(answers).size >= least, message);
    assert.equal(ask(2, make(1, searchSpace)), answers[2], 'an attempt asked of a fresh instance');
  }
}

function staysInside(make: MakeSampler): void {
  const sampler = probe(make);
  const spaces = [spaceFor(sampler), ...[EXTREME, SINGLES].map((s) => supported(s, sampler.capabilities))];
  for (const scenario of scenarios(sampler))
    for (const searchSpace of spaces)
      for (const { suggestion } of record(make(1, searchSpace), searchSpace, scenario)) {
        for (const [name, distribution] of Object.entries(searchSpace)) {
          const value = suggestion.params[name];
          const message = `${scenario.name}: ${name} = ${JSON.stringify(value)} must lie in ${JSON.stringify(distribution)}`;
          if (distribution.kind === 'categorical') assert.ok(distribution.choices.includes(value), message);
          else assert.ok(contains(distribution, toInternalRepr(distribution, value)), message);
          if (distribution.kind === 'int') assert.ok(Number.isSafeInteger(value), message);
        }
      }
}

function singlesAreGiven(make: MakeSampler): void {
  const sampler = probe(make);
  const { only, ...numeric } = SINGLES;
  const searchSpace = supported(
    sampler.capabilities.categorical ? { only, ...numeric } : numeric,
    sampler.capabilities,
  );
  const tested = make(1, searchSpace);
  for (const { context } of record(tested, searchSpace, scenarios(sampler)[0], 20)) {
    const relative = tested.inferRelativeSearchSpace(context);
    const { params } = tested.sampleRelative(context, relative);
    for (const [name, d] of Object.entries(searchSpace))
      if (isSingle(d) && name in params)
        assert.deepEqual(params[name], singleValue(d), `'${name}' has one value only`);
  }
}

function expectCode(codes: readonly string[], call: () => unknown): void {
  assert.throws(call, (error) => {
    assert.ok(error instanceof ThanosError, `expected a ThanosError, but got ${error}`);
    assert.ok(codes.includes(error.code), `expected code ${codes.join(' or ')}, but got ${error.code}`);
    return true;
  });
}

function refusesUnsupported(make: MakeSampler): void {
  const { capabilities } = probe(make);
  const ask = (
    searchSpace: SearchSpace,
    directions: readonly StudyDirection[],
    declared: boolean,
  ): Suggestion =>
    suggest(
      make(1, searchSpace),
      {
        directions,
        trialNumber: 0,
        trials: [],
        declaredSpace: declared ? searchSpace : null,
        conditions: NO_CONDITIONS,
        attempt: 0,
      },
      searchSpace,
    );
  const numeric = supported(NUMERIC, capabilities);
  const cases = [
    { can: capabilities.multiObjective, call: () => ask(numeric, TWO, true) },
    { can: capabilities.categorical, call: () => ask({ ...numeric, ...CHOICES }, ONE, true) },
    { can: capabilities.defineByRun, call: () => ask(numeric, ONE, false) },
    { can: capabilities.continuous ?? true, call: () => ask(NUMERIC, ONE, true) },
  ];
  for (const { can, call } of cases) {
    if (can) call();
    else expectCode(['UNSUPPORTED'], call);
  }
}

/** Four points, asked for twelve times, in a history that gives no way forward. */
function alwaysEnds(make: MakeSampler): void {
  const searchSpace = space({ a: int(0, 1), b: int(0, 1) });
  const outcomes: readonly Outcome[] = [
    { values: [1], constraints: [1] },
    { state: 'FAIL' },
    { state: 'PRUNED' },
    { values: [Number.POSITIVE_INFINITY] },
    { values: [0] },
  ];
  for (const outcome of outcomes) {
    const sampler = make(1, searchSpace);
    const run = (): unknown =>
      runSamplerLoop({ sampler, space: searchSpace, directions: ONE, nTrials: 12, evaluate: () => outcome });
    try {
      run();
    } catch (error) {
      expectCode(['SEARCH_SPACE_EXHAUSTED', 'INFEASIBLE_SPACE'], () => {
        throw error;
      });
    }
  }
}

function mirrored(make: MakeSampler): void {
  const sampler = probe(make);
  const searchSpace = spaceFor(sampler);
  for (const directions of sampler.capabilities.multiObjective ? [ONE, TWO] : [ONE]) {
    const flipped = directions.map((d): StudyDirection => (d === 'minimize' ? 'maximize' : 'minimize'));
    const evaluate = mixedOutcome(directions.length);
    const shared = { space: searchSpace, nTrials: N_TRIALS };
    const there = runSamplerLoop({ ...shared, directions, evaluate, sampler: make(1, searchSpace) });
    const back = runSamplerLoop({
      ...shared,
      directions: flipped,
      sampler: make(1, searchSpace),
      evaluate: (params, number) => {
        const { values, intermediateValues = new Map<number, number>(), ...rest } = evaluate(params, number);
        return {
          ...rest,
          values: values?.map((v) => -v) ?? null,
          intermediateValues: new Map([...intermediateValues].map(([step, v]) => [step, -v])),
        };
      },
    });
    assert.deepEqual(
      back.map((t) => t.params),
      there.map((t) => t.params),
      `maximising -f must be minimising f (${directions.length} objectives)`,
    );
  }
}

function constraintsCount(make: MakeSampler): void {
  const sampler = probe(make);
  const searchSpace = spaceFor(sampler);
  const history = (violating: (x: number) => boolean): FrozenTrial[] =>
    record(make(1, searchSpace), searchSpace, scenarios(sampler)[0]).map(({ suggestion }, number) =>
      makeTrial(number, searchSpace, suggestion, {
        values: [score(suggestion.params, 0)],
        constraints: [
          violating((suggestion.params['real'] ?? suggestion.params['whole']) as number) ? 1 : -1,
        ],
      }),
    );
  const answers = (trials: readonly FrozenTrial[]): Params[] =>
    [0, 1, 2, 3].map((k) => {
      const context = {
        directions: ONE,
        trialNumber: trials.length + k,
        trials,
        declaredSpace: searchSpace,
        conditions: NO_CONDITIONS,
        attempt: 0,
      };
      return suggest(make(1, searchSpace), context, searchSpace).params;
    });
  const [low, high] = [answers(history((x) => x < 0.5)), answers(history((x) => x >= 0.5))];
  if (sampler.capabilities.constraints)
    assert.notDeepEqual(low, high, 'a sampler with capability `constraints` must react to them');
  else assert.deepEqual(low, high, 'a sampler without capability `constraints` must ignore them');
}

const CLAUSES: readonly (readonly [title: string, check: Check])[] = [
  ['C1 a fresh instance answers the same, and the same study comes out again', pure],
  ['C1 the seed matters', seedMatters],
  ['C1 options are plain data with the seed', optionsAreData],
  ['C1 every attempt at a trial draws anew', attemptsDiffer],
  ['C2 no order of questions, other study or copy of the history changes an answer', cacheIsInvisible],
  ['C3 every value lies in its distribution', staysInside],
  ['C4 single-valued parameters are left to the trial, or get their only value', singlesAreGiven],
  ['C5 what it cannot do it refuses, what it can it does', refusesUnsupported],
  ['C6 it ends, with a suggestion or the right error', alwaysEnds],
  ['C7 maximising -f is minimising f', mirrored],
  ['constraints count if and only if it says so', constraintsCount],
];

/** Registers the tests of the sampler contract. */
export function samplerConformance({ describe, it }: TestFrame, make: MakeSampler): void {
  describe('sampler contract', () => {
    for (const [title, check] of CLAUSES) it(title, async () => check(make));
  });
}
