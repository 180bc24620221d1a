/** Whether a run has what its study was made with: the settings, the trained SuperTransformer, and the losses it gave. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { InvalidConfigError, InvalidDataError } from '../../src/core/errors.ts';
import type { FrozenTrial } from '../../src/core/frozen-trial.ts';
import type { Study } from '../../src/core/study.ts';
import type { ArchConfig } from '../transformer/arch-config.ts';
import { assertSameSettings, type NasSettings } from './nas-settings.ts';

/** The relative difference that a validation loss may have from the recorded one: other machines round otherwise. */
export const LOSS_TOLERANCE = 1e-4;

const CHECKPOINT_ATTR = 'nasCheckpoint';

/** What is asked of a run. */
export interface RunOfStudy {
  readonly checkpoint: string;
  readonly checkpointFiles: readonly string[];
  readonly config: { readonly training: { readonly steps: number } };
  readonly settings: NasSettings;
  isTrained(): Promise<boolean>;
  trainer(): Promise<{ readonly step: number }>;
  validationLoss(arch: ArchConfig): Promise<number>;
}

/** @throws InvalidConfigError if the SuperTransformer is not trained to its end. */
export async function assertTrained(run: RunOfStudy): Promise<void> {
  if (await run.isTrained()) return;
  const { step } = await run.trainer();
  throw new InvalidConfigError(
    run.checkpoint,
    `the SuperTransformer must be trained to step ${run.config.training.steps}, but ${
      step === 0 ? 'there is no such checkpoint' : `stands at step ${step}`
    }; \`thanos nas train\` with the same settings trains it`,
  );
}

/** Writes hashes of what was learned into a new study. @throws InvalidDataError as {@link assertRecordedCheckpoint}. */
export async function recordCheckpoint(run: RunOfStudy, study: Study): Promise<void> {
  if (study.userAttrs[CHECKPOINT_ATTR] === undefined)
    await study.setUserAttr(CHECKPOINT_ATTR, await checkpointHashes(run));
  else await assertRecordedCheckpoint(run, study);
}

/**
 * A checkpoint that is not there, or not trained to its end, is none yet.
 * @throws InvalidDataError if a trained checkpoint is not the one that the study's trials were judged with.
 */
export async function assertRecordedCheckpoint(run: RunOfStudy, study: Study): Promise<void> {
  const recorded = study.userAttrs[CHECKPOINT_ATTR] as Hashes | undefined;
  if (recorded === undefined || !existsSync(run.checkpoint) || !(await run.isTrained())) return;
  for (const [name, hash] of Object.entries(await checkpointHashes(run)))
    if (recorded[name] !== hash)
      throw new InvalidDataError(
        join(dirname(run.checkpoint), name),
        `the checkpoint must be the one that the trials of study '${study.studyName}' were judged with (sha256 ` +
          `${recorded[name]}), but its bytes are others (sha256 ${hash}); bring that one back, or give another study-name`,
      );
}

/**
 * @throws InvalidConfigError if settings differ from the study's or the SuperTransformer is not trained; InvalidDataError if the
 * checkpoint is another one.
 */
export async function assertOfStudy(run: RunOfStudy, study: Study): Promise<void> {
  assertSameSettings(study, run.settings);
  await assertTrained(run);
  await assertRecordedCheckpoint(run, study);
}

/** @throws InvalidDataError if the SuperTransformer does not give the trial's architecture the loss that the trial recorded. */
export async function assertRecordedLoss(
  run: RunOfStudy,
  trial: FrozenTrial,
  arch: ArchConfig,
): Promise<void> {
  const recorded = trial.values?.[0] ?? Number.NaN;
  const actual = await run.validationLoss(arch);
  if (!(Math.abs(actual - recorded) <= LOSS_TOLERANCE * recorded))
    throw new InvalidDataError(
      run.checkpoint,
      `with these weights the SubTransformer of trial ${trial.number} must have the validation loss that the trial recorded, ` +
        `${recorded} bits/token within ${100 * LOSS_TOLERANCE} %, but has ${actual}; bring back the checkpoint, the tokenizer and ` +
        'the study that belong together, or search anew under another study-name',
    );
}

/** By the name of the file. */
type Hashes = Readonly<Record<string, string>>;

async function checkpointHashes({ checkpointFiles }: RunOfStudy): Promise<Hashes> {
  const hashes: Record<string, string> = {};
  for (const path of checkpointFiles) {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
    hashes[basename(path)] = hash.digest('hex');
  }
  return hashes;
}
