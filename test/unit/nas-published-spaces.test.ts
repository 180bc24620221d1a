/** HAT's published spaces, in which the encoder has one depth only, under ceilings that are tight or out of reach. */
import { describe, expect, it } from 'vitest';
import { nestedNas } from '../../objectives/nested-nas.ts';
import { rk3588Hardware } from '../../objectives/pipeline/hardware.ts';
import { readNasYaml } from '../../objectives/pipeline/nas-config.ts';
import type { ArchConfig } from '../../objectives/transformer/arch-config.ts';
import { parameterCount } from '../../objectives/transformer/count.ts';
import { EvolutionarySampler, RandomSampler } from '../../samplers/index.ts';
import { Study } from '../../src/core/index.ts';
import { InMemoryStorage } from '../../storage/in-memory.ts';

const spaceOf = (ffn: string, heads: string): string => `
qkv-dim: 512
encoder-embed-choice: [640, 512]
decoder-embed-choice: [640, 512]
encoder-ffn-embed-dim-choice: ${ffn}
decoder-ffn-embed-dim-choice: ${ffn}
encoder-layer-num-choice: [6]
decoder-layer-num-choice: [6, 5, 4, 3, 2, 1]
encoder-self-attention-heads-choice: ${heads}
decoder-self-attention-heads-choice: ${heads}
decoder-ende-attention-heads-choice: ${heads}
decoder-arbitrary-ende-attn-choice: [-1, 1, 2]
`;

describe.each([
  ['IWSLT space1', spaceOf('[2048, 1024, 512]', '[4, 2]'), 10_000, 23],
  ['WMT space0', spaceOf('[3072, 2048, 1024]', '[8, 4]'), 32_768, 30],
])('%s', (_, text, vocabulary, length) => {
  const { space } = readNasYaml(text, 'space.yml');
  const hardware = rk3588Hardware({
    sourceVocabSize: vocabulary,
    targetVocabSize: vocabulary,
    sourceLength: length,
    targetLength: length,
  });
  const least = hardware.cost(space.smallest()).memoryMiB;

  it.each([
    ['out of reach', 10, false],
    ['just reached by the smallest', least * 1.001, true],
  ])('is searched under a memory ceiling %s', async (_label, memoryCeilingMiB, isReachable) => {
    const sampler = new RandomSampler({ seed: 1 });
    const study = await Study.open(
      { storage: new InMemoryStorage(), defaultSampler: () => sampler },
      { studyName: 'nas', ifExists: 'error', directions: ['minimize', 'minimize', 'minimize'], sampler },
    );
    const nas = nestedNas({
      archSpace: space,
      // More weights are better, so the search leans on the ceiling.
      validationLoss: async (arch) => 10 - parameterCount(arch) / 1e8,
      hardware,
      memoryCeilingMiB,
      innerTrials: 8,
      innerSampler: ({ outerTrial, violation, canonical }) =>
        new EvolutionarySampler({
          seed: outerTrial,
          violation,
          canonical,
          populationSize: 6,
          parentSize: 3,
          mutationSize: 3,
          crossoverSize: 3,
        }),
    });
    await study.optimize(nas.space, nas.objective, { totalTrials: 1 });
    for (const { state, userAttrs, values } of study.trials) {
      expect(state).toBe('COMPLETE');
      expect((userAttrs['arch'] as unknown as ArchConfig).encoderLayerNum).toBe(6);
      expect(values![2] <= memoryCeilingMiB).toBe(isReachable);
      if (!isReachable) expect(values![2]).toBe(least);
    }
  });
});
