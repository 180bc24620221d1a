import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readParallelCorpus } from '../../objectives/translation/parallel-corpus.ts';
import { InvalidDataError } from '../../src/core/errors.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'thanos-corpus-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(files: Record<string, string | Uint8Array>): void {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
}

async function refusal(options = {}): Promise<InvalidDataError> {
  const error = await readParallelCorpus(folder, options).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(InvalidDataError);
  return error as InvalidDataError;
}

describe('readParallelCorpus', () => {
  it.each(['valid', 'val', 'dev'])('finds the languages and the %s files behind an infix', async (split) => {
    write({
      'train.lc.norm.tok.de': 'ein hund\r\n  zwei   katzen \n',
      'train.lc.norm.tok.en': 'a dog\ntwo cats',
      [`${split}.lc.norm.tok.de`]: 'drei\n',
      [`${split}.lc.norm.tok.en`]: 'three\n',
      'README.md': 'not a corpus file',
    });
    expect(await readParallelCorpus(folder)).toEqual({
      sourceLanguage: 'de',
      targetLanguage: 'en',
      train: { source: ['ein hund', 'zwei katzen'], target: ['a dog', 'two cats'] },
      valid: { source: ['drei'], target: ['three'] },
      blankPairs: 0,
    });
  });

  it('takes the direction as an option', async () => {
    write({ 'train.de': 'a\nb\n', 'train.en': 'x\ny\n' });
    const corpus = await readParallelCorpus(folder, { sourceLanguage: 'en', holdOutEvery: 2 });
    expect(corpus).toMatchObject({ sourceLanguage: 'en', targetLanguage: 'de', train: { source: ['x'] } });
  });

  it('holds out every k-th pair where there are no validation files', async () => {
    const lines = Array.from({ length: 10 }, (_, i) => `line ${i}`);
    write({ 'train.a': lines.join('\n'), 'train.b': lines.join('\n') });
    const { train, valid } = await readParallelCorpus(folder, { holdOutEvery: 4 });
    expect(valid.source).toEqual(['line 3', 'line 7']);
    expect([...train.source, ...valid.target].sort()).toEqual([...lines].sort());
    expect((await refusal({ holdOutEvery: 11 })).message).toContain('only 10 pairs');
  });

  it('drops and counts pairs with a blank side', async () => {
    write({ 'train.a': 'one\n\nthree\n \nfive\n', 'train.b': '1\n2\n\n\n5\n' });
    const corpus = await readParallelCorpus(folder, { holdOutEvery: 2 });
    expect(corpus.blankPairs).toBe(3);
    expect([corpus.train.source, corpus.valid.target]).toEqual([['one'], ['5']]);
  });

  it.each(['\n', '\r\n', '\r'])('reads lines that end with %j', async (end) => {
    write({ 'train.a': ['one', 'two', ''].join(end), 'train.b': ['1', '2'].join(end) });
    const { train, valid } = await readParallelCorpus(folder, { holdOutEvery: 2 });
    expect([train.source, valid.target]).toEqual([['one'], ['2']]);
  });

  it('reads test files of the same preparation for the final judgment, and only if both are there', async () => {
    const lines = { 'train.tok.a': '1\n2\n', 'train.tok.b': 'x\ny\n', 'test.a': '0', 'test.b': '0' };
    write({ ...lines, 'test.tok.a': 'five\n\n', 'test.tok.b': '5\n6\n' });
    const { test, valid } = await readParallelCorpus(folder, { holdOutEvery: 2 });
    expect([test, valid.source]).toEqual([{ source: ['five'], target: ['5'] }, ['2']]);
    rmSync(join(folder, 'test.tok.b'));
    expect((await readParallelCorpus(folder, { holdOutEvery: 2 })).test).toBeUndefined();
  });

  it('names the first line without a partner', async () => {
    write({ 'train.a': 'one\ntwo\nthree\n', 'train.b': '1\n2\n' });
    expect((await refusal()).place).toBe(`${join(folder, 'train.a')}:3`);
  });

  it('names the line that is not UTF-8', async () => {
    write({ 'train.a': new Uint8Array([0x61, 0x0a, 0xc3, 0xa4, 0x0a, 0xe4, 0x0a]), 'train.b': '1\n2\n3\n' });
    expect((await refusal()).place).toBe(`${join(folder, 'train.a')}:3`);
  });

  it('names a missing file', async () => {
    write({ 'train.a': '1\n', 'train.b': '1\n', 'valid.a': '1\n' });
    const { place, message } = await refusal();
    expect([place, message]).toEqual([
      `${join(folder, 'valid.b')}:1`,
      expect.stringContaining('the file is missing'),
    ]);
  });

  it.each([
    ['an empty corpus', { 'train.a': '', 'train.b': '' }, 'at least one pair'],
    ['only blank pairs', { 'train.a': '\n\n', 'train.b': 'x\ny\n' }, 'at least one pair'],
    ['no training files', { 'corpus.txt': 'a' }, 'train.SOURCE'],
    ['one language', { 'train.a': 'a' }, "only 'a' was found"],
    ['three languages', { 'train.a': '1', 'train.b': '1', 'train.c': '1' }, '3 languages (a, b, c)'],
    ['two preparations', { 'train.a': '1', 'train.b': '1', 'train.tok.a': '1' }, "'', 'tok'"],
  ])('refuses %s', async (_, files, expected) => {
    write(files as unknown as Record<string, string>);
    expect((await refusal()).message).toContain(expected);
  });

  it('refuses a directory that is not there, and an unknown language', async () => {
    await expect(readParallelCorpus(join(folder, 'absent'))).rejects.toThrow(InvalidDataError);
    write({ 'train.a': '1\n', 'train.b': '1\n' });
    expect((await refusal({ targetLanguage: 'fr' })).message).toContain("no file for language 'fr'");
  });

  it('chooses two of three languages', async () => {
    write({ 'train.a': '1\n2\n', 'train.b': '1\n2\n', 'train.c': 'x\ny\n' });
    const corpus = await readParallelCorpus(folder, {
      sourceLanguage: 'c',
      targetLanguage: 'a',
      holdOutEvery: 2,
    });
    expect(corpus.train).toEqual({ source: ['x'], target: ['1'] });
  });

  it("finds the validation files that are named, in HAT's layout", async () => {
    write({
      'train.tok.clean.bpe.32000.en': 'a\nb\n',
      'train.tok.clean.bpe.32000.de': 'x\ny\n',
      'newstest2013.tok.bpe.32000.en': 'c\n',
      'newstest2013.tok.bpe.32000.de': 'z\n',
      'newstest2013.tok.bpe.32000.fr': 'not asked for\n',
    });
    const options = { sourceLanguage: 'en', targetLanguage: 'de' };
    const corpus = await readParallelCorpus(folder, { ...options, valid: 'newstest2013.tok.bpe.32000' });
    expect(corpus).toEqual({
      ...options,
      sourceLanguage: 'en',
      targetLanguage: 'de',
      train: { source: ['a', 'b'], target: ['x', 'y'] },
      valid: { source: ['c'], target: ['z'] },
      blankPairs: 0,
    });
    const heldOut = await readParallelCorpus(folder, { ...options, holdOutEvery: 2 });
    expect(heldOut).toMatchObject({ heldOutEvery: 2, unusedFiles: ['newstest2013.tok.bpe.32000'] });
    const few = await refusal(options);
    expect(few.message).toContain('newstest2013.tok.bpe.32000');
    const absent = await refusal({ ...options, valid: 'newstest2014' });
    expect(absent.place).toBe(join(folder, 'newstest2014.en'));
    expect(absent.message).toContain('there are: newstest2013.tok.bpe.32000');
  });

  it('says which validation files it leaves aside: another preparation, or half a pair', async () => {
    write({
      'train.bpe.a': '1\n2\n',
      'train.bpe.b': '1\n2\n',
      'valid.a': '3\n',
      'valid.b': '3\n',
      'more.a': '4\n',
    });
    write({ 'test.a': '5\n', 'test.b': '5\n', 'notes.a.txt': '' });
    const corpus = await readParallelCorpus(folder, { holdOutEvery: 2 });
    expect(corpus.unusedFiles).toEqual(['valid']);
    expect((await readParallelCorpus(folder, { valid: 'valid' })).valid.source).toEqual(['3']);
  });

  it.each([
    ['two preparations', ['train.a', 'train.b', 'train.tok.a', 'train.tok.b'], ['--infix', 'corpus.infix']],
    ['three languages', ['train.a', 'train.b', 'train.c'], ['--source', 'corpus.target-language']],
    ['few pairs', ['train.a', 'train.b'], ['--hold-out-every', 'corpus.hold-out-every', 'valid.*']],
  ])('names the options for %s as the command line and the file have them', async (_, names, expected) => {
    write(Object.fromEntries(names.map((name) => [name, '1\n'])));
    const { message } = await refusal();
    for (const part of expected) expect(message).toContain(part);
  });

  it('names the folder in full', async () => {
    const error = await readParallelCorpus('absent').catch((e: unknown) => e);
    expect((error as InvalidDataError).place).toBe(resolve('absent'));
  });
});
