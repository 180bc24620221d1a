/** The default configuration of a NAS as its users read it: written from the schema, with the schema's descriptions as comments. */
import * as v from 'valibot';
import { ARCH_PARTS, rowOf } from '../transformer/arch-config.ts';
import { choiceKey, type HatTraining, TRAINING } from '../transformer/hat-yaml.ts';
import { flowYaml, keyOf } from '../transformer/yaml-document.ts';
import { SECTIONS, TOP } from './nas-config.ts';

/** The keys of training that the file shows. */
const SHOWN = [
  'maxUpdate',
  'maxTokens',
  'maxLr',
  'warmupUpdates',
  'lrScheduler',
  'dropout',
  'attentionDropout',
  'labelSmoothing',
  'clipNorm',
  'shareAllEmbeddings',
] as const satisfies readonly (keyof HatTraining)[];
/** Where it trains otherwise than HAT's files: a job of minutes on two cores, with every part of the real thing. */
const JOB: Partial<HatTraining> = {
  maxTokens: 1024,
  maxLr: 0.003,
  lrScheduler: 'cosine',
  dropout: 0.05,
  labelSmoothing: 0.1,
  clipNorm: 1,
  shareAllEmbeddings: true,
};

const COMMENTS: Readonly<Record<string, string>> = {
  supertransformer: "HAT's keys; training that is left out is as in HAT's files, or fairseq's default",
  deployment: 'sentence lengths that the RK3588 model is compiled for',
};
const COMMENT_COLUMN = 27;

/** The text of the default configuration; read by {@link readNasYaml} it gives the schema's defaults. */
export const DEFAULT_NAS_YAML: string = [
  '# A hardware-aware NAS. Every key is optional, except the choices of the supertransformer.',
  ...linesOf(TOP, ''),
  ...Object.entries(SECTIONS).flatMap(([section, shape]) => [
    ...block(section, linesOf(shape, '  ')),
    ...(section === 'corpus' ? block('supertransformer', superTransformerLines()) : []),
  ]),
  '',
].join('\n');

function block(section: string, lines: readonly string[]): string[] {
  return ['', commented(`${section}:`, COMMENTS[section]), ...lines];
}

function superTransformerLines(): string[] {
  const choices = ARCH_PARTS.map((part) => [choiceKey(part), rowOf(part).choices]);
  const training = SHOWN.map((name) => [keyOf(name), JOB[name] ?? v.getDefault(TRAINING[name])]);
  return [...choices, ...training].map(([key, value]) => `  ${key}: ${flowYaml(value)}`);
}

/** A line for each name that has a default, and one for those that have none. */
function linesOf(shape: Readonly<Record<string, v.GenericSchema>>, indent: string): string[] {
  const lines: string[] = [];
  const further: string[] = [];
  for (const [name, schema] of Object.entries(shape)) {
    const value = v.parse(schema, undefined);
    if (value === undefined) further.push(keyOf(name));
    else lines.push(commented(`${indent}${keyOf(name)}: ${flowYaml(value)}`, v.getDescription(schema)));
  }
  return further.length === 0 ? lines : [...lines, commented('', `further keys: ${further.join(', ')}`)];
}

function commented(line: string, comment: string | undefined): string {
  return comment === undefined ? line : `${line.padEnd(COMMENT_COLUMN - 1)} # ${comment}`;
}
