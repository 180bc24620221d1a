/**
 * Parallel text from plain files, one sentence a line: `train.de` and `train.en`, optionally `valid.*` (or `val.*`,
 * `dev.*`, `validation.*`) and `test.*`, with or without an infix that names the preparation, as in `train.lc.norm.tok.de`.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { InvalidArgumentError, InvalidDataError } from '../../src/core/errors.ts';

/** Sentence i of `source` translates to sentence i of `target`. */
export interface ParallelText {
  /** One sentence each, not blank. */
  readonly source: readonly string[];
  /** The translations, in the same order. */
  readonly target: readonly string[];
}

/** Text in two languages, split for training, validation and, where there is one, a final test. */
export interface ParallelCorpus {
  /** Name of the language that is translated, for example `de`; the suffix of its files. */
  readonly sourceLanguage: string;
  /** Name of the language that is translated into. */
  readonly targetLanguage: string;
  /** What the model is trained on. */
  readonly train: ParallelText;
  /** What architectures are compared on; none of it is trained on. */
  readonly valid: ParallelText;
  /** For the final judgment only; absent where there are no test files. */
  readonly test?: ParallelText | undefined;
  /** Pairs of training and validation left out because one side (or both) was blank. */
  readonly blankPairs: number;
  /** There are no validation files: one training pair in so many was held out. */
  readonly heldOutEvery?: number | undefined;
  /** Files of both languages that could be the validation files but are not called so, without the language. */
  readonly unusedFiles?: readonly string[] | undefined;
}

/** Which files of a folder make the corpus; needed only where the names leave it open. */
export interface ReadCorpusOptions {
  /** File suffix of the source language. Default: of the two that are there, the first in alphabetical order. */
  readonly sourceLanguage?: string | undefined;
  /** File suffix of the target language. Default: of the two that are there, the second. */
  readonly targetLanguage?: string | undefined;
  /** What stands between split and language (`lc.norm.tok`); needed only where several preparations lie side by side. */
  readonly infix?: string | undefined;
  /**
   * Name of the validation files without the language, as `newstest2013.tok`. Default: valid, val, dev or validation with the
   * infix of the training files, if there.
   */
  readonly valid?: string | undefined;
  /** Without validation files one pair in so many is held out (HAT holds out every 23rd of IWSLT'14). Default 23. */
  readonly holdOutEvery?: number | undefined;
}

const VALID_NAMES = ['valid', 'val', 'dev', 'validation'];
const FILE_NAME = /^(([^.]+)(?:\.(.+))?)\.([A-Za-z][\w-]*)$/;

interface CorpusFile {
  /** Without the language: split and infix. */
  readonly name: string;
  readonly split: string;
  readonly infix: string;
  readonly language: string;
}

/** How options are called in a NAS file and on the command line. */
const CALLED = {
  sourceLanguage: 'sourceLanguage (corpus.source-language in a NAS file, --source on the command line)',
  targetLanguage: 'targetLanguage (corpus.target-language, --target)',
  infix: 'infix (corpus.infix in a NAS file, --infix on the command line)',
  valid: 'valid (corpus.valid in a NAS file, --valid on the command line)',
  holdOutEvery: 'holdOutEvery (corpus.hold-out-every in a NAS file, --hold-out-every on the command line)',
};

/**
 * Reads a corpus from a directory. Sentences are trimmed and runs of white space become one space.
 * @throws InvalidDataError naming `file:line` if a file is missing, empty, not UTF-8, or not as long as its partner,
 *   and if the directory leaves open which languages or which preparation to take.
 */
