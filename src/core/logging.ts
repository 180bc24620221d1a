/** What THANOS has to say while it works: to standard error, unless `onLog` sends it elsewhere. */

import { bestOf } from './best.ts';
import { InvalidArgumentError } from './errors.ts';
import { type FrozenTrial, type StudyDirection, SYSTEM_ATTR } from './frozen-trial.ts';
import { type LogHandler, type LogMessageLevel, writeMessage } from './log-message.ts';
import { stringifyPythonJson } from './python-json.ts';
import { shown } from './shown.ts';

/** The least level that is shown; `silent` shows nothing. */
export type LogLevel = LogMessageLevel | 'silent';

/** The log levels, from the one that shows most to the one that shows nothing. */
export const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];

/** Which levels are shown: looked up before a message is made, so that what is off costs nothing. */
export const isLogged: Record<LogMessageLevel, boolean> = {
  debug: false,
  info: false,
  warn: true,
  error: true,
};

let current: LogLevel = 'warn';
let handler: LogHandler = writeMessage;

/** Returns the level that `setLogLevel` has set; `warn` before. */
export function getLogLevel(): LogLevel {
  return current;
}

/** Default: `warn`. @throws InvalidArgumentError */
export function setLogLevel(level: LogLevel): void {
  const rank = LOG_LEVELS.indexOf(level);
  if (rank < 0)
    throw new InvalidArgumentError(
      `the log level must be one of ${LOG_LEVELS.join(', ')}, but is ${shown(level)}`,
    );
  current = level;
  for (const name of Object.keys(isLogged) as LogMessageLevel[])
    isLogged[name] = LOG_LEVELS.indexOf(name) >= rank;
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

/** What is read of a study to log its trials. */
export interface LoggedStudy {
  readonly studyName: string;
  readonly directions: readonly StudyDirection[];
  readonly trials: readonly FrozenTrial[];
}

/**
 * One line about a trial that has just been told, as Optuna words it. A warning if its values could not be used; of an error, which is
 * thrown or caught on purpose, no more than an information.
 */
export function logFinished(
  study: LoggedStudy,
  trial: FrozenTrial,
  told: 'values' | 'pruned' | 'error',
): void {
  const level = trial.state === 'FAIL' && told === 'values' ? 'warn' : 'info';
  if (isLogged[level]) log(level, study.studyName, `Trial ${trial.number} ${fateOf(trial, study)}`);
}

function fateOf({ state, values, params, systemAttrs }: FrozenTrial, study: LoggedStudy): string {
  const parameters = `parameters: ${stringifyPythonJson(params)}`;
  if (state === 'PRUNED') return 'pruned.';
  if (state === 'FAIL')
    return `failed with ${parameters} because of the following error: ${String(systemAttrs[SYSTEM_ATTR.failReason])}.`;
  if (study.directions.length > 1) return `finished with values: [${values!.join(', ')}] and ${parameters}.`;
  const best = bestOf(study.trials, study.directions[0]);
  const standing = best === null ? '' : ` Best is trial ${best.number} with value: ${best.values![0]}.`;
  return `finished with value: ${values![0]} and ${parameters}.${standing}`;
}
