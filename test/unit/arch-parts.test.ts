/** One more elastic part is one more row of the table: everything but the graph that realizes it knows it then. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { summarizeArch } from '../../objectives/latency/arch-summary.ts';
import { readHatLatencyCsv } from '../../objectives/latency/hat-csv.ts';
import { GraphBuilder } from '../../objectives/onnx/index.ts';
import { DEFAULT_NAS_YAML } from '../../objectives/pipeline/default-nas-yaml.ts';
import { readNasYaml } from '../../objectives/pipeline/nas-config.ts';
import { datasetSettings } from '../../objectives/pipeline/nas-settings.ts';
import { ARCH_PARTS, archKey, canonicalArch } from '../../objectives/transformer/arch-config.ts';
import { type ArchConfig, PARTS } from '../../objectives/transformer/arch-parts.ts';
import { ArchSpace } from '../../objectives/transformer/arch-space.ts';
import { readSubTransformerYaml, writeSubTransformerYaml } from '../../objectives/transformer/hat-yaml.ts';
import { constantSizes } from '../../objectives/transformer/sizes.ts';
import { Supernet } from '../../objectives/transformer/supernet.ts';
import { Rng } from '../../src/core/rng.ts';

/** The width of a convolution in every decoder layer, which no SuperTransformer has. */
const CONVOLUTION = vi.hoisted(() => ({
  per: 'decoder layer',
  values: 'size',
  choices: [3, 7, 31],
  letter: 'w',
  hatFixed: 1,
}));
vi.mock('../../objectives/transformer/arch-parts.ts', async (importOriginal) => {
  const { PARTS, ...types } = await importOriginal<{ PARTS: object }>();
  return { ...types, PARTS: { ...PARTS, decoderConvWidth: CONVOLUTION } };
});

type Extended = ArchConfig & { readonly decoderConvWidth: readonly number[] };
const read = (text: string) => readNasYaml(text, 'nas.yaml');
const { space } = read(DEFAULT_NAS_YAML);
const sampled = (seed: number) => space.sampleUniform(Rng.keyed(seed, 'parts')) as Extended;

