/** Our side of the speed bench: runs one SpeedJob, given as JSON, and prints a StudyTime per study. */
import { samplerRegistry } from '../../samplers/index.ts';
import { createStudy, float, type Study, space } from '../../src/index.ts';
import type { SpeedJob, StudyTime } from './speed-cases.ts';

const job = JSON.parse(process.argv[2]) as SpeedJob;
const names = Array.from({ length: job.dimensions }, (_, i) => `x${i}`);

function values(x: readonly number[]): number | readonly number[] {
  let first = 0;
  let second = 0;
  for (const value of x) {
    first += value * value;
    second += (value - 2) * (value - 2);
  }
  return job.nObjectives === 1 ? first : [first, second];
}

function optimize(study: Study): Promise<void> {
  const { nTrials } = job;
  if (job.side === 'define-by-run')
    return study.optimize((trial) => values(names.map((name) => trial.suggestFloat(name, -5, 5))), {
      nTrials,
    });
  const box = space(Object.fromEntries(names.map((name) => [name, float(-5, 5)])));
  return study.optimize(box, (params) => values(names.map((name) => params[name])), { nTrials });
}

function keptBytes(): number {
  globalThis.gc!();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const times: StudyTime[] = [];
const studies: Study[] = [];
for (let seed = 0; seed < job.studies; seed++) {
  const before = keptBytes();
  const [wall, cpu] = [performance.now(), process.cpuUsage()];
  const study = await createStudy({
    directions: new Array<'minimize'>(job.nObjectives).fill('minimize'),
    sampler: samplerRegistry.get(job.sampler)({ seed }),
  });
  await optimize(study);
  const { user, system } = process.cpuUsage(cpu);
  const wallS = (performance.now() - wall) / 1000;
  if (study.trials.length !== job.nTrials) throw new Error(`${study.trials.length} trials`);
  studies.push(study);
  times.push({ wallS, cpuS: (user + system) / 1e6, memoryMB: (keptBytes() - before) / 1e6 });
}
console.log(JSON.stringify(times));
