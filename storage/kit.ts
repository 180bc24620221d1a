/**
 * What the author of a storage needs beside the contract: what every storage does with what it is given, and its errors. The
 * conformance kit is in `thanos-hpo/testing`, `registerStorage` in `thanos-hpo/storage`.
 */
export { markDamaged } from '../src/core/damage.ts';
export { frozenTrial, isFinished } from '../src/core/frozen-trial.ts';
export { assertAttrs, assertJsonValue } from '../src/core/json.ts';
export { isForeign } from '../src/core/storage.ts';
export { familyOf, type Kinship } from './child-studies.ts';
export {
  assertOwner,
  bySteps,
  checkName,
  checkNewName,
  checkNumbers,
  duplicatedStudy,
  mayCreate,
  storageClosed,
  storedDistributions,
  storedParams,
  studyNotFound,
  transition,
  trialFinished,
  trialFromTemplate,
  trialNotFound,
} from './new-trial.ts';
export { type OwnerStatus, ownerOf, ownerStatus } from './owner.ts';
export { updatedTrial } from './updated-trial.ts';
