/**
 * A worker of the tests with several real processes: node study-worker.mjs TASK. It says 'ready' once everything is
 * loaded, and does its task when its standard input says so, so that several can be let go at one instant. What the
 * task returns is the last line of its output, as JSON.
 */
import { createStudy } from 'thanos-hpo';
import { GridSampler, RandomSampler } from 'thanos-hpo/samplers';

const TASKS = {
  /** Creates or loads a study. */
  async create({ storage, studyName }) {
    const study = await createStudy({ storage, studyName, loadIfExists: studyName !== undefined });
    return study.studyName;
  },
  /** Searches a grid to its end; the numbers of the trials that this worker evaluated. */
  async grid({ storage, points }) {
    const sampler = new GridSampler({ searchSpace: { x: points } });
    const study = await createStudy({ studyName: 'study', storage, loadIfExists: true, sampler });
    const evaluated = [];
    await study.optimize((trial) => {
      evaluated.push(trial.suggestInt('x', 0, 99));
      return 1;
    });
    return evaluated;
  },
  /** Works on a study until it holds this many finished trials. */
  async total({ storage, totalTrials }) {
    const sampler = new RandomSampler({ seed: 1 });
    const study = await createStudy({ studyName: 'study', storage, loadIfExists: true, sampler });
    await study.optimize((trial) => trial.suggestFloat('x', 0, 1), { totalTrials });
  },
};

const { task, ...options } = JSON.parse(process.argv[2]);
process.stdout.write('ready\n');
process.stdin.once('data', async () => {
  process.stdin.destroy();
  const result = await TASKS[task](options);
  process.stdout.write(`${JSON.stringify(result ?? null)}\n`);
});
