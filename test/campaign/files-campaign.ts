/** What may happen to the file and the streams of a running study, and to files that are only read. */
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { differences } from './differences.ts';
import { type Ended, program, programPath, type Running, run, start, THANOS, thanos } from './process.ts';
import { newFolder, type Setting } from './setting.ts';
import { type FileFacts, readFacts } from './study-facts.ts';
import { Tally } from './tally.ts';
import { firstLine, judge } from './verdict.ts';

const SLOW = { studyName: 'slow', totalTrials: 60, pauseMs: 15 };
/** Trials that are finished before anything happens to the file. */
const TRIALS_BEFORE = 8;
const TYPED = /\bSTORAGE_UNAVAILABLE\b|StorageError/;

export function filesCampaigns(setting: Setting): Promise<Tally>[] {
  return [lostFiles(setting), signals(setting), fullDisk(setting), readOnly(setting), streams(setting)];
}

async function withTally(name: string, work: (tally: Tally) => Promise<unknown>): Promise<Tally> {
  const tally = new Tally(name);
  await work(tally);
  return tally;
}

/** Starts the slow study in `work/study.db`, and waits until some of its trials are finished. */
async function startSlow(cwd: string): Promise<Running> {
  mkdirSync(join(cwd, 'work'));
  // Where there is no folder any more, the temporary one may be used.
  mkdirSync(join(cwd, 'tmp'));
  const env = { TMPDIR: join(cwd, 'tmp') };
  const running = start(program('slow-study.mjs', { ...SLOW, file: 'work/study.db' }), { cwd, env });
  await running.untilOutput(new RegExp(`finished ${TRIALS_BEFORE - 1}\n`));
  return running;
}

/** Deleted, replaced, or its folder removed: the run must say so, and save what it has. */
function lostFiles(setting: Setting): Promise<Tally> {
  const losses: Readonly<Record<string, (cwd: string) => void>> = {
    'file deleted': (cwd) => rmSync(join(cwd, 'work/study.db')),
    'file and log deleted': (cwd) => {
      for (const name of readdirSync(join(cwd, 'work'))) rmSync(join(cwd, 'work', name));
    },
    'file replaced': (cwd) => {
      copyFileSync(join(cwd, 'other.db'), join(cwd, 'new.db'));
      renameSync(join(cwd, 'new.db'), join(cwd, 'work/study.db'));
    },
    'file moved': (cwd) => renameSync(join(cwd, 'work/study.db'), join(cwd, 'work/moved.db')),
    'folder removed': (cwd) => rmSync(join(cwd, 'work'), { recursive: true }),
    'folder moved': (cwd) => renameSync(join(cwd, 'work'), join(cwd, 'moved')),
  };
  const rounds = setting.size === 'full' ? 3 : 1;
  return withTally('files: deleted, replaced or moved while a study runs', (tally) =>
    Promise.all(
      Object.entries(losses).flatMap(([name, lose]) =>
        Array.from({ length: rounds }, (_, i) =>
          setting.slots.run(() => lostFile(setting, tally, name, lose, i)),
        ),
      ),
    ),
  );
}

async function lostFile(
  setting: Setting,
  tally: Tally,
  name: string,
  lose: (cwd: string) => void,
  i: number,
): Promise<void> {
  const cwd = newFolder(setting, 'lost', name, i);
  await run(program('slow-study.mjs', { ...SLOW, totalTrials: 5, pauseMs: 0, file: 'other.db' }), { cwd });
  const other = readFacts(join(cwd, 'other.db'));
  const running = await startSlow(cwd);
  lose(cwd);
  const ended = await running.ended;
  tally.add('runs');
  if (ended.code === 0) tally.fault('errors', `${name}: success is reported`);
  else if (!TYPED.test(ended.stderr)) tally.fault('untyped', `${name}: ${firstLine(ended.stderr)}`);
  const saved = studyFilesIn(cwd).map((file) => [file, readFacts(file)] as const);
  const finished = Math.max(0, ...saved.map(([, { studies }]) => completeIn(studies['slow'])));
  tally.add('compared');
  if (finished < TRIALS_BEFORE)
    tally.fault('errors', `${name}: at most ${finished} of ${TRIALS_BEFORE} finished trials are in any file`);
  if (name === 'file replaced') {
    const replaced = readFacts(join(cwd, 'work/study.db')).studies['slow'];
    const changes = differences(other.studies['slow'], replaced);
    if (changes.length > 0) tally.fault('errors', `${name}: the other file was changed: ${changes[0]}`);
  }
}

