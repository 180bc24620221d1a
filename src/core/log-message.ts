import { visibleText } from './visible-text.ts';

/** How important a message is. */
export type LogMessageLevel = 'debug' | 'info' | 'warn' | 'error';

/** One message, as a handler receives it. */
export interface LogMessage {
  /** How important it is. */
  readonly level: LogMessageLevel;
  /** The study that it is about. */
  readonly studyName: string;
  /** What to show: one line, without level and time. */
  readonly text: string;
}

/** Receives the messages that the log level lets through. */
export type LogHandler = (message: LogMessage) => void;

/** `[warn] nas/3/search: Trial 0 failed …`; the study is named if a trial of another owns it. */
export function logLine({ level, studyName, text }: LogMessage): string {
  return visibleText(`[${level}] ${studyName.includes('/') ? `${studyName}: ` : ''}${text}`);
}

/** Standard error may be closed (`study 2>&1 | head`): a message that nobody reads must not end a study. */
const ignoreClosed = (): void => {};

/** Writes the message's line to standard error. */
export function writeMessage(message: LogMessage): void {
  if (!process.stderr.listeners('error').includes(ignoreClosed)) process.stderr.on('error', ignoreClosed);
  process.stderr.write(`${logLine(message)}\n`);
}
