import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { summarizeArch } from '../../objectives/latency/arch-summary.ts';
import type { LatencyBackend } from '../../objectives/latency/backend.ts';
import { collectLatencyDataset, rowsOfTrials } from '../../objectives/latency/dataset.ts';
import { readHatLatencyCsv } from '../../objectives/latency/hat-csv.ts';
import { Rk3588Model } from '../../objectives/latency/rk3588-model.ts';
import { ArchSpace } from '../../objectives/transformer/arch-space.ts';
import { RandomSampler } from '../../samplers/index.ts';
import { createStudy } from '../../src/index.ts';
import { InMemoryStorage } from '../../storage/index.ts';

const space = new ArchSpace({
  qkvDim: [64, 128],
  encoderEmbedDim: [64, 128],
  decoderEmbedDim: [64, 128],
  encoderLayerNum: [1, 2],
  decoderLayerNum: [1, 2],
  encoderFfnEmbedDim: [128, 256],
  encoderSelfAttentionHeads: [2, 4],
  decoderFfnEmbedDim: [128, 256],
  decoderSelfAttentionHeads: [2, 4],
  decoderEndeAttentionHeads: [2, 4],
  decoderArbitraryEndeAttn: [-1, 1],
});
const dims = { sourceVocabSize: 500, targetVocabSize: 600, sourceLength: 12, targetLength: 14 };
const backend = new Rk3588Model();

describe('the dataset as a study', () => {
  it('holds latency, memory and where they come from, and gives them back as rows', async () => {
    const study = await createStudy({
      studyName: 'latency',
      directions: ['minimize', 'minimize'],
      sampler: new RandomSampler({ seed: 1 }),
    });
    const rows = await collectLatencyDataset(study, { space, dims, backend, size: 12 });
    expect(rows).toHaveLength(12);
    for (const [i, trial] of study.trials.entries()) {
      const arch = space.decode(trial.params);
      const report = await backend.measure(arch, dims);
      expect(rows[i]).toEqual({
        arch: summarizeArch(arch),
        latencyMs: report.latencyMs.total,
        memoryMiB: report.memory.totalMiB,
      });
      expect(trial.userAttrs['latency']).toMatchObject({
        backend: 'rk3588-model',
        kind: 'estimated',
        repeats: 0,
      });
    }
  });

  it('goes on where it was stopped, with the same architectures', async () => {
    const open = (storage: InMemoryStorage) =>
      createStudy({
        storage,
        studyName: 'latency',
        directions: ['minimize', 'minimize'],
        sampler: new RandomSampler({ seed: 2 }),
        loadIfExists: true,
      });
    const whole = await collectLatencyDataset(await open(new InMemoryStorage()), {
      space,
      dims,
      backend,
      size: 8,
    });
    const storage = new InMemoryStorage();
    const controller = new AbortController();
    let measured = 0;
    const stopping: LatencyBackend = {
      name: backend.name,
      kind: backend.kind,
      measure: (arch, d, signal) => {
        if (++measured === 4) controller.abort();
        return backend.measure(arch, d, signal);
      },
    };
    const options = { space, dims, backend: stopping, size: 8, signal: controller.signal };
    expect((await collectLatencyDataset(await open(storage), options)).length).toBeLessThan(8);
    expect(await collectLatencyDataset(await open(storage), { space, dims, backend, size: 8 })).toEqual(
      whole,
    );
  });

  it('passes over unfinished and failed trials', async () => {
    const study = await createStudy({
      directions: ['minimize', 'minimize'],
      sampler: new RandomSampler({ seed: 3 }),
    });
    await collectLatencyDataset(study, { space, dims, backend, size: 2 });
    await study.tell(await study.ask(space.searchSpace), { state: 'FAIL' });
    await study.ask(space.searchSpace);
    await study.sync();
    expect(study.trials).toHaveLength(4);
    expect(rowsOfTrials(study.trials, space)).toHaveLength(2);
  });
});

const HEADER =
  'encoder_embed_dim,encoder_layer_num,encoder_ffn_embed_dim_avg,encoder_self_attention_heads_avg,decoder_embed_dim,' +
  'decoder_layer_num,decoder_ffn_embed_dim_avg,decoder_self_attention_heads_avg,decoder_ende_attention_heads_avg,' +
  'decoder_arbitrary_ende_attn_avg,latency_mean_encoder,latency_mean_decoder,latency_std_encoder,latency_std_decoder';

describe("HAT's CSV", () => {
  it('reads a row', () => {
    const [row] = readHatLatencyCsv(
      `${HEADER}\n512,6,1280.5,4,640,2,2560,4,5,1.5,5.25,86.5,0.03,1.08\n`,
      'a.csv',
    );
    expect(row).toEqual({
      arch: {
        qkvDim: 512,
        encoderEmbedDim: 512,
        encoderLayerNum: 6,
        encoderFfnEmbedDim: 1280.5,
        encoderSelfAttentionHeads: 4,
        decoderEmbedDim: 640,
        decoderLayerNum: 2,
        decoderFfnEmbedDim: 2560,
        decoderSelfAttentionHeads: 4,
        decoderEndeAttentionHeads: 5,
        attendedLayers: 1.5,
      },
      latencyMs: 91.75,
      memoryMiB: null,
    });
  });

  it('names the line of a broken cell and a missing column', () => {
    expect(() =>
      readHatLatencyCsv(`${HEADER}\n512,6,x,4,640,2,2560,4,5,1.5,5.25,86.5,0.03,1.08\n`, 'a.csv'),
    ).toThrow(/a\.csv:2.*encoder_ffn_embed_dim_avg.*'x'/);
    expect(() => readHatLatencyCsv(HEADER.replace('latency_mean_decoder', 'x'), 'a.csv')).toThrow(
      /a\.csv:1.*lacks latency_mean_decoder/,
    );
    expect(() => readHatLatencyCsv('', 'a.csv')).toThrow(/lacks encoder_embed_dim/);
    expect(() => readHatLatencyCsv(`${HEADER},qkv_dim,device\n`, 'a.csv')).toThrow(
      /a\.csv:1.*has qkv_dim, device besides/,
    );
  });

  const published = fileURLToPath(new URL('../data/hat-latency', import.meta.url));
  it('reads the published tables', () => {
    const files = readdirSync(published).filter((name) => name.endsWith('.csv'));
    expect(files).toHaveLength(6);
    for (const file of files) {
      const rows = readHatLatencyCsv(readFileSync(`${published}/${file}`, 'utf8'), file);
      expect(rows).toHaveLength(200);
      expect(rows.every((row) => row.latencyMs > 0 && row.arch.attendedLayers <= 3)).toBe(true);
    }
  });
});
