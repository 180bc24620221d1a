/** Command lines as nobody should type them. */
import type { Rng } from '../../src/core/rng.ts';

/** Values for any option or positional: none of them starts long work, wherever it is accepted. */
const VALUES = [
  '',
  ' ',
  'abc',
  '-1',
  '0',
  '1',
  '2',
  '1.5',
  '-0',
  'NaN',
  'Infinity',
  '0x10',
  '1e2x',
  '99999999999999999999999999',
  'true',
  'null',
  'undefined',
  '[1,2]',
  '{}',
  '__proto__',
  'constructor',
  'toString',
  '..',
  '../../nowhere',
  '/',
  '/dev/null',
  '.',
  'a,b',
  ',',
  'ü😀',
  '\u001b[31mred',
  'a\nb',
  "o'clock",
  '"quoted"',
  '$HOME',
  '%s%n',
  'x'.repeat(5000),
  ' '.repeat(20_000),
  '--',
  '-',
  '-x',
  '--nope',
  '=',
];

const STORAGES = [
  'sqlite:///thanos.db',
  'sqlite://',
  'sqlite:',
  'sqlite:///',
  'sqlite:///:memory:',
  'sqlite:///nowhere/x.db',
  'sqlite:///folder',
  'sqlite:///odd.txt',
  'sqlite:///demo.mjs',
  'mysql://me:secret@host/db',
  'postgresql://host',
  'redis://x',
  'thanos.db',
  'http://[::1',
  `sqlite:///${'y'.repeat(300)}.db`,
  'sqlite:////dev/null',
];

const FILES = [
  'demo.mjs',
  'nowhere.ts',
  'folder',
  'odd.txt',
  'throws.mjs',
  'null.mjs',
  'no-default.mjs',
  'number.mjs',
  'syntax.ts',
  'deep.yaml',
  'bomb.yaml',
  'alias.yaml',
  'list.yaml',
  'empty.yaml',
  'tag.yaml',
  'wrong.yaml',
  'folder.yaml',
  'escape.yaml',
];

interface Verb {
  readonly words: readonly string[];
  readonly positionals: readonly (readonly string[])[];
  readonly options: readonly string[];
}

const STUDIES = ['demo', 'other', 'pair', 'pair/0/inner', 'nobody'];
const PROBLEMS = ['sphere', 'zdt1', 'branin', 'cube'];

/** Counts that would be obeyed are small; `big` ones must be refused. */
const VERBS: readonly Verb[] = [
  { words: ['run'], positionals: [FILES], options: ['--trials', '--log-level'] },
  { words: ['studies'], positionals: [], options: [] },
  { words: ['best'], positionals: [STUDIES], options: [] },
  { words: ['trials'], positionals: [STUDIES], options: ['--last', '--state', '--all'] },
  { words: ['export'], positionals: [STUDIES], options: ['--format', '--out'] },
  {
    words: ['importance'],
    positionals: [STUDIES],
    options: ['--evaluator', '--report', '--nested', '--seed'],
  },
  {
    words: ['compare'],
    positionals: [],
    options: [
      '--problem',
      '--size',
      '--module',
      '--samplers',
      '--seeds',
      '--trials',
      '--batch-size',
      '--report',
    ],
  },
  { words: ['nas', 'report'], positionals: [FILES], options: ['--dir', '--corpus', '--seed', '--device'] },
  { words: ['nas', 'export'], positionals: [FILES], options: ['--dir', '--trial', '--seed', '--out'] },
  { words: ['nas', 'config'], positionals: [], options: ['--dir'] },
  { words: ['nas'], positionals: [], options: ['--dir'] },
  { words: ['frob'], positionals: [STUDIES], options: ['--last'] },
  { words: [], positionals: [], options: ['--storage'] },
];
/** Stages that would begin to train are given files that must be refused. */
const REFUSED_YAML = FILES.filter((file) => file.endsWith('.yaml') || file === 'nowhere.ts');
const TRAINING: readonly Verb[] = ['run', 'train', 'search', 'latency'].map((stage) => ({
  words: ['nas', stage],
  positionals: [REFUSED_YAML],
  options: ['--dir', '--corpus', '--seed', '--device'],
}));

const SENSIBLE: Readonly<Record<string, readonly string[]>> = {
  '--trials': ['1', '12'],
  '--seeds': ['1', '2'],
  '--size': ['2', '1e9', '7'],
  '--batch-size': ['1', '3'],
  '--problem': PROBLEMS,
  '--module': FILES,
  '--samplers': ['random', 'tpe,random', 'partial-fixed', 'grid', 'random,random', 'nope'],
  '--last': ['1', '3'],
  '--state': ['COMPLETE', 'FAIL', 'done'],
  '--format': ['csv', 'json', 'xml'],
  '--out': ['out.csv', 'nowhere/out.csv', 'folder'],
  '--report': ['report.html', 'nowhere/r.html', 'folder'],
  '--evaluator': ['ped-anova', 'fanova', 'nope'],
  '--log-level': ['info', 'loud'],
  '--dir': ['nas-run', 'folder', 'odd.txt', 'demo.mjs/x'],
  '--device': ['cpu', 'tpu'],
};

