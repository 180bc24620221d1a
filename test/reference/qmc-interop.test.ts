/** Optuna's QMCSampler and ours: the same points of the same parameters. And scipy's engines, far along the sequences. */
import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { QmcSampler, type QmcType } from '../../samplers/index.ts';
import { categorical, distributionToJson, float, int, space } from '../../src/core/index.ts';
import { HaltonSequence } from '../../src/math/halton.ts';
import { SobolSequence } from '../../src/math/sobol.ts';
import { runSamplerLoop } from '../../src/testing/sampler-loop.ts';

/** optuna 5.0.0: its first trial is random; trial n + 1 gets point n. */
const OPTUNA = `
import json, sys, optuna
optuna.logging.set_verbosity(optuna.logging.ERROR)
data = json.load(sys.stdin)
space = {k: optuna.distributions.json_to_distribution(v) for k, v in data["space"].items()}
def points(type):
    study = optuna.create_study(sampler=optuna.samplers.QMCSampler(qmc_type=type, seed=0))
    for _ in range(data["n"] + 1):
        study.tell(study.ask(space), 0.0)
    return [t.params for t in study.trials[1:]]
print(json.dumps({type: points(type) for type in data["types"]}))
`;

const SCIPY = `
import json, sys
from scipy.stats import qmc
engines = {"sobol": qmc.Sobol, "halton": qmc.Halton}
def points(type, d, first, n):
    engine = engines[type](d, scramble=False)
    return (engine if first == 0 else engine.fast_forward(first)).random(n).tolist()
print(json.dumps([points(*case) for case in json.load(sys.stdin)]))
`;

const python = process.env['THANOS_PEER_PYTHON'];
const ask = (script: string, input: unknown) =>
  JSON.parse(
    execFileSync(python!, ['-W', 'ignore', '-c', script], { input: JSON.stringify(input), encoding: 'utf8' }),
  );

// In order of name, which is the order of our dimensions; numbers of steps that points do not fall between.
const searchSpace = space({
  a: float(-2, 5),
  b: float(1e-5, 10, { log: true }),
  c: float(0, 0.9, { step: 0.15 }),
  d: int(-3, 7),
  e: int(1, 300, { log: true }),
  f: int(0, 36, { step: 3 }),
  g: categorical(['relu', 'gelu', 'tanh']),
});

describe.skipIf(python === undefined)(
  'with Optuna and scipy (skipped if THANOS_PEER_PYTHON is not set)',
  () => {
    const n = 40;
    const types: readonly QmcType[] = ['sobol', 'halton'];
    let optunas: Record<QmcType, Record<string, unknown>[]>;
    beforeAll(() => {
      const texts = Object.entries(searchSpace).map(([k, d]) => [k, distributionToJson(d)]);
      optunas = ask(OPTUNA, { types, n, space: Object.fromEntries(texts) });
    });

    it.each(types)('the first points of %s', (type) => {
      const theirs = optunas[type];
      const ours = runSamplerLoop({
        sampler: new QmcSampler({ qmcType: type }),
        space: searchSpace,
        directions: ['minimize'],
        nTrials: n,
        evaluate: () => ({ values: [0] }),
      });
      ours.forEach(({ params }, i) => {
        for (const [name, value] of Object.entries(params))
          if (typeof value === 'number') expect(theirs[i][name], `${name} of ${i}`).toBeCloseTo(value, 12);
          else expect(theirs[i][name], `${name} of ${i}`).toBe(value);
      });
    });

    it('any points of both', () => {
      const cases: [QmcType, number, number, number][] = [
        ['sobol', 3, 0, 64],
        ['sobol', 512, 1000, 5],
        ['sobol', 40, 123_456, 17],
        ['halton', 3, 0, 64],
        ['halton', 200, 5000, 3],
      ];
      const theirs = ask(SCIPY, cases) as number[][][];
      cases.forEach(([type, d, first, n], i) => {
        const sequence = type === 'sobol' ? new SobolSequence(d) : new HaltonSequence(d);
        const ours = Array.from({ length: n }, (_, k) => [...sequence.point(first + k)]);
        expect(ours, `${type} in ${d} dimensions`).toEqual(theirs[i]);
      });
    });
  },
);
