/** The storage contract over every implementation, and every clause of it against a storage that breaks it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bestOf } from '../../src/core/best.ts';
import type { Attrs, FrozenTrial, JsonValue, StudyDirection } from '../../src/core/frozen-trial.ts';
import { frozenTrial } from '../../src/core/frozen-trial.ts';
import type {
  CreateCondition,
  KnownTrials,
  Storage,
  StudyRecord,
  TrialOutcome,
  TrialPage,
  TrialTemplate,
  TrialUpdate,
} from '../../src/core/storage.ts';
import { type StorageKitOptions, storageConformance } from '../../src/testing/storage-kit.ts';
import { InMemoryStorage, SqliteStorage } from '../../storage/index.ts';
import { ownerOf } from '../../storage/owner.ts';

const directory = mkdtempSync(join(tmpdir(), 'thanos-storage-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let files = 0;
const newPath = (): string => join(directory, `${files++}.db`);
const deadOwner = JSON.stringify({ ...JSON.parse(ownerOf()), pid: 2 ** 22 + 1 });

describe('InMemoryStorage', () => {
  storageConformance({ describe, it }, async () => new InMemoryStorage(), { deadOwner });
});

describe('SqliteStorage', () => {
  const reopen = async (storage: Storage): Promise<Storage> =>
    new SqliteStorage((storage as SqliteStorage).path);
  storageConformance({ describe, it }, async () => new SqliteStorage(newPath()), { reopen, deadOwner });
});

type AttrsOfClaim = [firstEntry?: (trialNumber: number) => Attrs, afterDeath?: (trial: FrozenTrial) => Attrs];

/** Passes everything on; defects override one method. */
class Delegate implements Storage {
  protected readonly inner: Storage = new InMemoryStorage();
  readonly capabilities = { durable: true, multiProcess: true };
  readonly owner = this.inner.owner;
  createStudy(name: string, directions: readonly StudyDirection[], systemAttrs?: StudyRecord['systemAttrs']) {
    return this.inner.createStudy(name, directions, systemAttrs);
  }
  findStudy(name: string): Promise<StudyRecord | null> {
    return this.inner.findStudy(name);
  }
  listStudies(): Promise<readonly StudyRecord[]> {
    return this.inner.listStudies();
  }
  deleteStudy(studyId: number): Promise<void> {
    return this.inner.deleteStudy(studyId);
  }
  setStudyAttr(studyId: number, kind: 'user' | 'system', key: string, value: JsonValue): Promise<void> {
    return this.inner.setStudyAttr(studyId, kind, key, value);
  }
  createTrial(studyId: number, template: TrialTemplate): Promise<FrozenTrial>;
  createTrial(
    studyId: number,
    template: TrialTemplate,
    condition?: CreateCondition,
  ): Promise<FrozenTrial | null>;
  createTrial(studyId: number, template: TrialTemplate, condition: CreateCondition = {}) {
    return this.inner.createTrial(studyId, template, condition);
  }
  claimTrial(studyId: number, ...attrs: AttrsOfClaim): Promise<FrozenTrial | null> {
    return this.inner.claimTrial(studyId, ...attrs);
  }
  updateTrial(trialId: number, update: TrialUpdate): Promise<void> {
    return this.inner.updateTrial(trialId, update);
  }
  getTrials(studyId: number, fromNumber?: number): Promise<readonly FrozenTrial[]> {
    return this.inner.getTrials(studyId, fromNumber);
  }
  async close(): Promise<void> {}
}

class ReusesNames extends Delegate {
  override async createStudy(name: string, directions: readonly StudyDirection[]): Promise<StudyRecord> {
    return (await this.inner.findStudy(name)) ?? super.createStudy(name, directions);
  }
}

class ReusesIds extends Delegate {
  /** Trial ids start anew with each study. */
  override async createTrial(studyId: number, template: TrialTemplate): Promise<FrozenTrial> {
    const trial = await super.createTrial(studyId, template);
    return { ...trial, trialId: trial.number };
  }
}

class SkipsNumbers extends Delegate {
  override async getTrials(studyId: number, fromNumber?: number): Promise<readonly FrozenTrial[]> {
    const trials = await super.getTrials(studyId, fromNumber);
    return trials.map((trial) => frozenTrial({ ...trial, number: trial.trialId }));
  }
}

class ClaimsTwice extends Delegate {
  #last: FrozenTrial | null = null;
  override async claimTrial(studyId: number): Promise<FrozenTrial | null> {
    this.#last = (await super.claimTrial(studyId)) ?? this.#last;
    return this.#last;
  }
}

