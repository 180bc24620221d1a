/**
 * A process that works on a study file; the process tests start several. Arguments: file, number of trials, and
 * `claim` to take queued trials only, `hang` to print the number of one started trial and wait to be killed, or
 * `until-stop` to go on, with pauses, until the study has the user attribute `stop`, or `report` to print the number of
 * each trial once it is finished.
 */
import { writeSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { floatDistribution } from '../../src/core/distribution.ts';
import { SqliteStorage } from '../../storage/index.ts';

const [path, count, mode] = process.argv.slice(2);
const storage = new SqliteStorage(path);
const study = await storage.findStudy('study');
if (study === null) throw new Error('no study');
const { studyId } = study;
const x = floatDistribution(1e-4, 1, { log: true });
const worked: number[] = [];

for (let i = 0; i < Number(count); i++) {
  const trial =
    mode === 'claim'
      ? await storage.claimTrial(studyId)
      : await storage.createTrial(studyId, {
          state: 'RUNNING',
          params: { x: 0.5 },
          distributions: { x },
        });
  if (trial === null) break;
  worked.push(trial.number);
  await storage.updateTrial(trial.trialId, { userAttrs: { pid: process.pid } });
  if (mode === 'hang') {
    console.log(trial.number);
    await setTimeout(2 ** 30);
  }
  await storage.updateTrial(trial.trialId, { state: 'COMPLETE', values: [trial.number] });
  await storage.getTrials(studyId, trial.number);
  if (mode === 'report') writeSync(1, `${trial.number}\n`);
  if (mode === 'until-stop') {
    if ((await storage.findStudy('study'))?.userAttrs['stop']) break;
    await setTimeout(20);
  }
}
await storage.close();
console.log(JSON.stringify(worked));
