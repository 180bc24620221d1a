/** Each wrong command line or file ends with one line that says what is wrong and what would be right. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ended, ensureBuilt, makeProject, thanos, thanosLines } from './built-package.ts';

const IMPORT = "import { defineStudy } from 'thanos-hpo';\n";
const CORRUPT = 'this is not a database, but a text that is long enough to be looked at. '.repeat(40);

let project: string;

const FILES = {
  'good.mjs': `${IMPORT}export default defineStudy({ studyName: 'good', nTrials: 3, objective: (t) => t.suggestFloat('x', 0, 1) });`,
  'pruned.mjs':
    "import { defineStudy, TrialPruned } from 'thanos-hpo';\n" +
    "export default defineStudy({ studyName: 'pruned', nTrials: 2, objective: () => { throw new TrialPruned(); } });",
  'fails.mjs': `${IMPORT}export default defineStudy({ studyName: 'fails', nTrials: 1, objective: () => { throw new RangeError('too far'); } });`,
  'two-way.mjs': `${IMPORT}export default defineStudy({ studyName: 'good', directions: ['minimize', 'maximize'], nTrials: 3, objective: () => [1, 2] });`,
  'no-default.ts': 'export const study = { studyName: 1 };\nexport const other = 2;',
  'empty.ts': '',
  'number.ts': 'export default 7;',
  'no-objective.ts': "export default { studyName: 'x', nTrials: 3 };",
  'no-name.mjs': `${IMPORT}export default defineStudy({ nTrials: 3, objective: () => 1 });`,
  'syntax.ts': 'export default {\n  studyName: "x"\n  nTrials: 3,\n};',
  'throws.mjs': "throw new TypeError('at the top');",
  'lost-import.ts': "import { x } from './not-there.ts';\nexport default x;",
  'study.py': 'import optuna',
  'wide.mjs': `${IMPORT.replace('}', ', int, space }')}export default defineStudy({ studyName: 'wide', nTrials: 3, space: space({ a: int(0, 1e12) }), objective: ({ a }) => a });`,
  'corrupt.db': CORRUPT,
};

const CASES: readonly [line: string, code: number, message: RegExp][] = [
  // What yargs finds wrong, and what our options find wrong: 2.
  ['', 2, /^usage error: a command is needed/],
  [
    'rnu good.mjs',
    2,
    /^usage error: there is no command 'rnu'; did you mean 'run'\? commands are: run, .*nas/,
  ],
  ['frob', 2, /^usage error: there is no command 'frob'; commands are: run, .*nas/],
  ['run', 2, /^usage error: an argument is missing: thanos run <file>/],
  ['best', 2, /^usage error: an argument is missing: thanos best <study>/],
  ['run good.mjs --trails 3', 2, /^usage error: Unknown argument: trails/],
  ['run good.mjs --trials', 2, /^usage error: Not enough arguments following: trials/],
  ['run good.mjs --trials many', 2, /^usage error: --trials must be one integer >= 0, but is "many"/],
  ['run good.mjs --trials=', 2, /^usage error: --trials must be one integer >= 0, but is ""/],
  ['run good.mjs --trials 0x', 2, /^usage error: --trials must be one integer >= 0, but is "0x"/],
  ['run good.mjs --trials 3 --trials 4', 2, /^usage error: --trials may be given once/],
  ['trials good --last 0', 2, /^usage error: --last must be one integer >= 1, but is "0"/],
  ['studies --all=maybe', 2, /^usage error: --all is true or false, but is 'maybe'/],
  ['best -- --json', 1, /^error: there is no study '--json'/],
  ['trials good --state DONE', 2, /^usage error: .*COMPLETE.*PRUNED/],
  ['export good --format xml', 2, /^usage error: .*csv.*json/],
  ['compare', 2, /^usage error: compare needs --problem NAME or --module FILE/],
  ['compare --problem sphere --module good.mjs', 2, /^usage error: .*problem.*module/],
  ['nas frob', 2, /^usage error: there is no stage 'frob'; stages are: run, train, /],
  ['compare --problem nas --size 3', 2, /^usage error: --size is for synthetic problems/],
  ['compare --problem sphere --seeds 1e9', 2, /^usage error: --seeds must be one integer in \[1, 10000\]/],
  ['compare --problem sphere --no-report', 2, /^usage error: Unknown arguments?: no-report/],
  ['run good.mjs --no-trials', 2, /^usage error: Unknown arguments?: no-trials/],
  ['best good --storage.x y', 2, /^usage error: Unknown arguments?: storage\.x/],
  [
    'compare --problem sphere --samplers partial-fixed',
    1,
    /^error: .*'partial-fixed' cannot be made.*leave it out/,
  ],
  [
    'compare --module wide.mjs --samplers grid',
    1,
    /^error: the grid sampler tries every value.*'a' has 1000000000001/,
  ],
  [
    'compare --problem sphere --seeds 1.5',
    2,
    /^usage error: --seeds must be one integer in \[1, 10000\], but is "1\.5"/,
  ],
  ['compare --problem sphere --size 1e9', 2, /^usage error: --size must be one integer in \[1, 10000\]/],
  [
    'compare --problem dtlz2 --size 10000',
    1,
    /^error: .*more than 10 objectives, but 'dtlz2-10000' has 10000/,
  ],
  [
    'compare --problem bbob-f10 --size 10000',
    1,
    /^error: a rotated function has at most 500 dimensions, but got/,
  ],
  [
    'compare --problem log-ellipsoid --size 501',
    1,
    /^error: a rotated function has at most 500 dimensions, but/,
  ],
  ['compare --problem branin --size 7', 1, /^error: the size of 'branin' cannot be chosen, but --size is 7/],
  [
    'compare --problem sphere --report folder',
    1,
    /^error: 'folder' cannot be written \(EISDIR.*it is a folder/,
  ],
  ['compare --problem sphere --samplers tpe,,random', 2, /^usage error: --samplers must be distinct names/],
  ['compare --problem sphere --samplers tpe,tpe', 2, /^usage error: --samplers must be distinct names/],
  // Names that are not there: the ones that are.
  [
    'compare --problem sphere --samplers tpe,foo',
    1,
    /^error: unknown sampler 'foo'; known are: .*random, tpe/,
  ],
  ['compare --problem sphere --samplers grid', 1, /^error: the grid sampler needs a finite space, but 'x1'/],
  ['compare --problem cube', 1, /^error: unknown problem 'cube'; known are: .*sphere.*, nas, .*YAML/],
  ['best goood', 1, /^error: there is no study 'goood'; the storage holds: good, pruned/],
  ['trials goood', 1, /^error: there is no study 'goood'/],
  ['export goood', 1, /^error: there is no study 'goood'/],
  ['best pruned', 1, /^error: study 'pruned' has no feasible COMPLETE trial; it holds 2 PRUNED/],
  // Files of the user.
  ['run nowhere.ts', 1, /^error: nowhere\.ts: there is no such file/],
  ['run study.py', 1, /^error: study\.py: a study module is a file that ends in \.ts.*'\.py'/],
  ['run folder', 1, /^error: folder: /],
  [
    'run no-default.ts',
    1,
    /^error: no-default\.ts: a study module needs 'export default defineStudy.*other, study/,
  ],
  ['run empty.ts', 1, /^error: empty\.ts: a study module needs .* exports nothing/],
  ['run number.ts', 1, /^error: number\.ts: a study module needs 'export default/],
  ['run no-objective.ts', 1, /^error: no-objective\.ts: defineStudy needs objective, a function/],
  ['run no-name.mjs', 1, /^error: no-name\.mjs: the module does not load: .*studyName/],
  ['run syntax.ts', 1, /^error: syntax\.ts: the module does not load: .*syntax\.ts:3/],
  ['run throws.mjs', 1, /^error: throws\.mjs: the module does not load: TypeError: at the top/],
  ['run lost-import.ts', 1, /^error: lost-import\.ts: the module does not load: .*not-there/],
  ['run two-way.mjs', 1, /^error: study 'good' has the directions \[minimize\], but \[minimize, maximize\]/],
  ['compare --module good.mjs', 1, /^error: good\.mjs: samplers are compared on a space/],
  [
    'compare --problem sphere --report nowhere/r.html',
    1,
    /^error: 'nowhere\/r\.html' cannot be written \(ENOENT.*make its folder/,
  ],
  ['export good --out nowhere/x.csv', 1, /^error: 'nowhere\/x\.csv' cannot be written \(ENOENT/],
  ['export good --out folder', 1, /^error: 'folder' cannot be written \(EISDIR.*it is a folder/],
  [`export good --out ${'a'.repeat(300)}`, 1, /^error: 'a+' cannot be written \(ENAMETOOLONG.*shorter/],
  // Storages.
  ['studies --storage sqlite:///nowhere.db', 1, /^error: there is no database at 'sqlite:\/\/\/nowhere\.db'/],
  ['run good.mjs --storage sqlite:///nowhere/x.db', 1, /^error: .*nowhere.*does not exist/],
  ['studies --storage sqlite:///corrupt.db', 1, /^error: .*corrupt\.db/],
  ['run good.mjs --storage sqlite:///corrupt.db', 1, /^error: .*corrupt\.db/],
  ['create-study new --storage memory', 1, /^error: this command needs a storage that outlives it/],
  [
    'studies --storage memory',
    1,
    /^error: this command needs a storage that outlives it, but 'memory' keeps nothing.*--storage/,
  ],
  ['studies --storage mysql://me:secret@host/db', 1, /^error: a storage URL must be 'sqlite:/],
];

/** Command lines with --json: standard output holds the error as a document. */
const JSON_CASES: readonly [line: string, exitCode: number, errorCode: string][] = [
  ['best goood', 1, 'STUDY_NOT_FOUND'],
  ['best pruned', 1, 'NO_COMPLETE_TRIAL'],
  ['trials goood', 1, 'STUDY_NOT_FOUND'],
  ['export goood', 1, 'STUDY_NOT_FOUND'],
  ['studies --storage sqlite:///corrupt.db', 1, 'STORAGE_CORRUPT'],
  ['run throws.mjs', 1, 'INVALID_CONFIG'],
  ['run fails.mjs', 1, 'UNEXPECTED'],
  ['compare --problem cube', 1, 'UNKNOWN_NAME'],
  ['nas report nowhere.yaml', 1, 'INVALID_CONFIG'],
  ['trials good --last 0', 2, 'USAGE'],
  ['rnu good.mjs', 2, 'USAGE'],
  ['', 2, 'USAGE'],
];

