import type { Attrs, JsonValue, StudyDirection } from '../src/core/frozen-trial.ts';
import {
  type FrozenTrial,
  frozenTrial,
  isFinished,
  NO_INTERMEDIATE_VALUES,
  SYSTEM_ATTR,
} from '../src/core/frozen-trial.ts';
import { assertAttrs, assertJsonValue, isEmpty } from '../src/core/json.ts';
import {
  type CreateCondition,
  isForeign,
  type KnownTrials,
  type Storage,
  type StorageCapabilities,
  type StudyRecord,
  type TrialOutcome,
  type TrialPage,
  type TrialTemplate,
  type TrialUpdate,
} from '../src/core/storage.ts';
import { familyOf, withRenamedParent } from './child-studies.ts';
import {
  checkName,
  checkNewName,
  checkNumbers,
  mayCreate,
  transition,
  trialFromTemplate,
} from './new-trial.ts';
import { ownerOf, ownerStatus } from './owner.ts';
import {
  assertOwner,
  duplicatedStudy,
  storageClosed,
  studyAtWork,
  studyNotFound,
  trialFinished,
  trialNotFound,
} from './refusals.ts';
import { updatedTrial } from './updated-trial.ts';

interface StoredStudy {
  record: StudyRecord;
  /** Index = number. Trials are replaced, never changed, so that what was handed out stays as it was. */
  readonly trials: FrozenTrial[];
  /** Every trial with a smaller number is finished. */
  firstUnfinished: number;
  /** Intermediate values by trial number that are not yet in `trials`: a trial may report often before anybody reads it. */
  readonly reports: Map<number, Map<number, number>>;
}

/** Keeps everything in this process; the default of `createStudy`. */
export class InMemoryStorage implements Storage {
  readonly capabilities: StorageCapabilities = { durable: false, multiProcess: false };
  readonly owner = ownerOf();
  readonly #studies = new Map<number, StoredStudy>();
  readonly #studyOfTrial = new Map<number, { readonly study: StoredStudy; readonly number: number }>();
  #lastStudyId = 0;
  #lastTrialId = 0;
  #closed = false;

