/** Odd command lines and modules: exit codes 0, 1 and 2 only, no stack trace, one JSON document with --json. */
import { copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeProject } from '../e2e/built-package.ts';
import { sayLines } from './command-lines.ts';
import { ODD_FILES, ODD_MODULES, oddLine } from './odd-lines.ts';
import { program, programPath, run, thanos } from './process.ts';
import type { Setting } from './setting.ts';
import { Tally } from './tally.ts';
import { firstLine, judge } from './verdict.ts';

const LINES_PER_PROCESS = 30;
/** For one command that does nothing long. */
const LIMIT_MS = 60_000;
/** These find nothing to read, and must leave nothing behind. */
const NOTHING_TO_READ = [
  'best demo --storage sqlite:///absent.db',
  'studies --storage sqlite:///absent.db',
  'export demo --storage sqlite:///absent.db --out absent.csv',
  'importance demo --storage sqlite:///absent.db --report absent.html',
  'compare --problem cube --storage sqlite:///absent.db --report absent.html',
  'nas report --dir folder',
  'nas export --dir folder',
  'nas report wrong.yaml',
  'nas run wrong.yaml',
  'nas run escape.yaml',
];

export function inputCampaigns(setting: Setting): Promise<Tally>[] {
  return [oddLines(setting), nothingLeft(setting), oddModules(setting)];
}

function oddProject(): string {
  const cwd = makeProject({ ...ODD_FILES, ...ODD_MODULES });
  mkdirSync(join(cwd, 'folder'));
  mkdirSync(join(cwd, 'folder.yaml'));
  copyFileSync(programPath('demo-study.mjs'), join(cwd, 'demo.mjs'));
  return cwd;
}

async function oddLines(setting: Setting): Promise<Tally> {
  const tally = new Tally('input: odd command lines');
  const processes = setting.size === 'full' ? 100 : 8;
  const batch = async (i: number): Promise<void> => {
    const cwd = oddProject();
    const made = await run(program('sound-file.mjs', {}), { cwd });
    if (made.code !== 0) throw new Error(`the studies could not be made: ${made.stderr}`);
    copyFileSync(join(cwd, 'study.db'), join(cwd, 'thanos.db'));
    const rng = setting.rng.fork('input', i);
    const lines = Array.from({ length: LINES_PER_PROCESS }, () => oddLine(rng));
    await sayAll(tally, cwd, lines);
    rmSync(cwd, { recursive: true });
  };
  await Promise.all(Array.from({ length: processes }, (_, i) => setting.slots.run(() => batch(i))));
  return tally;
}

/** If the process does not live to the end, each line gets one of its own, to tell which it was. */
async function sayAll(tally: Tally, cwd: string, lines: readonly (readonly string[])[]): Promise<void> {
  const { said } = await sayLines(cwd, lines);
  if (said !== null) {
    for (const [i, each] of said.entries()) judge(tally, shown(lines[i]), each, asksForJson(lines[i]));
    return;
  }
  for (const line of lines) {
    const ended = await run(thanos(...line), { cwd, limitMs: LIMIT_MS });
    if (ended.isHung) tally.fault('errors', `${shown(line)}: hangs`);
    else judge(tally, shown(line), ended, asksForJson(line));
  }
}

async function nothingLeft(setting: Setting): Promise<Tally> {
  const tally = new Tally('input: commands that find nothing to read');
  const one = async (line: string): Promise<void> => {
    const cwd = oddProject();
    const before = filesOf(cwd);
    const ended = await run(thanos(...line.split(' ')), { cwd, limitMs: LIMIT_MS });
    judge(tally, line, ended, false);
    if (ended.code === 0) tally.fault('errors', `${line}: success is reported`);
    const left = filesOf(cwd).filter((name) => !before.includes(name));
    if (left.length > 0) tally.fault('errors', `${line}: leaves ${left.join(', ')}`);
    rmSync(cwd, { recursive: true });
  };
  await Promise.all(NOTHING_TO_READ.map((line) => setting.slots.run(() => one(line))));
  return tally;
}

/** Without the link to the package, in which others may be at work. */
function filesOf(project: string): string[] {
  const names = readdirSync(project).filter((name) => name !== 'node_modules');
  return [...names, ...readdirSync(join(project, 'folder')).map((name) => join('folder', name))];
}

async function oddModules(setting: Setting): Promise<Tally> {
  const tally = new Tally('input: odd study modules');
  const cwd = oddProject();
  const one = async (name: string): Promise<void> => {
    // What goes wrong as text goes wrong as JSON, too, and in more ways.
    for (const json of setting.size === 'full' ? [[], ['--json']] : [['--json']]) {
      const storage = `sqlite:///${name}${json.length}.db`;
      const ended = await run(thanos('run', name, '--storage', storage, ...json), { cwd, limitMs: LIMIT_MS });
      if (ended.isHung) tally.fault('errors', `${name}: hangs`);
      else judgeModule(tally, name, ended, json.length > 0);
    }
  };
  await Promise.all(Object.keys(ODD_MODULES).map((name) => setting.slots.run(() => one(name))));
  rmSync(cwd, { recursive: true });
  return tally;
}

/** An error of the module's own is UNEXPECTED, and may be named by its class. */
function judgeModule(
  tally: Tally,
  name: string,
  ended: { code: number | null; stdout: string; stderr: string },
  isJson: boolean,
): void {
  const own = new Tally(name);
  judge(own, `run ${name}`, ended, isJson);
  tally.add('runs');
  for (const column of ['errors', 'traces'] as const)
    for (const complaint of own.complaints.filter((text) => text.startsWith(`${column}: `)))
      tally.fault(column, complaint.slice(column.length + 2));
  if (ended.code !== 0 && firstLine(ended.stderr) === '') tally.fault('errors', `${name}: no message`);
}

function asksForJson(line: readonly string[]): boolean {
  const end = line.indexOf('--');
  return (end < 0 ? line : line.slice(0, end)).includes('--json');
}

function shown(line: readonly string[]): string {
  return `thanos ${line.map((word) => (word.length > 40 ? `${word.slice(0, 40)}…` : JSON.stringify(word).slice(1, -1))).join(' ')}`;
}
