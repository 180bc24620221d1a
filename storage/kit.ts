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
  bySteps,
  checkName,
  checkNewName,
  checkNumbers,
  mayCreate,
  storedDistributions,
  storedParams,
  transition,
  trialFromTemplate,
} from './new-trial.ts';
export { type OwnerStatus, ownerOf, ownerStatus } from './owner.ts';
export {
  assertOwner,
  duplicatedStudy,
  storageClosed,
  studyNotFound,
  trialFinished,
  trialNotFound,
} from './refusals.ts';
export { updatedTrial } from './updated-trial.ts';
