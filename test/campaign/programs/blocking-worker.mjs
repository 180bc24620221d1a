// A study that says which trials it begins; the first process to come to trial 3 may block its event loop there.
// node blocking-worker.mjs OPTIONS
import { setTimeout as sleep } from 'node:timers/promises';
import { createStudy, float, space } from 'thanos-hpo';
import { TpeSampler } from 'thanos-hpo/samplers';

const { file, batchSize, totalTrials, pauseMs, blockedMs } = JSON.parse(process.argv[2]);
const BLOCKED_TRIAL = 3;

const study = await createStudy({
  studyName: 'study',
  storage: `sqlite:///${file}`,
  sampler: new TpeSampler({ seed: 2, nStartupTrials: 5 }),
  loadIfExists: true,
});
process.stdout.write('ready\n');
await study.optimize(
  space({ x: float(-5, 5), y: float(-5, 5) }),
  async ({ x, y }, trial) => {
    process.stdout.write(`trial ${trial.number}\n`);
    await sleep(pauseMs);
    if (blockedMs > 0 && trial.number === BLOCKED_TRIAL) {
      process.stdout.write('blocked\n');
      await sleep(100);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blockedMs);
    }
    return x ** 2 + y ** 2;
  },
  { totalTrials, batchSize },
);
