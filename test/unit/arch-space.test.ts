import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ArchConfig, canonicalArch } from '../../objectives/transformer/arch-config.ts';
import { type ArchChoices, ArchSpace } from '../../objectives/transformer/arch-space.ts';
import { Rng } from '../../src/core/rng.ts';

/** HAT's WMT space (configs/wmt14.en-de/supertransformer/space0.yml of mit-han-lab/hardware-aware-transformers 35d1282). */
const WMT: ArchChoices = {
  qkvDim: [512],
  encoderEmbedDim: [640, 512],
  decoderEmbedDim: [640, 512],
  encoderLayerNum: [6],
  decoderLayerNum: [6, 5, 4, 3, 2, 1],
  encoderFfnEmbedDim: [3072, 2048, 1024],
  encoderSelfAttentionHeads: [8, 4],
  decoderFfnEmbedDim: [3072, 2048, 1024],
  decoderSelfAttentionHeads: [8, 4],
  decoderEndeAttentionHeads: [8, 4],
  decoderArbitraryEndeAttn: [-1, 1, 2],
};
const SMALL: ArchChoices = {
  qkvDim: [16, 8],
  encoderEmbedDim: [12],
  decoderEmbedDim: [12, 8],
  encoderLayerNum: [1, 2],
  decoderLayerNum: [2, 1],
  encoderFfnEmbedDim: [16],
  encoderSelfAttentionHeads: [2, 1],
  decoderFfnEmbedDim: [16, 8],
  decoderSelfAttentionHeads: [2],
  decoderEndeAttentionHeads: [4],
  decoderArbitraryEndeAttn: [2, -1, 1],
};

