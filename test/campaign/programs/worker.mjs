// One of several workers on a study: says that it is ready, begins on a word, and works until the study is complete.
// node worker.mjs OPTIONS
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { createStudy, float, int, space } from 'thanos-hpo';
import { samplerRegistry } from 'thanos-hpo/samplers';

const { studyName, sampler, totalTrials, nTrials, pauseMs } = JSON.parse(process.argv[2]);
const GRID = { x: [-4, -2, -1, 0, 1, 3], n: [1, 2, 3, 4] };

process.stdout.write('ready\n');
await once(process.stdin, 'data');
const study = await createStudy({
  ...(studyName === null ? {} : { studyName, loadIfExists: true }),
  storage: 'sqlite:///study.db',
  sampler: samplerRegistry.get(sampler)(sampler === 'grid' ? { searchSpace: GRID } : { seed: 5 }),
});
await study.optimize(
  space({ x: float(-5, 5), n: int(1, 4) }),
  async ({ x, n }) => {
    await sleep(pauseMs);
    return x ** 2 + n;
  },
  { totalTrials, nTrials },
);