function completeIn(study: FileFacts['studies'][string] | undefined): number {
  return Object.values(study?.trials ?? {}).filter(({ state }) => state === 'COMPLETE').length;
}

function studyFilesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => !/-(wal|shm|journal)$/.test(name))
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile() && !file.endsWith('other.db'));
}

/** Each asks for an end in good order: the .db alone holds the study, and the same command goes on with it. */
function signals(setting: Setting): Promise<Tally> {
  const rounds = setting.size === 'full' ? 5 : 1;
  // Long enough not to be through when the signal comes.
  const command = thanos(
    'run',
    programPath('branches.ts'),
    '--trials',
    '200',
    '--storage',
    'sqlite:///study.db',
  );
  return withTally('files: SIGINT, SIGTERM, SIGHUP', async (tally) => {
    const whole = newFolder(setting, 'signals-whole');
    await setting.slots.run(() => run(command, { cwd: whole }));
    const expected = readFacts(join(whole, 'study.db'));
    const one = async (signal: NodeJS.Signals, i: number): Promise<void> => {
      const cwd = newFolder(setting, signal, i);
      const running = start([...command, '--log-level', 'info'], { cwd });
      // The log has a line for each trial.
      await untilStderr(running, /(trial[\s\S]*){8}/i);
      running.child.kill(signal);
      const ended = await running.ended;
      tally.add('runs');
      if (ended.code !== 130 && ended.code !== 129 && ended.code !== 143)
        tally.fault(
          'errors',
          `${signal}: exit code ${ended.code}, signal ${ended.signal}: not in good order`,
        );
      const file = join(cwd, 'study.db');
      if (existsSync(`${file}-wal`)) tally.fault('errors', `${signal}: a write-ahead log is left`);
      copyFileSync(file, join(cwd, 'alone.db'));
      const changes = differences(readFacts(file), readFacts(join(cwd, 'alone.db')));
      if (changes.length > 0) tally.fault('errors', `${signal}: the .db alone lacks ${changes[0]}`);
      const again = await run(command, { cwd });
      tally.add('compared');
      if (again.code !== 0)
        tally.fault('errors', `${signal}: then ${again.code}: ${firstLine(again.stderr)}`);
      const resumed = differences(expected, readFacts(file));
      if (resumed.length > 0) tally.fault('not identical', `${signal}: ${resumed.slice(0, 3).join('; ')}`);
    };
    await Promise.all(
      (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).flatMap((signal) =>
        Array.from({ length: rounds }, (_, i) => setting.slots.run(() => one(signal, i))),
      ),
    );
  });
}

function untilStderr({ child, ended }: Running, pattern: RegExp): Promise<void> {
  let stderr = '';
  return new Promise((resolve) => {
    child.stderr?.on('data', (chunk) => {
      stderr += chunk;
      if (pattern.test(stderr)) resolve();
    });
    void ended.then(() => resolve());
  });
}

