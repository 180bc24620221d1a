/** Shows the stages of a NAS as they go. */
import { fitLine } from '../../objectives/pipeline/deployment-fit.ts';
import type { NasProgress, ValidationSource } from '../../objectives/pipeline/nas-progress.ts';
import type { FrozenTrial } from '../core/frozen-trial.ts';
import { type Progress, startProgress } from '../core/progress.ts';
import { ceilingsLine } from './nas-result.ts';
import { note } from './output.ts';

export function startNasProgress(): { report(event: NasProgress): void; stop(): void } {
  let current: { label: string; progress: Progress } | null = null;
  const stop = (): void => {
    current?.progress.stop();
    current = null;
  };
  const show = (label: string, total: number, done: number, remark: string): void => {
    if (current?.label !== label) {
      stop();
      current = { label, progress: startProgress(label, total, done) };
    }
    current.progress.update(done, remark);
  };
  /** A line that stays, between two bars. */
  const say = (line: string): void => {
    stop();
    note(line);
  };
  return {
    stop,
    report(event) {
      switch (event.stage) {
        case 'corpus':
          say(
            `corpus: ${event.languages}, ${event.pairs} training pairs, vocabulary of ${event.vocabularySize}`,
          );
          say(validationLine(event.validation));
          if (event.deployment.fittingPairs < event.deployment.judgedPairs)
            say(`note: ${fitLine(event.deployment)}`);
          for (const remark of event.notes) say(`note: ${remark}`);
          return;
        case 'training': {
          const { report, step, steps } = event;
          if (report === null) say(`SuperTransformer: training from step ${step} of ${steps}`);
          else {
            const bits = (report.loss / Math.LN2).toFixed(2);
            show(
              'training',
              steps,
              step,
              `loss ${bits} bits/token, ${Math.round(report.tokensPerSecond)} tokens/s`,
            );
          }
          return;
        }
        case 'validation':
          say(
            `step ${event.step}: validation loss ${event.largest.toFixed(3)} bits/token (largest), ` +
              `${event.smallest.toFixed(3)} (smallest SubTransformer)${event.isBest ? '' : '; not better than before'}`,
          );
          return;
        case 'trained':
          say(`SuperTransformer: ${event.summary}`);
          return;
        case 'warning':
          say(`WARNING: ${event.text}`);
          return;
        case 'latency':
          show('latency dataset', event.total, event.done, '');
          return;
        case 'inner':
          // Inner searches are short: without a terminal the outer trial's line says it all.
          if (!process.stderr.isTTY) return;
          show(
            `trial ${event.outerTrial}: search`,
            event.total,
            event.done,
            event.best === null ? '' : `best ${event.best.toFixed(3)} bits/token`,
          );
          return;
        case 'outer': {
          const { trial, done, total } = event;
          const outcome =
            trial.state === 'COMPLETE' ? `${valuesLine(trial)}${verdict(trial)}` : trial.state.toLowerCase();
          say(
            `trial ${trial.number} (outer trial ${done}/${total}): QKV ${String(trial.params['qkvDim'])}, ` +
              `${ceilingsLine(trial)} -> ${outcome}`,
          );
        }
      }
    },
  };
}

function validationLine({ pairs, heldOutEvery, unusedFiles }: ValidationSource): string {
  if (heldOutEvery === null) return `validation: ${pairs} pairs`;
  const unused =
    unusedFiles.length === 0
      ? ''
      : `; not used: ${unusedFiles.join(', ')} (choose validation files with --valid or corpus.valid)`;
  return `validation: ${pairs} pairs, one in ${heldOutEvery} of the training text held out${unused}`;
}

function valuesLine({ values }: FrozenTrial): string {
  const [loss, latencyMs, memoryMiB] = values!;
  return `${loss.toFixed(3)} bits/token, ${latencyMs.toFixed(2)} ms, ${memoryMiB.toFixed(2)} MiB`;
}

/** Which of the ceilings no SubTransformer was within. */
function verdict({ params, values }: FrozenTrial): string {
  const [, latencyMs, memoryMiB] = values!;
  const exceeded = [
    ...(memoryMiB > Number(params['memoryCeilingMiB']) ? ['memory'] : []),
    ...(latencyMs > Number(params['latencyCeilingMs']) ? ['latency'] : []),
  ];
  return exceeded.length === 0 ? '' : `  (${exceeded.join(' and ')} ceiling out of reach)`;
}
