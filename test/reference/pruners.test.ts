/**
 * Our pruners against Optuna 5.0.0, decision by decision, in studies run by `createStudy` and `optimize`. `pruners.json` holds
 * curves, decisions and p-values, each beside the call that made it; with THANOS_PEER_PYTHON (a Python with optuna and
 * scipy) set, the script is run again and compared as well.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { RandomSampler } from '../../samplers/index.ts';
import { createStudy, type StudyDirection, TrialPruned } from '../../src/index.ts';
import { signedRankPValue } from '../../src/math/signed-rank.ts';
import { Brackets } from '../../src/pruners/brackets.ts';
import { prunerRegistry } from '../../src/pruners/index.ts';

interface Scenario {
  readonly direction: StudyDirection;
  readonly shuffled?: boolean;
  readonly curves: readonly (readonly (number | 'NaN' | null)[])[];
}

interface Reference {
  readonly madeWith: string;
  readonly scenarios: Readonly<Record<string, Scenario>>;
  readonly pruners: readonly {
    readonly call: string;
    readonly name: string;
    readonly options: Readonly<Record<string, unknown>>;
    /** By scenario and trial: after how many reports it was pruned, or -1. */
    readonly prunedAfter: Readonly<Record<string, readonly number[]>>;
  }[];
  readonly brackets: readonly {
    readonly call: string;
    readonly studyName: string;
    readonly options: {
      readonly minResource: number;
      readonly maxResource: number;
      readonly reductionFactor: number;
    };
    readonly ids: readonly number[];
  }[];
  readonly signedRank: {
    readonly call: string;
    readonly cases: readonly { readonly differences: readonly number[]; readonly p: number }[];
  };
}

const file = (name: string): URL => new URL(name, import.meta.url);
const reference: Reference = JSON.parse(readFileSync(file('pruners.json'), 'utf8'));

const titled = <T extends { readonly call: string }>(entries: readonly T[]): [string, T][] =>
  entries.map((entry) => [entry.call, entry]);

/** [step, value] in the order in which the trial reports them. */
function reportsOf({ curves, shuffled }: Scenario, number: number): (readonly [number, number])[] {
  const row = curves[number];
  const steps = row.map((_, i) => (shuffled === true ? (i * 7 + number * 3) % row.length : i));
  return steps.filter((step) => row[step] !== null).map((step) => [step, Number(row[step])] as const);
}

/** Returns what `decisions` in generate_pruners.py does, from our pruners. */
async function decisions(
  name: string,
  options: Readonly<Record<string, unknown>>,
  scenario: Scenario,
  nTrials: number,
): Promise<number[]> {
  const prunedAfter: number[] = [];
  const study = await createStudy({
    studyName: 'ref',
    direction: scenario.direction,
    pruner: prunerRegistry.get(name)(options),
    sampler: new RandomSampler({ seed: 0 }),
  });
  await study.optimize(
    (trial) => {
      prunedAfter.push(-1);
      const values: number[] = [];
      for (const [step, value] of reportsOf(scenario, trial.number)) {
        if (trial.number % 13 === 6 && step > 9) throw new Error('fails');
        trial.report(value, step);
        values.push(value);
        if (!trial.shouldPrune()) continue;
        prunedAfter[trial.number] = values.length;
        throw new TrialPruned();
      }
      return scenario.shuffled === true
        ? values.reduce((sum, value) => sum + value, 0) / values.length
        : values[values.length - 1];
    },
    { nTrials, catch: true },
  );
  return prunedAfter;
}

describe(`decisions are those of ${reference.madeWith}`, () => {
  it.each(titled(reference.pruners))('%s', async (_, { name, options, prunedAfter }) => {
    for (const [key, expected] of Object.entries(prunedAfter))
      expect(await decisions(name, options, reference.scenarios[key], expected.length), key).toEqual(
        expected,
      );
  });

  it.each(titled(reference.brackets))('%s', (_, { studyName, options, ids }) => {
    const { minResource, maxResource, reductionFactor } = options;
    const brackets = new Brackets(minResource, maxResource, reductionFactor);
    expect(ids.map((_, number) => brackets.of(studyName, number))).toEqual(ids);
    expect(new Set(ids).size).toBeGreaterThan(2);
  });

  it(reference.signedRank.call, () => {
    for (const { differences, p } of reference.signedRank.cases)
      expect(signedRankPValue(differences), `${differences}`).toBeCloseTo(p, 12);
  });
});

const python = process.env['THANOS_PEER_PYTHON'];

describe.skipIf(python === undefined)('with Optuna (skipped if THANOS_PEER_PYTHON is not set)', () => {
  it('the script prints what is compared above', { timeout: 300_000 }, () => {
    const script = file('generate_pruners.py').pathname;
    const printed = execFileSync(python!, [script], { encoding: 'utf8', maxBuffer: 2 ** 26 });
    const { signedRank, ...theirs } = JSON.parse(printed) as Reference;
    const { signedRank: known, madeWith: _, ...ours } = reference;
    expect({ ...theirs, madeWith: undefined }).toEqual({ ...ours, madeWith: undefined });
    signedRank.cases.forEach(({ differences, p }, i) => {
      expect(differences).toEqual(known.cases[i].differences);
      expect(p).toBeCloseTo(known.cases[i].p, 12);
    });
  });
});
