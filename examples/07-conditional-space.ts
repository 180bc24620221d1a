// A space with branches, a rule between parameters, and what mattered in the end.
//   npm run build && npx tsx examples/07-conditional-space.ts
import { choice, createStudy, float, int, nestedParams, paramImportances, space } from 'thanos-hpo';
import { TpeSampler } from 'thanos-hpo/samplers';

const model = space(
  {
    learningRate: float(1e-4, 1, { log: true }),
    batchSize: int(8, 256, { log: true }),
    optimizer: choice({
      sgd: { momentum: float(0, 0.99), nesterov: choice({ on: {}, off: {} }) },
      adam: { beta1: float(0.8, 0.99) },
    }),
  },
  // Points that break the rule are never tried.
  { where: ({ learningRate, batchSize }) => learningRate <= batchSize / 64 },
);

const study = await createStudy({ sampler: new TpeSampler({ seed: 1 }) });
await study.optimize(
  model,
  ({ learningRate, batchSize, optimizer }) => {
    const error = 0.1 * Math.log10(learningRate / 0.03) ** 2 + 0.02 * Math.log2(batchSize / 32) ** 2;
    // `momentum` exists, for the compiler too, only where sgd was chosen.
    if (optimizer.choice === 'sgd') return error + (optimizer.momentum - 0.9) ** 2;
    return error + 0.05 + 10 * (optimizer.beta1 - 0.9) ** 2;
  },
  { nTrials: 150 },
);

const { optimizer } = nestedParams(model, study.bestParams);
console.log(`best: ${study.bestValue.toFixed(4)} with ${optimizer.choice}`);
console.log(`stored as: ${Object.keys(study.bestParams).join(', ')}`);
for (const { name, importance } of paramImportances(study))
  console.log(`${(100 * importance).toFixed(0).padStart(3)} %  ${name}`);
