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
import { contains, isSingle, singleValue, toInternalRepr } from '../core/distribution.ts';
import { ThanosError } from '../core/errors.ts';
import { type FrozenTrial, frozenTrial, type StudyDirection } from '../core/frozen-trial.ts';
import type { Sampler, StudyTraits } from '../core/sampler.ts';
import { int, space } from '../core/space.ts';
import { assertSupported } from '../core/supported.ts';
import { makeTrial, type Outcome, runSamplerLoop, suggest } from './sampler-loop.ts';
import {
  CHOICES,
  EXTREME,
  expectAnswer,
  forEachScenario,
  type MakeSampler,
  mixedOutcome,
  N_TRIALS,
  NUMERIC,
  ONE,
  type Params,
  probe,
  type Recorded,
  record,
  SINGLES,
  scenarios,
  score,
  spaceFor,
  supported,
  TWO,
} from './sampler-scenarios.ts';
import type { TestFrame } from './storage-kit.ts';

export type { MakeSampler };

type Check = (make: MakeSampler) => void;

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

/** Whether the door lets a study pass; if not, its refusal says so by code. */
function isLetIn(sampler: Sampler, study: StudyTraits): boolean {
  try {
    assertSupported(sampler, study);
    return true;
  } catch (error) {
    expectCode(['UNSUPPORTED', 'INVALID_ARGUMENT'], () => {
      throw error;
    });
    return false;
  }
}

/** Studies of each kind are let in if the capabilities say so, and what is let in works. */
function refusesUnsupported(make: MakeSampler): void {
  const { capabilities } = probe(make);
  const numeric = supported(NUMERIC, capabilities);
  const kinds = [
    { what: 'one objective', can: true, space: numeric, directions: ONE, declared: true },
    {
      what: 'two objectives',
      can: capabilities.multiObjective,
      space: numeric,
      directions: TWO,
      declared: true,
    },
    {
      what: 'choices',
      can: capabilities.categorical,
      space: { ...numeric, ...CHOICES },
      directions: ONE,
      declared: true,
    },
    {
      what: 'define-by-run',
      can: capabilities.defineByRun,
      space: numeric,
      directions: ONE,
      declared: false,
    },
    {
      what: 'real numbers',
      can: capabilities.continuous ?? true,
      space: NUMERIC,
      directions: ONE,
      declared: true,
    },
  ];
  for (const { what, can, space: searchSpace, directions, declared } of kinds) {
    const sampler = make(1, searchSpace);
    const conditions = NO_CONDITIONS;
    const isOpened = isLetIn(sampler, { directions, declaredSpace: undefined, conditions });
    const declaredSpace = declared ? searchSpace : null;
    const isIn = isOpened && isLetIn(sampler, { directions, declaredSpace, conditions });
    assert.equal(
      isIn,
      can,
      `${what}: the capabilities say ${can}, but the study is ${isIn ? 'let in' : 'refused'}`,
    );
    if (!isIn) continue;
    try {
      record(sampler, searchSpace, { name: what, directions, declared, batchSize: 1 }, 20);
    } catch (error) {
      assert.fail(`${what}: a study that was let in must work, but a trial of it threw ${error}`);
    }
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
      `maximizing -f must be minimizing f (${directions.length} objectives)`,
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
  ['C7 maximizing -f is minimizing f', mirrored],
  ['constraints count if and only if it says so', constraintsCount],
];

/** Registers the tests of the sampler contract. */
export function samplerConformance({ describe, it }: TestFrame, make: MakeSampler): void {
  describe('sampler contract', () => {
    for (const [title, check] of CLAUSES) it(title, async () => check(make));
  });
}
