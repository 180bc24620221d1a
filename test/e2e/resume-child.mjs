// One run of a nested study on a database, as a user's program: node resume-child.mjs DB SAMPLER BATCH_SIZE LOG
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { categorical, createStudy, float, int, space } from 'thanos-hpo';
import { EvolutionarySampler, NsgaIISampler, RandomSampler, TpeSampler } from 'thanos-hpo/samplers';

const [, , db, samplerName, batchSize, log] = process.argv;
const MAKE = {
  tpe: (seed) => new TpeSampler({ seed, nStartupTrials: 5 }),
  nsga2: (seed) => new NsgaIISampler({ seed, populationSize: 6 }),
  random: (seed) => new RandomSampler({ seed }),
  evolutionary: (seed) =>
    new EvolutionarySampler({ seed, populationSize: 10, parentSize: 4, mutationSize: 5, crossoverSize: 5 }),
};
const INNER = space({ x: float(-5, 5), n: int(1, 8, { log: true }), c: categorical(['a', 'b', 'c']) });

const study = await createStudy({
  studyName: 'outer',
  storage: `sqlite:///${db}`,
  directions: ['minimize', 'minimize'],
  sampler: MAKE[samplerName === 'evolutionary' ? 'tpe' : samplerName](1),
  loadIfExists: true,
});
process.stdout.write('ready\n');
await study.optimize(
  async (trial) => {
    // Define-by-run outside, a declared space inside.
    const center = trial.suggestFloat('center', -2, 2);
    const width = trial.suggestCategorical('width', ['narrow', 'wide']);
    const inner = await trial.createStudy('search', {
      direction: 'minimize',
      sampler: MAKE[samplerName](100 + trial.number),
    });
    await inner.optimize(
      INNER,
      async (params, innerTrial) => {
        appendFileSync(log, `${inner.studyName} ${innerTrial.number}\n`);
        await sleep(3 * Number(batchSize));
        innerTrial.setUserAttr('seen', params.n);
        return (
          (params.x - center) ** 2 * (width === 'wide' ? 0.5 : 1) + params.n + (params.c === 'b' ? 0 : 0.3)
        );
      },
      { totalTrials: 30, batchSize: Number(batchSize) },
    );
    appendFileSync(log, `outer ${trial.number}\n`);
    return [inner.bestValue, Math.abs(center)];
  },
  { totalTrials: 12 },
);
process.stdout.write('done\n');
