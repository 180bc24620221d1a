// A study of a declared space: its parameters have their exact types throughout, and samplers draw them together.
// Two objectives, and so two values, which the compiler counts: the result is a Pareto front.
//   npm run build && npx tsx examples/02-typed-space.ts
import { categorical, createStudy, float, int, space } from 'thanos-hpo';
import { NsgaIISampler } from 'thanos-hpo/samplers';

const network = space({
  learningRate: float(1e-5, 1e-1, { log: true }),
  layers: int(1, 6),
  activation: categorical(['relu', 'gelu']),
});

const study = await createStudy({
  space: network,
  directions: ['minimize', 'minimize'], // validation error, cost
  sampler: new NsgaIISampler({ seed: 1, populationSize: 20 }),
});

await study.optimize(
  ({ learningRate, layers, activation }) => {
    // activation: 'relu' | 'gelu'; a misspelled name or choice is a type error.
    const penalty = activation === 'gelu' ? 0 : 0.02;
    const error = 0.5 / layers + 0.05 * Math.log10(learningRate / 1e-3) ** 2 + penalty;
    const cost = layers * (activation === 'gelu' ? 1.2 : 1);
    return [error, cost];
  },
  { nTrials: 200, batchSize: 4 }, // four at a time; the result does not depend on which finishes first
);

// Trials with the same values are one line.
const front = new Map(study.bestTrials.map((trial) => [trial.values.join(), trial]));
console.log('error  cost  parameters');
for (const { values, params } of [...front.values()].sort((a, b) => a.values[1] - b.values[1]))
  console.log(`${values[0].toFixed(3)}  ${values[1].toFixed(1)}   ${JSON.stringify(params)}`);
