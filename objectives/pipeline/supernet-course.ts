/** The course of a SuperTransformer's training: steps and validations in turn, until its last step or until it no longer gets better. */
import { ThanosError } from '../../src/core/errors.ts';
import type { Trainer } from '../training/index.ts';
import { type BestWeights, meanLoss, VALIDATE_EVERY, type Validation } from './best-weights.ts';
import type { SupernetTrainingConfig } from './training-config.ts';

export interface SupernetCourse {
  readonly trainer: Pick<Trainer, 'step' | 'trainTo' | 'save'>;
  readonly weights: BestWeights;
  readonly training: Pick<SupernetTrainingConfig, 'steps' | 'patience' | 'peakLearningRate'>;
}

/** Whether training is over: its last step is taken, or its patience is at an end. */
export function isOver({ trainer, weights, training }: SupernetCourse): boolean {
  return trainer.step >= training.steps || weights.isPatienceOver(training.patience, trainer.step);
}

/**
 * Trains from where the trainer stands. Validations are at fixed steps, and the one of the first step is made (again) on the way in, so
 * an interrupted training takes the same course.
 * @throws the signal's reason on abort.
 */
export async function trainToEnd(
  course: SupernetCourse,
  validate: (step: number) => Promise<Validation>,
  onValidation: (validation: Validation, isBest: boolean) => void,
  signal?: AbortSignal,
): Promise<void> {
  const { trainer, weights, training } = course;
  const validated = async (): Promise<void> => {
    const validation = await validate(trainer.step);
    onValidation(validation, await weights.offer(validation));
  };
  if (trainer.step % VALIDATE_EVERY === 0 || trainer.step === training.steps) await validated();
  while (!isOver(course)) {
    const next = (Math.floor(trainer.step / VALIDATE_EVERY) + 1) * VALIDATE_EVERY;
    await trainer.trainTo(Math.min(next, training.steps), { signal });
    await validated();
  }
  await trainer.save();
}

/** @throws ThanosError RUN_FAILED if no validation was better than the one before training. */
export function assertLearned({ weights, training }: SupernetCourse, last: Validation | undefined): void {
  const { best } = weights;
  if (best !== null && best.step > 0) return;
  const losses = ({ largest, smallest }: Validation): string =>
    `${largest.toFixed(3)} bits/token as a whole and ${smallest.toFixed(3)} as its smallest SubTransformer`;
  throw new ThanosError(
    'RUN_FAILED',
    `a SuperTransformer must learn something, but no validation was better than the one before training` +
      `${best === null ? '' : ` (${losses(best)})`}${last === undefined ? '' : `; after step ${last.step} it has ${losses(last)}`}: ` +
      `give another learning rate (its peak is ${training.peakLearningRate}), clip the gradients, or train for longer`,
  );
}

/** Which weights are used, and why: a sentence for the log and the report. */
export function weightsUsed(best: Validation, last: Validation | undefined, steps: number): string {
  const overfits = last !== undefined && last.step > best.step && meanLoss(last) > meanLoss(best);
  const stopped =
    last !== undefined && last.step < steps ? `; its patience ended it at step ${last.step} of ${steps}` : '';
  return (
    `the weights are those of step ${best.step}, whose validation loss is least ` +
    `(mean of largest and smallest SubTransformer, ${meanLoss(best).toFixed(3)} bits/token)` +
    (overfits
      ? `; by step ${last.step} it had risen to ${meanLoss(last).toFixed(3)}: longer training overfits`
      : '') +
    stopped
  );
}
