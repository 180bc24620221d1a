/** What authors of samplers and storages write has types, through the public entries. */
import type { Distribution, ParamValue, SamplerContext, StudyDirection, StudyTraits } from 'thanos-hpo';
import {
  BaseSampler,
  defineOptions,
  integerFrom,
  type OptionsOf,
  oneOf,
  option,
  optional,
  orNull,
  required,
  SEED,
  type SettingsOf,
  SYNC_FUNCTION,
  trialRng,
} from 'thanos-hpo/sampler-kit';
import { InMemoryStorage, registerStorage, type StorageDriver } from 'thanos-hpo/storage';
import { typed } from './typed.ts';

const OPTIONS = defineOptions(
  'the lazy sampler',
  {
    seed: SEED,
    breaks: required(integerFrom(1)),
    limit: option(orNull(integerFrom(1)), null),
    mood: option(oneOf('calm', 'busy'), 'calm'),
    wake: optional<(hour: number) => boolean>(SYNC_FUNCTION),
  },
  (settings) => ({ ...settings, isPatient: settings.breaks > 3 }),
);
interface LazyOptions extends OptionsOf<typeof OPTIONS> {}
type Settings = SettingsOf<typeof OPTIONS>;

export function optionsHaveTypes(options: LazyOptions, settings: Settings): void {
  typed(options.breaks).as<number>();
  typed(options.limit).as<number | null | undefined>();
  typed(options.mood).as<'calm' | 'busy' | undefined>();
  typed(settings.limit).as<number | null>();
  typed(settings.mood).as<'calm' | 'busy'>();
  typed(settings.wake).as<((hour: number) => boolean) | undefined>();
  typed(settings.isPatient).as<boolean>();
}

class LazySampler extends BaseSampler<Settings> {
  readonly name = 'lazy';
  readonly capabilities = { multiObjective: true, constraints: false, categorical: true, defineByRun: true };
  constructor(options: LazyOptions) {
    super(OPTIONS, options);
  }
  validate({ directions }: StudyTraits): void {
    typed(directions[0]).as<StudyDirection>();
  }
  override sampleIndependent(context: SamplerContext, name: string, distribution: Distribution): ParamValue {
    typed(this.settings.breaks).as<number>();
    if (this.settings.wake?.(trialRng(this.seed, context, name).int(24)) === true) return null;
    return super.sampleIndependent(context, name, distribution);
  }
}

new LazySampler({ breaks: 2, mood: undefined });
// @ts-expect-error: breaks must be given.
new LazySampler({ seed: 1 });
// @ts-expect-error: no such mood.
new LazySampler({ breaks: 1, mood: 'wild' });
// @ts-expect-error: a default is a value that the option may have.
option(oneOf('calm', 'busy'), 'wild');
// @ts-expect-error: an unknown option.
new LazySampler({ breaks: 1, limt: 3 });

const driver: StorageDriver = { forms: ['own://host'], open: () => new InMemoryStorage() };
registerStorage('own', driver);
// @ts-expect-error: a storage is opened from its URL.
registerStorage('own2', { forms: ['own://host'], open: (_port: number) => new InMemoryStorage() });