const argsOf = (line: string): string[] => line.split(' ').filter((part) => part !== '');

const HELPED = ['run', 'studies', 'trials', 'best', 'compare', 'export'];

let results: readonly Ended[];
let helps: readonly Ended[];
let jsonResults: readonly Ended[];

beforeAll(async () => {
  ensureBuilt();
  project = makeProject(FILES);
  mkdirSync(join(project, 'folder'));
  await thanosLines(project, [
    ['run', 'good.mjs'],
    ['run', 'pruned.mjs'],
  ]);
  results = await thanosLines(
    project,
    CASES.map(([line]) => argsOf(line)),
  );
  jsonResults = await thanosLines(
    project,
    JSON_CASES.map(([line]) => [...argsOf(line), '--json']),
  );
  helps = await thanosLines(
    project,
    HELPED.map((verb) => [verb, '--help']),
  );
});

afterAll(() => {
  rmSync(project, { recursive: true, force: true });
});

describe('one line says what is wrong', () => {
  it.each(CASES.map(([line, code, message], i) => ({ line, code, message, i })))(
    'thanos $line',
    ({ code, message, i }) => {
      const [said, ...more] = results[i].stderr.trimEnd().split('\n');
      expect(said).toMatch(message);
      expect(more).toEqual([]);
      expect(results[i].code).toBe(code);
      expect(results[i].stdout).toBe('');
      expect(results[i].stderr).not.toContain('secret');
    },
  );

  it.each([
    ['run nowhere.ts', 1],
    ['run --nope', 2],
  ])('and the exit code of the process, as of thanos %s, is %i', async (line, code) => {
    expect((await thanos(project, ...argsOf(line))).code).toBe(code);
  });
});

