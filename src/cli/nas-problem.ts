/** The architecture search as a problem for `thanos compare`: least validation loss under a memory ceiling. */
import type { HardwareModel } from '../../objectives/nested-nas.ts';
import { evolutionOf, type NasConfig } from '../../objectives/pipeline/nas-config.ts';
import type { ArchParams } from '../../objectives/transformer/arch-space.ts';
import type { ComparedSampler, Problem } from '../compare/index.ts';
import type { Distribution } from '../core/distribution.ts';
import { comparedSamplers } from './compared-samplers.ts';
import { gridOfSpace } from './grid-of-space.ts';
import { interrupted } from './interrupt.ts';
import { makeSampler, type NasArgs, withNasRun } from './nas-session.ts';

export interface NasProblem {
  readonly problem: Problem;
  readonly samplers: readonly ComparedSampler[];
}

/** Trains the SuperTransformer if it is not trained yet, then hands the problem and the samplers by these names to `work`. */
export function withNasProblem<T>(
  args: NasArgs,
  names: readonly string[],
  work: (nas: NasProblem, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return withNasRun(
    args,
    () => 'begin',
    async (run, storage, files, signal) => {
      const { config } = files;
      const { space } = config;
      const optionsOf = (name: string): object => {
        if (name === 'grid') return { searchSpace: gridOfSpace(space.searchSpace) };
        return name === 'evolutionary' ? evolutionOf(config.search) : {};
      };
      // What cannot be made is refused before the training.
      comparedSamplers(names, optionsOf);
      await run.train().catch((error: unknown) => {
        throw signal.aborted ? interrupted('the SuperTransformer is not trained yet') : error;
      });
      const hardware = await run.hardware(storage, makeSampler);
      const ceilingMiB = ceilingOf(config, hardware);
      const excess = (params: ArchParams): number =>
        hardware.cost(space.decode(params)).memoryMiB - ceilingMiB;
      const problem: Problem<Record<string, Distribution>> = {
        name: `${config.studyName}-${ceilingMiB.toFixed(2)}MiB`,
        space: space.searchSpace,
        directions: ['minimize'],
        evaluate: async (params, trial) => {
          trial.setConstraint('memoryMiB', excess(params));
          return run.validationLoss(space.decode(params), signal);
        },
      };
      const withCeiling = { violation: excess, canonical: (p: ArchParams) => space.canonicalParams(p) };
      const samplers = comparedSamplers(names, (name) => ({
        ...optionsOf(name),
        ...(name === 'evolutionary' ? withCeiling : {}),
      }));
      return work({ problem, samplers }, signal);
    },
  );
}

/** The configured ceiling; of a range, and by default, the middle. */
function ceilingOf({ search, space }: NasConfig, hardware: HardwareModel): number {
  const ceiling = search.memoryCeilingMiB ?? {
    low: hardware.cost(space.smallest()).memoryMiB,
    high: hardware.cost(space.largest()).memoryMiB,
  };
  return typeof ceiling === 'number' ? ceiling : (ceiling.low + ceiling.high) / 2;
}
