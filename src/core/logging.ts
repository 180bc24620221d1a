/** What THANOS has to say while it works. Core hands messages on; who writes them where is decided outside (src/logging.ts). */

import { bestOf } from './best.ts';
import { InvalidArgumentError } from './errors.ts';
import { type FrozenTrial, type StudyDirection, SYSTEM_ATTR } from './frozen-trial.ts';
import { shown } from './options.ts';
import { stringifyPythonJson } from './python-json.ts';

export type LogMessageLevel = 'debug' | 'info' | 'warn' | 'error';
/** The least level that is shown; `silent` shows nothing. */
export type LogLevel = LogMessageLevel | 'silent';

export interface LogMessage {
  readonly level: LogMessageLevel;
  readonly studyName: string;
  readonly text: string;
}

export type LogHandler = (message: LogMessage) => void;

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];

/** Which levels are shown: looked up before a message is made, so that what is off costs nothing. */
export const isLogged: Record<LogMessageLevel, boolean> = {
  debug: false,
  info: false,
  warn: true,
  error: true,
};

let current: LogLevel = 'warn';
let handler: LogHandler = () => {};

export function getLogLevel(): LogLevel {
  return current;
}

/** Default: `warn`. @throws InvalidArgumentError */
export function setLogLevel(level: LogLevel): void {
  const rank = LEVELS.indexOf(level);
  if (rank < 0)
    throw new InvalidArgumentError(
      `the log level must be one of ${LEVELS.join(', ')}, but is ${shown(level)}`,
    );
  current = level;
  for (const name of Object.keys(isLogged) as LogMessageLevel[])
    isLogged[name] = LEVELS.indexOf(name) >= rank;
}

/** Sends messages to this handler instead of the present one; call the result to go back to that. */
export function onLog(newHandler: LogHandler): () => void {
  if (typeof newHandler !== 'function')
    throw new InvalidArgumentError(`onLog needs a function of a message, but got ${shown(newHandler)}`);
  const before = handler;
  handler = newHandler;
  return () => {
    handler = before;
  };
}

export function log(level: LogMessageLevel, studyName: string, text: string): void {
  if (isLogged[level]) handler({ level, studyName, text });
}

export function logStarted(
  { studyName, number }: { readonly studyName: string; readonly number: number },
  params: FrozenTrial['params'],
): void {
  log('debug', studyName, `Trial ${number} starts with parameters: ${stringifyPythonJson(params)}.`);
}

/** One line about a trial that has just been told, as Optuna words it. */
export function logFinished(
  studyName: string,
  { number, state, values, params, systemAttrs }: FrozenTrial,
  trials: readonly FrozenTrial[],
  directions: readonly StudyDirection[],
): void {
  if (state === 'FAIL') {
    const reason = systemAttrs[SYSTEM_ATTR.failReason] ?? 'it was told to FAIL';
    log(
      'warn',
      studyName,
      `Trial ${number} failed with parameters: ${stringifyPythonJson(params)}. ${String(reason)}`,
    );
    return;
  }
  if (!isLogged.info) return;
  if (state === 'PRUNED') {
    log('info', studyName, `Trial ${number} pruned.`);
    return;
  }
  const value = directions.length > 1 ? `values: [${values!.join(', ')}]` : `value: ${values![0]}`;
  const best = directions.length > 1 ? null : bestOf(trials, directions[0]);
  const standing = best === null ? '' : ` Best is trial ${best.number} with value: ${best.values![0]}.`;
  log(
    'info',
    studyName,
    `Trial ${number} finished with ${value} and parameters: ${stringifyPythonJson(params)}.${standing}`,
  );
}