describe('a part that only the table knows', () => {
  it('is in the default configuration and its space, a gene in every layer', () => {
    expect(DEFAULT_NAS_YAML).toContain('  decoder-conv-width-choice: [3, 7, 31]\n');
    const genes = ['decoderConvWidth.0', 'decoderConvWidth.1', 'decoderConvWidth.2'];
    expect(Object.keys(space.searchSpace).filter((name) => name.startsWith('decoderConv'))).toEqual(genes);
    expect(space.searchSpace['decoderConvWidth.0']).toEqual({ kind: 'categorical', choices: [3, 7, 31] });
    const one = read(DEFAULT_NAS_YAML.replace('[3, 7, 31]', '[7]')).space;
    const [perLayer, layers] = [3n, 3];
    expect(space.size()).toBeGreaterThan(one.size());
    expect(space.fix({ decoderLayerNum: layers }).size()).toBe(
      one.fix({ decoderLayerNum: layers }).size() * perLayer ** BigInt(layers),
    );
  });

  it('is in architectures, their keys and their canonical form', () => {
    for (let seed = 0; seed < 20; seed++) {
      const arch = sampled(seed);
      expect(arch.decoderConvWidth).toHaveLength(arch.decoderLayerNum);
      expect(archKey(arch)).toMatch(new RegExp(` w${arch.decoderConvWidth}$`));
      expect(space.decode(space.encode(arch))).toEqual(arch);
    }
    const smallest = space.smallest() as Extended;
    const longer = { ...smallest, decoderConvWidth: [3, 99] };
    expect(canonicalArch(longer)).toEqual(smallest);
    expect(() => canonicalArch({ ...smallest, decoderConvWidth: [0] } as ArchConfig)).toThrow(
      'decoderConvWidth must hold positive integers, but is [0]',
    );
    expect(() => new ArchSpace({ ...space.choices, decoderConvWidth: [3, 3] } as never)).toThrow(
      'the choices of decoderConvWidth must be one or more distinct positive integers, but are [3,3]',
    );
  });

  it("has HAT's keys in both directions, and their errors", () => {
    const arch = sampled(1);
    const text = writeSubTransformerYaml(arch);
    expect(text).toContain(`decoder-conv-width-all-subtransformer: [${arch.decoderConvWidth.join(', ')}]\n`);
    expect(readSubTransformerYaml(text, 'sub.yml')).toEqual(arch);
    expect(() => readSubTransformerYaml(text.replace(/^decoder-conv.*\n/m, ''), 'sub.yml')).toThrow(
      "sub.yml: a SubTransformer file needs 'decoder-conv-width-all-subtransformer'",
    );
    const line = DEFAULT_NAS_YAML.slice(0, DEFAULT_NAS_YAML.indexOf('decoder-conv')).split('\n').length;
    expect(() => read(DEFAULT_NAS_YAML.replace('[3, 7, 31]', '[3, many]'))).toThrow(
      `nas.yaml:${line}: 'decoder-conv-width-choice[1]' must be an integer >= 1, but is "many"`,
    );
    expect(() => read(DEFAULT_NAS_YAML.replace('decoder-conv-width', 'decoder-conv-wdith'))).toThrow(
      "did you mean 'decoder-conv-width-choice'?",
    );
    const sized = DEFAULT_NAS_YAML.replace('  decoder-conv-width-choice', '  decoder-conv-width: 7\n$&');
    expect(() => read(sized)).toThrow(/'decoder-conv-width' is the SuperTransformer's size .* is 31/);
  });

  it('is what a SuperTransformer is fed, and what its graph and a stand-alone one can be built from', () => {
    const arch = sampled(3);
    const fed = Array.from(new Supernet(space).archFeeds(arch)['arch'].data, Number);
    const without = new Supernet(read(DEFAULT_NAS_YAML.replace('[3, 7, 31]', '[7]')).space);
    const rest = without.archFeeds({
      ...arch,
      decoderConvWidth: arch.decoderConvWidth.map(() => 7),
    } as never);
    expect(fed).toHaveLength(rest['arch'].data.length + 3);
    const sizes = constantSizes(new GraphBuilder(), arch).decoder.map(
      (layer) => (layer as unknown as { decoderConvWidth: { constant: number[] } }).decoderConvWidth,
    );
    expect(sizes.map(({ constant }) => constant[0])).toEqual(arch.decoderConvWidth);
  });

  it("is in summaries and settings, and has HAT's value in HAT's latency tables", () => {
    const arch = { ...(space.largest() as Extended), decoderConvWidth: [3, 7, 8] };
    expect(summarizeArch(arch)).toMatchObject({ decoderConvWidth: 6 });
    const dims = { sourceVocabSize: 9, targetVocabSize: 9, sourceLength: 9, targetLength: 9 };
    expect(datasetSettings(read(DEFAULT_NAS_YAML), dims)).toMatchObject({
      'supertransformer.decoder-conv-width-choice': [3, 7, 31],
    });
    const columns = ['embed_dim', 'layer_num', 'ffn_embed_dim_avg', 'self_attention_heads_avg'];
    const header = [
      ...columns.map((name) => `encoder_${name}`),
      ...columns.map((name) => `decoder_${name}`),
      'decoder_ende_attention_heads_avg,decoder_arbitrary_ende_attn_avg',
      'latency_mean_encoder,latency_mean_decoder,latency_std_encoder,latency_std_decoder',
    ].join();
    const [row] = readHatLatencyCsv(`${header}\n512,6,1280,4,640,2,2560,4,5,1.5,5,86,0.1,1\n`, 'a.csv');
    expect(row.arch).toMatchObject({ qkvDim: 512, decoderConvWidth: 1, attendedLayers: 1.5 });
  });
});

it('no other file lists the parts', () => {
  expect(ARCH_PARTS).toEqual(Object.keys(PARTS));
  const folder = new URL('../../objectives/', import.meta.url);
  const listing = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('arch-parts.ts'))
    .filter((file) => {
      const source = readFileSync(new URL(file, folder), 'utf8');
      return ARCH_PARTS.filter((part) => source.includes(`'${part}'`)).length > 2;
    });
  expect(listing).toEqual([]);
});