/** One odd command line; with `--json` in every second. */
export function oddLine(rng: Rng): readonly string[] {
  const verb = rng.pick(rng.uniform() < 0.15 ? TRAINING : VERBS);
  const line = [...verb.words];
  const isNas = verb.words[0] === 'nas';
  // Without a file a NAS is the default one, which would be trained.
  for (const values of verb.positionals) if (isNas || rng.uniform() < 0.9) line.push(rng.pick(values));
  if (verb.positionals.length > 0 && !isNas && rng.uniform() < 0.2) line[line.length - 1] = rng.pick(VALUES);
  // Without a count a comparison takes its time.
  if (verb.words[0] === 'compare') line.push('--seeds=2', '--trials=6', '--problem=sphere');
  const nOptions = rng.int(3);
  for (let i = 0; i < nOptions && verb.options.length > 0; i++) addOption(line, rng.pick(verb.options), rng);
  if (rng.uniform() < 0.2) line.push('--storage', rng.pick(STORAGES));
  if (rng.uniform() < 0.05) line.push(rng.pick(VALUES));
  if (rng.uniform() < 0.5) line.push('--json');
  return line;
}

function addOption(line: string[], option: string, rng: Rng): void {
  const given = line.findIndex((word) => word.startsWith(`${option}=`));
  if (given >= 0) line.splice(given, 1);
  const sensible = SENSIBLE[option];
  const value = sensible !== undefined && rng.uniform() < 0.4 ? rng.pick(sensible) : rng.pick(VALUES);
  const form = rng.uniform();
  if (form < 0.45) line.push(option, value);
  else if (form < 0.9) line.push(`${option}=${value}`);
  else line.push(option);
}

/** Files that the lines name. */
export const ODD_FILES: Readonly<Record<string, string>> = {
  'odd.txt': 'a text that is no database, and long enough to be looked at. '.repeat(40),
  'throws.mjs': "throw new TypeError('at the top');",
  'null.mjs': 'throw null;',
  'no-default.mjs': 'export const study = 1;',
  'number.mjs': 'export default 7;',
  'syntax.ts': 'export default {\n  studyName: "x"\n  nTrials: 3,\n};',
  'deep.yaml': '['.repeat(20_000),
  'bomb.yaml': [
    'a: &a [x, x, x, x, x, x, x, x, x]',
    ...[...'bcdefgh'].map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefg'[i]}`).join(', ')}]`),
  ].join('\n'),
  'alias.yaml': 'study-name: *nobody',
  'list.yaml': '- 1\n- 2',
  'empty.yaml': '',
  'tag.yaml': "study-name: !!js/function 'function () {}'\nsearch: !!binary x",
  'wrong.yaml': 'study-name: 7\nsearch: { outer-trials: many }\nsupertransformer: [1]',
  'escape.yaml': 'study-name: ../../../escape-me\nsearch: { outer-trials: -1 }',
};

const IMPORT = "import { defineStudy } from 'thanos-hpo';\n";

/** Modules that end, or never end, in odd ways: each takes a process of its own. */
export const ODD_MODULES: Readonly<Record<string, string>> = {
  'never-settles.mjs': objective('() => new Promise(() => {})'),
  'top-level-await.mjs': 'await new Promise(() => {});',
  'throws-null.mjs': objective('() => { throw null; }'),
  'throws-bare.mjs': objective('() => { throw Object.create(null); }'),
  'throws-string.mjs': objective("() => { throw 'a string'; }"),
  'throws-spaces.mjs': objective("() => { throw new Error(' '.repeat(100_000) + 'x'); }"),
  'throws-proxy.mjs': objective("() => { throw new Proxy({}, { get() { throw new Error('no'); } }); }"),
  'throws-at-top.mjs': 'throw Object.create(null);',
  'returns-nan.mjs': objective('() => NaN'),
  'returns-string.mjs': objective("() => 'low'"),
  'returns-bigint.mjs': objective('() => 7n'),
  'returns-nothing.mjs': objective('() => {}'),
  'returns-symbol.mjs': objective('() => Symbol()'),
  'rejects.mjs': objective("async () => { Promise.reject(new Error('nobody awaits this')); return 1; }"),
  'timer.mjs': objective("() => new Promise(() => setTimeout(() => { throw new Error('late'); }, 1))"),
  'bad-definition.mjs': `${IMPORT}export default defineStudy({ studyName: 'x', nTrials: 3, objective: () => 1, sampler: 7 });`,
  'long-name.mjs': `${IMPORT}export default defineStudy({ studyName: 'x'.repeat(5000), nTrials: 2, objective: () => 1 });`,
};

function objective(source: string): string {
  return `${IMPORT}export default defineStudy({ studyName: 'odd', nTrials: 2, objective: ${source} });`;
}
