// The SuperTransformer on real text: how its validation loss falls, and how SubTransformers with inherited weights follow.
// The corpus is a folder of parallel text, as train.de, train.en, val.de, val.en; the number of steps may follow it.
//   npm run build && npx tsx examples/05-multi30k.ts path/to/multi30k 3000
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Rng } from 'thanos-hpo';
import { NasRun, readNasYaml } from 'thanos-hpo/objectives';

const [, , corpus = 'multi30k', steps = '60'] = process.argv;
if (!existsSync(corpus)) throw new Error(`give a folder of parallel text; there is none at '${corpus}'`);

const file = new URL('multi30k.yaml', import.meta.url);
const settings = readNasYaml(readFileSync(file, 'utf8'), 'multi30k.yaml');
const config = {
  ...settings,
  corpus: { ...settings.corpus, directory: corpus },
  training: { ...settings.training, steps: Number(steps) },
};

const directory = await mkdtemp(join(tmpdir(), 'thanos-multi30k-'));
const start = performance.now();
const run = await NasRun.open({
  config,
  directory,
  onProgress: (event) => {
    if (event.stage !== 'validation') return;
    const seconds = Math.round((performance.now() - start) / 1000);
    const [largest, smallest] = [event.largest.toFixed(3), event.smallest.toFixed(3)];
    console.log(`step ${event.step}, ${seconds} s: ${largest} bits/token (largest), ${smallest} (smallest)`);
  },
});
await run.train();

console.log('ten random SubTransformers, inherited weights:');
for (let i = 0; i < 10; i++) {
  const arch = config.space.sampleUniform(Rng.keyed('example', i));
  const loss = await run.validationLoss(arch);
  console.log(
    `  ${arch.encoderLayerNum}+${arch.decoderLayerNum} layers, QKV ${arch.qkvDim}: ${loss.toFixed(3)} bits/token`,
  );
}
await run.close();
await rm(directory, { recursive: true });
