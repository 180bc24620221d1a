/** Progress on standard error: a bar on a terminal, else a line now and then. */
import { SingleBar } from 'cli-progress';
import { visibleText } from '../core/visible-text.ts';
import { note } from './output.ts';

export interface Progress {
  update(done: number, remark: string): void;
  stop(): void;
}

export const NO_PROGRESS: Progress = { update: () => {}, stop: () => {} };

/** Without a terminal, a line is written at every tenth of the way, and when this long has passed since the last. */
const LINE_INTERVAL_MS = 30_000;

export function startProgress(label: string, total: number, done: number): Progress {
  return process.stderr.isTTY ? barProgress(label, total, done) : lineProgress(label, total, done);
}

function barProgress(label: string, total: number, done: number): Progress {
  const bar = new SingleBar({
    format: `${visibleText(label)} {bar} {value}/{total}  {eta_formatted} left  {remark}`,
    barCompleteChar: '━',
    barIncompleteChar: '─',
    barsize: 30,
    hideCursor: true,
    stream: process.stderr,
  });
  bar.start(total, done, { remark: '' });
  return {
    update: (value, remark) => bar.update(value, { remark }),
    stop: () => bar.stop(),
  };
}

function lineProgress(label: string, total: number, start: number): Progress {
  const tenthOf = (done: number): number => Math.floor((10 * done) / total);
  let lastTenth = tenthOf(start);
  let lastMs = performance.now();
  return {
    update(done, remark) {
      const nowMs = performance.now();
      if (tenthOf(done) === lastTenth && nowMs - lastMs < LINE_INTERVAL_MS) return;
      lastTenth = tenthOf(done);
      lastMs = nowMs;
      note(`${label} ${done}/${total}${remark === '' ? '' : `  ${remark}`}`);
    },
    stop: () => {},
  };
}
