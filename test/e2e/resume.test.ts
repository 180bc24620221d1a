/** The promise of exact resume, kept against kill -9 at random moments of outer and inner studies. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Rng } from '../../src/core/rng.ts';
import { SqliteStorage } from '../../storage/index.ts';

const CHILD = fileURLToPath(new URL('./resume-child.mjs', import.meta.url));
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'thanos-resume-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Run {
  readonly db: string;
  readonly log: string;
  readonly args: readonly string[];
}

function runFor(name: string, sampler: string, batchSize: number): Run {
  const db = join(folder, `${name}.db`);
  const log = join(folder, `${name}.log`);
  return { db, log, args: [CHILD, db, sampler, String(batchSize), log] };
}

interface Kill {
  /** Whether it waits until a trial is evaluated that no earlier run has evaluated. */
  readonly onceItGetsOn: boolean;
  readonly afterMs: number;
}

const POLL_MS = 3;

/** Runs the child; kills it some time after it has opened its study (null: lets it finish). True if it finished. */
function runChild(run: Run, kill: Kill | null): Promise<boolean> {
  const before = new Set(evaluations(run.log));
  const hasGotOn = () => evaluations(run.log).some((evaluation) => !before.has(evaluation));
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, run.args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let errors = '';
    child.stderr.on('data', (data: Buffer) => {
      errors += data.toString();
    });
    child.stdout.on('data', (data: Buffer) => {
      if (kill !== null && data.toString().includes('ready')) killWhenDue(kill);
    });
    const killWhenDue = (due: Kill): void => {
      if (due.onceItGetsOn && !hasGotOn()) setTimeout(killWhenDue, POLL_MS, due);
      else setTimeout(() => child.kill('SIGKILL'), due.afterMs);
    };
    child.on('exit', (code, signal) => {
      if (signal === 'SIGKILL') resolve(false);
      else if (code === 0) resolve(true);
      else reject(new Error(`child exited with ${code}: ${errors}`));
    });
  });
}

async function readStudies(db: string) {
  const storage = new SqliteStorage(db);
  const studies = await storage.listStudies();
  const read = await Promise.all(
    studies.map(async (study) => ({
      name: study.studyName,
      trials: await storage.getTrials(study.studyId),
    })),
  );
  await storage.close();
  return read;
}

const essence = (studies: Awaited<ReturnType<typeof readStudies>>) =>
  studies.map(({ name, trials }) => ({
    name,
    trials: trials.map((t) => [t.number, t.state, t.params, t.values, t.userAttrs]),
  }));

function evaluations(log: string): string[] {
  return existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
}

/** 50 kills in all. */
describe.each([
  ['tpe', 1, 13],
  ['nsga2', 1, 12],
  ['evolutionary', 1, 12],
  ['tpe', 4, 13],
] as const)('%s, batches of %i, killed %i times', (sampler, batchSize, kills) => {
  it('ends with the study of an uninterrupted run, and evaluates nothing COMPLETE again', {
    timeout: 240_000,
  }, async () => {
    const reference = runFor(`${sampler}-${batchSize}-reference`, sampler, batchSize);
    expect(await runChild(reference, null)).toBe(true);

    const run = runFor(`${sampler}-${batchSize}-killed`, sampler, batchSize);
    const rng = Rng.keyed('kill', sampler, batchSize);
    let killed = 0;
    const places = new Set<string>();
    while (killed < kills) {
      const completeBefore = new Set<string>();
      if (existsSync(run.db))
        for (const { name, trials } of await readStudies(run.db))
          for (const trial of trials)
            if (trial.state === 'COMPLETE') completeBefore.add(`${name} ${trial.number}`);
      const loggedBefore = evaluations(run.log).length;
      // Every other kill lets the study get on, since a trial that dies more than `maxRetries` times in a row is to FAIL.
      const finished = await runChild(run, {
        onceItGetsOn: killed % 2 === 1,
        afterMs: rng.uniformIn(0, 150),
      });
      for (const evaluation of evaluations(run.log).slice(loggedBefore))
        expect(completeBefore).not.toContain(evaluation);
      expect(finished, 'the study must be long enough for every kill').toBe(false);
      killed++;
      places.add(evaluations(run.log).at(-1) ?? 'before the first');
    }
    expect(await runChild(run, null)).toBe(true);
    expect(places.size, 'kills must hit different places').toBeGreaterThan(kills / 3);
    expect(essence(await readStudies(run.db))).toEqual(essence(await readStudies(reference.db)));
  });
});
