// The objective asks for its parameters while it runs ("define by run"), so a later one may depend on an earlier one.
//   npm run build && npx tsx examples/01-quickstart.ts
import { createStudy } from 'thanos-hpo';
import { TpeSampler } from 'thanos-hpo/samplers';

const study = await createStudy({ direction: 'minimize', sampler: new TpeSampler({ seed: 1 }) });

await study.optimize(
  (trial) => {
    const kind = trial.suggestCategorical('kind', ['parabola', 'wave']);
    const x = trial.suggestFloat('x', -5, 5);
    if (kind === 'parabola') return (x - 2) ** 2;
    const frequency = trial.suggestInt('frequency', 1, 3);
    return 1 + Math.sin(frequency * x);
  },
  { nTrials: 100 },
);

console.log(`best of ${study.trials.length} trials: ${study.bestValue.toFixed(4)}`);
console.log(study.bestParams);
