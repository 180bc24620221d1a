// A sampler of your own: simulated annealing, in the 40 lines of the class. A sampler is a pure function of its options and the
// history, so this one keeps no state: it walks the history again. test/e2e/own-sampler.test.ts holds it to the contract.
//   npm run build && npx tsx examples/08-your-own-sampler.ts
import {
  categorical,
  createStudy,
  type Distribution,
  type FrozenTrial,
  float,
  type ParamValue,
  type SamplerContext,
  space,
} from 'thanos-hpo';
import {
  BaseSampler,
  defineOptions,
  fromReal,
  holds,
  lossOf,
  NOT_NEGATIVE,
  type OptionsOf,
  option,
  POSITIVE_PROBABILITY,
  realBounds,
  SEED,
  type SettingsOf,
  toReal,
  trialRng,
} from 'thanos-hpo/sampler-kit';
import { samplerRegistry } from 'thanos-hpo/samplers';

const OPTIONS = defineOptions('the annealing sampler', {
  seed: SEED,
  /** By how much a step may be worse at first, to be taken one time in e. Default 1. */
  temperature: option(NOT_NEGATIVE, 1),
  /** What each trial leaves of the temperature. Default 0.95. */
  cooling: option(POSITIVE_PROBABILITY, 0.95),
  /** The standard deviation of a step, in parts of a parameter's range. Default 0.1. */
  stepSize: option(POSITIVE_PROBABILITY, 0.1),
});

export class AnnealingSampler extends BaseSampler<SettingsOf<typeof OPTIONS>> {
  readonly name = 'annealing';
  readonly capabilities = { multiObjective: false, constraints: false, categorical: true, defineByRun: true };

  constructor(options: OptionsOf<typeof OPTIONS> = {}) {
    super(OPTIONS, options);
  }

  /** A step from where the walk stands; of a parameter that is new there, a uniform value. */
  override sampleIndependent(context: SamplerContext, name: string, distribution: Distribution): ParamValue {
    const from = this.#current(context)?.params[name];
    if (from === undefined || !holds(distribution, from))
      return super.sampleIndependent(context, name, distribution);
    const rng = trialRng(this.seed, context, 'annealing', name);
    if (distribution.kind === 'categorical')
      return rng.uniform() < this.settings.stepSize ? rng.pick(distribution.choices) : from;
    const { low, high } = realBounds(distribution);
    return fromReal(
      distribution,
      toReal(distribution, from) + this.settings.stepSize * (high - low) * rng.normal(),
    );
  }

  /** Where the walk stands: it went to each COMPLETE trial that was better, and to a worse one if it was hot enough. */
  #current({ trials, directions: [direction] }: SamplerContext): FrozenTrial | null {
    let current: FrozenTrial | null = null;
    let least = Number.POSITIVE_INFINITY;
    let { temperature } = this.settings;
    for (const trial of trials) {
      if (trial.state !== 'COMPLETE' || trial.values === null) continue;
      const loss = lossOf(trial.values[0], direction);
      const luck = trialRng(
        this.seed,
        { trialNumber: trial.number, attempt: 0 },
        'annealing',
        'luck',
      ).uniform();
      if (loss <= least || luck < Math.exp((least - loss) / temperature)) [current, least] = [trial, loss];
      temperature *= this.settings.cooling;
    }
    return current;
  }
}

// Known by its name, as in `thanos compare --samplers` of a module that imports this one.
samplerRegistry.register('annealing', (options) => new AnnealingSampler(options));

const study = await createStudy({
  space: space({ x: float(-5, 5), y: float(-5, 5), tilt: categorical(['none', 'left']) }),
  sampler: new AnnealingSampler({ seed: 1 }),
});
await study.optimize(({ x, y, tilt }) => (x - 2) ** 2 + (y + 1) ** 2 + (tilt === 'left' ? 1 : 0), {
  nTrials: 150,
});
console.log(`best of ${study.trials.length} trials: ${study.bestValue.toFixed(4)}`);
