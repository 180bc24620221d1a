/** What every stage of `thanos nas` shares: the configuration, its folder, and a run opened on it. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { DEFAULT_NAS_YAML, type NasConfig, readNasYaml } from '../../objectives/pipeline/nas-config.ts';
import { type NasProgress, NasRun } from '../../objectives/pipeline/nas-run.ts';
import type { SamplerMaker } from '../../objectives/pipeline/sampler-maker.ts';
import { samplerRegistry } from '../../samplers/index.ts';
import { InvalidConfigError } from '../core/errors.ts';
import { assertInstalled } from '../core/optional-package.ts';
import type { Storage } from '../core/storage.ts';
import { interruptible } from './interrupt.ts';
import { startNasProgress } from './nas-progress.ts';
import { DEFAULT_STORAGE, withStorage } from './open-storage.ts';

export interface NasArgs {
  readonly config?: string;
  readonly corpus?: string;
  readonly dir?: string;
  readonly seed?: number;
  readonly device: 'cpu' | 'webgpu' | 'cuda';
  /** Where the study is kept, if not in the run's folder. */
  readonly storage?: string;
}

export interface NasFiles {
  readonly config: NasConfig;
  /** Everything that the run makes lies here. */
  readonly directory: string;
  readonly storageUrl: string;
}

/** Real text, where no file says otherwise, has more words than the generated task and takes longer to learn. */
const OWN_TEXT = { vocabularySize: 4000, steps: 3000 };

/** @throws InvalidConfigError naming the place, if the YAML or a sampler's name in it is not right. */
export function readNasFiles(args: NasArgs): NasFiles {
  if (args.config !== undefined && !existsSync(args.config))
    throw new InvalidConfigError(
      args.config,
      'there is no such file; `thanos nas config` prints one to start from',
    );
  const given =
    args.config === undefined
      ? readNasYaml(DEFAULT_NAS_YAML, 'default configuration')
      : readNasYaml(readFileSync(args.config, 'utf8'), args.config);
  const config = withFlags(given, args);
  for (const key of ['outerSampler', 'innerSampler'] as const) {
    try {
      samplerRegistry.get(config.search[key]);
    } catch (error) {
      throw new InvalidConfigError(args.config ?? 'default configuration', (error as Error).message, {
        cause: error,
      });
    }
  }
  const directory = resolve(args.dir ?? join('thanos-runs', config.studyName));
  const ownStorage = args.storage === undefined || args.storage === DEFAULT_STORAGE;
  return {
    config,
    directory,
    storageUrl: ownStorage ? `sqlite:///${join(directory, 'study.db')}` : args.storage,
  };
}

function withFlags(config: NasConfig, args: NasArgs): NasConfig {
  const seeded = args.seed === undefined ? config : { ...config, seed: args.seed };
  if (args.corpus === undefined) return seeded;
  const directory = resolve(args.corpus);
  const isOwnChoice = args.config !== undefined;
  return {
    ...seeded,
    studyName: isOwnChoice ? config.studyName : `nas-${basename(directory)}`,
    corpus: {
      ...config.corpus,
      directory,
      vocabularySize: isOwnChoice ? config.corpus.vocabularySize : OWN_TEXT.vocabularySize,
    },
    training: { ...config.training, steps: isOwnChoice ? config.training.steps : OWN_TEXT.steps },
  };
}

/** Samplers by name; the functions that an evolutionary sampler takes besides plain options pass through. */
export const makeSampler: SamplerMaker = (name, options) => samplerRegistry.get(name)(options);

/** Opens run and storage, hands them to `work` with SIGINT and SIGTERM as a signal, and closes them. */
export async function withNasRun<T>(
  args: NasArgs,
  work: (run: NasRun, storage: Storage, files: NasFiles, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const files = readNasFiles(args);
  assertInstalled(['onnxruntime-node', 'tokenizers', 'echarts'], 'the NAS');
  return interruptible(async (signal) => {
    const progress = startNasProgress();
    const run = await NasRun.open({
      config: files.config,
      directory: files.directory,
      device: args.device,
      signal,
      onProgress: (event: NasProgress) => progress.report(event),
    });
    try {
      return await withStorage(files.storageUrl, (storage) => work(run, storage, files, signal));
    } finally {
      progress.stop();
      await run.close();
    }
  });
}
