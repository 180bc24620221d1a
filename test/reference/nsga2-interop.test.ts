/** Optuna and we find the same generation and the same parents in a study that NSGA-II has run. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { zdt1 } from '../../objectives/synthetic/index.ts';
import { Generations } from '../../samplers/genetic/generations.ts';
import { History } from '../../samplers/history-cache.ts';
import { NsgaIISampler } from '../../samplers/index.ts';
import { selectElite } from '../../samplers/nsga2/population.ts';
import { distributionToJson } from '../../src/core/index.ts';
import { runSamplerLoop } from '../../src/testing/sampler-loop.ts';

const SIZE = 12;

/** optuna 5.0.0: NSGAIISampler(population_size=12).get_trial_generation(study, trial), .get_parent_population(study, g) */
const SCRIPT = `
import json, sys, optuna
optuna.logging.set_verbosity(optuna.logging.ERROR)
data = json.load(sys.stdin)
study = optuna.create_study(directions=data["directions"])
for t in data["trials"]:
    dists = {k: optuna.distributions.json_to_distribution(v) for k, v in t["distributions"].items()}
    study.add_trial(optuna.trial.create_trial(values=t["values"], params=t["params"], distributions=dists,
                                              system_attrs=t["systemAttrs"]))
sampler = optuna.samplers.NSGAIISampler(population_size=data["size"], seed=1)
study.sampler = sampler
trial = study.ask()
generation = sampler.get_trial_generation(study, study._storage.get_trial(trial._trial_id))
parents = sampler.get_parent_population(study, generation)
print(json.dumps({"generation": generation, "parents": sorted(t.number for t in parents)}))
`;

const python = process.env['THANOS_PEER_PYTHON'];

describe.skipIf(python === undefined)('with Optuna (skipped if THANOS_PEER_PYTHON is not set)', () => {
  it.each([0, 11, 12, 30, 60, 97])('after %i trials', (nTrials) => {
    const { space, directions, evaluate } = zdt1(4);
    const trials = runSamplerLoop({
      sampler: new NsgaIISampler({ seed: 3, populationSize: SIZE }),
      space,
      directions,
      nTrials,
      evaluate: (params, number) => ({
        values: evaluate(params as Record<string, number>),
        constraints: [(number % 4) - 2],
      }),
    });
    const input = JSON.stringify({
      size: SIZE,
      directions,
      trials: trials.map((t) => ({
        ...t,
        distributions: Object.fromEntries(
          Object.entries(t.distributions).map(([k, d]) => [k, distributionToJson(d)]),
        ),
      })),
    });
    const theirs = JSON.parse(execFileSync(python!, ['-c', SCRIPT], { input, encoding: 'utf8' }));
    const history = new History();
    history.sync(trials);
    const generations = new Generations(history, 'NSGAIISampler:generation', SIZE, selectElite);
    const generation = generations.current();
    const parents = generations.parentsOf(generation, directions)?.trials ?? [];
    expect({ generation, parents: parents.map((t) => t.number).sort((a, b) => a - b) }).toEqual(theirs);
  });
});
