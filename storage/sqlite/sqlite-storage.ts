import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { damageOf } from '../../src/core/damage.ts';
import { StorageError } from '../../src/core/errors.ts';
import type { Attrs, FrozenTrial, JsonValue, StudyDirection } from '../../src/core/frozen-trial.ts';
import { isFinished, SYSTEM_ATTR } from '../../src/core/frozen-trial.ts';
import { stringifyPythonJson } from '../../src/core/python-json.ts';
import type {
  CreateCondition,
  KnownTrials,
  Storage,
  StorageCapabilities,
  StudyRecord,
  TrialOutcome,
  TrialPage,
  TrialTemplate,
  TrialUpdate,
} from '../../src/core/storage.ts';
import { checkName, checkNewName, checkNumbers, mayCreate, trialFromTemplate } from '../new-trial.ts';
import { lockName, ownerOf } from '../owner.ts';
import {
  assertOwner,
  duplicatedStudy,
  storageClosed,
  studyAtWork,
  studyNotFound,
  trialFinished,
  trialNotFound,
} from '../refusals.ts';
import { decodeDateOrNull, encodeDateOrNull, encodeDirection } from '../sql/encoding.ts';
import { ClaimQueue } from './claim-queue.ts';
import { type Database, storageError } from './driver.ts';
import { entry } from './entry.ts';
import { identityOf } from './file-identity.ts';
import { Heart } from './heart.ts';
import { abandonStudyFile, assertPath, closeStudyFile, openStudyFile, type StudyFile } from './open.ts';
import { giveUpOwnerLock, ownerLockPath, takeOwnerLock } from './owner-lock.ts';
import { OwnerWatch } from './owner-watch.ts';
import { renameFamily } from './rename-study.ts';
import { rescued } from './rescue.ts';
import {
  countForeign,
  countObjectives,
  deleteStudyRows,
  nextNumber,
  readFamily,
  readStudies,
  writeAttr,
  writeAttrs,
  writeContent,
} from './tables.ts';
import { closeAtExit, leaveExit } from './tidy-exit.ts';
import { readHead, writeState } from './trial-head.ts';
import { TrialReader } from './trial-reader.ts';
import { UnfinishedTrials } from './unfinished-trials.ts';

/**
 * Studies in one SQLite file, in Optuna's schema: Optuna (3.2 and later) and optuna-dashboard open it, and files that
 * Optuna wrote are opened and continued. Any number of processes of one host may use it at once.
 *
 * A call returns when its effect is in the write-ahead log: it survives a kill of the process. (After a power cut the
 * last transactions may be missing; the file stays consistent.) A file that this user may only read is opened for
 * reading, and every write is refused with STORAGE_UNAVAILABLE.
 */
export class SqliteStorage implements Storage {
  readonly capabilities: StorageCapabilities = { durable: true, multiProcess: true };
  readonly owner: string;
  /** Absolute. */
  readonly path: string;
  readonly #file: StudyFile;
  readonly #db: Database;
  readonly #lock: string;
  readonly #owners: OwnerWatch;
  /** By study. */
  readonly #claims = new Map<number, ClaimQueue>();
  readonly #readers = new Map<number, TrialReader>();
  readonly #unfinished = new UnfinishedTrials();
  /** RUNNING trials of this storage, whose heartbeats it refreshes. */
  readonly #running = new Set<number>();
  /** Beats once a trial has been started. */
  #heart: Heart | null = null;
  #hasWritten = false;
  #hasCreated = false;
  #closed = false;
  /** The file is gone from its path: every call fails with this. */
  #loss: StorageError | null = null;

  /**
   * Opens the file, or creates it in an existing directory.
   * @throws StorageError STORAGE_UNAVAILABLE, STORAGE_CORRUPT or SCHEMA_MISMATCH; the file is then left as it is.
   */
  constructor(path: string) {
    assertPath(path);
    this.path = resolve(path);
    this.#file = openStudyFile(this.path);
    this.#db = this.#file.db;
    const name = lockName();
    this.owner = ownerOf(process.pid, name);
    const realPath = realpathSync(this.path);
    this.#lock = ownerLockPath(realPath, name);
    this.#owners = new OwnerWatch(realPath);
    closeAtExit(this);
  }

