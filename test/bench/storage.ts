/**
 * Storage throughput: finished 10-parameter trials per second on a SQLite file, here and in Optuna's RDBStorage, run
 * one after the other on the same disk. Usage: THANOS_PEER_PYTHON=python node --import tsx test/bench/storage.ts [n]
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { floatDistribution } from '../../src/core/distribution.ts';
import type { Storage } from '../../src/core/storage.ts';
import { InMemoryStorage, SqliteStorage } from '../../storage/index.ts';

const PARAMS = 10;

/** Trials per second: create with parameters, complete with a value, read from that trial on. */
async function trialsPerSecond(storage: Storage, n: number): Promise<number> {
  const { studyId } = await storage.createStudy('bench', ['minimize']);
  const distribution = floatDistribution(0, 1);
  const names = Array.from({ length: PARAMS }, (_, k) => `x${k}`);
  const distributions = Object.fromEntries(names.map((name) => [name, distribution]));
  const start = performance.now();
  for (let i = 0; i < n; i++) {
    const params = Object.fromEntries(names.map((name, k) => [name, ((i + 1) * (k + 1) * 0.618) % 1]));
    const trial = await storage.createTrial(studyId, { state: 'RUNNING', params, distributions });
    await storage.updateTrial(trial.trialId, { state: 'COMPLETE', values: [i] });
    const read = await storage.getTrials(studyId, trial.number);
    if (read.length !== 1) throw new Error(`expected one trial, read ${read.length}`);
  }
  const rate = n / ((performance.now() - start) / 1000);
  await storage.close();
  return rate;
}

const OPTUNA = `
import sys, time, optuna
from optuna.distributions import FloatDistribution
optuna.logging.set_verbosity(optuna.logging.ERROR)
storage = optuna.storages.RDBStorage("sqlite:///" + sys.argv[1])
n, k = int(sys.argv[2]), int(sys.argv[3])
study = optuna.create_study(storage=storage, sampler=optuna.samplers.RandomSampler(seed=0))
space = {f"x{i}": FloatDistribution(0, 1) for i in range(k)}
start = time.perf_counter()
for i in range(n):
    trial = study.ask(space)
    study.tell(trial, float(i))
print(n / (time.perf_counter() - start))
`;

const n = Number(process.argv[2] ?? 5000);
const directory = mkdtempSync(join(tmpdir(), 'thanos-bench-'));
try {
  const memory = await trialsPerSecond(new InMemoryStorage(), n);
  const ours = await trialsPerSecond(new SqliteStorage(join(directory, 'ours.db')), n);
  console.log(`in memory: ${memory.toFixed(0)} trials/s`);
  console.log(`SQLite:    ${ours.toFixed(0)} trials/s (${n} trials of ${PARAMS} parameters)`);
  const python = process.env['THANOS_PEER_PYTHON'];
  if (python === undefined) console.log('Optuna:    skipped, THANOS_PEER_PYTHON is not set');
  else {
    const args = ['-c', OPTUNA, join(directory, 'optuna.db'), String(Math.min(n, 200)), String(PARAMS)];
    const theirs = Number(execFileSync(python, args, { encoding: 'utf8' }));
    console.log(
      `Optuna:    ${theirs.toFixed(1)} trials/s (RDBStorage on SQLite, ${Math.min(n, 200)} trials)`,
    );
    console.log(`ratio:     ${(ours / theirs).toFixed(0)}`);
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