it.each(JSON_CASES.map(([line, exitCode, errorCode], i) => ({ line, exitCode, errorCode, i })))(
  'thanos $line --json prints the error as JSON',
  ({ exitCode, errorCode, i }) => {
    const { code, stdout, stderr } = jsonResults[i];
    expect(code).toBe(exitCode);
    const { error } = JSON.parse(stdout) as { error: { code: string; message: string } };
    expect(error.code).toBe(errorCode);
    expect(stderr).toContain(error.message.split('\n')[0]);
  },
);

it('leaves a file that is no database as it is, and makes none in order to read', () => {
  expect(readFileSync(join(project, 'corrupt.db'), 'utf8')).toBe(CORRUPT);
  expect(existsSync(join(project, 'nowhere.db'))).toBe(false);
});

it('shows where an error came from with --verbose', async () => {
  const { stderr } = await thanos(project, 'run', 'throws.mjs', '--verbose');
  expect(stderr).toMatch(/at .*throws\.mjs:1/);
});

it.each(HELPED.map((verb, i) => ({ verb, i })))('thanos $verb --help teaches by example', ({ verb, i }) => {
  expect(helps[i].code).toBe(0);
  expect(helps[i].stdout).toMatch(new RegExp(`Examples:\\s+thanos ${verb}`));
  expect(helps[i].stdout).toContain('--storage');
});
