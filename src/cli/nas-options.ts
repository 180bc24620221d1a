import type { Argv } from 'yargs';
import { integerOption } from './command.ts';

/** The options of every stage of `thanos nas`. */
export function nasOptions<T>(yargs: Argv<T>) {
  return yargs
    .positional('config', {
      type: 'string',
      describe: 'YAML file (see `thanos nas config`); default: the built-in one',
    })
    .option('corpus', {
      type: 'string',
      requiresArg: true,
      describe: 'Folder of parallel text: train.SRC, train.TGT and, if there, valid.*',
    })
    .option('source', {
      type: 'string',
      requiresArg: true,
      describe: 'Language that is translated from (SRC); default: the first in the alphabet',
    })
    .option('target', {
      type: 'string',
      requiresArg: true,
      describe: 'Language that is translated into (TGT)',
    })
    .option('infix', {
      type: 'string',
      describe: 'Which of several preparations: lc.tok for train.lc.tok.SRC',
    })
    .option('valid', {
      type: 'string',
      requiresArg: true,
      describe:
        'Validation files, without the language: newstest2013.tok; default: valid, val, dev or validation',
    })
    .option('hold-out-every', {
      type: 'string',
      coerce: integerOption('hold-out-every', 2),
      describe: 'Without validation files one training pair in so many is held out; default: 23',
    })
    .option('vocabulary-size', {
      type: 'string',
      coerce: integerOption('vocabulary-size', 1),
      describe: 'Tokens of the vocabulary, at most',
    })
    .option('dir', { type: 'string', requiresArg: true, describe: 'Folder of the run' })
    .option('seed', {
      type: 'string',
      coerce: integerOption('seed', 0),
      describe: 'Instead of the one in the file',
    })
    .option('device', {
      choices: ['cpu', 'webgpu', 'cuda'] as const,
      default: 'cpu' as const,
      describe: 'Where the SuperTransformer is trained and evaluated',
    });
}
