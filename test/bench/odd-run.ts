/** Runs one study of an odd case in memory and says how good what it found really is. */
import { compileSpace, decideAll } from '../../src/core/compiled-space.ts';
import { type FrozenTrial, Rng, type Sampler } from '../../src/core/index.ts';
import { createStudy, type Trial, TrialPruned } from '../../src/index.ts';
import { hypervolume, paretoFront, pickRows } from '../../src/pareto/index.ts';
import type { OddCase } from './odd-builders.ts';

export interface OddResult {
  /** Less is better: the loss of the best trial or, of several objectives, the hypervolume, negative. Infinity if there is none. */
  readonly score: number;
  /** The time of all trials together. */
  readonly seconds: number;
}

export async function runOddCase(odd: OddCase, sampler: Sampler, seed: number): Promise<OddResult> {
  const start = performance.now();
  const { constraints, directions, nTrials } = odd;
  const study = await createStudy({
    directions,
    sampler,
    constraints: constraints === undefined ? undefined : (trial) => constraints(trial.params),
  });
  const evaluate = (trial: Trial): number | readonly number[] => {
    odd.reports?.(trial.params).forEach((value, step) => {
      trial.report(value, step);
    });
    const told = odd.tell(trial.params, trial.number, Rng.keyed(seed, 'odd', trial.number));
    if (told === 'throws') throw new Error('this point fails');
    if (told === 'pruned') throw new TrialPruned();
    return told;
  };
  const options = { nTrials, catch: true } as const;
  if (odd.isDeclared) await study.optimize(odd.space, (_, trial) => evaluate(trial as Trial), options);
  else {
    const compiled = compileSpace(odd.space);
    await study.optimize((trial) => {
      decideAll(compiled, (name, d) => trial.suggest(name, d));
      return evaluate(trial as Trial);
    }, options);
  }
  const seconds = (performance.now() - start) / 1000;
  return { score: scoreOf(odd, study.trials.some(isUsable) ? study.bestTrials : []), seconds };
}

function isUsable({ state, constraints }: FrozenTrial): boolean {
  return state === 'COMPLETE' && (constraints?.every((value) => value <= 0) ?? true);
}

function scoreOf({ losses, reference }: OddCase, best: readonly FrozenTrial[]): number {
  if (best.length === 0) return Number.POSITIVE_INFINITY;
  if (reference === undefined) return losses(best[0].params)[0];
  const m = reference.length;
  const points = Float64Array.from(best.flatMap(({ params }) => losses(params)));
  return -hypervolume(pickRows(points, m, paretoFront(points, m)), Float64Array.from(reference));
}
