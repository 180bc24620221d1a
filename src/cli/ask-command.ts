import { SYSTEM_ATTR } from '../core/frozen-trial.ts';
import { isPlainObject } from '../core/json.ts';
import type { Sampler } from '../core/sampler.ts';
import type { StudyRecord } from '../core/storage.ts';
import { type Command, UsageError } from './command.ts';
import { findStudy, withExistingStorage } from './open-storage.ts';
import { printResult } from './output.ts';
import { type StudyArgs, studyArgument, studyNameOf } from './study-argument.ts';

interface AskArgs extends StudyArgs {
  readonly sampler?: string | undefined;
  readonly samplerKwargs?: string | undefined;
  readonly searchSpace?: string | undefined;
}

export const askCommand: Command<AskArgs> = {
  command: 'ask [study]',
  describe: 'Begin a trial and print its number and parameters as JSON, for tell',
  builder: (yargs) =>
    studyArgument(yargs)
      .option('search-space', {
        type: 'string',
        requiresArg: true,
        describe: 'The parameters as a JSON object of names and distributions, the same for every ask',
      })
      .option('sampler', {
        type: 'string',
        requiresArg: true,
        describe:
          'A sampler by name (tpe, random, nsga2 …); default: the one that the study was created with',
      })
      .option('sampler-kwargs', {
        type: 'string',
        requiresArg: true,
        describe: 'Options of --sampler as a JSON object; without a seed, that of the study is used',
      })
      .example('$0 create-study demo', 'A study to ask of')
      .example(
        `$0 ask demo --search-space '{"x": {"type": "float", "low": 0, "high": 1}}'`,
        '{"number":0,"params":{"x":0.42}}',
      )
      .example('$0 tell demo 0 0.17', 'The value that was measured')
      .example(
        `$0 ask demo --sampler tpe --sampler-kwargs '{"nStartupTrials": 20}' --search-space "$(cat space.json)"`,
        'With another sampler',
      )
      .epilogue(
        'A search space in JSON:\n' +
          '  {"lr": {"type": "float", "low": 1e-5, "high": 0.1, "log": true},\n' +
          '   "layers": {"type": "int", "low": 1, "high": 8},\n' +
          '   "act": {"type": "categorical", "choices": ["relu", "gelu"]}}\n' +
          'or as Optuna writes it: {"x": {"name": "FloatDistribution", "attributes": {"low": 0, "high": 1}}}.\n\n' +
          'The trial belongs to no process: it stays RUNNING until tell ends it, from wherever that is called, and neither run nor ' +
          'optimize takes it for one whose process has died. A queued trial, or one that a dead process has left, comes first.',
      ),
  handler: async (args) => {
    if (args.samplerKwargs !== undefined && args.sampler === undefined)
      throw new UsageError('--sampler-kwargs are the options of --sampler; name the sampler, too');
    const { samplerOption, searchSpaceOption } = await import('./search-space-option.ts');
    const space = args.searchSpace === undefined ? undefined : searchSpaceOption(args.searchSpace);
    const given = args.sampler === undefined ? undefined : samplerOption(args.sampler, args.samplerKwargs);
    const { loadStudy } = await import('../create-study.ts');
    await withExistingStorage(args.storage, async (storage) => {
      const record = await findStudy(storage, studyNameOf(args));
      const sampler = given ?? (await recordedSampler(record));
      const study = await loadStudy({
        storage,
        studyName: record.studyName,
        ...(sampler === undefined ? {} : { sampler }),
      });
      const trial = await (space === undefined ? study.ask() : study.ask(space as never));
      // Without an owner it is nobody's who could die: see Storage clause S6.
      await storage.updateTrial(trial.trialId, { dropSystemAttrs: [SYSTEM_ATTR.owner] });
      const data = { number: trial.number, params: trial.params };
      printResult(args, data, () => JSON.stringify(data));
    });
  },
};

/** The sampler that the study was created with, if it can be made of what is recorded of it. */
async function recordedSampler({ studyName, systemAttrs }: StudyRecord): Promise<Sampler | undefined> {
  const recorded = systemAttrs[SYSTEM_ATTR.sampler];
  if (!isPlainObject(recorded) || typeof recorded['name'] !== 'string') return undefined;
  const { samplerRegistry } = await import('../../samplers/index.ts');
  try {
    return samplerRegistry.get(recorded['name'])(recorded['options'] as Readonly<Record<string, unknown>>);
  } catch (cause) {
    throw new UsageError(
      `study '${studyName}' was created with the sampler '${recorded['name']}', which cannot be made of its name and options alone; ` +
        `name one with --sampler (${(cause as Error).message})`,
    );
  }
}