describe('ArchSpace', () => {
  it("counts HAT's WMT space: 2 * 6^6 * 2 * sum of 36^L for L = 1..6, 4.18e14", () => {
    const size = new ArchSpace(WMT).size();
    let decoders = 0n;
    for (let layers = 1n; layers <= 6n; layers++) decoders += 36n ** layers;
    expect(size).toBe(4n * 6n ** 6n * decoders);
    expect(Number(size) / 1e14).toBeCloseTo(4.18, 2);
  });

  it("counts the space of HAT's latency dataset, 1.9e19", () => {
    const heads = [8, 4, 2];
    const size = new ArchSpace({
      ...WMT,
      encoderFfnEmbedDim: [3072, 2048, 1024, 512],
      decoderFfnEmbedDim: [3072, 2048, 1024, 512],
      encoderSelfAttentionHeads: heads,
      decoderSelfAttentionHeads: heads,
      decoderEndeAttentionHeads: heads,
    }).size();
    expect(Number(size) / 1e19).toBeCloseTo(1.9, 1);
  });

  it('has as many architectures as enumeration finds distinct', () => {
    const space = new ArchSpace(SMALL);
    const keys = new Set<string>();
    const names = Object.entries(space.searchSpace);
    const walk = (index: number, params: Record<string, number>): void => {
      if (index === names.length) {
        keys.add(space.canonicalKey(params));
        return;
      }
      const [name, distribution] = names[index];
      const part = name.split('.')[0] as keyof ArchChoices;
      expect(distribution.kind).toBe(part === 'decoderArbitraryEndeAttn' ? 'categorical' : 'int');
      for (const choice of SMALL[part]) walk(index + 1, { ...params, [name]: choice });
    };
    walk(0, {});
    expect(BigInt(keys.size)).toBe(space.size());
  });

  it('has one parameter per gene: int where the choices are evenly spaced, else categorical', () => {
    const space = new ArchSpace({ ...WMT, encoderFfnEmbedDim: [3072, 1024, 512] }).searchSpace;
    expect(Object.keys(space)).toHaveLength(5 + 6 * 2 + 6 * 4);
    expect(space['decoderFfnEmbedDim.5']).toEqual({
      kind: 'int',
      low: 1024,
      high: 3072,
      step: 1024,
      log: false,
    });
    expect(space['encoderFfnEmbedDim.0']).toEqual({ kind: 'categorical', choices: [3072, 1024, 512] });
    expect(space['decoderArbitraryEndeAttn.0']).toEqual({ kind: 'categorical', choices: [-1, 1, 2] });
  });

  it('decode and encode are inverse on architectures, and canonical parameters mean the same architecture', () => {
    const space = new ArchSpace(SMALL);
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const arch = space.sampleUniform(Rng.keyed(seed, 'arch'));
        const params = space.encode(arch);
        expect(space.decode(params)).toEqual(arch);
        expect(space.canonicalParams(params)).toEqual(params);
        expect(canonicalArch(arch)).toEqual(arch);
      }),
    );
  });

  it('makes one candidate of parameters that differ in dead genes only', () => {
    const space = new ArchSpace(SMALL);
    const params = { ...space.encode(space.smallest()) };
    const same = {
      ...params,
      'encoderSelfAttentionHeads.1': 1,
      'decoderFfnEmbedDim.1': 8,
      'decoderArbitraryEndeAttn.0': 1, // one encoder layer: the last two are the last one
    };
    expect(same).not.toEqual(params);
    expect(space.canonicalKey(same)).toBe(space.canonicalKey(params));
    expect(space.canonicalParams(same)).toEqual(params);
    expect(space.decode(same).decoderArbitraryEndeAttn).toEqual([-1]);
    const live = Object.fromEntries(Object.entries(same).filter(([name]) => !name.endsWith('.1')));
    expect(space.canonicalKey(live)).toBe(space.canonicalKey(params));
  });

  it('has the smallest and the largest architecture as bounds', () => {
    const space = new ArchSpace(SMALL);
    const expected: ArchConfig = {
      qkvDim: 16,
      encoderEmbedDim: 12,
      encoderLayerNum: 2,
      encoderFfnEmbedDim: [16, 16],
      encoderSelfAttentionHeads: [2, 2],
      decoderEmbedDim: 12,
      decoderLayerNum: 2,
      decoderFfnEmbedDim: [16, 16],
      decoderSelfAttentionHeads: [2, 2],
      decoderEndeAttentionHeads: [4, 4],
      decoderArbitraryEndeAttn: [1, 1], // of two encoder layers, all
    };
    expect(space.largest()).toEqual(expected);
    expect(space.smallest()).toMatchObject({ qkvDim: 8, encoderLayerNum: 1, decoderFfnEmbedDim: [8] });
  });

  it('samples every choice about equally often', () => {
    const space = new ArchSpace(WMT);
    const rng = Rng.keyed(1, 'uniform');
    const counts = new Map<number, number>();
    for (let i = 0; i < 1200; i++) {
      const { decoderLayerNum } = space.sampleUniform(rng);
      counts.set(decoderLayerNum, (counts.get(decoderLayerNum) ?? 0) + 1);
    }
    for (const count of counts.values()) expect(Math.abs(count - 200)).toBeLessThan(60);
    expect(counts.size).toBe(6);
  });

  it('fixes the QKV dim for an inner search: no parameter, and only heads that divide it', () => {
    const inner = new ArchSpace({ ...WMT, encoderSelfAttentionHeads: [8, 5, 3] }, { qkvDim: 168 });
    expect(inner.searchSpace['qkvDim']).toBeUndefined();
    expect(inner.choices.encoderSelfAttentionHeads).toEqual([8, 3]);
    expect(inner.largest().qkvDim).toBe(168);
    const fixed = new ArchSpace(SMALL).fix({ qkvDim: 8, encoderLayerNum: 2 });
    expect(Object.keys(fixed.searchSpace)).not.toContain('encoderLayerNum');
    expect(fixed.decode(fixed.encode(fixed.largest()))).toEqual(fixed.largest());
  });

  it('refuses illegal spaces and parameters, naming the values', () => {
    expect(() => new ArchSpace({ ...WMT, qkvDim: [512, 254] })).toThrow(/qkvDim 254 .* multiple of 8 \(enc/s);
    expect(() => new ArchSpace(WMT, { qkvDim: 254 })).toThrow(/qkvDim is 254 and the choices are \[8,4\]/);
    expect(() => new ArchSpace({ ...WMT, encoderEmbedDim: [] })).toThrow(/encoderEmbedDim/);
    expect(() => new ArchSpace({ ...WMT, decoderLayerNum: [0, 1] })).toThrow(/positive integers.*0,1/);
    expect(() => new ArchSpace(WMT, { encoderLayerNum: 5 })).toThrow(/encoderLayerNum .* \[6\], but is 5/);
    const space = new ArchSpace(WMT);
    const params = space.encode(space.largest());
    expect(() => space.decode({ ...params, 'decoderFfnEmbedDim.3': 1000 })).toThrow(
      "parameter 'decoderFfnEmbedDim.3' must be one of [3072,2048,1024], but is 1000",
    );
    expect(() => space.encode({ ...space.largest(), encoderEmbedDim: 576 })).toThrow(/576.*\[640,512\]/);
  });
});
