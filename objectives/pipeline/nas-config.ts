/**
 * The configuration of a NAS: a YAML file whose `supertransformer` section has HAT's keys
 * (github.com/mit-han-lab/hardware-aware-transformers, `configs/`), and sections of ours beside it.
 */
import { dirname, resolve } from 'node:path';
import * as v from 'valibot';
import { InvalidConfigError } from '../../src/core/errors.ts';
import {
  integerFrom,
  type OptionRule,
  oneOf,
  orNull,
  POSITIVE,
  POSITIVE_PROBABILITY,
} from '../../src/core/option-rules.ts';
import type { Ceiling } from '../nested-nas.ts';
import type { ArchSpace } from '../transformer/arch-space.ts';
import { isSuperTransformerKey, superTransformerOf } from '../transformer/hat-yaml.ts';
import {
  assertKnownKeys,
  by,
  keyOf,
  type MappingOf,
  mapping,
  nodeAt,
  parsed,
  readYaml,
  withKeys,
  type YamlNode,
} from '../transformer/yaml-document.ts';
import { type SupernetTrainingConfig, trainingOf } from './training-config.ts';

const positive = by(integerFrom(1));
const TEXT: OptionRule<string> = {
  what: 'a text of at least one character',
  accepts: (value) => typeof value === 'string' && value !== '',
};
const name = by(TEXT);
/** Folders and child studies are named after the study. */
const studyName = by<string>({
  what: "a name without '/', '\\' or control characters, and not only of dots, for it is also that of its folder",
  accepts: (value) => TEXT.accepts(value) && !/[/\\]|\p{Cc}|^\.+$/u.test(value as string),
});
const CEILING = 'a number > 0, a range [low, high] of two such numbers with low <= high, or null';
const ceiling = v.pipe(
  v.union([by(POSITIVE), v.strictTuple([by(POSITIVE), by(POSITIVE)]), v.null()], CEILING),
  v.check((value) => !Array.isArray(value) || value[0] <= value[1], CEILING),
  v.transform((value): Ceiling | null => (Array.isArray(value) ? { low: value[0], high: value[1] } : value)),
);

/**
 * Names (in the file as kebab-case keys), rules and defaults of everything but the SuperTransformer. The descriptions are the comments
 * of the default configuration.
 */
const CORPUS = {
  directory: v.pipe(
    v.optional(by(orNull(TEXT)), null),
    v.description(
      "a folder with train.SRC and train.TGT (and valid.*), from this file's; null: the generated task",
    ),
  ),
  sourceLanguage: v.optional(name),
  targetLanguage: v.optional(name),
  /** What stands between `train` and the language in the names of the files, where several preparations lie side by side. */
  infix: v.optional(v.string('a text')),
  /** Name of the validation files before the language (`newstest2013.tok`). Default: valid, val, dev or validation, if there. */
  valid: v.optional(name),
  /** Without validation files every so-many-th training pair is held out. Default 23. */
  holdOutEvery: v.optional(by(integerFrom(2))),
  /** Tokens of the BPE vocabulary, special ones included: an upper bound. */
  vocabularySize: v.optional(positive, 1000),
  /** Share of the text's characters that the vocabulary holds. Default: as `BpeTokenizer.train` has it. */
  characterCoverage: v.optional(by(POSITIVE_PROBABILITY)),
  trainPairs: v.pipe(v.optional(positive, 20_000), v.description('of the generated task')),
};
const TRAINING = {
  sampling: v.pipe(
    v.optional(by(oneOf('uniform', 'sandwich')), 'uniform'),
    v.description('or sandwich: the largest, the smallest and a random SubTransformer in turn'),
  ),
  checkpointEvery: v.pipe(v.optional(positive, 100), v.description('steps')),
};
const HARDWARE = {
  backend: v.pipe(
    v.optional(by(oneOf('rk3588-model', 'onnxruntime')), 'rk3588-model'),
    v.description('analytic; or onnxruntime: measured on this machine, and a predictor fitted to it'),
  ),
  datasetSize: v.pipe(
    v.optional(by(integerFrom(8)), 200),
    v.description('architectures that are measured for the predictor'),
  ),
};
const DEPLOYMENT = { sourceLength: v.optional(positive, 30), targetLength: v.optional(positive, 30) };
const SEARCH = {
  outerSampler: v.pipe(v.optional(name, 'tpe'), v.description('or nsga2, random')),
  outerTrials: v.optional(positive, 24),
  innerSampler: v.optional(name, 'evolutionary'),
  /** SubTransformers of each outer trial. */
  innerTrials: v.optional(positive, 50),
  /** This and the next four: of the evolutionary inner sampler. */
  populationSize: v.optional(positive, 20),
  parentSize: v.optional(positive, 6),
  mutationSize: v.optional(by(integerFrom(0)), 8),
  crossoverSize: v.optional(by(integerFrom(0)), 7),
  mutationProb: v.optional(by(POSITIVE_PROBABILITY), 0.3),
  memoryCeilingMiB: v.pipe(
    v.optional(ceiling, null),
    v.description('[low, high] that the outer study tunes, or a number; null: smallest to largest'),
  ),
  latencyCeilingMs: v.pipe(v.optional(ceiling, null), v.description('likewise; null: none')),
  /** Validation pairs that a SubTransformer is judged by during the search. */
  validPairs: v.optional(positive, 160),
};

/** The shapes of the file's own sections, and of what stands at its top level. */
export const SECTIONS = {
  corpus: CORPUS,
  training: TRAINING,
  hardware: HARDWARE,
  deployment: DEPLOYMENT,
  search: SEARCH,
};
export const TOP = { studyName: v.optional(studyName, 'nas'), seed: v.optional(by(integerFrom(0)), 0) };

