/** A NAS of seconds for tests: run in this process, copied, damaged and compared. */
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { SqliteStorage } from '../../storage/index.ts';
import { type CliResult, runInProcess } from './run-in-process.ts';

/** One QKV dim and one layer: seconds. */
export const SMALL = `study-name: small
seed: 3
corpus: { directory: text, vocabulary-size: 60 }
supertransformer:
  qkv-dim-choice: [8]
  encoder-embed-choice: [8, 16]
  decoder-embed-choice: [8, 16]
  encoder-layer-num-choice: [1]
  decoder-layer-num-choice: [1]
  encoder-ffn-embed-dim-choice: [8, 16]
  decoder-ffn-embed-dim-choice: [8, 16]
  encoder-self-attention-heads-choice: [1]
  decoder-self-attention-heads-choice: [1]
  decoder-ende-attention-heads-choice: [1]
  decoder-arbitrary-ende-attn-choice: [-1]
  max-update: 12
  max-tokens: 128
  max-lr: 0.01
  warmup-updates: 2
training: { checkpoint-every: 5 }
search:
  outer-trials: 3
  inner-trials: 3
  population-size: 3
  parent-size: 2
  mutation-size: 1
  crossover-size: 1
  valid-pairs: 8
`;

const WORDS = ['ein', 'hund', 'katze', 'haus', 'baum', 'läuft', 'singt', 'sieht', 'alt', 'rot'];

/** Pairs of sentences of 2 to 5 words. */
function sentences(count: number, word: (index: number) => string): string {
  return Array.from({ length: count }, (_, i) =>
    Array.from({ length: 2 + (i % 4) }, (_, j) => word((i * 7 + j * 3) % WORDS.length)).join(' '),
  ).join('\n');
}

let folder: string;
export const at = (...parts: string[]): string => join(folder, ...parts);

/** A folder with a corpus, its configuration `small.yaml`, and a finished run of it in `good`. */
export async function makeSmallNas(): Promise<void> {
  folder = mkdtempSync(join(tmpdir(), 'thanos-nas-study-'));
  mkdirSync(at('text'));
  for (const [split, count] of [
    ['train', 60],
    ['valid', 10],
  ] as const) {
    writeFileSync(
      at('text', `${split}.de`),
      sentences(count, (i) => WORDS[i]),
    );
    writeFileSync(
      at('text', `${split}.en`),
      sentences(count, (i) => [...WORDS[i]].reverse().join('')),
    );
  }
  writeFileSync(at('small.yaml'), SMALL);
  const { code, stderr } = await nas('run', 'small.yaml', 'good');
  expect(code, stderr).toBe(0);
}

export function removeSmallNas(): void {
  rmSync(folder, { recursive: true, force: true });
}

export function nas(stage: string, config: string, dir: string, ...more: string[]): Promise<CliResult> {
  return runInProcess('nas', stage, at(config), '--dir', at(dir), ...more);
}

export function withChange(name: string, from: string, to: string): string {
  const text = SMALL.replace(from, to);
  expect(text).not.toBe(SMALL);
  writeFileSync(at(name), text);
  return name;
}

/** Names, contents and times of all files of a folder. */
export function filesOf(dir: string): Record<string, string> {
  if (!existsSync(at(dir))) return {};
  return Object.fromEntries(
    readdirSync(at(dir), { recursive: true, encoding: 'utf8' })
      .sort()
      .filter((name) => statSync(at(dir, name)).isFile())
      // Opening a database writes into it.
      .filter((name) => !name.startsWith('study.db'))
      .map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(at(dir, name)))
          .digest('hex'),
      ]),
  );
}

/** A copy of the good run, to be damaged. */
export function copyOfGood(name: string): string {
  cpSync(at('good'), at(name), { recursive: true });
  return name;
}

export const checkpointOf = (dir: string): string => only(dir, /^supernet-\w+\.safetensors$/);
export const bestOf = (dir: string): string => only(dir, /^supernet-\w+\.best\.safetensors$/);
export const tokenizerOf = (dir: string): string => only(dir, /^tokenizer-.*\.json$/);
function only(dir: string, pattern: RegExp): string {
  const names = readdirSync(at(dir)).filter((name) => pattern.test(name));
  expect(names).toHaveLength(1);
  return at(dir, names[0]);
}

export async function withStudy<T>(
  dir: string,
  use: (storage: SqliteStorage, studyId: number) => Promise<T>,
): Promise<T> {
  const storage = new SqliteStorage(at(dir, 'study.db'));
  try {
    return await use(storage, (await storage.findStudy('small'))!.studyId);
  } finally {
    await storage.close();
  }
}
