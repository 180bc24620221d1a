/** A storage of one's own, registered by the scheme of its URLs, is one like those that the package brings. */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import {
  createStudy,
  deleteStudy,
  loadStudy,
  openStorage,
  type Storage,
  StorageError,
} from '../../src/index.ts';
import {
  InMemoryStorage,
  registerStorage,
  SqliteStorage,
  storageExists,
  storageFromUrl,
} from '../../storage/index.ts';

/** What an author outside of the package has: a storage around a map of servers. */
const servers = new Map<string, Storage>();
const opened: string[] = [];
registerStorage('fake', {
  forms: ['fake://host'],
  open: async (url) => {
    opened.push(url);
    const server = servers.get(url) ?? new InMemoryStorage();
    servers.set(url, server);
    return connectionTo(server);
  },
  exists: (url) => servers.has(url),
});

/** Forwards every call; it can be closed by itself. */
function connectionTo(server: Storage): Storage {
  let isClosed = false;
  const own = {
    close: async () => {
      isClosed = true;
    },
  };
  return new Proxy(server, {
    get: (_, key) => {
      if (key === 'isClosed') return isClosed;
      if (key in own) return own[key as keyof typeof own];
      const value = Reflect.get(server, key, server) as unknown;
      return typeof value === 'function' ? value.bind(server) : value;
    },
  });
}

describe('a registered storage', () => {
  it('keeps studies by URL, shared as long as it is open', async () => {
    const storage = 'fake://one';
    const study = await createStudy({ studyName: 'demo', storage });
    await study.optimize((trial) => trial.suggestFloat('x', 0, 1), { nTrials: 5 });
    expect(await openStorage(storage)).toBe(study.storage);
    await study.storage.close();
    const again = await loadStudy({ storage });
    expect(again.trials.map(({ params }) => params)).toEqual(study.trials.map(({ params }) => params));
    expect(opened).toEqual([storage, storage]);
    await deleteStudy({ studyName: 'demo', storage });
    expect(await again.storage.listStudies()).toEqual([]);
  });

  it('says whether something is there', async () => {
    expect(await storageExists('fake://nobody')).toBe(false);
    expect(await storageExists('memory')).toBe(true);
    expect(await storageExists('sqlite:///no/such/file.db')).toBe(false);
  });
});

describe('a URL', () => {
  it.each([
    ['fakes://one', /'memory' or 'fake:\/\/host'.*but got "fakes:\/\/one"; did you mean 'fake:'\?/],
    ['sqllite:///a.db', /did you mean 'sqlite:'\?/],
    [
      'postgresql://me:secret@host/db',
      /"postgresql:\/\/\*\*\*@host\/db"; registerStorage makes other schemes known/,
    ],
    ['study.db', /must be 'sqlite:\/\/\/relative\.db'.*but got "study\.db"$/],
    ['memory:x', /but got "memory:x"$/],
    ['constructor', /a storage URL must be/],
  ])('%s names no storage', async (url, message) => {
    await expect(storageFromUrl(url)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(message),
    });
  });

  it('is a string', async () => {
    await expect(storageFromUrl(7 as never)).rejects.toThrow(/the storage URL must be a string, but is 7/);
  });
});

describe('registerStorage refuses', () => {
  const driver = { forms: ['x://'], open: () => new InMemoryStorage() };
  it.each([
    ['sqlite', driver, /'sqlite' is already registered/],
    ['x://', driver, /scheme must be the scheme of a URL in small letters/],
    ['x', { forms: ['x://'] }, /needs open, which must be a function/],
    ['x', { ...driver, exits: () => true }, /did you mean 'exists'/],
  ])('%s %j', (scheme, bad, message) => {
    expect(() => registerStorage(scheme, bad as never)).toThrow(message);
  });
});

it('shares the file of a relative URL, which is another one from another folder', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'thanos-folders-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const before = process.cwd();
  afterAll(() => process.chdir(before));
  const opened: Storage[] = [];
  for (const name of ['one', 'two']) {
    mkdirSync(join(folder, name));
    process.chdir(join(folder, name));
    opened.push(await openStorage('sqlite:///a.db'));
    expect(await openStorage('sqlite:///./a.db')).toBe(opened.at(-1));
    expect(await openStorage(`sqlite:///${join(process.cwd(), 'a.db')}`)).toBe(opened.at(-1));
    expect(existsSync('a.db')).toBe(true);
  }
  expect(opened[0]).not.toBe(opened[1]);
  process.chdir(before);
  for (const storage of opened) await storage.close();
});

it('opens once what is asked for twice at once, and again after it could not be opened', async () => {
  let failures = 1;
  let count = 0;
  registerStorage('slow', {
    forms: ['slow://host'],
    open: async () => {
      count++;
      await setImmediate();
      if (failures-- > 0) throw new StorageError('STORAGE_UNAVAILABLE', 'not yet');
      return new InMemoryStorage();
    },
    resource: (url) => url.toLowerCase(),
  });
  await expect(openStorage('slow://a')).rejects.toThrow('not yet');
  const [first, second, third] = await Promise.all(['slow://a', 'slow://A', 'slow://b'].map(openStorage));
  expect(first).toBe(second);
  expect(first).not.toBe(third);
  expect(count).toBe(3);
});

it('opens a file again after it was closed, and shares it before', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'thanos-registry-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const url = `sqlite:///${join(folder, 'a.db')}`;
  const first = await openStorage(url);
  const { close } = first;
  expect(await openStorage(url)).toBe(first);
  expect(first.close).toBe(close);
  await first.close();
  const second = await openStorage(url);
  expect(second).toBeInstanceOf(SqliteStorage);
  expect(second).not.toBe(first);
  await second.close();
});