  async createStudy(
    studyName: string,
    directions: readonly StudyDirection[],
    systemAttrs?: Attrs,
  ): Promise<StudyRecord> {
    checkNewName(studyName);
    const study = this.#write((db) => {
      if (readStudies(db, studyName).length > 0) throw duplicatedStudy(studyName);
      const studyId = Number(
        db.prepare('INSERT INTO studies (study_name) VALUES (?)').run(studyName).lastInsertRowid,
      );
      // In this order: Optuna reads directions in the order of insertion.
      directions.forEach((direction, objective) => {
        db.prepare('INSERT INTO study_directions (direction, study_id, objective) VALUES (?, ?, ?)').run(
          encodeDirection(direction),
          studyId,
          objective,
        );
      });
      writeAttrs(db, 'study_system_attributes', studyId, systemAttrs);
      return readStudies(db, studyName)[0];
    });
    // From here on a copy of the file alone holds a study; the heart's thread sees to it that it holds the trials.
    if (!this.#hasCreated) this.#db.pragma('wal_checkpoint(PASSIVE)');
    this.#hasCreated = true;
    return study;
  }

  async findStudy(studyName: string): Promise<StudyRecord | null> {
    checkName(studyName);
    return this.#read((db) => readStudies(db, studyName)[0] ?? null);
  }

  async listStudies(): Promise<readonly StudyRecord[]> {
    return this.#read((db) => readStudies(db));
  }

  async deleteStudy(studyId: number): Promise<void> {
    this.#write((db) => {
      this.#studyName(studyId);
      deleteStudyRows(db, studyId);
    });
    this.#claims.clear();
    this.#readers.clear();
    this.#unfinished.clear();
  }

  async renameStudy(studyId: number, studyName: string): Promise<void> {
    this.#write((db) => {
      this.#studyName(studyId);
      const family = readFamily(db, studyId);
      for (const member of family)
        if (this.#claimQueue(member.studyId).isHeld(db)) throw studyAtWork(member.studyName);
      renameFamily(db, family, studyName);
    });
    this.#readers.clear();
  }

  async setStudyAttr(studyId: number, kind: 'user' | 'system', key: string, value: JsonValue): Promise<void> {
    this.#write((db) => {
      this.#studyName(studyId);
      writeAttr(db, `study_${kind}_attributes`, studyId, key, value);
    });
  }

  createTrial(studyId: number, template: TrialTemplate): Promise<FrozenTrial>;
  createTrial(
    studyId: number,
    template: TrialTemplate,
    condition?: CreateCondition,
  ): Promise<FrozenTrial | null>;
  async createTrial(
    studyId: number,
    template: TrialTemplate,
    condition: CreateCondition = {},
  ): Promise<FrozenTrial | null> {
    const created = this.#write((db) => {
      this.#studyName(studyId);
      const number = nextNumber(db, studyId);
      if (!mayCreate(condition, number, () => countForeign(db, studyId))) return null;
      const draft = trialFromTemplate({ trialId: 0, number }, template, this.owner, new Date());
      const { lastInsertRowid } = db
        .prepare(
          'INSERT INTO trials (number, study_id, state, datetime_start, datetime_complete) VALUES (?, ?, ?, ?, ?)',
        )
        .run(
          number,
          studyId,
          draft.state,
          encodeDateOrNull(draft.datetimeStart),
          encodeDateOrNull(draft.datetimeComplete),
        );
      const trial = Object.freeze({ ...draft, trialId: Number(lastInsertRowid) });
      writeContent(db, trial.trialId, { ...trial, values: trial.values ?? undefined });
      if (trial.state === 'RUNNING') this.#watch(trial.trialId);
      return trial;
    });
    if (created !== null) this.#unfinished.put(created);
    return created;
  }

  async claimTrial(
    studyId: number,
    firstEntry?: (trialNumber: number) => Attrs,
    afterDeath?: (trial: FrozenTrial) => Attrs,
  ): Promise<FrozenTrial | null> {
    const queue = this.#claimQueue(studyId);
    // Most of the time there is nothing to claim, and finding that out needs no write lock.
    const found = this.#read((db) => {
      this.#studyName(studyId);
      return queue.next(db, this.#ownedHere(db));
    });
    if (found === null) return null;
    return this.#write((db) => {
      const trialId = queue.next(db, this.#ownedHere(db));
      if (trialId === null) return null;
      const before = readHead(db, trialId);
      writeState(db, trialId, before, 'RUNNING', new Date());
      if (before.state === 'WAITING') writeContent(db, trialId, { systemAttrs: firstEntry?.(before.number) });
      if (before.state === 'RUNNING' && before.owner !== null)
        writeContent(db, trialId, { systemAttrs: afterDeath?.(this.#sound(db, studyId, trialId)) });
      writeAttr(db, 'trial_system_attributes', trialId, SYSTEM_ATTR.owner, this.owner);
      this.#watch(trialId);
      this.#unfinished.forget(trialId);
      return this.#sound(db, studyId, trialId);
    });
  }

  async hasOwnerInDoubt(studyId: number): Promise<boolean> {
    const queue = this.#claimQueue(studyId);
    return this.#read((db) => queue.isInDoubt(db, this.#ownedHere(db)));
  }

  /** Tells the trials that this storage is known to be at work on. */
  #ownedHere(db: Database): (trialId: number) => boolean {
    this.#unfinished.sync(db);
    return (trialId) => this.#unfinished.get(trialId)?.systemAttrs[SYSTEM_ATTR.owner] === this.owner;
  }

  /** A trial that somebody is to go on with. @throws StorageError STORAGE_CORRUPT if it is damaged. */
  #sound(db: Database, studyId: number, trialId: number): FrozenTrial {
    const trial = this.#reader(studyId).one(db, trialId);
    if (trial === undefined) throw trialNotFound(trialId);
    const damage = damageOf(trial);
    if (damage !== null) throw damage;
    return trial;
  }

  async updateTrial(trialId: number, update: TrialUpdate): Promise<void> {
    checkNumbers(update);
    this.#unfinished.forget(trialId);
    this.#write((db) => {
      const before = readHead(db, trialId);
      if (isFinished(before.state)) throw trialFinished(before.number, before.state);
      assertOwner(before, before.owner, update, this.owner);
      writeContent(db, trialId, update);
      if (update.state !== undefined) writeState(db, trialId, before, update.state, new Date());
    });
    if (update.state !== undefined && update.state !== 'RUNNING') this.#unwatch(trialId);
  }

  async getTrials(studyId: number, fromNumber = 0): Promise<readonly FrozenTrial[]> {
    return this.#read((db) => this.#reader(studyId).from(db, fromNumber));
  }

  async getChanges(studyId: number, known: KnownTrials): Promise<readonly FrozenTrial[]> {
    return this.#read((db) => this.#unfinished.changes(db, this.#reader(studyId), known));
  }

  async getTrialPage(studyId: number, page: TrialPage): Promise<readonly FrozenTrial[]> {
    return this.#read((db) => this.#reader(studyId).page(db, page));
  }

  async getOutcomes(studyId: number): Promise<readonly TrialOutcome[]> {
    return this.#read((db) => this.#reader(studyId).outcomes(db));
  }

  async getStart(studyId: number): Promise<Date | null> {
    return this.#read((db) => {
      const whose = `study '${this.#studyName(studyId)}'`;
      const [text] = db.prepare('SELECT min(datetime_start) FROM trials WHERE study_id = ?').get(studyId) as [
        string | null,
      ];
      return decodeDateOrNull(text, whose);
    });
  }

  async getBestTrial(studyId: number, direction: StudyDirection): Promise<FrozenTrial | null> {
    return this.#read((db) => this.#reader(studyId).best(db, direction));
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** @throws StorageError STORAGE_UNAVAILABLE if the file, with what was written to it, is not at its path any more. */
  async close(): Promise<void> {
    if (this.#closed) return;
    try {
      if (this.#hasWritten && this.#loss === null) this.#checkFile();
    } finally {
      this.closeNow();
    }
  }

  /** Closes at the process's end: a program that has removed its file by then knows what it does. */
  closeNow(): void {
    if (this.#closed) return;
    this.#closed = true;
    leaveExit(this);
    this.#heart?.stop();
    if (this.#heart !== null) giveUpOwnerLock(this.#lock);
    if (this.#loss !== null) return;
    const isThere = identityOf(this.path) === this.#file.identity;
    (isThere ? closeStudyFile : abandonStudyFile)(this.#file, this.path);
  }

  /** @throws StorageError STUDY_NOT_FOUND. */
  #studyName(studyId: number): string {
    const row = this.#db.prepare('SELECT study_name FROM studies WHERE study_id = ?').get(studyId) as
      | [string]
      | undefined;
    if (row === undefined) throw studyNotFound(studyId);
    return row[0];
  }

  #claimQueue(studyId: number): ClaimQueue {
    return entry(this.#claims, studyId, () => new ClaimQueue(studyId, this.#owners));
  }

  /** @throws StorageError STUDY_NOT_FOUND. */
  #reader(studyId: number): TrialReader {
    const studyName = this.#studyName(studyId);
    const known = this.#readers.get(studyId);
    // Another tool may give the id of a deleted study out again.
    if (known?.studyName === studyName) return known;
    const reader = new TrialReader({
      studyId,
      studyName,
      nObjectives: countObjectives(this.#db, studyId),
    });
    this.#readers.set(studyId, reader);
    return reader;
  }

  /** Holds the lock and lets the heart beat, from the first trial on. */
  #watch(trialId: number): void {
    this.#running.add(trialId);
    if (this.#heart === null) {
      takeOwnerLock(this.#lock);
      const ownerJson = stringifyPythonJson(this.owner);
      this.#heart = new Heart({ path: this.path, identity: this.#file.identity, ownerJson });
    }
    this.#beatFromLowest();
  }

  #unwatch(trialId: number): void {
    if (this.#running.delete(trialId)) this.#beatFromLowest();
  }

  /** Trials are started in order of id, but for those that are re-entered. */
  #beatFromLowest(): void {
    const [lowest = Number.POSITIVE_INFINITY] = this.#running;
    this.#heart?.watch(lowest);
  }

  #write<T>(body: (db: Database) => T): T {
    if (this.#file.readonlyReason !== null)
      throw new StorageError(
        'STORAGE_UNAVAILABLE',
        `the database ${this.path} can only be read: ${this.#file.readonlyReason}; make the file and its directory ` +
          'writable to change it, or copy it',
      );
    const result = this.#transaction('BEGIN IMMEDIATE', body);
    this.#hasWritten = true;
    this.#checkFile();
    return result;
  }

  /** @throws StorageError STORAGE_UNAVAILABLE if the file is not at its path any more; what it held is saved first. */
  #checkFile(): void {
    if (identityOf(this.path) === this.#file.identity) return;
    this.#loss = rescued(this.#db, this.path, this.#file.identity);
    this.#heart?.stop();
    abandonStudyFile(this.#file, this.path);
    throw this.#loss;
  }

  /** One snapshot for all queries of `body`. */
  #read<T>(body: (db: Database) => T): T {
    return this.#transaction('BEGIN', body);
  }

  #transaction<T>(begin: string, body: (db: Database) => T): T {
    if (this.#closed) throw storageClosed(`the database ${this.path}`);
    if (this.#loss !== null) throw this.#loss;
    const db = this.#db;
    try {
      db.prepare(begin).run();
      const result = body(db);
      db.prepare('COMMIT').run();
      return result;
    } catch (error) {
      if (db.inTransaction) db.exec('ROLLBACK');
      throw storageError(this.path, error);
    }
  }
}
