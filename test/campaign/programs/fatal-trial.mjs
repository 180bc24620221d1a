// A study of which one trial ends the process whenever it is evaluated: node fatal-trial.mjs OPTIONS
import { setTimeout as sleep } from 'node:timers/promises';
import { createStudy, float, space } from 'thanos-hpo';
import { samplerRegistry } from 'thanos-hpo/samplers';

const { file, way, fatal, batchSize, sampler } = JSON.parse(process.argv[2]);

const END = {
  throw: () => {
    throw new Error('no value');
  },
  kill: () => process.kill(process.pid, 'SIGKILL'),
  abort: () => process.abort(),
  exit: () => process.exit(3),
  rejection: () => void Promise.reject(new Error('nobody awaits this')),
  timer: () =>
    void setTimeout(() => {
      throw new Error('nobody catches this');
    }, 0),
};

const study = await createStudy({
  studyName: 'study',
  storage: `sqlite:///${file}`,
  sampler: samplerRegistry.get(sampler)({ seed: 4 }),
  loadIfExists: true,
});
await study.optimize(
  space({ x: float(-5, 5) }),
  async ({ x }, trial) => {
    await sleep(1);
    if (trial.number === fatal) {
      END[way]();
      await sleep(60_000);
    }
    return x ** 2;
  },
  { totalTrials: 12, batchSize, catch: true },
);