/** A small file system of its own at `folder` while the work runs; null if none can be mounted here. */
async function onTmpfs<T>(folder: string, kib: number, work: () => Promise<T>): Promise<T | null> {
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kib}k`, 'tmpfs', folder]);
  if (mounted.status !== 0) return null;
  const unmount = (): void => void spawnSync('umount', ['-l', folder]);
  // Before the folder of the campaigns is removed.
  process.prependOnceListener('exit', unmount);
  try {
    return await work();
  } finally {
    unmount();
    process.off('exit', unmount);
  }
}

/** The study fills the disk: a typed error; once there is room, the same command ends as if there had always been. */
function fullDisk(setting: Setting): Promise<Tally> {
  const big = { ...SLOW, pauseMs: 0, attrBytes: 30_000 };
  return withTally('files: disk full', async (tally) => {
    const cwd = newFolder(setting, 'disk');
    mkdirSync(join(cwd, 'small'));
    const out = join(cwd, 'small/kept.csv');
    const command = (file: string) => program('slow-study.mjs', { ...big, file });
    await setting.slots.run(() => run(command('whole.db'), { cwd }));
    const done = await onTmpfs(join(cwd, 'small'), 1024, () =>
      setting.slots.run(async () => {
        writeFileSync(out, KEPT);
        for (let i = 0; i < 2; i++) {
          const ended = await run(command('small/study.db'), { cwd });
          tally.add('runs');
          if (ended.code === 0) tally.fault('errors', 'success is reported on a full disk');
          else if (!TYPED.test(ended.stderr)) tally.fault('untyped', firstLine(ended.stderr));
        }
        exportOnFullDisk(cwd, out, tally);
        spawnSync('mount', ['-o', 'remount,size=65536k', join(cwd, 'small')]);
        const grown = await run(command('small/study.db'), { cwd });
        tally.add('runs');
        if (grown.code !== 0) tally.fault('errors', `after growth: ${firstLine(grown.stderr)}`);
        const changes = differences(readFacts(join(cwd, 'whole.db')), readFacts(join(cwd, 'small/study.db')));
        tally.add('compared');
        if (changes.length > 0) tally.fault('not identical', changes.slice(0, 3).join('; '));
        return true;
      }),
    );
    if (done === null) tally.skipped.push('no tmpfs can be mounted here');
  });
}

/** An export that was there before the disk was full. */
const KEPT = 'kept\n'.repeat(2000);

/** `export --out` onto the full disk: what was there stays. */
function exportOnFullDisk(cwd: string, out: string, tally: Tally): void {
  const args = ['export', 'slow', '--storage', 'sqlite:///whole.db', '--out', out];
  const { status, stdout, stderr } = spawnSync(process.execPath, [THANOS, ...args], {
    cwd,
    encoding: 'utf8',
  });
  judge(tally, 'export --out on a full disk', { code: status, stdout, stderr }, false);
  if (status === 0) tally.fault('errors', 'export --out reports success on a full disk');
  if (!existsSync(out) || readFileSync(out, 'utf8') !== KEPT)
    tally.fault('errors', 'export --out on a full disk: the file that was there is gone or cut off');
}

const READING = [
  ['studies'],
  ['best', 'slow'],
  ['trials', 'slow'],
  ['export', 'slow'],
  ['importance', 'slow'],
];

/** Files of others, and read-only file systems: reading verbs read, writing verbs refuse. */
function readOnly(setting: Setting): Promise<Tally> {
  return withTally('files: read-only', async (tally) => {
    const cwd = newFolder(setting, 'read-only');
    await setting.slots.run(() =>
      run(program('slow-study.mjs', { ...SLOW, totalTrials: 10, pauseMs: 0, file: 'sound.db' }), { cwd }),
    );
    const isRoot = process.getuid?.() === 0;
    const uid = isRoot ? 65534 : undefined;
    const locked = newFolder(setting, 'read-only-locked');
    const file = join(locked, 'study.db');
    copyFileSync(join(cwd, 'sound.db'), file);
    chmodSync(file, 0o444);
    chmodSync(locked, 0o555);
    chmodSync(setting.folder, 0o755);
    const started = await run([process.execPath, '-e', `require('fs').readFileSync('${THANOS}')`], {
      cwd: '/',
      uid,
    });
    if (started.code === 0)
      await setting.slots.run(() => readAll(tally, 'a file of another user', locked, uid));
    else tally.skipped.push('another user cannot read the package here');
    chmodSync(locked, 0o755);
    const mounted = newFolder(setting, 'read-only-mounted');
    const done = await onTmpfs(mounted, 2048, async () => {
      copyFileSync(join(cwd, 'sound.db'), join(mounted, 'study.db'));
      spawnSync('mount', ['-o', 'remount,ro', mounted]);
      await setting.slots.run(() => readAll(tally, 'a read-only file system', mounted));
      return true;
    });
    if (done === null) tally.skipped.push('no tmpfs can be mounted here');
  });
}

async function readAll(tally: Tally, what: string, folder: string, uid?: number): Promise<void> {
  const storage = `sqlite:///${join(folder, 'study.db')}`;
  const command = (line: readonly string[]) => thanos(...line, '--storage', storage);
  for (const line of READING) {
    const ended = await run(command(line), { cwd: '/', uid });
    judge(tally, `${what}: ${line.join(' ')}`, ended, false);
    if (ended.code !== 0) tally.fault('errors', `${what}: ${line[0]}: ${firstLine(ended.stderr)}`);
    else if (ended.stdout.trim() === '') tally.fault('errors', `${what}: ${line[0]} prints nothing`);
  }
  const ended = await run(command(['run', programPath('branches.ts')]), { cwd: '/', uid });
  judge(tally, `${what}: run`, ended, false);
  if (ended.code === 0) tally.fault('errors', `${what}: run reports success`);
}

