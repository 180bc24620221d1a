// A file of several studies to be damaged: one with all that a trial can have, one beside it, one of two objectives, and child studies.
import { createStudy, runDefinition } from 'thanos-hpo';
import { RandomSampler } from 'thanos-hpo/samplers';
import demo from './demo-study.mjs';

const storage = 'sqlite:///study.db';
const other = await createStudy({ studyName: 'other', storage, sampler: new RandomSampler({ seed: 2 }) });
await other.optimize((trial) => trial.suggestFloat('x', 0, 1), { nTrials: 6 });

const { studyName, sampler, constraints } = demo;
const study = await createStudy({ studyName, storage, sampler, constraints });
await study.setUserAttr('note', { by: 'hand' });
await study.enqueueTrial({ x: 1 }, { userAttrs: { queued: true } });
await runDefinition(study, demo, { nTrials: 10 });
await study.enqueueTrial({ n: 3 });

const pair = await createStudy({ studyName: 'pair', storage, directions: ['minimize', 'maximize'] });
await pair.optimize(
  async (trial) => {
    const x = trial.suggestFloat('x', 0, 1);
    const child = await trial.createStudy('inner', { sampler: new RandomSampler({ seed: 3 }) });
    await child.optimize((inner) => inner.suggestFloat('y', 0, 1) * x, { totalTrials: 3 });
    return [child.bestValue, x];
  },
  { nTrials: 3 },
);
