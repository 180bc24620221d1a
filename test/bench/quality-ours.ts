/** Our side of the quality bench (quality-run.ts has the protocol). */
import { createInterface } from 'node:readline';
import { samplerRegistry } from '../../samplers/index.ts';
import { compileSpace, decideAll } from '../../src/core/compiled-space.ts';
import { createStudy, type Trial } from '../../src/index.ts';
import { problemOf } from './quality-problems.ts';
import type { StudyMessage, StudyRequest } from './quality-run.ts';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function evaluated(params: Record<string, unknown>, trial: Trial): Promise<readonly number[]> {
  write({ params } as StudyMessage);
  const { values, constraints } = JSON.parse((await lines.next()).value as string);
  if (constraints !== null) trial.setConstraints(constraints);
  return values;
}

function write(message: StudyMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

/** `tpe`, or `tpe{"multivariate":true}`. */
function samplerOf(text: string, seed: number) {
  const [, name, options = '{}'] = /^([^{]+)(\{.*\})?$/.exec(text)!;
  return samplerRegistry.get(name)({ seed, ...JSON.parse(options) });
}

async function run({ problem, sampler, seed, nTrials, declared }: StudyRequest): Promise<void> {
  const { space, directions } = problemOf(problem).objective;
  const study = await createStudy({ directions, sampler: samplerOf(sampler, seed) });
  if (declared) await study.optimize(space, (_, trial) => evaluated(trial.params, trial), { nTrials });
  else {
    const compiled = compileSpace(space);
    await study.optimize(
      (trial) =>
        evaluated(
          decideAll(compiled, (name, d) => trial.suggest(name, d)),
          trial,
        ),
      { nTrials },
    );
  }
}

for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
  const before = process.cpuUsage();
  await run(JSON.parse(line.value));
  const { user, system } = process.cpuUsage(before);
  write({ cpuS: (user + system) / 1e6 });
}
