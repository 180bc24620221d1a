import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { guessMediaType } from '../../src/artifacts/media-types.ts';
import { unfinishedName } from '../../src/artifacts/unfinished-files.ts';
import {
  createStudy,
  downloadArtifact,
  FileSystemArtifactStore,
  listArtifacts,
  loadStudy,
  ThanosError,
  uploadArtifact,
} from '../../src/index.ts';
import { InMemoryStorage } from '../../storage/index.ts';

const root = mkdtempSync(join(tmpdir(), 'thanos-artifacts-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folder: string;
let store: FileSystemArtifactStore;
let runs = 0;
beforeEach(() => {
  folder = join(root, String(runs++));
  mkdirSync(folder);
  store = new FileSystemArtifactStore(join(folder, 'store'));
});

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('artifacts of a trial', () => {
  it('come back as they were', async () => {
    const study = await createStudy();
    const trial = await study.ask();
    const bytes = Uint8Array.from({ length: 200_000 }, (_, i) => (i * i) % 251);
    const artifactId = await uploadArtifact({ store, trial, filePath: file('model.onnx', bytes) });
    expect(artifactId).toMatch(UUID);
    await study.tell(trial, 1);
    expect(listArtifacts({ trial: study.trials[0] })).toEqual([
      { artifactId, filename: 'model.onnx', mimetype: 'application/octet-stream', encoding: null },
    ]);
    const copy = join(folder, 'copy.onnx');
    await downloadArtifact({ store, artifactId, filePath: copy });
    const hash = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');
    expect(hash(readFileSync(copy))).toBe(hash(bytes));
    expect(readdirSync(store.basePath)).toEqual([artifactId]);
  });

  it('are known to others when the upload is done', async () => {
    const storage = new InMemoryStorage();
    const study = await createStudy({ storage, studyName: 's' });
    const trial = await study.ask();
    await uploadArtifact({ store, trial, filePath: file('a.txt', 'a') });
    const other = await loadStudy({ storage, studyName: 's' });
    expect(listArtifacts({ trial: other.trials[0] })).toHaveLength(1);
    expect(listArtifacts({ trial })).toHaveLength(1);
  });

  it('are there once if the same is uploaded again, as by a trial that is re-entered', async () => {
    const study = await createStudy();
    const trial = await study.ask();
    const first = await uploadArtifact({ store, trial, filePath: file('a.txt', 'same') });
    const again = await uploadArtifact({ store, trial, filePath: file('a.txt', 'same') });
    const other = await uploadArtifact({ store, trial, filePath: file('a.txt', 'different') });
    const renamed = await uploadArtifact({ store, trial, filePath: file('b.txt', 'same') });
    expect([again, new Set([first, other, renamed]).size]).toEqual([first, 3]);
    expect(listArtifacts({ trial })).toHaveLength(3);
  });

  it('differ between trials and studies', async () => {
    const path = file('a.txt', 'same');
    const ids = new Set<string>();
    for (const studyName of ['one', 'two']) {
      const study = await createStudy({ studyName });
      ids.add(await uploadArtifact({ store, study, filePath: path }));
      for (let i = 0; i < 2; i++)
        ids.add(await uploadArtifact({ store, trial: await study.ask(), filePath: path }));
    }
    expect(ids.size).toBe(6);
  });

  it('cannot be added to a finished trial', async () => {
    const study = await createStudy();
    const trial = await study.ask();
    await study.tell(trial, 1);
    await expect(uploadArtifact({ store, trial, filePath: file('a.txt', 'a') })).rejects.toThrow(
      expect.objectContaining({ code: 'TRIAL_FINISHED' }),
    );
  });
});

describe('artifacts of a study', () => {
  it('carry type and encoding, by name or as given', async () => {
    const study = await createStudy();
    await uploadArtifact({ store, study, filePath: file('log.csv.gz', 'x') });
    await uploadArtifact({
      store,
      study,
      filePath: file('raw', 'x'),
      mimetype: 'text/x-raw',
      encoding: 'br',
    });
    expect(
      listArtifacts({ study }).map(({ filename, mimetype, encoding }) => [filename, mimetype, encoding]),
    ).toEqual([
      ['log.csv.gz', 'text/csv', 'gzip'],
      ['raw', 'text/x-raw', 'br'],
    ]);
  });

  it('have their metadata in the form that Optuna writes', async () => {
    const study = await createStudy();
    const id = await uploadArtifact({ store, study, filePath: file('plot.png', 'x') });
    expect(study.systemAttrs[`artifacts:${id}`]).toBe(
      `{"artifact_id": "${id}", "filename": "plot.png", "mimetype": "image/png", "encoding": null}`,
    );
  });

  it('are not listed once the dashboard has deleted them', async () => {
    const study = await createStudy();
    const id = await uploadArtifact({ store, study, filePath: file('plot.png', 'x') });
    await study.setSystemAttr(`artifacts:${id}`, 'null');
    expect(listArtifacts({ study })).toEqual([]);
  });
});

describe('what cannot be done', () => {
  it.each(['../secret', '/etc/passwd', 'a/b', 'a\\b', '..', '.hidden', '', 'nul\0byte', 7])(
    'refuses the id %j',
    async (id) => {
      writeFileSync(join(folder, 'secret'), 'outside the store');
      const refusal = { code: 'INVALID_ARGUMENT' };
      const artifactId = id as string;
      await expect(store.openReader(artifactId)).rejects.toMatchObject(refusal);
      await expect(store.remove(artifactId)).rejects.toMatchObject(refusal);
      await expect(store.write(artifactId, Readable.from(['x']))).rejects.toMatchObject(refusal);
      const filePath = join(folder, 'copy');
      await expect(downloadArtifact({ store, artifactId, filePath })).rejects.toMatchObject(refusal);
      expect(existsSync(filePath)).toBe(false);
      expect(readFileSync(join(folder, 'secret'), 'utf8')).toBe('outside the store');
    },
  );

  it('says what is not there', async () => {
    const missing = { code: 'ARTIFACT_NOT_FOUND' };
    const filePath = join(folder, 'copy');
    await expect(downloadArtifact({ store, artifactId: 'none', filePath })).rejects.toMatchObject(missing);
    await expect(store.remove('none')).rejects.toMatchObject(missing);
    expect(existsSync(filePath)).toBe(false);
    const study = await createStudy();
    await expect(uploadArtifact({ store, study, filePath })).rejects.toThrow(/readable file.*ENOENT/);
    expect(listArtifacts({ study })).toEqual([]);
  });

  it('overwrites no file', async () => {
    const study = await createStudy();
    const filePath = file('mine.txt', 'mine');
    const artifactId = await uploadArtifact({ store, study, filePath: file('other.txt', 'other') });
    await expect(downloadArtifact({ store, artifactId, filePath })).rejects.toThrow(/not there.*mine\.txt/);
    expect(readFileSync(filePath, 'utf8')).toBe('mine');
  });

  it('wants one owner, and options that there are', async () => {
    const study = await createStudy();
    const trial = await study.ask();
    const filePath = file('a.txt', 'a');
    await expect(uploadArtifact({ store, filePath } as never)).rejects.toThrow(/either a study or a running/);
    await expect(uploadArtifact({ store, study, trial, filePath } as never)).rejects.toThrow(
      /either a study/,
    );
    await expect(uploadArtifact({ store, study, path: filePath } as never)).rejects.toThrow(/'path'/);
    expect(() => new FileSystemArtifactStore('')).toThrow(/path of a folder/);
  });
});

describe('FileSystemArtifactStore', () => {
  it('shows a file only when it is whole, and none if its source fails', async () => {
    let proceed = (): void => {};
    const gate = new Promise<void>((resolve) => {
      proceed = resolve;
    });
    async function* slowly() {
      yield 'first';
      await gate;
      yield ' second';
    }
    const writing = store.write('slow', Readable.from(slowly()));
    await expect(store.openReader('slow')).rejects.toMatchObject({ code: 'ARTIFACT_NOT_FOUND' });
    proceed();
    await writing;
    expect(readFileSync(join(store.basePath, 'slow'), 'utf8')).toBe('first second');

    async function* failing() {
      yield 'first';
      throw new Error('source failed');
    }
    await expect(store.write('bad', Readable.from(failing()))).rejects.toThrow('source failed');
    expect(readdirSync(store.basePath)).toEqual(['slow']);
  });

  it('replaces and removes', async () => {
    await store.write('id', Readable.from(['one']));
    await store.write('id', Readable.from(['two']));
    expect(readFileSync(join(store.basePath, 'id'), 'utf8')).toBe('two');
    await store.remove('id');
    expect(readdirSync(store.basePath)).toEqual([]);
  });
});

describe('guessMediaType', () => {
  it.each([
    ['a.PNG', 'image/png', null],
    ['b.tar.gz', 'application/x-tar', 'gzip'],
    ['b.tgz', 'application/x-tar', 'gzip'],
    ['notes.md', 'text/markdown', null],
    ['x.gz', null, 'gzip'],
    ['.png', null, null],
    ['constructor', null, null],
    ['model.safetensors', null, null],
  ])('%s: %s, %s', (name, mimetype, encoding) => {
    expect(guessMediaType(name)).toEqual({ mimetype, encoding });
  });
});

describe('what a killed upload leaves in the folder', () => {
  const DEAD = spawnSync(process.execPath, ['--version']).pid;
  const MORE_THAN_A_DAY_SECONDS = 25 * 3600;

  it('is gone after the next upload, and what may still be growing is not', async () => {
    mkdirSync(store.basePath);
    const own = unfinishedName('a');
    const dead = own.replace(`-${process.pid}-`, `-${DEAD}-`);
    const elsewhere = dead.replace(/\.[0-9a-f]{8}-/, '.00000000-');
    const names = [own, dead, elsewhere, `old${elsewhere}`, '.a.123-0.part', '.hidden', 'b.part'];
    for (const name of names) writeFileSync(join(store.basePath, name), 'half');
    const old = [`.old${elsewhere}`, '.b.123-0.part'];
    for (const name of old) {
      const path = join(store.basePath, name);
      writeFileSync(path, 'half');
      const dayAgo = statSync(path).mtimeMs / 1000 - MORE_THAN_A_DAY_SECONDS;
      utimesSync(path, dayAgo, dayAgo);
    }
    const study = await createStudy();
    const id = await uploadArtifact({ store, study, filePath: file('a.txt', 'a') });
    const left = names.filter((name) => name !== dead);
    expect(readdirSync(store.basePath).sort()).toEqual([...left, id].sort());
  });
});

describe('mistakes with artifacts', () => {
  it('are refused by name', async () => {
    const study = await createStudy();
    const trial = await study.ask();
    const filePath = file('a.txt', 'a');
    const good = { store, trial, filePath };
    for (const [options, message] of [
      [{ ...good, trial: study.trials[0] }, /trial must be a running trial, as an objective gets it, but is/],
      [{ ...good, trial: null }, /trial must be a running trial/],
      [{ ...good, trial: undefined, study: {} }, /study must be a Study/],
      [{ ...good, store: folder }, /store must be an ArtifactStore/],
      [{ ...good, store: undefined }, /store must be an ArtifactStore.*but is undefined/],
      [{ ...good, filePath: 5 }, /filePath must be a non-empty string, but is 5/],
      [{ ...good, filePath: folder }, /filePath must name a readable file/],
      [{ ...good, mimetype: 5 }, /mimetype must be/],
      [{ ...good, mimeType: 'text/plain' }, /did you mean 'mimetype'/],
      [{ ...good, study }, /either a study or a running trial/],
    ] as const)
      await expect(uploadArtifact(options as never)).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching(message),
      });
    for (const source of [{}, { study: null }, { trial: 5 }, { trail: trial }])
      expect(() => listArtifacts(source as never)).toThrow(ThanosError);
    expect(study.trials[0].systemAttrs).not.toHaveProperty('artifacts');
  });

  it('of the folder are typed errors', async () => {
    const study = await createStudy();
    const blocked = new FileSystemArtifactStore(file('taken', 'a file'));
    await expect(
      uploadArtifact({ store: blocked, study, filePath: file('a.txt', 'a') }),
    ).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
      message: expect.stringMatching(/cannot be written to .*taken/),
    });
    mkdirSync(join(store.basePath, 'folder'), { recursive: true });
    await expect(store.openReader('folder')).rejects.toMatchObject({ code: 'ARTIFACT_NOT_FOUND' });
    for (const id of ['a'.repeat(201), 'a'.repeat(300), '../x', 'a/b', '', '.a.part'])
      await expect(store.openReader(id)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    const longest = 'a'.repeat(200);
    await store.write(longest, Readable.from('x'));
    expect(readdirSync(store.basePath)).toContain(longest);
  });
});

