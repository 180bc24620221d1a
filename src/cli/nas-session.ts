/** What every stage of `thanos nas` shares: the configuration, its folder, and a run opened on it. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { DEFAULT_NAS_YAML } from '../../objectives/pipeline/default-nas-yaml.ts';
import { type NasConfig, readNasYaml } from '../../objectives/pipeline/nas-config.ts';
import type { NasProgress } from '../../objectives/pipeline/nas-progress.ts';
import { NasRun } from '../../objectives/pipeline/nas-run.ts';
import type { SamplerMaker } from '../../objectives/pipeline/sampler-maker.ts';
import { samplerRegistry } from '../../samplers/index.ts';
import { InMemoryStorage, SqliteStorage } from '../../storage/index.ts';
import { InvalidConfigError, StorageError } from '../core/errors.ts';
import { assertInstalled } from '../core/optional-package.ts';
import { makeFolder } from '../core/output-file.ts';
import type { Storage } from '../core/storage.ts';
import { interruptible } from './interrupt.ts';
import { startNasProgress } from './nas-progress.ts';
import { DEFAULT_STORAGE, findStudy, withExistingStorage, withStorage } from './open-storage.ts';

export interface NasArgs {
  readonly config?: string | undefined;
  readonly corpus?: string | undefined;
  readonly source?: string | undefined;
  readonly target?: string | undefined;
  readonly infix?: string | undefined;
  readonly valid?: string | undefined;
  readonly holdOutEvery?: number | undefined;
  readonly vocabularySize?: number | undefined;
  readonly dir?: string | undefined;
  readonly seed?: number | undefined;
  readonly device: 'cpu' | 'webgpu' | 'cuda';
  /** Where the study is kept, if not in the run's folder. */
  readonly storage?: string | undefined;
}

export interface NasFiles {
  readonly config: NasConfig;
  /** Everything that the run makes lies here. */
  readonly directory: string;
  readonly storageUrl: string;
  /** The run's own database, in its folder; null: the study is kept elsewhere. */
  readonly database: string | null;
}

/** Real text, where no file says otherwise, has more words than the generated task and takes longer to learn. */
const OWN_TEXT = { vocabularySize: 4000, steps: 3000 };

/** @throws InvalidConfigError naming the place, if the YAML or a sampler's name in it is not right. */
function readNasFiles(args: NasArgs): NasFiles {
  const given =
    args.config === undefined
      ? readNasYaml(DEFAULT_NAS_YAML, 'default configuration')
      : readNasYaml(readConfig(args.config), args.config);
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
  if (existsSync(directory) && !statSync(directory).isDirectory())
    throw new InvalidConfigError(
      directory,
      'the folder of a run (--dir) must be a folder, but this is a file',
    );
  const ownStorage = args.storage === undefined || args.storage === DEFAULT_STORAGE;
  const database = join(directory, 'study.db');
  return {
    config,
    directory,
    storageUrl: ownStorage ? `sqlite:///${database}` : args.storage,
    database: ownStorage ? database : null,
  };
}

function readConfig(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason =
      code === 'ENOENT' ? 'there is no such file' : `this is no file that can be read (${message})`;
    throw new InvalidConfigError(resolve(path), `${reason}; \`thanos nas config\` prints one to start from`, {
      cause,
    });
  }
}

function withFlags(given: NasConfig, args: NasArgs): NasConfig {
  const { seed, source, target, infix, valid, holdOutEvery, vocabularySize } = args;
  const flags = {
    sourceLanguage: source,
    targetLanguage: target,
    infix,
    valid,
    holdOutEvery,
    vocabularySize,
  };
  const config = {
    ...given,
    seed: seed ?? given.seed,
    corpus: { ...given.corpus, ...definedOf(flags) },
  };
  if (args.corpus === undefined) return config;
  const directory = resolve(args.corpus);
  const corpus = { ...config.corpus, directory };
  if (args.config !== undefined) return { ...config, corpus };
  return {
    ...config,
    studyName: `nas-${basename(directory)}`,
    corpus: { ...corpus, vocabularySize: vocabularySize ?? OWN_TEXT.vocabularySize },
    training: { ...config.training, steps: OWN_TEXT.steps },
  };
}

function definedOf<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** Samplers by name; the functions that an evolutionary sampler takes besides plain options pass through. */
export const makeSampler: SamplerMaker = (name, options) => samplerRegistry.get(name)(options);

/**
 * What a command does with a storage that is not there: it begins one, does without, or is refused because it works on what a run
 * has left.
 */
export type StorageUse = 'begin' | 'if-there' | 'existing';

type Work<T> = (run: NasRun, storage: Storage, files: NasFiles, signal: AbortSignal) => Promise<T>;

/** Opens run and storage, hands them to `work` with SIGINT and SIGTERM as a signal, and closes them. */
export async function withNasRun<T>(
  args: NasArgs,
  useOf: (config: NasConfig) => StorageUse,
  work: Work<T>,
): Promise<T> {
  const files = readNasFiles(args);
  assertInstalled(['onnxruntime-node', 'tokenizers', 'echarts'], 'the NAS');
  const use = useOf(files.config);
  return interruptible(async (signal) => {
    const open = (withRun: (run: NasRun) => Promise<T>): Promise<T> =>
      withOpenRun(files, args.device, signal, withRun);
    if (use === 'existing')
      return withStorageOf(files, async (storage) => {
        await findStudy(storage, files.config.studyName);
        return open((run) => work(run, storage, files, signal));
      });
    return open((run) =>
      use === 'if-there' && files.database !== null && !existsSync(files.database)
        ? work(run, new InMemoryStorage(), files, signal)
        : beginStorageOf(files, (storage) => work(run, storage, files, signal)),
    );
  });
}

async function withOpenRun<T>(
  { config, directory }: NasFiles,
  device: NasArgs['device'],
  signal: AbortSignal,
  work: (run: NasRun) => Promise<T>,
): Promise<T> {
  const progress = startNasProgress();
  try {
    const run = await NasRun.open({
      config,
      directory,
      device,
      signal,
      onProgress: (event: NasProgress) => progress.report(event),
    });
    try {
      run.outerSampler(makeSampler);
      return await work(run);
    } finally {
      await run.close();
    }
  } finally {
    progress.stop();
  }
}

/** The run's storage, which must be there. */
function withStorageOf<T>(files: NasFiles, work: (storage: Storage) => Promise<T>): Promise<T> {
  const { database, directory, storageUrl } = files;
  if (database === null) return withExistingStorage(storageUrl, work);
  if (!existsSync(database))
    throw new StorageError(
      'STORAGE_UNAVAILABLE',
      `the folder must hold a run, but there is no '${database}'; \`thanos nas run\` begins one, --dir names another folder ` +
        `than ${directory}`,
    );
  return withOwnStorage(database, work);
}

/** The run's storage, made if it is not there. */
function beginStorageOf<T>(files: NasFiles, work: (storage: Storage) => Promise<T>): Promise<T> {
  const { database, directory, storageUrl } = files;
  if (database === null) return withStorage(storageUrl, work);
  makeFolder(directory);
  return withOwnStorage(database, work);
}

/** By its path: a folder may have characters that a URL cannot. */
async function withOwnStorage<T>(database: string, work: (storage: Storage) => Promise<T>): Promise<T> {
  const storage = new SqliteStorage(database);
  try {
    return await work(storage);
  } finally {
    await storage.close();
  }
}
