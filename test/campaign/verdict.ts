/** How a command may end: in good order, or with one typed error. */
import type { Tally } from './tally.ts';

export interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const STACK_LINE = /^\s+at .+:\d+(:\d+)?\)?$/m;
/** An error of which a class of JavaScript is all that is said: a typed one says a rule first. */
const RAW_ERROR = /^(error: )?\w*Error: /m;

/** Counts what a command line did that none may do, with good input or bad. */
export function judge(tally: Tally, what: string, said: Said, asJson: boolean): void {
  tally.add('runs');
  const { code, stdout, stderr } = said;
  const heard = firstLine(stderr);
  if (code !== 0 && code !== 1 && code !== 2) tally.fault('errors', `${what}: exit code ${code}: ${heard}`);
  if (STACK_LINE.test(stderr) || STACK_LINE.test(stdout)) tally.fault('traces', `${what}: ${heard}`);
  if (code !== 0 && stderr.trim() === '')
    tally.fault('errors', `${what}: exit code ${code} without a message`);
  if (code !== 0 && RAW_ERROR.test(stderr)) tally.fault('untyped', `${what}: ${heard}`);
  else if (asJson) judgeJson(tally, what, said);
}

function judgeJson(tally: Tally, what: string, { code, stdout, stderr }: Said): void {
  let document: { error?: { code?: unknown } } | null;
  try {
    document = JSON.parse(stdout);
  } catch {
    tally.fault('errors', `${what}: standard output is no JSON document: ${firstLine(stdout)}`);
    return;
  }
  if (code === 0) return;
  const errorCode = document?.error?.code;
  if (typeof errorCode !== 'string')
    tally.fault('errors', `${what}: exit code ${code}, but JSON without an error`);
  else if (errorCode === 'UNEXPECTED') tally.fault('untyped', `${what}: ${firstLine(stderr)}`);
}

/** The line that says what is wrong, else the first one. */
export function firstLine(text: string): string {
  const line = /^(usage )?error: .*$/m.exec(text)?.[0] ?? text.trim().split('\n')[0];
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}