/** Standard output that cannot be written to is an error; standard error that nobody reads is none. */
function streams(setting: Setting): Promise<Tally> {
  return withTally('files: standard output full, standard error closed', async (tally) => {
    const cwd = newFolder(setting, 'streams');
    const made = await setting.slots.run(() =>
      run(program('slow-study.mjs', { ...SLOW, pauseMs: 0, file: 'thanos.db' }), { cwd }),
    );
    if (made.code !== 0) tally.fault('errors', `the study could not be made: ${firstLine(made.stderr)}`);
    const full = async (line: readonly string[]): Promise<void> => {
      const command = [process.execPath, THANOS, ...line].map((word) => `'${word}'`).join(' ');
      const ended = await run(['sh', '-c', `${command} > /dev/full`], { cwd });
      tally.add('runs');
      if (ended.code !== 1) tally.fault('errors', `${line.join(' ')} > /dev/full: exit code ${ended.code}`);
      if (ended.stderr.trim() === '') tally.fault('errors', `${line.join(' ')} > /dev/full: no message`);
    };
    const lines = [
      ...READING,
      ['export', 'slow', '--format', 'json'],
      ['best', 'slow', '--json'],
      ['--help'],
    ];
    if (existsSync('/dev/full')) await Promise.all(lines.map((line) => setting.slots.run(() => full(line))));
    else tally.skipped.push('there is no /dev/full');
    await setting.slots.run(() => closedStderr(setting, tally));
    await setting.slots.run(() => closedStdout(tally, cwd));
  });
}

async function closedStderr(setting: Setting, tally: Tally): Promise<void> {
  const cwd = newFolder(setting, 'stderr');
  const command = thanos(
    'run',
    programPath('branches.ts'),
    '--storage',
    'sqlite:///study.db',
    '--log-level',
    'info',
  );
  const running = start(command, { cwd });
  running.child.stderr!.once('data', () => running.child.stderr!.destroy());
  const { code, signal } = await running.ended;
  tally.add('runs');
  if (code !== 0) tally.fault('errors', `standard error closed: exit code ${code}, signal ${signal}`);
  const finished = Object.keys(readFacts(join(cwd, 'study.db')).studies['branches']?.trials ?? {}).length;
  tally.add('compared');
  if (finished !== 60) tally.fault('errors', `standard error closed: ${finished} of 60 trials`);
}

/** A reader that has enough, as `head` does, is no error. */
async function closedStdout(tally: Tally, cwd: string): Promise<void> {
  const child = spawn(process.execPath, [THANOS, 'trials', 'slow'], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  child.stdout.destroy();
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const ended: Pick<Ended, 'code' | 'stdout' | 'stderr'> = { code, stdout: '', stderr };
  judge(tally, 'trials into a closed pipe', ended, false);
  if (code !== 0) tally.fault('errors', `trials into a closed pipe: exit code ${code}`);
}