describe('artifacts in attributes that others wrote', () => {
  const listed = (value: unknown) =>
    listArtifacts({ trial: { systemAttrs: { 'artifacts:a': value as never } } });
  const meta = (filename: string) =>
    JSON.stringify({ artifact_id: 'a', filename, mimetype: 'text/plain', encoding: null });

  it.each([
    '{',
    'text',
    '5',
    '[]',
    '{"artifact_id": 5, "filename": "x"}',
    '{"artifact_id": "a"}',
    5,
    true,
    ['a'],
  ])('that say nothing are refused: %j', (value) => {
    expect(() => listed(value)).toThrow(
      expect.objectContaining({
        code: 'STORAGE_CORRUPT',
        message: expect.stringMatching(/'artifacts:a' must describe/),
      }),
    );
  });

  it('of a deleted one are passed over', () => {
    expect([listed(null), listed('null')]).toEqual([[], []]);
  });

  it.each([
    ['../../../etc/cron.d/x', 'x'],
    ['/etc/passwd', 'passwd'],
    ['C:\\Windows\\x.dll', 'x.dll'],
    ['..', 'a'],
    ['a/..', 'a'],
    ['dir/', 'a'],
    ['', 'a'],
    ['plain.txt', 'plain.txt'],
    ['..hidden', '..hidden'],
  ])('whose file is called %j are called %j', (filename, name) => {
    expect(listed(meta(filename))).toEqual([
      { artifactId: 'a', filename: name, mimetype: 'text/plain', encoding: null },
    ]);
  });
});
