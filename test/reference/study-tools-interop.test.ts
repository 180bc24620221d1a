/** Optuna 5.0.0, optuna-dashboard and pandas read what artifacts, copyStudy and trialsTable leave, and we read Optuna's. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guessMediaType } from '../../src/artifacts/media-types.ts';
import {
  copyStudy,
  createStudy,
  createTrial,
  downloadArtifact,
  FileSystemArtifactStore,
  listArtifacts,
  loadStudy,
  setLogLevel,
  trialsTable,
  uploadArtifact,
} from '../../src/index.ts';
import { InMemoryStorage } from '../../storage/index.ts';
import { PythonPeer, peerHas, peerPython } from '../support/python-peer.ts';

beforeAll(() => setLogLevel('error'));

const directory = mkdtempSync(join(tmpdir(), 'thanos-study-tools-'));
const peer = new PythonPeer(join(import.meta.dirname, 'study_tools_peer.py'));
afterAll(async () => {
  await peer.close();
  rmSync(directory, { recursive: true, force: true });
});
const place = (name: string): string => join(directory, name);

describe.skipIf(peerPython === undefined)('with Optuna (skipped if THANOS_PEER_PYTHON is not set)', () => {
  it('shares artifacts', async () => {
    const path = place('artifacts.db');
    const study = await createStudy({ storage: `sqlite:///${path}`, studyName: 'study' });
    const store = new FileSystemArtifactStore(place('store'));
    const [readme, image] = [place('résumé "1".csv.gz'), place('image.png')];
    writeFileSync(readme, 'number,value\n');
    writeFileSync(image, Uint8Array.of(137, 80, 78, 71));
    await uploadArtifact({ store, study, filePath: readme });
    const trial = await study.ask();
    await uploadArtifact({ store, trial, filePath: image });
    await study.tell(trial, 1);

    const target = place('downloaded.png');
    const listed = (await peer.ask('artifacts', path, store.basePath, target)) as Record<string, unknown>;
    const asTheirs = (owner: Parameters<typeof listArtifacts>[0]) =>
      listArtifacts(owner).map(({ artifactId, ...meta }) => ({ artifact_id: artifactId, ...meta }));
    expect(listed['study']).toEqual(asTheirs({ study }));
    expect(listed['trial']).toEqual(asTheirs({ trial: study.trials[0] }));
    expect(readFileSync(target)).toEqual(readFileSync(image));

    await study.sync();
    const [theirs] = listArtifacts({ trial: study.trials[1] });
    expect(theirs).toEqual({
      artifactId: listed['theirs'],
      filename: 'downloaded.png',
      mimetype: 'image/png',
      encoding: null,
    });
    const back = place('back.png');
    await downloadArtifact({ store, artifactId: theirs.artifactId, filePath: back });
    expect(readFileSync(back)).toEqual(readFileSync(image));
    if (!peerHas('optuna_dashboard')) return;
    const shown = (await peer.ask('dashboard', path)) as unknown as Record<string, { artifact_id: string }[]>;
    for (const [owner, ids] of [
      ['study', asTheirs({ study })],
      ['trial', asTheirs({ trial: study.trials[0] })],
    ] as const)
      expect(shown[owner]).toMatchObject(ids);
  });

  it("guesses media types as Python's mimetypes, wherever that knows one", async () => {
    const extensions =
      'js mjs json doc pdf ps eps xls ppt wasm h5 tar tex zip aac mp3 wav avif bmp gif jpg jpeg png svg tiff tif ico css ' +
      'csv html htm txt c tsv py xml mp4 mpeg mpg mov webm avi tar.gz tgz csv.gz svgz txt.bz2 tar.xz json.br yaml npy onnx';
    const names = extensions.split(' ').map((extension) => `file.${extension}`);
    const types = (await peer.ask('media_types', ...names)) as Record<string, [string | null, string | null]>;
    for (const [name, [mimetype, encoding]] of Object.entries(types)) {
      const ours = guessMediaType(name);
      expect(ours.encoding, name).toBe(encoding);
      if (mimetype !== null) expect(ours.mimetype, name).toBe(mimetype);
    }
    expect(types['file.csv.gz']).toEqual(['text/csv', 'gzip']);
  });

  it('opens a copy of a study and its child studies, and goes on with it', async () => {
    const memory = new InMemoryStorage();
    const study = await createStudy({ storage: memory, studyName: 'a', direction: 'maximize' });
    await study.setUserAttr('note', [1, { two: null }]);
    const outer = await study.ask();
    outer.suggestFloat('x', 0, 1);
    outer.report(0.5, 1);
    const inner = await outer.createStudy('inner');
    await inner.optimize((t) => t.suggestInt('k', 0, 9), { nTrials: 2 });
    await study.tell(outer, 0.75);
    await study.addTrials([createTrial({ state: 'FAIL' }), createTrial({ state: 'RUNNING' })]);
    const path = place('copy.db');
    await copyStudy({
      fromStudyName: 'a',
      fromStorage: memory,
      toStorage: `sqlite:///${path}`,
      toStudyName: 'b',
    });
    expect(await peer.ask('copied', path)).toEqual({
      studies: {
        b: {
          directions: ['MAXIMIZE'],
          user_attrs: { note: [1, { two: null }] },
          trials: [
            ['COMPLETE', study.trials[0].params, [0.75], 1],
            ['FAIL', {}, null, 0],
            ['RUNNING', {}, null, 0],
          ],
        },
        'b/0/inner': {
          directions: ['MINIMIZE'],
          user_attrs: {},
          trials: inner.trials.map((t) => ['COMPLETE', t.params, t.values, 0]),
        },
      },
      next: [3, 'COMPLETE'],
    });
    // And what Optuna has continued comes back into memory.
    await copyStudy({
      fromStudyName: 'b',
      fromStorage: `sqlite:///${path}`,
      toStorage: memory,
      toStudyName: 'c',
    });
    const again = await loadStudy({ storage: memory, studyName: 'c' });
    expect(again.trials.map((t) => t.state)).toEqual(['COMPLETE', 'FAIL', 'RUNNING', 'COMPLETE']);
    expect(await memory.findStudy('c/0/inner')).not.toBeNull();
  });

  it.skipIf(!peerHas('pandas')).each([
    ['one objective', 1],
    ['two objectives', 2],
  ])('writes the table that pandas has of a study with %s', async (_, nObjectives) => {
    const path = place(`table-${nObjectives}.db`);
    const study = await createStudy({
      storage: `sqlite:///${path}`,
      studyName: 'study',
      directions: nObjectives === 1 ? ['minimize'] : ['minimize', 'maximize'],
    });
    await study.optimize(
      (t) => {
        const x = t.suggestFloat('x', 0, 1);
        if (t.number % 2 === 0) t.suggestInt('n', 1, 3);
        t.suggestCategorical('act', ['relu', 'gelu, "fast"']);
        t.setUserAttr('note', t.number === 1 ? 'two\nlines' : 'plain');
        t.setUserAttr('sizes', [t.number, 2.5]);
        t.setConstraint('c', x - 0.5);
        if (t.number === 3) return Number.NaN;
        return nObjectives === 1 ? (t.number === 4 ? Number.NEGATIVE_INFINITY : x) : [x, -x];
      },
      { nTrials: 6 },
    );
    await study.enqueueTrial({ x: 0.5 });
    const csv = place(`table-${nObjectives}.csv`);
    writeFileSync(csv, trialsTable(study).toCsv());
    expect(await peer.ask('data_frame', path, csv)).toEqual([]);
  });
});