const FILE = mapping({
  ...TOP,
  corpus: v.optional(mapping(CORPUS), {}),
  training: v.optional(mapping(TRAINING), {}),
  hardware: v.optional(mapping(HARDWARE), {}),
  deployment: v.optional(mapping(DEPLOYMENT), {}),
  search: v.optional(mapping(SEARCH), {}),
});

/** Where the text comes from, and its vocabulary. */
export type CorpusConfig = MappingOf<typeof CORPUS>;
/** What latencies come from. */
export type HardwareConfig = MappingOf<typeof HARDWARE>;
/** The budgets, samplers and ceilings of the nested search. */
export type SearchConfig = MappingOf<typeof SEARCH>;

/** A whole NAS, as {@link readNasYaml} reads it. */
export interface NasConfig {
  /** The name of the outer study, and of the folder that the run is kept in. */
  readonly studyName: string;
  /** Fixes text, weights, batches and searches. */
  readonly seed: number;
  /** Where the text comes from, and its vocabulary. */
  readonly corpus: CorpusConfig;
  /** What a SubTransformer may be. */
  readonly space: ArchSpace;
  /** How the SuperTransformer is trained. */
  readonly training: SupernetTrainingConfig;
  /** Which latency backend judges SubTransformers. */
  readonly hardware: HardwareConfig;
  /** Sentence lengths that the deployed model is compiled for, tokens. */
  readonly deployment: {
    /** Tokens of the source sentence, `</s>` included. */
    readonly sourceLength: number;
    /** Tokens of the translation, `</s>` included. */
    readonly targetLength: number;
  };
  /** Outer and inner search: samplers, trials, ceilings. */
  readonly search: SearchConfig;
  /** Keys of HAT's in the file that have no effect here. */
  readonly ignoredKeys: readonly string[];
}

/**
 * Reads the configuration of a NAS. Besides our own files it takes HAT's as they are: their keys, at the top level, are the
 * `supertransformer` section.
 * @param file name of the file, for error messages; `corpus.directory` is relative to its folder.
 * @throws InvalidConfigError with `file:line` and the remedy: bad YAML, unknown key, illegal value, illegal QKV dim and head count.
 */
export function readNasYaml(text: string, file: string): NasConfig {
  const root = readYaml(
    text,
    file,
    'a NAS configuration must be a mapping; `thanos nas config` prints one to start from',
  );
  const { own, hat } = partsOf(root);
  assertKnownKeys(own, [...keysOf(TOP), 'supertransformer', ...Object.keys(SECTIONS)], sectionOf);
  for (const [section, shape] of Object.entries(SECTIONS)) {
    const node = nodeAt(own, section);
    if (node !== null) assertKnownKeys(node, keysOf(shape), sectionOf);
  }
  const config = parsed(FILE, own);
  const { space, training, ignored } = superTransformerOf(hat);
  assertBreeds(config.search, own);
  const { directory } = config.corpus;
  return {
    ...config,
    corpus: { ...config.corpus, directory: directory === null ? null : resolve(dirname(file), directory) },
    space,
    training: {
      ...trainingOf(training, hat.place),
      sampling: config.training.sampling,
      checkpointEverySteps: config.training.checkpointEvery,
    },
    ignoredKeys: ignored,
  };
}

/** The file's own sections, and the mapping of HAT's keys: a section, or the top level of a file of HAT's. */
function partsOf(root: YamlNode): { own: YamlNode; hat: YamlNode } {
  const isSection = 'supertransformer' in root.data;
  const hat = isSection ? nodeAt(root, 'supertransformer') : withKeys(root, isSuperTransformerKey);
  if (hat === null || (!isSection && Object.keys(hat.data).length === 0))
    throw new InvalidConfigError(
      root.place('supertransformer'),
      "the section 'supertransformer' with the choices of the search space is missing or no mapping: HAT's keys, like " +
        "'encoder-embed-choice: [640, 512]', indented under 'supertransformer:' or, as in HAT's own files, at the top level",
    );
  return { own: isSection ? root : withKeys(root, (key) => !isSuperTransformerKey(key)), hat };
}

function keysOf(shape: object): string[] {
  return Object.keys(shape).map(keyOf);
}

/** The section that a key belongs into, if there is one. */
function sectionOf(key: string): string | undefined {
  if (isSuperTransformerKey(key)) return 'supertransformer';
  return Object.entries(SECTIONS).find(([, shape]) => keysOf(shape).includes(key))?.[0];
}

/** The options of the evolutionary inner sampler. */
export function evolutionOf(search: SearchConfig): Readonly<Record<string, number>> {
  const { populationSize, parentSize, mutationSize, crossoverSize, mutationProb } = search;
  return { populationSize, parentSize, mutationSize, crossoverSize, mutationProb };
}

/** @throws InvalidConfigError for what the evolutionary sampler would refuse, with the file's keys and lines. */
function assertBreeds(search: SearchConfig, { place }: YamlNode): void {
  if (search.innerSampler !== 'evolutionary') return;
  const { populationSize, parentSize, mutationSize, crossoverSize } = search;
  const refuse = (key: string, rule: string): never => {
    throw new InvalidConfigError(place('search', key), rule);
  };
  if (populationSize < 2)
    refuse('population-size', `'search.population-size' must be >= 2, but is ${populationSize}`);
  if (parentSize < 2) refuse('parent-size', `'search.parent-size' must be >= 2, but is ${parentSize}`);
  if (parentSize > populationSize)
    refuse(
      'parent-size',
      `'search.parent-size' must be <= 'search.population-size', but is ${parentSize} > ${populationSize}`,
    );
  if (mutationSize + crossoverSize < 1)
    refuse(
      'mutation-size',
      "'search.mutation-size' and 'search.crossover-size' must not both be 0: a generation would have no candidate",
    );
}