export async function readParallelCorpus(
  folder: string,
  options: ReadCorpusOptions = {},
): Promise<ParallelCorpus> {
  const { holdOutEvery = 23 } = options;
  if (!Number.isSafeInteger(holdOutEvery) || holdOutEvery < 2)
    throw new InvalidArgumentError(`holdOutEvery must be an integer >= 2, but is ${holdOutEvery}`);

  const directory = resolve(folder);
  const files = await corpusFiles(directory);
  const trainFiles = ofOneInfix(directory, files, options.infix);
  const languages = languagePair(directory, trainFiles, options);
  const [sourceLanguage, targetLanguage] = languages;
  const read = (name: string): Promise<ReadText> => {
    const [source, target] = languages.map((language) => join(directory, `${name}.${language}`));
    return readPairs(source, target);
  };

  const { name, infix } = trainFiles[0];
  const validName = options.valid ?? validFiles(files, infix);
  if (options.valid !== undefined) checkValidFiles(directory, files, options.valid, languages);
  const all = await read(name);
  const testName = ['test', infix].filter((part) => part !== '').join('.');
  const hasTest = languages.every((language) =>
    files.some((file) => file.name === testName && file.language === language),
  );
  const test = hasTest && testName !== validName ? { test: (await read(testName)).text } : {};
  if (validName === undefined) {
    const unusedFiles = otherPairs(files, languages);
    return {
      sourceLanguage,
      targetLanguage,
      ...heldOut(all.text, holdOutEvery, directory, unusedFiles),
      ...test,
      blankPairs: all.blankPairs,
      heldOutEvery: holdOutEvery,
      ...(unusedFiles.length === 0 ? {} : { unusedFiles }),
    };
  }
  const valid = await read(validName);
  return {
    sourceLanguage,
    targetLanguage,
    train: all.text,
    valid: valid.text,
    ...test,
    blankPairs: all.blankPairs + valid.blankPairs,
  };
}

async function corpusFiles(directory: string): Promise<CorpusFile[]> {
  const names = await readdir(directory).catch((cause: NodeJS.ErrnoException) => {
    throw new InvalidDataError(
      directory,
      `a corpus must be a directory that can be read, but ${
        { ENOENT: 'there is none', ENOTDIR: 'this is a file' }[cause.code ?? ''] ??
        `this cannot (${cause.message})`
      }`,
      { cause },
    );
  });
  return names.sort().flatMap((file) => {
    const match = FILE_NAME.exec(file);
    if (match === null) return [];
    const [, name, split, infix = '', language] = match;
    return [{ name, split, infix, language }];
  });
}

/** The name of the validation files that go with training files of this infix. */
function validFiles(files: readonly CorpusFile[], infix: string): string | undefined {
  for (const split of VALID_NAMES) {
    const file = files.find((each) => each.split === split && each.infix === infix);
    if (file !== undefined) return file.name;
  }
  return undefined;
}

function checkValidFiles(
  directory: string,
  files: readonly CorpusFile[],
  valid: string,
  languages: readonly [string, string],
): void {
  for (const language of languages)
    if (!files.some((file) => file.name === valid && file.language === language))
      throw new InvalidDataError(
        join(directory, `${valid}.${language}`),
        `the validation files are chosen with ${CALLED.valid} by their name without the language, but there is no such file; ` +
          `there are: ${otherPairs(files, languages).join(', ') || 'none'}`,
      );
}

/** Names of files of both languages that are neither for training nor for testing. */
function otherPairs(files: readonly CorpusFile[], languages: readonly [string, string]): string[] {
  const others = files.filter(({ split }) => split !== 'train' && split !== 'test');
  return [...new Set(others.map(({ name }) => name))].filter((name) =>
    languages.every((language) => others.some((file) => file.name === name && file.language === language)),
  );
}

function ofOneInfix(directory: string, files: readonly CorpusFile[], wanted?: string): CorpusFile[] {
  const train = files.filter((f) => f.split === 'train');
  if (train.length === 0)
    throw new InvalidDataError(
      join(directory, 'train.*'),
      'a corpus needs train.SOURCE and train.TARGET, but the directory has no such file',
    );
  const infixes = [...new Set(train.map((f) => f.infix))];
  const infix = wanted ?? infixes[0];
  if ((wanted === undefined && infixes.length > 1) || !infixes.includes(infix))
    throw new InvalidDataError(
      join(directory, 'train.*'),
      `one preparation must be chosen with ${CALLED.infix}, but ${
        wanted === undefined ? 'none was' : `'${wanted}' was`
      }; there are: ${infixes.map((i) => `'${i}'`).join(', ')}`,
    );
  return train.filter((f) => f.infix === infix);
}

