/** The types of the package as its users meet them: what compiles, what is refused in which words, what an editor shows. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../e2e/built-package.ts';
import { TypePrograms } from '../support/type-programs.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));

describe('the programs of this folder', () => {
  let programs: TypePrograms;
  beforeAll(() => {
    const names = readdirSync(HERE).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
    programs = new TypePrograms(
      Object.fromEntries(names.map((name) => [name, readFileSync(join(HERE, name), 'utf8')])),
    );
  }, 120_000);
  afterAll(() => programs.remove());

  it.each([
    { module: 'node16', moduleResolution: 'node16', exactOptionalPropertyTypes: true },
    { module: 'nodenext', moduleResolution: 'nodenext', exactOptionalPropertyTypes: true },
    { module: 'esnext', moduleResolution: 'bundler', exactOptionalPropertyTypes: true },
    { module: 'nodenext', moduleResolution: 'nodenext', exactOptionalPropertyTypes: false },
  ])('compile: $moduleResolution, exactOptionalPropertyTypes $exactOptionalPropertyTypes', (options) => {
    expect(programs.compile(options)).toBe('');
  });
});

const SETTING = `
import { categorical, choice, createStudy, float, int, loadStudy, space } from 'thanos-hpo';
import { MedianPruner } from 'thanos-hpo/pruners';
import { TpeSampler } from 'thanos-hpo/samplers';
const sampler = new TpeSampler();
const model = space({
  lr: float(0, 1),
  layers: int(1, 6),
  act: categorical(['relu', 'gelu']),
  opt: choice({ adam: {}, sgd: { momentum: float(0, 1) } }),
});
const study = await createStudy({ direction: 'minimize' });
const ofSpace = await createStudy({ space: model });
const ofTwo = await createStudy({ directions: ['minimize', 'maximize'] });
const trial = await study.ask(model);
`;

describe('an error says what is wrong', () => {
  const ERRORS: readonly (readonly [code: string, ...says: string[]])[] = [
    [
      'study.optimize(() => 1, { ntrials: 3 });',
      "'ntrials' does not exist",
      "Did you mean to write 'nTrials'?",
    ],
    ['study.optimize(model, ({ lr }) => lr, { ntrials: 3 });', "Did you mean to write 'nTrials'?"],
    ['ofSpace.optimize(({ lr }) => lr, { ntrials: 3 });', "Did you mean to write 'nTrials'?"],
    ['createStudy({ smapler: sampler });', "'smapler' does not exist", "Did you mean to write 'sampler'?"],
    ['createStudy({ space: model, smapler: sampler });', "Did you mean to write 'sampler'?"],
    ['loadStudy({ space: model, smapler: sampler });', "Did you mean to write 'sampler'?"],
    ["createStudy({ direction: 'minimise' });", 'Did you mean \'"minimize"\'?'],
    [
      'study.optimize(model, ({ rl }) => rl);',
      "Property 'rl' does not exist on type '{ readonly lr: number;",
    ],
    [
      'ofSpace.optimize(({ layer }) => layer);',
      "Property 'layer' does not exist on type '{ readonly lr: number;",
    ],
    ["ofSpace.enqueueTrial({ act: 'tanh' });", `'"tanh"' is not assignable to type '"gelu" | "relu"`],
    ['ofSpace.enqueueTrial({ layer: 1 });', "Did you mean to write 'layers'?"],
    ['ofSpace.bestParams.layer;', "Did you mean 'layers'?"],
    ['trial.params.layer;', "Did you mean 'layers'?"],
    ['ofTwo.bestTrial;', "Property 'bestTrial' does not exist", "Did you mean 'bestTrials'?"],
    ['ofTwo.optimize(() => 1);', "Type 'number' is not assignable to type", 'readonly [number, number]'],
    ['ofTwo.tell(trial, 1);', `parameter of type 'TellResult<readonly ["minimize", "maximize"]>'`],
    [
      "createStudy({ directions: ['minimize', 'maximize'], pruner: new MedianPruner() });",
      "'MedianPruner' is not assignable to type 'undefined'",
    ],
    ['trial.flush();', "Property 'flush' does not exist on type 'Trial<"],
    ['study.optimize(({ lr }) => lr);', "Property 'lr' does not exist on type 'Trial<"],
  ];
  const firstLine = SETTING.split('\n').length;
  let said: ReadonlyMap<number, string>;
  beforeAll(() => {
    const programs = new TypePrograms({
      'errors.ts': SETTING + ERRORS.map(([code]) => code).join('\n'),
    });
    const found = new Map<number, string>();
    for (const [, line, text] of programs
      .compile()
      .matchAll(/^errors\.ts\((\d+),\d+\): ([\s\S]*?)(?=^\S|(?![\s\S]))/gm))
      found.set(Number(line), `${found.get(Number(line)) ?? ''}${text}`);
    said = found;
    programs.remove();
  }, 120_000);

  it.each(ERRORS.map(([code, ...says], i) => ({ code, says, line: firstLine + i })))(
    '$code',
    ({ says, line }) => {
      for (const text of says) expect(said.get(line)).toContain(text);
    },
  );

  it('and complains of nothing else', () => {
    expect([...said.keys()].sort((a, b) => a - b)).toEqual(ERRORS.map((_, i) => firstLine + i));
  });
});

describe('an editor shows', () => {
  const CODE = `${SETTING}
await study.optimize(model, (given) => given.lr);
await ofSpace.optimize((params, running) => params.lr);
const found = ofSpace.bestParams;
`;
  const FLAT = [
    'readonly lr: number;',
    'readonly layers: number;',
    String.raw`readonly act: \"gelu\" | \"relu\";`,
    String.raw`readonly opt: \"adam\" | \"sgd\";`,
    String.raw`readonly \"opt.sgd.momentum\"?: number | undefined;`,
  ];
  const NESTED = [
    ...FLAT.slice(0, 3),
    String.raw`readonly choice: \"adam\";`,
    String.raw`readonly choice: \"sgd\";\n        readonly momentum: number;`,
  ];
  const SHOWN: Readonly<Record<string, readonly string[]>> = {
    'given)': NESTED,
    'params,': NESTED,
    'running)': ['Trial<{', ...FLAT],
    'found =': FLAT,
    'float(': ['A real parameter', 'float(1e-5, 1e-1, { log: true })', 'options.step'],
    'int(': ['An integer parameter', 'int(1, 6)'],
    'categorical(': ['one of several choices', "categorical(['relu', 'gelu'])"],
    'choice(': ['One of several sub-spaces', 'momentum: float(0, 1)'],
    'space(': ['A space of named parameters', 'where:'],
    'createStudy(': ['Creates a study', 'study.bestParams.layers; // number'],
    'optimize(': ['Runs the objective on trial after trial'],
    'bestParams;': ['The parameters of `bestTrial`'],
  };
  let shown: ReadonlyMap<string, string>;
  beforeAll(async () => {
    const programs = new TypePrograms({ 'hover.ts': CODE });
    shown = await programs.hovers('hover.ts', CODE, Object.keys(SHOWN));
    programs.remove();
  }, 120_000);

  it.each(Object.keys(SHOWN))('%s', (word) => {
    for (const text of SHOWN[word]) expect(shown.get(word)).toContain(text);
    expect(shown.get(word)).not.toMatch(/(?:Flat)?ParamsOf<|EntryValue<|Simplify</);
  });
});

it('every property that may be left out may be undefined, for users of exactOptionalPropertyTypes', () => {
  const refused: string[] = [];
  for (const name of readdirSync(join(ROOT, 'dist'), { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.d.ts')) continue;
    const text = readFileSync(join(ROOT, 'dist', name), 'utf8');
    // A member, to the end of its line, or to the brace that closes its type. A parameter of a space is no option.
    for (const [member] of text.matchAll(
      /^( *)(?:readonly )?\w+\?: (?:[^\n]*\{\n[\s\S]*?\n\1\}[^\n]*|[^\n]*);$/gm,
    ))
      if (
        !/\b(?:undefined|\w+Distribution);$/.test(member) &&
        !/[^(]*\): [^;]*;$/.test(member.split('\n')[0])
      )
        refused.push(`${name}: ${member.trim()}`);
  }
  expect(refused).toEqual([]);
});
