import { describe, expect, it } from 'vitest';
import { DEFAULT_NAS_YAML, readNasYaml } from '../../objectives/pipeline/nas-config.ts';

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
});
