import { resolve } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { DEFAULT_NAS_YAML } from '../../objectives/pipeline/default-nas-yaml.ts';
import { readNasYaml, SECTIONS, TOP } from '../../objectives/pipeline/nas-config.ts';
import { keyOf } from '../../objectives/transformer/yaml-document.ts';

const lineOf = (text: string, part: string) => text.slice(0, text.indexOf(part)).split('\n').length;
const refused = (from: string, to: string) => {
  const text = DEFAULT_NAS_YAML.replace(from, to);
  expect(text).not.toBe(DEFAULT_NAS_YAML);
  try {
    readNasYaml(text, 'nas.yaml');
  } catch (error) {
    return { message: (error as Error).message, line: lineOf(text, to.trim().split('\n')[0]) };
  }
  throw new Error('it was accepted');
};

describe('readNasYaml', () => {
  it('reads the default configuration', () => {
    const config = readNasYaml(DEFAULT_NAS_YAML, 'default');
    expect(config.space.choices.qkvDim).toEqual([32, 64, 96, 128]);
    expect(config.training).toMatchObject({
      steps: 1200,
      schedule: 'cosine',
      sampling: 'uniform',
      clipNorm: 1,
    });
    expect(config.search).toMatchObject({ outerSampler: 'tpe', memoryCeilingMiB: null });
    expect(config.corpus.directory).toBeNull();
  });

  it('has its defaults in the schema alone: the default text says what a file without them means, and names every key', () => {
    const own = ['study-name', 'seed', 'corpus', 'training', 'hardware', 'deployment', 'search'];
    const { supertransformer } = parse(DEFAULT_NAS_YAML);
    const bare = readNasYaml(stringify({ supertransformer }), 'default');
    expect(readNasYaml(DEFAULT_NAS_YAML, 'default')).toEqual(bare);
    expect(Object.keys(parse(DEFAULT_NAS_YAML))).toEqual(expect.arrayContaining(own));
    const shapes = { ...SECTIONS, top: TOP };
    for (const name of Object.values(shapes).flatMap((shape) => Object.keys(shape)))
      expect(DEFAULT_NAS_YAML).toMatch(new RegExp(`(^| |keys: |, )${keyOf(name)}(:|,|$)`, 'm'));
    expect(keyOf('memoryCeilingMiB')).toBe('memory-ceiling-mib');
  });

  it('takes a range or a number as a ceiling', () => {
    const text = DEFAULT_NAS_YAML.replace('memory-ceiling-mib: null', 'memory-ceiling-mib: [2, 6.5]').replace(
      'latency-ceiling-ms: null',
      'latency-ceiling-ms: 4',
    );
    const { search } = readNasYaml(text, 'nas.yaml');
    expect(search.memoryCeilingMiB).toEqual({ low: 2, high: 6.5 });
    expect(search.latencyCeilingMs).toBe(4);
  });

  it.each([
    ['an unknown section', 'deployment:  ', 'deploymnet:  ', "did you mean 'deployment'"],
    ['an unknown key', 'outer-trials: 24', 'outer-trails: 24', "did you mean 'outer-trials'"],
    ["an unknown key of HAT's", 'max-update: 1200', 'max-updates: 1200', "did you mean 'max-update'"],
    ['a value of the wrong type', 'inner-trials: 50', 'inner-trials: many', 'search.inner-trials'],
    ['an empty range', 'memory-ceiling-mib: null', 'memory-ceiling-mib: [3, 2]', 'low <= high'],
    ['a negative size', 'population-size: 20', 'population-size: -1', 'population-size'],
    [
      'a choice that is no number',
      'encoder-embed-choice: [64, 96, 128]',
      'encoder-embed-choice: [a]',
      'encoder-embed',
    ],
  ])('refuses %s with its line', (_, from, to, expected) => {
    const { message, line } = refused(from, to);
    expect(message).toContain(expected);
    expect(message).toContain(`nas.yaml:${line}:`);
  });

  it('refuses a head count that does not divide a QKV dim, naming both', () => {
    const { message } = refused(
      'encoder-self-attention-heads-choice: [2, 4]',
      'encoder-self-attention-heads-choice: [2, 5]',
    );
    expect(message).toMatch(/32.*5|5.*32/);
  });

  it('refuses what is not YAML, not a mapping, or has no space', () => {
    expect(() => readNasYaml('a: [1', 'f')).toThrow('f:1: not YAML');
    expect(() => readNasYaml('- 1', 'f')).toThrow('must be a mapping');
    expect(() => readNasYaml('seed: 1', 'f')).toThrow("section 'supertransformer'");
  });

  it.each([
    ['a parent size above the population', 'parent-size: 6', 'parent-size: 21', '21 > 20'],
    ['a population of one', 'population-size: 20', 'population-size: 1', '>= 2'],
    ['a ceiling that is text', 'memory-ceiling-mib: null', 'memory-ceiling-mib: much', '[low, high]'],
    ['a ceiling that is no number', 'memory-ceiling-mib: null', 'memory-ceiling-mib: .nan', '[low, high]'],
    ['an endless ceiling', 'latency-ceiling-ms: null', 'latency-ceiling-ms: [1, .inf]', '[low, high]'],
    ['a negative ceiling', 'latency-ceiling-ms: null', 'latency-ceiling-ms: -3', '-3'],
    ['a key of another section', 'seed: 0', 'outer-trials: 3', "section 'search'"],
    ["a key of HAT's outside its section", 'seed: 0', 'max-update: 3', "section 'supertransformer'"],
    ['a name that leaves the folder', 'study-name: nas', 'study-name: ../../x', 'its folder'],
    ['an absolute name', 'study-name: nas', 'study-name: /x', 'its folder'],
    ["a name with another system's separator", 'study-name: nas', "study-name: 'a\\b'", 'its folder'],
    ['a name of dots', 'study-name: nas', "study-name: '..'", 'its folder'],
  ])('refuses %s, naming key and line', (_, from, to, expected) => {
    const { message, line } = refused(from, to);
    expect(message).toContain(expected);
    expect(message).toContain(`nas.yaml:${line}:`);
  });

  it.each([
    [
      'inner-trials: 50',
      'inner-trials: many',
      `'search.inner-trials' must be an integer >= 1, but is "many"`,
    ],
    ['inner-trials: 50', 'inner-trials: 2.5', "'search.inner-trials' must be an integer >= 1, but is 2.5"],
    ['mutation-prob: 0.3', 'mutation-prob: 2', "'search.mutation-prob' must be a number in (0, 1], but is 2"],
    ['dropout: 0.05', 'dropout: 1', "'dropout' must be a number in [0, 1), but is 1"],
    ['max-lr: 0.003', 'max-lr: .inf', "'max-lr' must be a number >= 0, but is Infinity"],
    ['all-embeddings: true', 'all-embeddings: 1', "'share-all-embeddings' must be true or false, but is 1"],
    [
      'sampling: uniform',
      'sampling: even',
      `'training.sampling' must be 'uniform' or 'sandwich', but is "even"`,
    ],
    [
      'scheduler: cosine',
      'scheduler: cos',
      `'lr-scheduler' must be 'cosine', 'inverse_sqrt' or 'fixed', but is "cos"`,
    ],
    ['directory: null', "directory: ''", `must be a text of at least one character or null, but is ""`],
    [
      'encoder-embed-choice: [64, 96, 128]',
      'encoder-embed-choice: [64, wide]',
      `'encoder-embed-choice[1]' must be an integer >= 1, but is "wide"`,
    ],
    [
      'encoder-embed-choice: [64, 96, 128]',
      'encoder-embed-choice: []',
      "'encoder-embed-choice' must be a list of at least one value, but is []",
    ],
    [
      'encoder-embed-choice: [64, 96, 128]',
      'encoder-embed-choice: 64',
      "'encoder-embed-choice' must be a list of at least one value, but is 64",
    ],
    [
      'ende-attn-choice: [-1, 1, 2]',
      'ende-attn-choice: [0]',
      "-attn-choice[0]' must be -1, 1 or 2, but is 0",
    ],
    [
      'memory-ceiling-mib: null',
      'memory-ceiling-mib: [1, 2, 3]',
      "'search.memory-ceiling-mib' must be a number > 0, a range [low, high] of two such numbers with low <= high, or null, but is",
    ],
  ])('says of %s as %s what it must be, and what it is', (from, to, expected) => {
    const { message, line } = refused(from, to);
    expect(message).toContain(expected);
    expect(message).toContain(`nas.yaml:${line}:`);
  });

  it.each(['5', '[outer-trials]', 'null', 'text'])('refuses a section that is %s', (value) => {
    const text = `${DEFAULT_NAS_YAML.slice(0, DEFAULT_NAS_YAML.indexOf('\nsearch:'))}\nsearch: ${value}\n`;
    expect(() => readNasYaml(text, 'f')).toThrow(/^f:\d+: 'search' must be a mapping of keys, but is/);
  });

  it('refuses generations without candidates', () => {
    const text = DEFAULT_NAS_YAML.replace('mutation-size: 8', 'mutation-size: 0').replace(
      'crossover-size: 7',
      'crossover-size: 0',
    );
    expect(() => readNasYaml(text, 'nas.yaml')).toThrow(/mutation-size.*crossover-size/);
    const random = text.replace('inner-sampler: evolutionary', 'inner-sampler: random');
    expect(readNasYaml(random, 'nas.yaml').search.mutationSize).toBe(0);
  });

  const section = (text: string, name: string): string[] => {
    const lines = text.split('\n');
    const start = lines.findIndex((line) => line.startsWith(`${name}:`)) + 1;
    const length = lines.slice(start).findIndex((line) => !line.startsWith('  '));
    return lines.slice(start, start + length);
  };

  it("takes a file of HAT's as it is, its keys at the top level, and sections of ours beside them", () => {
    const hat = section(DEFAULT_NAS_YAML, 'supertransformer').map((line) => line.slice(2));
    const expected = readNasYaml(DEFAULT_NAS_YAML, 'f');
    expect(readNasYaml(hat.join('\n'), 'f')).toEqual(expected);
    const both = [...hat, 'arch: transformersuper_iwslt_de_en', 'search: { outer-trials: 3 }'].join('\n');
    expect(readNasYaml(both, 'f').search.outerTrials).toBe(3);
    expect(() => readNasYaml(`${both}\nencoder-embed-chioce: [3]`, 'f')).toThrow(
      `f:${hat.length + 3}: unknown key 'encoder-embed-chioce'`,
    );
    const wrong = hat.join('\n').replace('max-update: 1200', 'max-update: many');
    expect(() => readNasYaml(wrong, 'f')).toThrow(/^f:12: 'max-update'/);
  });

  it('follows aliases and merge keys', () => {
    const text = DEFAULT_NAS_YAML.replace(
      'encoder-embed-choice: [64, 96, 128]',
      'encoder-embed-choice: &e [64, 96]',
    ).replace('decoder-embed-choice: [64, 96, 128]', 'decoder-embed-choice: *e');
    const { space } = readNasYaml(text, 'f');
    expect(space.choices.decoderEmbedDim).toEqual([64, 96]);
    const [first, ...rest] = section(DEFAULT_NAS_YAML, 'search');
    const merged = DEFAULT_NAS_YAML.replace(
      `${first}\n`,
      `${first}\n  <<: { outer-trials: 5, inner-trials: 7 }\n`,
    )
      .replace(`${rest[0]}\n`, '')
      .replace('  inner-trials: 50\n', '');
    expect(readNasYaml(merged, 'f').search).toMatchObject({ outerTrials: 5, innerTrials: 7 });
  });

  it('refuses an alias without an anchor and a bomb of aliases', () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]'];
    for (let i = 1; i < 9; i++) {
      const [last, next] = ['abcdefghij'[i - 1], 'abcdefghij'[i]];
      bomb.push(`${next}: &${next} [${Array(9).fill(`*${last}`).join(',')}]`);
    }
    for (const text of ['seed: *nowhere', bomb.join('\n')])
      expect(() => readNasYaml(text, 'f')).toThrow(expect.objectContaining({ code: 'INVALID_CONFIG' }));
  });

  it('refuses a key that is no text, without a warning of the YAML package beside the error', () => {
    const warn = vi.spyOn(process, 'emitWarning');
    const text = DEFAULT_NAS_YAML.replace('seed: 0', '? [a, b]\n: 0');
    expect(() => readNasYaml(text, 'f')).toThrow(/unknown key '\[ a, b \]'/);
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  it("finds the corpus from the file's folder", () => {
    const text = DEFAULT_NAS_YAML.replace('directory: null', 'directory: text');
    expect(readNasYaml(text, 'some/where/nas.yaml').corpus.directory).toBe(resolve('some/where/text'));
    const absolute = DEFAULT_NAS_YAML.replace('directory: null', 'directory: /data/text');
    expect(readNasYaml(absolute, 'some/nas.yaml').corpus.directory).toBe(resolve('/data/text'));
  });

  it('says where the choices may stand if they are missing', () => {
    expect(() => readNasYaml('seed: 1', 'f')).toThrow(/indented under 'supertransformer:' or.* top level/);
  });
});
