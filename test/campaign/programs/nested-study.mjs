// A study of nested studies with all that a trial can have, as a resumable program: node nested-study.mjs OPTIONS
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  categorical,
  createStudy,
  FileSystemArtifactStore,
  float,
  int,
  space,
  TrialPruned,
  uploadArtifact,
} from 'thanos-hpo';
import { samplerRegistry } from 'thanos-hpo/samplers';

const { sampler, batchSize, outerTrials, innerTrials, pauseMs } = JSON.parse(process.argv[2]);

const OPTIONS = {
  tpe: { nStartupTrials: 5 },
  nsga2: { populationSize: 6 },
  gp: { nStartupTrials: 5 },
  evolutionary: { populationSize: 8, parentSize: 4, mutationSize: 4, crossoverSize: 4 },
  grid: { searchSpace: { x: [-4, -1, 0, 2, 5], n: [1, 2, 4, 8], c: ['a', 'b', 'c'] } },
};
const NUMERIC = { x: float(-5, 5), n: int(1, 8, { log: true }) };
const makeSampler = (name, seed) => samplerRegistry.get(name)({ ...OPTIONS[name], seed });
const hasCategories = sampler !== 'cmaes';
const INNER = space(hasCategories ? { ...NUMERIC, c: categorical(['a', 'b', 'c']) } : NUMERIC);

const store = new FileSystemArtifactStore('artifacts');
const evaluated = (study, number) => appendFileSync('evaluations.log', `${study} ${number}\n`);

const study = await createStudy({
  studyName: 'outer',
  storage: 'sqlite:///study.db',
  sampler: makeSampler('tpe', 1),
  loadIfExists: true,
  constraints: (trial) => [trial.params.center - 1.5],
});
await study.setUserAttr('batchSize', batchSize);
await study.enqueueTrial({ center: 0.5 }, { skipIfExists: true });
await study.enqueueTrial({ center: -1, width: 'wide' }, { skipIfExists: true, userAttrs: { by: 'hand' } });
await study.enqueueTrial({ width: 'narrow' }, { skipIfExists: true });
await study.optimize(
  async (trial) => {
    evaluated('outer', trial.number);
    const center = trial.suggestFloat('center', -2, 2);
    const width = trial.suggestCategorical('width', ['narrow', 'wide']);
    const inner = await trial.createStudy('search', {
      direction: 'maximize',
      sampler: makeSampler(sampler, 100 + trial.number),
      constraints: ({ params }) => [params.x - 4],
    });
    await inner.setUserAttr('center', center);
    if (sampler !== 'grid') await inner.enqueueTrial({ x: center }, { skipIfExists: true });
    await inner.optimize(INNER, (params, innerTrial) => innerValue(params, innerTrial, center), {
      totalTrials: innerTrials,
      batchSize,
      catch: true,
    });
    mkdirSync('made', { recursive: true });
    const file = `made/best-${trial.number}.json`;
    writeFileSync(file, JSON.stringify(inner.bestParams));
    await uploadArtifact({ store, trial, filePath: file });
    for (let step = 0; step < 3; step++) {
      trial.report(-inner.bestValue + step / 10, step);
      if (trial.shouldPrune()) throw new TrialPruned();
    }
    return -inner.bestValue + (width === 'wide' ? 0.5 : 0);
  },
  { totalTrials: outerTrials },
);

async function innerValue({ x, n, c }, trial, center) {
  evaluated(trial.studyName, trial.number);
  await sleep(pauseMs * batchSize);
  if (trial.number % 9 === 7) throw new Error(`no value for trial ${trial.number}`);
  const loss = (x - center) ** 2 + n / 4 + (c === 'b' ? 0 : 0.3);
  for (let step = 1; step <= 3; step++) {
    trial.report(-loss / step, step);
    if (trial.shouldPrune()) throw new TrialPruned();
  }
  trial.setUserAttr('seen', { n, list: [x, c ?? null] });
  return -loss;
}
