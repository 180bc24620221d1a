/** Kills a program at random moments, and runs it again until it is through. */
import { existsSync } from 'node:fs';
import type { Rng } from '../../src/core/rng.ts';
import { type Ended, type Running, start } from './process.ts';

/** The new file is there, but its tables may be in the write-ahead log only. */
const CREATION_MS = 30;
/** What Node itself takes to start, as a part of a run: a kill then hits nothing. */
const START_SHARE = 0.2;
const MOST_RUNS = 200;

export interface Victim {
  readonly command: readonly string[];
  readonly cwd: string;
  /** Its study file. */
  readonly file: string;
  /** How long an unbroken run takes. */
  readonly unbrokenMs: number;
  /** Before and after each run. */
  readonly beforeRun?: () => void;
  readonly afterRun?: (ended: Ended) => void;
}

export interface Killed {
  readonly kills: number;
  /** How the last run ended: by itself. */
  readonly last: Ended;
}

/** Runs it again and again: the first `kills` times that it lives long enough it is killed. */
export async function runAndKill(victim: Victim, kills: number, rng: Rng): Promise<Killed> {
  let hits = 0;
  for (let runs = 0; runs < MOST_RUNS; runs++) {
    victim.beforeRun?.();
    const running = start(victim.command, { cwd: victim.cwd });
    if (hits < kills) killSometime(running, victim, rng);
    const ended = await running.ended;
    victim.afterRun?.(ended);
    if (ended.signal !== 'SIGKILL' || ended.isHung) return { kills: hits, last: ended };
    hits++;
  }
  throw new Error(`${victim.command.join(' ')} was not through after ${MOST_RUNS} runs`);
}

/** At any moment of the run; of a file that is not there yet, in every third case, just after it has appeared. */
function killSometime({ child, ended }: Running, victim: Victim, rng: Rng): void {
  const isAtCreation = !existsSync(victim.file) && rng.uniform() < 1 / 3;
  const delayMs = isAtCreation
    ? rng.uniformIn(0, CREATION_MS)
    : rng.uniformIn(victim.unbrokenMs * START_SHARE, victim.unbrokenMs);
  const timers: NodeJS.Timeout[] = [];
  const killLater = (): void => {
    timers.push(setTimeout(() => child.kill('SIGKILL'), delayMs));
  };
  if (isAtCreation) {
    const poll = setInterval(() => {
      if (!existsSync(victim.file)) return;
      clearInterval(poll);
      killLater();
    }, 1);
    timers.push(poll);
  } else killLater();
  void ended.then(() => timers.forEach(clearTimeout));
}