class IgnoresReleased extends Delegate {
  override async claimTrial(studyId: number, ...attrs: AttrsOfClaim): Promise<FrozenTrial | null> {
    const waiting = (await this.getTrials(studyId)).some((trial) => trial.state === 'WAITING');
    return waiting ? super.claimTrial(studyId, ...attrs) : null;
  }
}

class ForgetsFirstEntry extends Delegate {
  override claimTrial(studyId: number): Promise<FrozenTrial | null> {
    return super.claimTrial(studyId);
  }
}

class ForgetsDeaths extends Delegate {
  override claimTrial(studyId: number, ...[firstEntry]: AttrsOfClaim): Promise<FrozenTrial | null> {
    return super.claimTrial(studyId, firstEntry);
  }
}

/** Claims whatever is RUNNING, also another tool's. */
class StealsForeign extends Delegate {
  override async claimTrial(studyId: number): Promise<FrozenTrial | null> {
    const running = (await this.getTrials(studyId)).find((trial) => trial.state === 'RUNNING');
    return running ?? super.claimTrial(studyId);
  }
}

class ChangesFinished extends Delegate {
  override updateTrial(trialId: number, update: TrialUpdate): Promise<void> {
    return super.updateTrial(trialId, update).catch((error) => {
      if (update.userAttrs === undefined) throw error;
    });
  }
}

class UpdatesByHalves extends Delegate {
  override async updateTrial(trialId: number, update: TrialUpdate): Promise<void> {
    await super.updateTrial(trialId, { userAttrs: update.userAttrs });
    await super.updateTrial(trialId, update);
  }
}

class LosesInfinity extends Delegate {
  override createTrial(studyId: number, template: TrialTemplate): Promise<FrozenTrial> {
    const values = template.values?.map((value) => Math.max(-1e308, Math.min(1e308, value)));
    return super.createTrial(studyId, { ...template, values });
  }
}

class ForgivesUnknown extends Delegate {
  override async getTrials(studyId: number, fromNumber?: number): Promise<readonly FrozenTrial[]> {
    const known = (await this.listStudies()).some((study) => study.studyId === studyId);
    return known ? super.getTrials(studyId, fromNumber) : [];
  }
}

/** Deletes what a careless LIKE would match. */
class DeletesTooMuch extends Delegate {
  override async deleteStudy(studyId: number): Promise<void> {
    const studies = await this.listStudies();
    const name = studies.find((study) => study.studyId === studyId)?.studyName ?? '';
    await super.deleteStudy(studyId);
    const like = new RegExp(`^${name.replaceAll('_', '.')}/`);
    for (const study of studies)
      if (like.test(study.studyName) && !study.studyName.startsWith(`${name}/`))
        await super.deleteStudy(study.studyId);
  }
}

/** Deletes every study whose name begins with that of the deleted one, related or not. */
class DeletesByName extends Delegate {
  override async deleteStudy(studyId: number): Promise<void> {
    const studies = await this.listStudies();
    const name = studies.find((study) => study.studyId === studyId)?.studyName ?? '';
    await super.deleteStudy(studyId);
    for (const study of await this.listStudies())
      if (study.studyName.startsWith(`${name}/`)) await super.deleteStudy(study.studyId);
  }
}

class KeepsChildren extends Delegate {
  override createStudy(name: string, directions: readonly StudyDirection[]): Promise<StudyRecord> {
    return super.createStudy(name, directions);
  }
}

/** Takes no number for NaN, as SQL takes undefined for NULL. */
class StoresAnything extends Delegate {
  override updateTrial(trialId: number, update: TrialUpdate): Promise<void> {
    const intermediateValues = update.intermediateValues && new Map(update.intermediateValues);
    for (const [step, value] of intermediateValues ?? []) intermediateValues?.set(step, Number(value));
    return super.updateTrial(trialId, { ...update, intermediateValues });
  }
}

/** Takes no notice of the condition. */
class CreatesAlways extends Delegate {
  override async createTrial(studyId: number, template: TrialTemplate): Promise<FrozenTrial> {
    return super.createTrial(studyId, template);
  }
}

/** Lets everybody write to a running trial. */
class HasNoFence extends Delegate {
  override async updateTrial(trialId: number, update: TrialUpdate): Promise<void> {
    await super.updateTrial(trialId, update).catch((error) => {
      if (error.code !== 'TRIAL_LOST') throw error;
    });
  }
}

class Locked extends Delegate {
  override async createTrial(): Promise<FrozenTrial> {
    throw new Error('database is locked');
  }
}

class ReadsBackwards extends Delegate {
  override async getTrials(studyId: number, fromNumber?: number): Promise<readonly FrozenTrial[]> {
    return [...(await super.getTrials(studyId, fromNumber))].reverse();
  }
}

