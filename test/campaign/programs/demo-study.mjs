// The study 'demo' as a module: `thanos run` goes on with it.
import { defineStudy } from 'thanos-hpo';
import { TpeSampler } from 'thanos-hpo/samplers';

export default defineStudy({
  studyName: 'demo',
  nTrials: 14,
  catch: true,
  sampler: new TpeSampler({ seed: 1, nStartupTrials: 5 }),
  constraints: ({ params }) => [params.x - 4.5],
  objective: (trial) => {
    const x = trial.suggestFloat('x', -5, 5);
    const n = trial.suggestInt('n', 1, 9);
    const c = trial.suggestCategorical('c', ['a', 'b', 'c']);
    trial.report(x, 0);
    trial.report(x + n, 1);
    trial.setUserAttr('mark', { n, c });
    if (trial.number === 3) throw new Error('no value for this one');
    return x ** 2 + n + (c === 'b' ? 1 : 0);
  },
});
