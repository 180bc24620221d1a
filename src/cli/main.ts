#!/usr/bin/env node
import { hideBin } from 'yargs/helpers';
import { runCli } from './run-cli.ts';

// `thanos trials demo | head` closes the pipe early: that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

const exitCode = await runCli(hideBin(process.argv));
// Design note: the process ends here even if a study module has left a timer, a worker or a connection behind.
process.stdout.write('', () => process.exit(exitCode));
