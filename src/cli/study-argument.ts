import type { Argv } from 'yargs';
import { type GlobalArgs, UsageError } from './command.ts';

/** The name of a study, as a word or, as Optuna's commands take it, as an option. */
export interface StudyArgs {
  readonly study?: string | undefined;
  readonly studyName?: string | undefined;
}

/** Declares both ways to name a study. */
export function studyArgument<T extends GlobalArgs>(yargs: Argv<T>): Argv<T & StudyArgs> {
  return yargs.positional('study', { type: 'string', describe: 'Name of the study' }).option('study-name', {
    type: 'string',
    requiresArg: true,
    describe: 'The same as an option',
  }) as unknown as Argv<T & StudyArgs>;
}

/** @throws UsageError unless the study is named once. */
export function studyNameOf(args: StudyArgs): string {
  const name = namedStudy(args);
  if (name === undefined) throw new UsageError('a study is needed: give its name, or --study-name NAME');
  return name;
}

/** Returns undefined if no study is named. @throws UsageError if two are. */
export function namedStudy({ study, studyName }: StudyArgs): string | undefined {
  if (study !== undefined && studyName !== undefined && study !== studyName)
    throw new UsageError(`one study is meant, but two are named: '${study}' and '${studyName}'`);
  return study ?? studyName;
}
