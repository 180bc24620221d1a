import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  appendOutputFile,
  assertOutputFile,
  makeFolder,
  writeOutputFile,
  writeOutputFiles,
} from '../../src/core/output-file.ts';

let folder: string;
const at = (...names: string[]): string => join(folder, ...names);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'thanos-output-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Bytes of which the first part can be written and the second cannot, as when a disk becomes full. */
const HALF_WRITABLE = [Buffer.from('new'), null as unknown as Uint8Array];

describe('an output file', () => {
  it('takes the place of the old one, with its permissions, and leaves nothing else', () => {
    writeFileSync(at('f'), 'old');
    chmodSync(at('f'), 0o640);
    writeOutputFile(at('f'), 'new ü');
    writeOutputFile(at('g'), [Buffer.from('a'), Buffer.from('b')]);
    expect(readFileSync(at('f'), 'utf8')).toBe('new ü');
    expect(statSync(at('f')).mode & 0o777).toBe(0o640);
    expect(readFileSync(at('g'), 'utf8')).toBe('ab');
    expect(readdirSync(folder).sort()).toEqual(['f', 'g']);
  });

  it('leaves the old one as it was if it cannot be written whole', () => {
    writeFileSync(at('f'), 'old');
    expect(() => writeOutputFile(at('f'), HALF_WRITABLE)).toThrow(
      expect.objectContaining({ code: 'FILE_NOT_WRITTEN', message: expect.stringContaining(at('f')) }),
    );
    expect(readFileSync(at('f'), 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['f']);
  });

  it('does not take its place before those that belong to it are written', () => {
    writeFileSync(at('f'), 'old');
    expect(() => writeOutputFiles({ [at('f')]: 'new', [at('g')]: HALF_WRITABLE })).toThrow(at('g'));
    expect(readFileSync(at('f'), 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['f']);
  });

  it('is written through a link, which stays one', () => {
    writeFileSync(at('target'), 'old');
    symlinkSync(at('target'), at('link'));
    writeOutputFile(at('link'), 'new');
    expect(lstatSync(at('link')).isSymbolicLink()).toBe(true);
    expect(readFileSync(at('target'), 'utf8')).toBe('new');
  });

  it.skipIf(process.platform === 'win32')('that is a device is written to and stays a device', () => {
    symlinkSync('/dev/null', at('null'));
    assertOutputFile(at('null'));
    writeOutputFile(at('null'), 'gone');
    expect(statSync(at('null')).isCharacterDevice()).toBe(true);
    expect(lstatSync(at('null')).isSymbolicLink()).toBe(true);
  });

  it.skipIf(process.platform !== 'linux')('on a full disk is an error with its remedy', () => {
    for (const write of [writeOutputFile, appendOutputFile])
      expect(() => write('/dev/full', 'x')).toThrow(/'\/dev\/full' cannot be written \(ENOSPC.*make room/);
  });

  it('goes on over what a killed process of the same id left', () => {
    for (let i = 0; i < 40; i++) writeFileSync(at(`.thanos-${i}.${process.pid}.tmp`), 'left');
    writeOutputFile(at('f'), 'new');
    expect(readFileSync(at('f'), 'utf8')).toBe('new');
  });

  it('may have the longest name that there is', () => {
    const name = 'a'.repeat(255);
    writeOutputFile(at(name), 'x');
    expect(readFileSync(at(name), 'utf8')).toBe('x');
  });
});

describe('where no file can be written', () => {
  it.each([
    ['a folder', () => at('folder'), /EISDIR.*it is a folder; name a file/],
    ['no folder', () => at('none', 'f'), /ENOENT.*make its folder first/],
    ['a file above it', () => at('file', 'f'), /ENOTDIR.*is a file/],
    ['a long name', () => at('a'.repeat(256)), /ENAMETOOLONG.*shorter/],
    ['no name', () => '', /ENOENT/],
  ])('%s: it is said before the work and after it', (_, path, message) => {
    mkdirSync(at('folder'));
    writeFileSync(at('file'), '');
    const refusal = expect.objectContaining({
      code: 'FILE_NOT_WRITTEN',
      message: expect.stringMatching(message),
    });
    expect(() => assertOutputFile(path())).toThrow(refusal);
    expect(() => writeOutputFile(path(), 'x')).toThrow(refusal);
    expect(readdirSync(folder).sort()).toEqual(['file', 'folder']);
  });

  it('a folder is refused where a file is', () => {
    writeFileSync(at('file'), '');
    expect(() => makeFolder(at('file'))).toThrow(/EEXIST.*name a folder/);
  });
});
