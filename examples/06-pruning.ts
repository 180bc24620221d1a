// Training is stopped early where its curve is not promising. The objective reports after each epoch and asks the pruner;
// with Hyperband, the sampler learns from trials of the same bracket only.
//   npm run build && npx tsx examples/06-pruning.ts
import { createStudy, float, int, type Pruner, space, TrialPruned } from 'thanos-hpo';
import { HyperbandPruner, NopPruner } from 'thanos-hpo/pruners';
import { TpeSampler } from 'thanos-hpo/samplers';

const N_EPOCHS = 27;
const N_FEATURES = 40;

// Noisy labels of a hidden linear rule: with few examples, the weights must be kept small.
let state = 1;
function uniform(): number {
  state = (state * 48271) % 2147483647;
  return state / 2147483647;
}
const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
const truth = Array.from({ length: N_FEATURES }, normal);
const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, v, i) => sum + v * b[i], 0);
const rows = Array.from({ length: 1000 }, () => {
  const x = Array.from({ length: N_FEATURES }, normal);
  const y = dot(x, truth) + 4 * normal() > 0 ? 1 : 0;
  return { x, y };
});
const [training, validation] = [rows.slice(0, 200), rows.slice(200)];

const probability = (weights: readonly number[], x: readonly number[]): number =>
  1 / (1 + Math.exp(-dot(weights, x)));

function validationLoss(weights: readonly number[]): number {
  const losses = validation.map(({ x, y }) => {
    const p = Math.min(Math.max(probability(weights, x), 1e-9), 1 - 1e-9);
    return -Math.log(y === 1 ? p : 1 - p);
  });
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

/** One epoch of stochastic gradient descent on the loss with an L2 penalty. */
function trainEpoch(weights: number[], rate: number, l2: number, batchSize: number): void {
  for (let first = 0; first < training.length; first += batchSize) {
    const batch = training.slice(first, first + batchSize);
    const gradient = weights.map((weight) => l2 * weight);
    for (const { x, y } of batch) {
      const error = (probability(weights, x) - y) / batch.length;
      for (let i = 0; i < N_FEATURES; i++) gradient[i] += error * x[i];
    }
    for (let i = 0; i < N_FEATURES; i++) weights[i] -= rate * gradient[i];
  }
}

const hyperparameters = space({
  rate: float(1e-5, 1, { log: true }),
  l2: float(1e-5, 1, { log: true }),
  batchSize: int(4, 100, { log: true }),
});

async function search(name: string, pruner: Pruner): Promise<void> {
  const study = await createStudy({ studyName: name, pruner, sampler: new TpeSampler({ seed: 1 }) });
  let epochs = 0;
  await study.optimize(
    hyperparameters,
    ({ rate, l2, batchSize }, trial) => {
      const weights = new Array<number>(N_FEATURES).fill(0);
      let loss = Number.POSITIVE_INFINITY;
      for (let epoch = 0; epoch < N_EPOCHS; epoch++) {
        trainEpoch(weights, rate, l2, batchSize);
        epochs++;
        loss = validationLoss(weights);
        trial.report(loss, epoch);
        if (trial.shouldPrune()) throw new TrialPruned();
      }
      return loss;
    },
    { nTrials: 100 },
  );
  const pruned = study.trials.filter((trial) => trial.state === 'PRUNED').length;
  console.log(
    `${name}: best loss ${study.bestValue.toFixed(4)} of ${study.trials.length} trials, ${pruned} of them pruned, ${epochs} epochs`,
  );
}

await search('all epochs', new NopPruner());
await search('hyperband', new HyperbandPruner({ maxResource: N_EPOCHS }));
