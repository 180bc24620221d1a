/** Progress on standard error: a bar on a terminal, or a line now and then. The package that draws the bar is loaded when one is asked for. */
import { createRequire } from 'node:module';
import type * as CliProgress from 'cli-progress';
import { isCandidate } from './best.ts';
import type { FrozenTrial, StudyDirection } from './frozen-trial.ts';
import { lossOf } from './losses.ts';
import type { OptimizeOptions } from './optimize.ts';
import { visibleText } from './visible-text.ts';

const require = createRequire(import.meta.url);

export interface Progress {
  update(done: number, remark: string): void;
  stop(): void;
}

export const NO_PROGRESS: Progress = { update: () => {}, stop: () => {} };

/** Without a terminal, a line is written at every tenth of the way, and when this long has passed since the last. */
const LINE_INTERVAL_MS = 30_000;

/** @param total how many there are to be; null if that is not known. */
export function startProgress(label: string, total: number | null, done: number): Progress {
  return process.stderr.isTTY ? barProgress(label, total, done) : lineProgress(label, total, done);
}

function barProgress(label: string, total: number | null, done: number): Progress {
  const { SingleBar } = require('cli-progress') as typeof CliProgress;
  const way = total === null ? '{value} trials' : '{bar} {value}/{total}  {eta_formatted} left';
  const bar = new SingleBar({
    format: `${visibleText(label)} ${way}  {remark}`,
    barCompleteChar: '━',
    barIncompleteChar: '─',
    barsize: 30,
    hideCursor: true,
    stream: process.stderr,
  });
  bar.start(total ?? 0, done, { remark: '' });
  return {
    update: (value, remark) => bar.update(value, { remark }),
    stop: () => bar.stop(),
  };
}

function lineProgress(label: string, total: number | null, start: number): Progress {
  const tenthOf = (done: number): number => (total === null ? 0 : Math.floor((10 * done) / total));
  let lastTenth = tenthOf(start);
  let lastMs = performance.now();
  return {
    update(done, remark) {
      const nowMs = performance.now();
      if (tenthOf(done) === lastTenth && nowMs - lastMs < LINE_INTERVAL_MS) return;
      lastTenth = tenthOf(done);
      lastMs = nowMs;
      const way = total === null ? `${done} trials` : `${done}/${total}`;
      process.stderr.write(`${visibleText(`${label} ${way}${remark === '' ? '' : `  ${remark}`}`)}\n`);
    },
    stop: () => {},
  };
}

/** The progress of one call of `optimize`. */
export interface TrialProgress {
  onTrial(trial: FrozenTrial): void;
  stop(): void;
}

const NOTHING: TrialProgress = { onTrial: () => {}, stop: () => {} };

/** What of a study its progress shows. */
interface ShownStudy {
  readonly studyName: string;
  readonly directions: readonly StudyDirection[];
  readonly trials: readonly FrozenTrial[];
}

/** @param finishedCount of the study, before the first trial. */
export function trialProgress(
  study: ShownStudy,
  { progress, nTrials, totalTrials }: OptimizeOptions,
  finishedCount: number,
): TrialProgress {
  if (progress === undefined || progress === false) return NOTHING;
  if (progress === true && !process.stderr.isTTY) return NOTHING;
  const more = nTrials ?? Number.POSITIVE_INFINITY;
  const end = Math.min(finishedCount + more, totalTrials ?? Number.POSITIVE_INFINITY);
  const total = Number.isFinite(end) ? end : null;
  if (total !== null && finishedCount >= total) return NOTHING;
  let done = finishedCount;
  let best = bestLoss(study);
  const shown = startProgress(study.studyName, total, done);
  return {
    onTrial: (trial) => {
      const loss = lossIn(study, trial);
      if (loss !== null && (best === null || loss < best)) best = loss;
      done++;
      shown.update(done, best === null ? '' : `best ${rounded(lossOf(best, study.directions[0]))}`);
    },
    stop: () => shown.stop(),
  };
}

function bestLoss(study: ShownStudy): number | null {
  let best: number | null = null;
  for (const trial of study.trials) {
    const loss = lossIn(study, trial);
    if (loss !== null && (best === null || loss < best)) best = loss;
  }
  return best;
}

/** Null for trials that cannot be the best one, and for several objectives. */
function lossIn({ directions }: ShownStudy, trial: FrozenTrial): number | null {
  return directions.length === 1 && isCandidate(trial) ? lossOf(trial.values![0], directions[0]) : null;
}

const rounded = (value: number): string =>
  Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
