import { describe, expect, it } from 'vitest';
import { type HardwareModel, nestedNas } from '../../objectives/nested-nas.ts';
import type { ArchConfig } from '../../objectives/transformer/arch-config.ts';
import { ArchSpace } from '../../objectives/transformer/arch-space.ts';
import { EvolutionarySampler, RandomSampler } from '../../samplers/index.ts';
import { type Sampler, Study } from '../../src/core/index.ts';
import { InMemoryStorage } from '../../storage/in-memory.ts';

const SPACE = new ArchSpace({
  qkvDim: [16, 32, 64],
  encoderEmbedDim: [32, 64],
  decoderEmbedDim: [32, 64],
  encoderLayerNum: [1, 2],
  decoderLayerNum: [1, 2, 3],
  encoderFfnEmbedDim: [64, 128],
  encoderSelfAttentionHeads: [2, 4],
  decoderFfnEmbedDim: [64, 128],
  decoderSelfAttentionHeads: [2, 4],
  decoderEndeAttentionHeads: [2, 4],
  decoderArbitraryEndeAttn: [-1, 1],
});

/** Width costs memory and time. */
const size = (a: ArchConfig) =>
  a.qkvDim +
  a.encoderEmbedDim +
  a.decoderEmbedDim +
  [...a.encoderFfnEmbedDim, ...a.decoderFfnEmbedDim].reduce((x, y) => x + y, 0);
const HARDWARE: HardwareModel = {
  name: 'toy',
  kind: 'estimated',
  cost: (arch) => ({ memoryMiB: size(arch) / 100, latencyMs: size(arch) / 1000 }),
};
/** Bigger is better, with a preferred QKV dim. */
const toyLoss = async (a: ArchConfig) => 10 - size(a) / 200 + Math.abs(a.qkvDim - 32) / 100;

const SIZES = { populationSize: 8, parentSize: 3, mutationSize: 4, crossoverSize: 4 };

async function outerStudy(storage = new InMemoryStorage()) {
  const sampler = new RandomSampler({ seed: 5 });
  return Study.open(
    { storage, defaultSampler: () => sampler },
    { studyName: 'nas', ifExists: 'load', directions: ['minimize', 'minimize', 'minimize'], sampler },
  );
}

function nas(overrides: Partial<Parameters<typeof nestedNas>[0]> = {}) {
  return nestedNas({
    archSpace: SPACE,
    validationLoss: toyLoss,
    hardware: HARDWARE,
    memoryCeilingMiB: { low: 3, high: 9 },
    innerSampler: ({ outerTrial, violation, canonical }): Sampler =>
      new EvolutionarySampler({ seed: outerTrial, violation, canonical, ...SIZES }),
    innerTrials: 24,
    ...overrides,
  });
}

describe('nestedNas', () => {
  it('gives loss, latency and memory of the best SubTransformer under the ceiling', async () => {
    const study = await outerStudy();
    const { space, objective } = nas();
    await study.optimize(space, objective, { totalTrials: 4 });
    for (const trial of study.trials) {
      const arch = trial.userAttrs['arch'] as unknown as ArchConfig;
      expect(arch.qkvDim).toBe(trial.params['qkvDim']);
      expect(trial.values).toEqual([await toyLoss(arch), size(arch) / 1000, size(arch) / 100]);
      expect(size(arch) / 100).toBeLessThanOrEqual(trial.params['memoryCeilingMiB'] as number);
      expect(trial.constraints![0]).toBeLessThanOrEqual(0);
    }
    const names = (await study.storage.listStudies()).map((s) => s.studyName);
    expect(names).toEqual(['nas', 'nas/0/search', 'nas/1/search', 'nas/2/search', 'nas/3/search']);
  });

  it('records an unreachable ceiling as a violation without one inner evaluation too many', async () => {
    const study = await outerStudy();
    let evaluations = 0;
    const { space, objective } = nas({
      memoryCeilingMiB: 1,
      validationLoss: (arch) => {
        evaluations++;
        return toyLoss(arch);
      },
    });
    await study.optimize(space, objective, { totalTrials: 3 });
    expect(evaluations).toBe(3);
    for (const trial of study.trials) {
      expect(trial.state).toBe('COMPLETE');
      expect(trial.constraints![0]).toBeCloseTo(trial.values![2] - 1, 12);
      expect(trial.constraints![0]).toBeGreaterThan(0);
      expect(trial.userAttrs['arch']).toEqual(
        SPACE.fix({ qkvDim: trial.params['qkvDim'] as number }).smallest(),
      );
    }
    expect(study.bestTrials).toEqual([]);
  });

  it('honors a latency ceiling too', async () => {
    const study = await outerStudy();
    const { space, objective } = nas({ memoryCeilingMiB: 9, latencyCeilingMs: { low: 0.3, high: 0.5 } });
    await study.optimize(space, objective, { totalTrials: 3 });
    for (const trial of study.trials)
      expect(trial.values![1]).toBeLessThanOrEqual(trial.params['latencyCeilingMs'] as number);
  });

  it('takes any inner sampler', async () => {
    const study = await outerStudy();
    const { space, objective } = nas({
      innerSampler: ({ outerTrial }) => new RandomSampler({ seed: outerTrial }),
    });
    await study.optimize(space, objective, { totalTrials: 2 });
    expect(study.trials.every((t) => t.state === 'COMPLETE')).toBe(true);
  });

  it('resumes an interrupted inner search to the study of an uninterrupted run, evaluating nothing COMPLETE again', async () => {
    const reference = await outerStudy();
    const whole = nas();
    await reference.optimize(whole.space, whole.objective, { totalTrials: 3 });
    const essence = async (study: Study) =>
      Promise.all(
        (await study.storage.listStudies()).map(async (s) => [
          s.studyName,
          (await study.storage.getTrials(s.studyId)).map((t) => [t.number, t.state, t.params, t.values]),
        ]),
      );
    const storage = new InMemoryStorage();
    let evaluations = 0;
    let stopAt = 0;
    for (const stop of [1, 7, 24, 25, 40, 71]) {
      stopAt = stop;
      const controller = new AbortController();
      const { space, objective } = nas({
        validationLoss: async (arch, signal) => {
          if (evaluations === stopAt) controller.abort();
          signal.throwIfAborted();
          evaluations++;
          return toyLoss(arch);
        },
      });
      const study = await outerStudy(storage);
      await study.optimize(space, objective, { totalTrials: 3, signal: controller.signal });
      expect(evaluations).toBe(stop);
    }
    const study = await outerStudy(storage);
    const rest = nas();
    await study.optimize(rest.space, rest.objective, { totalTrials: 3 });
    expect(await essence(study)).toEqual(await essence(reference));
  });

  it('refuses a ceiling of 0', () => {
    expect(() => nas({ memoryCeilingMiB: { low: 0, high: 1 } })).toThrow('memoryCeilingMiB');
  });
});
