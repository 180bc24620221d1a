// A study module in TypeScript with branches and a pruner, in batches of three, for `thanos run`.
import { setTimeout as sleep } from 'node:timers/promises';
import { choice, defineStudy, float, int, space, TrialPruned } from 'thanos-hpo';
import { MedianPruner } from 'thanos-hpo/pruners';
import { TpeSampler } from 'thanos-hpo/samplers';

const PAUSE_MS = 4;

export default defineStudy({
  studyName: 'branches',
  direction: 'minimize',
  nTrials: 60,
  batchSize: 3,
  sampler: new TpeSampler({ seed: 7, nStartupTrials: 6 }),
  pruner: new MedianPruner({ nStartupTrials: 4 }),
  space: space({
    lr: float(1e-4, 1, { log: true }),
    optimizer: choice({ sgd: { momentum: float(0, 1) }, adam: { layers: int(1, 5) } }),
  }),
  objective: async ({ lr, optimizer }, trial) => {
    const loss =
      Math.abs(Math.log10(lr) + 2) + (optimizer.choice === 'sgd' ? optimizer.momentum : optimizer.layers / 4);
    for (let step = 0; step < 4; step++) {
      await sleep(PAUSE_MS);
      trial.report(loss / (step + 1), step);
      if (trial.shouldPrune()) throw new TrialPruned();
    }
    return loss;
  },
});