class HidesChanges extends Delegate {
  async getChanges(studyId: number, { last }: KnownTrials): Promise<readonly FrozenTrial[]> {
    return this.inner.getTrials(studyId, (last?.number ?? -1) + 1);
  }
}

class PagesFromTheStart extends Delegate {
  async getTrialPage(studyId: number, { limit }: TrialPage): Promise<readonly FrozenTrial[]> {
    return (await this.inner.getTrials(studyId)).slice(0, limit);
  }
}

class ForgetsConstraints extends Delegate {
  async getOutcomes(studyId: number): Promise<readonly TrialOutcome[]> {
    return (await this.inner.getTrials(studyId)).map((trial) => ({ ...trial, constraints: null }));
  }
}

class RenamesUnderWay extends Delegate {
  async renameStudy(studyId: number, name: string): Promise<void> {
    for (const study of await this.inner.listStudies())
      for (const { trialId, state } of await this.inner.getTrials(study.studyId))
        if (state === 'RUNNING') await this.inner.updateTrial(trialId, { state: 'FAIL' });
    await this.inner.renameStudy!(studyId, name);
  }
}

class RenamesFirst extends Delegate {
  async renameStudy(studyId: number, name: string): Promise<void> {
    await this.inner.renameStudy!(studyId, 'somewhere');
    await this.inner.renameStudy!(studyId, name);
  }
}

class StartsWithTheFirst extends Delegate {
  async getStart(studyId: number): Promise<Date | null> {
    return (await this.inner.getTrials(studyId)).find((trial) => trial.datetimeStart)?.datetimeStart ?? null;
  }
}

class PrefersInfeasible extends Delegate {
  async getBestTrial(studyId: number, direction: StudyDirection): Promise<FrozenTrial | null> {
    const trials = await this.inner.getTrials(studyId);
    return bestOf(
      trials.map((trial) => ({ ...trial, constraints: null })),
      direction,
    );
  }
}

type Make = () => Promise<Storage>;

/** Names of the clauses that a storage fails. */
async function failures(make: Make, options: StorageKitOptions): Promise<string[]> {
  const tests: { name: string; body: () => Promise<void> }[] = [];
  storageConformance(
    { describe: (_name, body) => body(), it: (name, body) => tests.push({ name, body }) },
    make,
    options,
  );
  const failed: string[] = [];
  for (const { name, body } of tests) await body().catch(() => failed.push(name.split(' ')[0]));
  return failed;
}

describe('a clause fails on a storage that breaks it', () => {
  const same: StorageKitOptions = { reopen: async (storage) => storage, deadOwner };
  it('and none fails on the sound one', async () => {
    expect(await failures(async () => new Delegate(), same)).toEqual([]);
  });

  const defects: readonly (readonly [clause: string, make: Make, options?: StorageKitOptions])[] = [
    ['S1', async () => new Delegate(), { ...same, reopen: async () => new Delegate() }],
    ['S1', async () => new Delegate(), { deadOwner }],
    ['S2', async () => new ReusesNames()],
    ['S3', async () => new ReusesIds()],
    ['S4', async () => new SkipsNumbers()],
    ['S5', async () => new ClaimsTwice()],
    ['S6', async () => new IgnoresReleased()],
    ['S6', async () => new ForgetsFirstEntry()],
    ['S6', async () => new ForgetsDeaths()],
    ['S6', async () => new StealsForeign()],
    ['S7', async () => new ChangesFinished()],
    ['S8', async () => new UpdatesByHalves()],
    ['S9', async () => new LosesInfinity()],
    ['S10', async () => new ForgivesUnknown()],
    ['S11', async () => new DeletesTooMuch()],
    ['S11', async () => new DeletesByName()],
    ['S11', async () => new KeepsChildren()],
    ['S12', async () => new Delegate(), { ...same, reopen: async () => new Locked() }],
    ['S13', async () => new ReadsBackwards()],
    ['S14', async () => new StoresAnything()],
    ['S15', async () => new CreatesAlways()],
    ['S16', async () => new HasNoFence()],
    ['S17', async () => new HidesChanges()],
    ['S18', async () => new PagesFromTheStart()],
    ['S19', async () => new ForgetsConstraints()],
    ['S20', async () => new RenamesUnderWay()],
    ['S20', async () => new RenamesFirst()],
    ['S21', async () => new StartsWithTheFirst()],
    ['S22', async () => new PrefersInfeasible()],
  ];
  for (const [clause, make, options = same] of defects)
    it(`${clause}: ${make.toString().replace(/.*new (\w+).*/s, '$1')}`, async () => {
      expect(await failures(make, options)).toContain(clause);
    });
});
