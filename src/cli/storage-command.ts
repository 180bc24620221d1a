import type { Command } from './command.ts';
import { printResult } from './output.ts';

interface StorageArgs {
  readonly action: string;
}

export const storageCommand: Command<StorageArgs> = {
  command: 'storage <action>',
  describe: 'upgrade: bring a database of an older Optuna up to date',
  builder: (yargs) =>
    yargs
      .positional('action', {
        choices: ['upgrade'] as const,
        demandOption: true,
        describe: 'What to do with it',
      })
      .example('$0 storage upgrade --storage sqlite:///old.db', 'A file of Optuna 0.9 to 3.1')
      .epilogue(
        'All happens in one transaction, after a copy of the file has been written beside it as <file>.<revision>.bak: delete that ' +
          'copy once you are content. Optuna 3.2 and later open the result; older ones do not. A file that is up to date stays as it ' +
          'is. Times stay as they are, too: Optuna before 5.0 wrote local time, and 5.0 reads it as UTC.',
      ),
  handler: async (args) => {
    const { upgradeStorage } = await import('../../storage/index.ts');
    const { path, from, to, backup } = await upgradeStorage(args.storage);
    printResult(args, { path, from, to, backup }, () =>
      backup === null
        ? `${path} is up to date (${to})`
        : `${path} is upgraded from ${from ?? 'a file without a revision'} to ${to}; the file as it was is kept as ${backup}`,
    );
  },
};
