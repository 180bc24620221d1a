// A study that says which trials it has finished: node slow-study.mjs OPTIONS
import { setTimeout as sleep } from 'node:timers/promises';
import { createStudy, float, space } from 'thanos-hpo';
import { RandomSampler } from 'thanos-hpo/samplers';

const { studyName, file, totalTrials, pauseMs, attrBytes = 0 } = JSON.parse(process.argv[2]);

const study = await createStudy({
  studyName,
  storage: `sqlite:///${file}`,
  sampler: new RandomSampler({ seed: 6 }),
  loadIfExists: true,
});
await study.optimize(
  space({ x: float(-5, 5), y: float(0, 1) }),
  async ({ x, y }, trial) => {
    if (pauseMs > 0) await sleep(pauseMs);
    if (attrBytes > 0) trial.setUserAttr('long', 'a'.repeat(attrBytes));
    return x ** 2 + y;
  },
  {
    totalTrials,
    callbacks: [(_, trial) => void process.stdout.write(`finished ${trial.number}\n`)],
  },
);