  async createStudy(
    studyName: string,
    directions: readonly StudyDirection[],
    systemAttrs?: Attrs,
  ): Promise<StudyRecord> {
    this.#assertOpen();
    checkNewName(studyName);
    for (const { record } of this.#studies.values())
      if (record.studyName === studyName) throw duplicatedStudy(studyName);
    const record: StudyRecord = Object.freeze({
      studyId: ++this.#lastStudyId,
      studyName,
      directions: Object.freeze([...directions]),
      userAttrs: assertAttrs(),
      systemAttrs: assertAttrs(systemAttrs),
    });
    this.#studies.set(record.studyId, { record, trials: [], firstUnfinished: 0, reports: new Map() });
    return record;
  }

  async findStudy(studyName: string): Promise<StudyRecord | null> {
    this.#assertOpen();
    checkName(studyName);
    for (const { record } of this.#studies.values()) if (record.studyName === studyName) return record;
    return null;
  }

  async listStudies(): Promise<readonly StudyRecord[]> {
    this.#assertOpen();
    return [...this.#studies.values()].map((study) => study.record);
  }

  async deleteStudy(studyId: number): Promise<void> {
    this.#study(studyId);
    for (const id of this.#family(studyId)) {
      for (const trial of this.#study(id).trials) this.#studyOfTrial.delete(trial.trialId);
      this.#studies.delete(id);
    }
  }

  async renameStudy(studyId: number, studyName: string): Promise<void> {
    const root = this.#study(studyId).record.studyName;
    const family = this.#family(studyId).map((id) => this.#study(id));
    const renamed = (name: string): string => studyName + name.slice(root.length);
    for (const { record } of family) checkNewName(renamed(record.studyName));
    for (const { record } of this.#studies.values())
      for (const member of family)
        if (record.studyName === renamed(member.record.studyName) && !family.some((f) => f.record === record))
          throw duplicatedStudy(record.studyName);
    for (const { record, trials } of family) if (trials.some(isHeld)) throw studyAtWork(record.studyName);
    for (const member of family) {
      const { record } = member;
      member.record = Object.freeze({
        ...record,
        studyName: renamed(record.studyName),
        systemAttrs:
          record.studyId === studyId ? record.systemAttrs : withRenamedParent(record.systemAttrs, renamed),
      });
    }
  }

  async setStudyAttr(studyId: number, kind: 'user' | 'system', key: string, value: JsonValue): Promise<void> {
    const study = this.#study(studyId);
    const field = kind === 'user' ? 'userAttrs' : 'systemAttrs';
    const attrs = Object.freeze({ ...study.record[field], [key]: assertJsonValue(key, value) });
    study.record = Object.freeze({ ...study.record, [field]: attrs });
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
    const study = this.#study(studyId);
    const countForeign = (): number => study.trials.filter(isForeign).length;
    if (!mayCreate(condition, study.trials.length, countForeign)) return null;
    const ids = { trialId: this.#lastTrialId + 1, number: study.trials.length };
    const trial = trialFromTemplate(ids, template, this.owner, new Date());
    this.#lastTrialId = ids.trialId;
    study.trials.push(trial);
    this.#studyOfTrial.set(ids.trialId, { study, number: ids.number });
    return trial;
  }

  async claimTrial(
    studyId: number,
    firstEntry?: (trialNumber: number) => Attrs,
    afterDeath?: (trial: FrozenTrial) => Attrs,
  ): Promise<FrozenTrial | null> {
    const study = this.#study(studyId);
    const { trials } = study;
    while (study.firstUnfinished < trials.length && isFinished(trials[study.firstUnfinished].state))
      study.firstUnfinished++;
    for (let number = study.firstUnfinished; number < trials.length; number++) {
      const trial = trials[number];
      if (!isClaimable(trial)) continue;
      const claimed = frozenTrial({
        ...trial,
        ...transition('RUNNING', trial.datetimeStart, new Date()),
        systemAttrs: Object.freeze({
          ...trial.systemAttrs,
          ...assertAttrs(trial.state === 'WAITING' ? firstEntry?.(number) : undefined),
          ...assertAttrs(hasDeadOwner(trial) ? afterDeath?.(trial) : undefined),
          [SYSTEM_ATTR.owner]: this.owner,
        }),
      });
      trials[number] = claimed;
      return claimed;
    }
    return null;
  }

  async updateTrial(trialId: number, update: TrialUpdate): Promise<void> {
    this.#assertOpen();
    const place = this.#studyOfTrial.get(trialId);
    if (place === undefined) throw trialNotFound(trialId);
    const before = place.study.trials[place.number];
    if (isFinished(before.state)) throw trialFinished(before.number, before.state);
    assertOwner(before, before.systemAttrs[SYSTEM_ATTR.owner], update, this.owner);
    checkNumbers(update);
    const { intermediateValues, ...others } = update;
    if (isEmpty(others)) note(place.study.reports, place.number, intermediateValues);
    else {
      takeReports(place.study);
      place.study.trials[place.number] = updatedTrial(place.study.trials[place.number], update, new Date());
    }
  }

  async getTrials(studyId: number, fromNumber = 0): Promise<readonly FrozenTrial[]> {
    const { trials } = this.#study(studyId);
    return fromNumber >= trials.length ? NO_TRIALS : Object.freeze(trials.slice(Math.max(0, fromNumber)));
  }

  async getChanges(studyId: number, { last, unfinished }: KnownTrials): Promise<readonly FrozenTrial[]> {
    const { trials } = this.#study(studyId);
    const changed: FrozenTrial[] = [];
    for (const trial of unfinished) if (trials[trial.number] !== trial) changed.push(trials[trial.number]);
    for (let i = (last?.number ?? -1) + 1; i < trials.length; i++) changed.push(trials[i]);
    return changed;
  }

  async getTrialPage(studyId: number, { after, before, limit }: TrialPage): Promise<readonly FrozenTrial[]> {
    const { trials } = this.#study(studyId);
    if (before !== undefined) {
      const end = Math.min(before.number, trials.length);
      return trials.slice(Math.max(0, end - limit), end);
    }
    const start = (after?.number ?? -1) + 1;
    return trials.slice(start, start + limit);
  }

  async getOutcomes(studyId: number): Promise<readonly TrialOutcome[]> {
    return this.getTrials(studyId);
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  async getStart(studyId: number): Promise<Date | null> {
    let start: Date | null = null;
    for (const { datetimeStart } of this.#study(studyId).trials)
      if (datetimeStart !== null && (start === null || datetimeStart < start)) start = datetimeStart;
    return start;
  }

  /** Ids of the study, its children, theirs, and so on. */
  #family(studyId: number): readonly number[] {
    const studies = [...this.#studies.values()].map(({ record }) => ({
      ...record,
      parent: record.systemAttrs[SYSTEM_ATTR.parent],
    }));
    return familyOf(studyId, studies);
  }

  #assertOpen(): void {
    if (this.#closed) throw storageClosed('the in-memory storage');
  }

  #study(studyId: number): StoredStudy {
    this.#assertOpen();
    const study = this.#studies.get(studyId);
    if (study === undefined) throw studyNotFound(studyId);
    takeReports(study);
    return study;
  }
}

const NO_TRIALS: readonly FrozenTrial[] = Object.freeze([]);

function isClaimable(trial: FrozenTrial): boolean {
  if (trial.state === 'WAITING') return true;
  if (trial.state !== 'RUNNING') return false;
  return trial.systemAttrs[SYSTEM_ATTR.owner] === null || hasDeadOwner(trial);
}

function isHeld(trial: FrozenTrial): boolean {
  return (
    typeof trial.systemAttrs[SYSTEM_ATTR.owner] === 'string' &&
    trial.state === 'RUNNING' &&
    !hasDeadOwner(trial)
  );
}

/** Nobody else can be at work in this process's memory, so an owner elsewhere is a dead one. */
function hasDeadOwner(trial: FrozenTrial): boolean {
  const owner = trial.systemAttrs[SYSTEM_ATTR.owner];
  return trial.state === 'RUNNING' && typeof owner === 'string' && ownerStatus(owner) !== 'alive';
}

function note(
  reports: StoredStudy['reports'],
  number: number,
  values: ReadonlyMap<number, number> = NO_INTERMEDIATE_VALUES,
): void {
  const noted = reports.get(number);
  if (noted === undefined) reports.set(number, new Map(values));
  else for (const [step, value] of values) noted.set(step, value);
}

function takeReports({ trials, reports }: StoredStudy): void {
  for (const [number, intermediateValues] of reports)
    if (intermediateValues.size > 0)
      trials[number] = updatedTrial(trials[number], { intermediateValues }, new Date());
  reports.clear();
}
