/** Our side of the speed bench, on the built package: runs one SpeedJob, given as JSON, and prints a StudyTime per study. */
import { createStudy, float, space } from 'thanos-hpo';
import { samplerRegistry } from 'thanos-hpo/samplers';

const job = JSON.parse(process.argv[2]);
const names = Array.from({ length: job.dimensions }, (_, i) => `x${i}`);

function values(x) {
  let first = 0;
  let second = 0;
  for (const value of x) {
    first += value * value;
    second += (value - 2) * (value - 2);
  }
  return job.nObjectives === 1 ? first : [first, second];
}

function optimize(study) {
  const { nTrials } = job;
  if (job.side === 'define-by-run')
    return study.optimize((trial) => values(names.map((name) => trial.suggestFloat(name, -5, 5))), {
      nTrials,
    });
  const box = space(Object.fromEntries(names.map((name) => [name, float(-5, 5)])));
  return study.optimize(box, (params) => values(names.map((name) => params[name])), { nTrials });
}

function keptBytes() {
  globalThis.gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const times = [];
const studies = [];
for (let seed = 0; seed < job.studies; seed++) {
  const before = keptBytes();
  const [wall, cpu] = [performance.now(), process.cpuUsage()];
  const study = await createStudy({
    directions: new Array(job.nObjectives).fill('minimize'),
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
