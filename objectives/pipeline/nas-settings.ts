/** The settings that a study of a NAS was begun with, kept in it, so that only the same are gone on with, reported or exported. */
import { InvalidConfigError } from '../../src/core/errors.ts';
import type { JsonValue } from '../../src/core/frozen-trial.ts';
import type { Study } from '../../src/core/study.ts';
import type { Ceiling } from '../nested-nas.ts';
import type { ModelDims } from '../transformer/arch-config.ts';
import type { ArchPart } from '../transformer/arch-parts.ts';
import { choiceKey } from '../transformer/hat-yaml.ts';
import { keyOf } from '../transformer/yaml-document.ts';
import type { NasConfig, SearchConfig } from './nas-config.ts';
import type { PreparedCorpus } from './prepare-corpus.ts';
import type { SupernetTrainingConfig } from './training-config.ts';

/** All that the trials of a study depend on, by the key that the YAML file has for each. */
export type NasSettings = Readonly<Record<string, JsonValue>>;

/** The attributes that hold the settings of an outer study, and of the study of a latency dataset. */
type SettingsAttr = 'nasSettings' | 'latencySettings';

/** Whether a study is the outer study of a NAS. */
export function isNasStudy({ userAttrs }: Pick<Study, 'userAttrs'>): boolean {
  return userAttrs['nasSettings'] !== undefined;
}

const TRAINING_KEYS: Readonly<Record<keyof Omit<SupernetTrainingConfig, 'checkpointEverySteps'>, string>> = {
  steps: 'supertransformer.max-update',
  maxTokens: 'supertransformer.max-tokens',
  batchesPerStep: 'supertransformer.update-freq',
  schedule: 'supertransformer.lr-scheduler',
  peakLearningRate: 'supertransformer.max-lr',
  initialLearningRate: 'supertransformer.warmup-init-lr',
  finalLearningRate: 'supertransformer.lr',
  warmupSteps: 'supertransformer.warmup-updates',
  adamBetas: 'supertransformer.adam-betas',
  adamEpsilon: 'supertransformer.adam-eps',
  weightDecay: 'supertransformer.weight-decay',
  dropout: 'supertransformer.dropout',
  attentionDropout: 'supertransformer.attention-dropout',
  labelSmoothing: 'supertransformer.label-smoothing',
  clipNorm: 'supertransformer.clip-norm',
  sharedEmbeddings: 'supertransformer.share-all-embeddings',
  patience: 'supertransformer.patience',
  sampling: 'training.sampling',
};

/** All that the trials of a study depend on. */
export function settingsOf(config: NasConfig, corpus: PreparedCorpus): NasSettings {
  const { training, search } = config;
  return {
    seed: config.seed,
    corpus: corpus.description,
    'corpus.vocabulary-size': config.corpus.vocabularySize,
    'corpus.character-coverage': config.corpus.characterCoverage ?? null,
    tokenizer: `sha256 ${corpus.tokenizerSha256}`,
    ...modelSettings(config),
    ...renamed(TRAINING_KEYS, training),
    ...searchSettings(search),
    ...(config.hardware.backend === 'rk3588-model'
      ? {}
      : { 'hardware.dataset-size': config.hardware.datasetSize }),
  };
}

/** All that the trials of a latency dataset depend on; their number may grow. */
export function datasetSettings(config: NasConfig, dims: ModelDims): NasSettings {
  return {
    seed: config.seed,
    ...modelSettings(config),
    'tokens of the vocabularies': [dims.sourceVocabSize, dims.targetVocabSize],
  };
}

/** The number of outer trials may grow. */
function searchSettings({ outerTrials: _, ...search }: SearchConfig): NasSettings {
  return Object.fromEntries(
    Object.entries(search).map(([name, value]) => [`search.${keyOf(name)}`, settingOf(value)]),
  );
}

function modelSettings({ space, hardware, deployment }: NasConfig): NasSettings {
  return {
    ...Object.fromEntries(
      Object.entries(space.choices).map(([part, choices]) => [
        `supertransformer.${choiceKey(part as ArchPart)}`,
        [...choices],
      ]),
    ),
    ...(Object.keys(space.fixed).length === 0 ? {} : { 'fixed parts of the space': jsonOf(space.fixed) }),
    'hardware.backend': hardware.backend,
    'deployment.source-length': deployment.sourceLength,
    'deployment.target-length': deployment.targetLength,
  };
}

/**
 * Writes the settings into a new study.
 * @throws InvalidConfigError as {@link assertSameSettings}, for a study that is not new.
 */
export async function claimStudy(
  study: Study,
  settings: NasSettings,
  attr: SettingsAttr = 'nasSettings',
): Promise<void> {
  if (study.userAttrs[attr] === undefined && study.trials.length === 0)
    await study.setUserAttr(attr, settings);
  else assertSameSettings(study, settings, attr);
}

/** @throws InvalidConfigError naming each key that differs, with both values. */
export function assertSameSettings(
  study: Pick<Study, 'studyName' | 'userAttrs'>,
  settings: NasSettings,
  attr: SettingsAttr = 'nasSettings',
): void {
  const place = `study '${study.studyName}'`;
  const known = study.userAttrs[attr];
  if (known === undefined)
    throw new InvalidConfigError(
      place,
      'it is there already, but is not the study of a NAS: no settings are recorded in it; give another study-name',
    );
  if (typeof known !== 'object' || known === null || Array.isArray(known))
    throw new InvalidConfigError(
      place,
      `it was begun with settings of which only a hash is recorded (${String(known)}), by an earlier version, so that nobody ` +
        'can tell whether they are these; its trials can be read (thanos trials, thanos export), but a NAS needs another study-name',
    );
  const begun = known as Readonly<Record<string, JsonValue>>;
  const differences = [...new Set([...Object.keys(begun), ...Object.keys(settings)])]
    .filter((key) => canonicalText(begun[key]) !== canonicalText(settings[key]))
    .map((key) => `${key} was ${settingText(begun[key])}, now ${settingText(settings[key])}`);
  if (differences.length > 0)
    throw new InvalidConfigError(
      place,
      `it was begun with other settings: ${differences.join('; ')}. Take those, or give another study-name` +
        (differences.some((difference) => difference.startsWith('tokenizer'))
          ? ' (a tokenizer file that was changed can be deleted: it is learned again)'
          : ''),
    );
}

function renamed<T extends object, K extends keyof T & string>(
  keys: Readonly<Record<K, string>>,
  values: T,
): NasSettings {
  return Object.fromEntries(
    (Object.keys(keys) as K[]).map((name) => [keys[name], settingOf(values[name] as JsonValue | Ceiling)]),
  );
}

/** Returns a setting as the file has it. */
function settingOf(value: JsonValue | Ceiling): JsonValue {
  const isRange = typeof value === 'object' && value !== null && 'low' in value && 'high' in value;
  return isRange ? [value['low'] as number, value['high'] as number] : jsonOf(value);
}

function jsonOf(value: unknown): JsonValue {
  return value === undefined ? null : (JSON.parse(JSON.stringify(value)) as JsonValue);
}

function canonicalText(value: JsonValue | undefined): string {
  return JSON.stringify(value) ?? 'undefined';
}

function settingText(value: JsonValue | undefined): string {
  return value === undefined ? 'not there' : typeof value === 'string' ? value : JSON.stringify(value);
}
