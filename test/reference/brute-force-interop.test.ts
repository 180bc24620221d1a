/** Optuna's BruteForceSampler and ours try the same combinations of one objective, and a study of one goes on with the other. */
import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { BruteForceSampler } from '../../samplers/brute-force/sampler.ts';
import type { StudyTrial } from '../../src/core/study.ts';
import { createStudy, distributionFromJson, type ParamValue } from '../../src/index.ts';
import { makeTrial } from '../../src/testing/sampler-loop.ts';

/** optuna 5.0.0: study.optimize with BruteForceSampler(seed=3), all trials or the first n. */
const SCRIPT = `
import json, sys, optuna
optuna.logging.set_verbosity(optuna.logging.ERROR)
def objective(trial):
    if trial.suggest_categorical("c", ["float", "int"]) == "float":
        return trial.suggest_float("x", 0.1, 0.7, step=0.2)
    a = trial.suggest_int("a", 1, 3)
    return a + trial.suggest_int("b", a, 4)
to_json = optuna.distributions.distribution_to_json
def trials(n):
    study = optuna.create_study(sampler=optuna.samplers.BruteForceSampler(seed=3))
    study.optimize(objective, n_trials=n)
    return [{"params": t.params, "distributions": {k: to_json(d) for k, d in t.distributions.items()}} for t in study.trials]
print(json.dumps([trials(n) for n in json.load(sys.stdin)]))
`;

function objective(trial: StudyTrial): number {
  if (trial.suggestCategorical('c', ['float', 'int']) === 'float')
    return trial.suggestFloat('x', 0.1, 0.7, { step: 0.2 });
  const a = trial.suggestInt('a', 1, 3);
  return a + trial.suggestInt('b', a, 4);
}

interface Theirs {
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly distributions: Readonly<Record<string, string>>;
}

const python = process.env['THANOS_PEER_PYTHON'];
const optuna = (...counts: (number | null)[]): Theirs[][] =>
  JSON.parse(
    execFileSync(python!, ['-W', 'ignore', '-c', SCRIPT], {
      input: JSON.stringify(counts),
      encoding: 'utf8',
    }),
  );

/** Values to twelve digits: 0.1 + 2 * 0.2 is summed in another order. */
const keyOf = (params: Theirs['params']): string =>
  JSON.stringify(Object.values(params).map((v) => (typeof v === 'number' ? v.toPrecision(12) : v)));

describe.skipIf(python === undefined)('with Optuna (skipped if THANOS_PEER_PYTHON is not set)', () => {
  let [all, eight]: Theirs[][] = [];
  beforeAll(() => {
    [all, eight] = optuna(null, 8);
  });

  it('tries the same combinations', async () => {
    const study = await createStudy({ sampler: new BruteForceSampler({ seed: 3 }) });
    await study.optimize(objective, { nTrials: 100 });
    const theirs = all.map((t) => keyOf(t.params));
    expect(study.trials.map((t) => keyOf(t.params)).sort()).toEqual(theirs.sort());
    expect(study.trials).toHaveLength(4 + 4 + 3 + 2);
  });

  it('goes on where Optuna stopped', async () => {
    const study = await createStudy({ sampler: new BruteForceSampler({ seed: 3 }) });
    for (const { params, distributions } of eight) {
      const space = Object.fromEntries(
        Object.entries(distributions).map(([name, json]) => [name, distributionFromJson(json)]),
      );
      await study.addTrial(makeTrial(0, space, { params, systemAttrs: {} }, { values: [0] }));
    }
    await study.optimize(objective, { nTrials: 100 });
    expect(study.trials).toHaveLength(13);
    expect(new Set(study.trials.map((t) => keyOf(t.params))).size).toBe(13);
  });
});
