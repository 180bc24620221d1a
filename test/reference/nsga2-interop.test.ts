/**
 * Optuna and we find the same generation and the same parents in a study that NSGA-II has run. (NSGA-III chooses some of its
 * parents at random; what it draws is held against Optuna in nsga-reference.test.ts.)
 */
import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { zdt1 } from '../../objectives/synthetic/index.ts';
import { Generations } from '../../samplers/genetic/generations.ts';
import { History } from '../../samplers/history-cache.ts';
import { NsgaIIISampler, NsgaIISampler } from '../../samplers/index.ts';
import { selectElite } from '../../samplers/nsga2/population.ts';
import {
  distributionToJson,
  type FrozenTrial,
  type Sampler,
  type StudyDirection,
} from '../../src/core/index.ts';
import { runSamplerLoop } from '../../src/testing/sampler-loop.ts';

const SIZE = 12;
const DIRECTIONS: readonly StudyDirection[] = ['minimize', 'minimize'];

interface Found {
  readonly generation: number;
  /** Numbers of the parents. */
  readonly parents: readonly number[];
}

/** optuna 5.0.0: NSGAIISampler(population_size=12).get_trial_generation(study, trial), .get_parent_population(study, g) */
const SCRIPT = `
import json, sys, optuna
optuna.logging.set_verbosity(optuna.logging.ERROR)
def find(data):
    study = optuna.create_study(directions=data["directions"])
    for t in data["trials"]:
        dists = {k: optuna.distributions.json_to_distribution(v) for k, v in t["distributions"].items()}
        study.add_trial(optuna.trial.create_trial(values=t["values"], params=t["params"], distributions=dists,
                                                  system_attrs=t["systemAttrs"]))
    sampler = getattr(optuna.samplers, data["sampler"])(population_size=data["size"], seed=1)
    study.sampler = sampler
    trial = study.ask()
    generation = sampler.get_trial_generation(study, study._storage.get_trial(trial._trial_id))
    parents = sampler.get_parent_population(study, generation)
    return {"generation": generation, "parents": sorted(t.number for t in parents)}
print(json.dumps([find(data) for data in json.load(sys.stdin)]))
`;

const python = process.env['THANOS_PEER_PYTHON'];

describe.skipIf(python === undefined)('with Optuna (skipped if THANOS_PEER_PYTHON is not set)', () => {
  const runTrials = (sampler: Sampler, nTrials: number) => {
    const { space, directions, evaluate } = zdt1(4);
    return runSamplerLoop({
      sampler,
      space,
      directions,
      nTrials,
      evaluate: (params, number) => ({
        values: evaluate(params as Record<string, number>),
        constraints: [(number % 4) - 2],
      }),
    });
  };

  const asked = (sampler: string, trials: readonly FrozenTrial[]) => ({
    sampler,
    size: SIZE,
    directions: DIRECTIONS,
    trials: trials.map((t) => ({
      ...t,
      distributions: Object.fromEntries(
        Object.entries(t.distributions).map(([k, d]) => [k, distributionToJson(d)]),
      ),
    })),
  });

  const weFind = (attr: string, trials: readonly FrozenTrial[]): Found => {
    const history = new History();
    history.sync(trials);
    const generations = new Generations(history, attr, SIZE, selectElite);
    const generation = generations.current();
    const parents = generations.parentsOf(generation, DIRECTIONS)?.trials ?? [];
    return { generation, parents: parents.map((t) => t.number).sort((a, b) => a - b) };
  };

  const counts = [0, 11, 12, 30, 60, 97];
  const ofNsgaII = (nTrials: number) =>
    runTrials(new NsgaIISampler({ seed: 3, populationSize: SIZE }), nTrials);
  const ofNsgaIII = () => runTrials(new NsgaIIISampler({ seed: 3, populationSize: SIZE }), 40);
  let found: Found[];
  beforeAll(() => {
    const questions = [
      ...counts.map((nTrials) => asked('NSGAIISampler', ofNsgaII(nTrials))),
      asked('NSGAIIISampler', ofNsgaIII()),
    ];
    const input = JSON.stringify(questions);
    found = JSON.parse(execFileSync(python!, ['-c', SCRIPT], { input, encoding: 'utf8' })) as Found[];
  });

  it.each(counts)('after %i trials', (nTrials) => {
    const theirs = found[counts.indexOf(nTrials)];
    expect(weFind('NSGAIISampler:generation', ofNsgaII(nTrials))).toEqual(theirs);
  });

  it('after 40 trials of NSGA-III', () => {
    const theirs = found[counts.length];
    expect(theirs.generation).toBe(weFind('NSGAIIISampler:generation', ofNsgaIII()).generation);
    expect(theirs.parents).toHaveLength(SIZE);
  });
});
