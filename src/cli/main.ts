#!/usr/bin/env node
import { hideBin } from 'yargs/helpers';
import { ThanosError } from '../core/errors.ts';
import { outputFailed } from './output.ts';
import { runCli, tellError } from './run-cli.ts';

const argv = hideBin(process.argv);

process.stdout.on('error', endUnwritten);
// Nobody reads what is said on the way (`thanos run … 2>&1 | head`): no reason to end a study.
process.stderr.on('error', () => {});
// Node would end without a word: nothing is left that could settle what the command waits for.
process.once('beforeExit', () => process.exit(tellError(neverSettles(), argv)));
// What a study module's own timer, event or forgotten promise throws: told as any other error is.
process.on('uncaughtException', (error) => process.exit(tellError(error, argv)));

const exitCode = await runCli(argv);
// Design note: the process ends here even if a study module has left a timer, a worker or a connection behind.
process.stdout.write('', (error) => (error ? endUnwritten(error) : process.exit(exitCode)));

/** `thanos trials demo | head` closes the pipe early: that is no error. */
function endUnwritten(error: NodeJS.ErrnoException): never {
  process.exit(error.code === 'EPIPE' ? 0 : tellError(outputFailed(error), argv));
}

function neverSettles(): ThanosError {
  return new ThanosError(
    'NEVER_SETTLES',
    'the command waits for a promise that nothing will ever settle: see what the objective, a callback or the top level of the ' +
      'study module awaits. A trial that was running is re-entered by the next run',
  );
}
