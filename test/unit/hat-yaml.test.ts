import { describe, expect, it } from 'vitest';
import {
  readSubTransformerYaml,
  readSuperTransformerYaml,
  writeSubTransformerYaml,
} from '../../objectives/transformer/hat-yaml.ts';
import { InvalidConfigError } from '../../src/core/errors.ts';
import { Rng } from '../../src/core/rng.ts';

/** Our own file with HAT's keys and the values of its WMT space. */
const SUPER = `arch: transformersuper_wmt_en_de
share-all-embeddings: True
adam-betas: (0.9, 0.98)
lr-scheduler: cosine
warmup-init-lr: 1e-7
max-lr: 0.001
dropout: 0.3
encoder-embed-dim: 640
decoder-ffn-embed-dim: 3072
decoder-attention-heads: 8
qkv-dim: 512
encoder-embed-choice: [640, 512]
decoder-embed-choice: [640, 512]
encoder-ffn-embed-dim-choice: [3072, 2048, 1024]
decoder-ffn-embed-dim-choice: [3072, 2048, 1024]
encoder-layer-num-choice: [6]
decoder-layer-num-choice: [6, 5, 4, 3, 2, 1]
encoder-self-attention-heads-choice: [8, 4]
decoder-self-attention-heads-choice: [8, 4]
decoder-ende-attention-heads-choice: [8, 4]
decoder-arbitrary-ende-attn-choice: [-1, 1, 2]
`;

function failure(read: () => unknown): InvalidConfigError {
  try {
    read();
  } catch (error) {
    if (error instanceof InvalidConfigError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a SuperTransformer file', () => {
  it("gives HAT's space and training settings", () => {
    const { space, training, ignored } = readSuperTransformerYaml(SUPER, 'space0.yml');
    expect(Number(space.size()) / 1e14).toBeCloseTo(4.18, 2);
    expect(space.choices.qkvDim).toEqual([512]);
    expect(training).toEqual({
      shareAllEmbeddings: true,
      adamBetas: [0.9, 0.98],
      lrScheduler: 'cosine',
      warmupInitLr: 1e-7,
      maxLr: 0.001,
      dropout: 0.3,
    });
    expect(ignored).toEqual(['arch']);
  });

  it.each(['(0.9, 1)', '(0.9, x)', '0.9', '(0.9, 0.98, 0.99)', '[0.9]', 'true'])(
    'refuses betas as %s',
    (betas) => {
      const text = SUPER.replace('(0.9, 0.98)', betas);
      expect(failure(() => readSuperTransformerYaml(text, 'x.yml')).message).toMatch(
        /^x\.yml:3: 'adam-betas' must be two numbers in \[0, 1\), as \(0\.9, 0\.98\), but is /,
      );
    },
  );

  it('takes betas as a list', () => {
    const { training } = readSuperTransformerYaml(SUPER.replace('(0.9, 0.98)', '[0.8, 0.9]'), 'x.yml');
    expect(training.adamBetas).toEqual([0.8, 0.9]);
  });

  it('takes an elastic QKV dim', () => {
    const { space } = readSuperTransformerYaml(`${SUPER}qkv-dim-choice: [512, 256, 64]\n`, 'x.yml');
    expect(space.searchSpace['qkvDim']).toEqual({ kind: 'categorical', choices: [512, 256, 64] });
  });

  it.each([
    ['encoder-embed-choices: [640]\n', /x\.yml:22: unknown key .*did you mean 'encoder-embed-choice'\?/],
    ['update-freq: 0\n', /x\.yml:22: 'update-freq' must be an integer >= 1, but is 0/],
    ['optimizer: sgd\n', /x\.yml:22: 'optimizer' must be 'adam', but is "sgd"/],
    ['qkv-dim-choice: [512, 254]\n', /x\.yml: .*qkvDim 254 is not a multiple of 8/],
    ['qkv-dim-choice: [1024]\n', /x\.yml:11: 'qkv-dim' .* largest choice of qkvDim is 1024/],
    ['lr: 1\nlr: 2\n', /x\.yml:23: not YAML/],
  ])('refuses %s', (addition, message) => {
    expect(failure(() => readSuperTransformerYaml(SUPER + addition, 'x.yml')).message).toMatch(message);
  });

  it.each([
    'encoder-block-types-choice',
    'encoder-block-types-dim-choice',
    'decoder-block-type-embed-dim-choice',
    'encoder-heads-dim-choice',
    'activation-dropout-rate',
  ])('suggests no other key for %s, which is not a misspelled one', (key) => {
    const { message } = failure(() => readSuperTransformerYaml(`${SUPER}${key}: [1]\n`, 'x.yml'));
    expect(message).toMatch(/unknown key/);
    expect(message).not.toContain('did you mean');
  });

  it('refuses an illegal choice and a missing list', () => {
    const illegal = SUPER.replace('attn-choice: [-1, 1, 2]', 'attn-choice: [-1, 3]');
    expect(failure(() => readSuperTransformerYaml(illegal, 'x.yml')).place).toBe('x.yml:21');
    const missing = SUPER.replace(/^encoder-embed-choice.*\n/m, '');
    expect(failure(() => readSuperTransformerYaml(missing, 'x.yml')).message).toContain(
      'encoder-embed-choice',
    );
    expect(failure(() => readSuperTransformerYaml('- 1\n', 'x.yml')).message).toContain('mapping');
  });
});

describe('a SubTransformer file', () => {
  it('has the keys of HAT and reads back as the same architecture', () => {
    const { space } = readSuperTransformerYaml(SUPER, 'space0.yml');
    for (let seed = 0; seed < 20; seed++) {
      const arch = space.sampleUniform(Rng.keyed(seed, 'yaml'));
      const text = writeSubTransformerYaml(arch);
      expect(readSubTransformerYaml(text, 'sub.yml')).toEqual(arch);
    }
    expect(writeSubTransformerYaml(space.smallest())).toBe(`qkv-dim: 512
encoder-embed-dim-subtransformer: 512
decoder-embed-dim-subtransformer: 512
encoder-layer-num-subtransformer: 6
decoder-layer-num-subtransformer: 1
encoder-ffn-embed-dim-all-subtransformer: [1024, 1024, 1024, 1024, 1024, 1024]
decoder-ffn-embed-dim-all-subtransformer: [1024]
encoder-self-attention-heads-all-subtransformer: [4, 4, 4, 4, 4, 4]
decoder-self-attention-heads-all-subtransformer: [4]
decoder-ende-attention-heads-all-subtransformer: [4]
decoder-arbitrary-ende-attn-all-subtransformer: [-1]
`);
  });

  it('is refused when a list is too short', () => {
    const { space } = readSuperTransformerYaml(SUPER, 'space0.yml');
    const text = writeSubTransformerYaml(space.smallest()).replace(
      'decoder-layer-num-subtransformer: 1',
      'decoder-layer-num-subtransformer: 2',
    );
    expect(failure(() => readSubTransformerYaml(text, 'sub.yml')).message).toMatch(/one value for each of 2/);
  });
});