function languagePair(
  directory: string,
  trainFiles: readonly CorpusFile[],
  options: ReadCorpusOptions,
): [string, string] {
  const found = trainFiles.map((f) => f.language);
  const place = join(directory, 'train.*');
  const { sourceLanguage: source, targetLanguage: target } = options;
  if (source !== undefined && source === target)
    throw new InvalidArgumentError(
      `source and target language must differ, but both are '${source}'; choose with ${CALLED.sourceLanguage} and ${CALLED.targetLanguage}`,
    );
  for (const chosen of [source, target])
    if (chosen !== undefined && !found.includes(chosen))
      throw new InvalidDataError(
        place,
        `there is no file for language '${chosen}'; found: ${found.join(', ')}`,
      );
  if (found.length < 2)
    throw new InvalidDataError(
      place,
      `two languages are needed, but only '${found[0]}' was found; add the file of the other language`,
    );
  if (source !== undefined && target !== undefined) return [source, target];
  if (found.length > 2)
    throw new InvalidDataError(
      place,
      `there are ${found.length} languages (${found.join(', ')}); choose with ${CALLED.sourceLanguage} and ${CALLED.targetLanguage}`,
    );
  const other = (language: string): string => found.find((l) => l !== language) ?? language;
  if (source !== undefined) return [source, other(source)];
  if (target !== undefined) return [other(target), target];
  return [found[0], found[1]];
}

interface ReadText {
  readonly text: ParallelText;
  readonly blankPairs: number;
}

async function readPairs(sourcePath: string, targetPath: string): Promise<ReadText> {
  const sourceLines = await readLines(sourcePath);
  const targetLines = await readLines(targetPath);
  if (sourceLines.length !== targetLines.length) {
    const longer = sourceLines.length > targetLines.length ? sourcePath : targetPath;
    const shorter = longer === sourcePath ? targetPath : sourcePath;
    throw new InvalidDataError(
      `${longer}:${Math.min(sourceLines.length, targetLines.length) + 1}`,
      `both files of a split must have as many lines, but this line has no partner: ${sourcePath} has ` +
        `${sourceLines.length} lines and ${targetPath} has ${targetLines.length}; complete ${shorter}`,
    );
  }
  const source: string[] = [];
  const target: string[] = [];
  for (let i = 0; i < sourceLines.length; i++) {
    if (sourceLines[i] === '' || targetLines[i] === '') continue;
    source.push(sourceLines[i]);
    target.push(targetLines[i]);
  }
  if (source.length === 0)
    throw new InvalidDataError(
      `${sourcePath}:1`,
      `a split needs at least one pair without a blank side, but of ${sourceLines.length} lines none has both`,
    );
  return { text: { source, target }, blankPairs: sourceLines.length - source.length };
}

async function readLines(path: string): Promise<string[]> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw new InvalidDataError(
      `${path}:1`,
      cause.code === 'ENOENT' ? 'the file is missing' : `the file cannot be read (${cause.message})`,
      { cause },
    );
  });
  const text = decodeUtf8(bytes);
  if (text === null) throw notUtf8(path, bytes);
  // Lines end with LF or CR LF or, where there is no LF at all, with CR alone.
  const end = text.includes('\n') ? '\n' : '\r';
  const lines = text.split(end).map((line) => line.trim().replace(/\s+/gu, ' '));
  if (text === '' || text.endsWith(end)) lines.pop();
  return lines;
}

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function notUtf8(path: string, bytes: Uint8Array): InvalidDataError {
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline < 0 ? bytes.length : newline;
    if (decodeUtf8(bytes.subarray(start, end)) === null) break;
    start = end + 1;
  }
  return new InvalidDataError(
    `${path}:${line}`,
    'text must be UTF-8, but this line is not; convert the file first, for example with iconv',
  );
}

function heldOut(
  all: ParallelText,
  every: number,
  directory: string,
  unusedFiles: readonly string[],
): { train: ParallelText; valid: ParallelText } {
  if (all.source.length < every)
    throw new InvalidDataError(
      directory,
      `without validation files one pair in ${every} is held out, but there are only ${all.source.length} pairs; ` +
        `${
          unusedFiles.length === 0
            ? 'add valid.* files'
            : `choose validation files (there are: ${unusedFiles.join(', ')}) with ${CALLED.valid}`
        }, or lower ${CALLED.holdOutEvery}`,
    );
  const split = (lines: readonly string[], inValid: boolean): string[] =>
    lines.filter((_, i) => (i % every === every - 1) === inValid);
  return {
    train: { source: split(all.source, false), target: split(all.target, false) },
    valid: { source: split(all.source, true), target: split(all.target, true) },
  };
}
