/** Messages go to standard error, unless `onLog` sends them elsewhere. */
import { type LogMessage, onLog } from './core/logging.ts';
import { visibleText } from './core/visible-text.ts';

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
  return visibleText(`[${level}] ${studyName.includes('/') ? `${studyName}: ` : ''}${text}`);
}

/** Standard error may be closed (`study 2>&1 | head`): a message that nobody reads must not end a study. */
const ignoreClosed = (): void => {};

onLog((message) => {
  if (!process.stderr.listeners('error').includes(ignoreClosed)) process.stderr.on('error', ignoreClosed);
  process.stderr.write(`${logLine(message)}\n`);
});
