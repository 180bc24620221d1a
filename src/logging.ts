/** Messages go to standard error, unless `onLog` sends them elsewhere. */
import { type LogMessage, onLog } from './core/logging.ts';

export {
  getLogLevel,
  LOG_LEVELS,
  type LogHandler,
  type LogLevel,
  type LogMessage,
  type LogMessageLevel,
  onLog,
  setLogLevel,
} from './core/logging.ts';

/** `[warn] nas/3/search: Trial 0 failed …`; the study is named if a trial of another owns it. */
export function logLine({ level, studyName, text }: LogMessage): string {
  return `[${level}] ${studyName.includes('/') ? `${studyName}: ` : ''}${text}`;
}

onLog((message) => {
  process.stderr.write(`${logLine(message)}\n`);
});
