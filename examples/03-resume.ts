// A study in a file goes on where it was stopped, to exactly the trials that an uninterrupted one has.
//   npm run build && npx tsx examples/03-resume.ts
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createStudy, float, int, space } from 'thanos-hpo';
import { TpeSampler } from 'thanos-hpo/samplers';

const folder = await mkdtemp(join(tmpdir(), 'thanos-resume-'));
const boat = space({ sail: float(0, 10), crew: int(1, 8) });

/** What a program that is started again would do: the same call each time. */
async function run(file: string, signal?: AbortSignal) {
  const study = await createStudy({
    studyName: 'boat',
    storage: `sqlite:///${join(folder, file)}`,
    direction: 'maximize',
    sampler: new TpeSampler({ seed: 3 }),
    loadIfExists: true,
  });
  await study.optimize(boat, ({ sail, crew }) => 10 - (sail - crew) ** 2 / 4 - (crew - 5) ** 2, {
    totalTrials: 60,
    signal,
    callbacks: [(_, trial) => void (trial.number === 24 && interrupt.abort())],
  });
  return study;
}

const interrupt = new AbortController();
const stopped = await run('boat.db', interrupt.signal);
console.log(`interrupted after ${stopped.trials.length} trials`);

const resumed = await run('boat.db');
console.log(`resumed: ${resumed.trials.length} trials, best ${resumed.bestValue.toFixed(4)}`);

const unbroken = await run('unbroken.db');
const values = ({ trials }: typeof resumed) =>
  JSON.stringify(trials.map((trial) => [trial.params, trial.values]));
console.log(`the same trials as an unbroken run: ${values(resumed) === values(unbroken)}`);

await resumed.storage.close();
await unbroken.storage.close();
await rm(folder, { recursive: true });
