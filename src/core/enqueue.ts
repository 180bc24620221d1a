/** What a user may queue, and when it is there already. */
import { didYouMean } from './did-you-mean.ts';
import { type ParamValue, type SearchSpace, sameChoice } from './distribution.ts';
import { InvalidArgumentError } from './errors.ts';
import { type Attrs, type FrozenTrial, SYSTEM_ATTR } from './frozen-trial.ts';
import { isPlainObject } from './json.ts';
import { assertName } from './names.ts';
import { BOOLEAN, checkOptions, type OptionRule } from './option-rules.ts';
import { queuedValue } from './refusal.ts';
import { shown } from './shown.ts';

/** Some or all parameters of a trial, by name; a `choice` as its label, those of its branch as `<name>.<label>.<parameter>`. */
export type QueuedParams = Readonly<Record<string, ParamValue>>;

/** Options of `study.enqueueTrial`. */
export interface EnqueueOptions {
  /** Facts to keep with the trial. Default: none. */
  readonly userAttrs?: Attrs | undefined;
  /** Queue nothing if a trial of the study was queued with the same parameters, or has them. Default false. */
  readonly skipIfExists?: boolean | undefined;
}

const ATTRS: OptionRule = { what: 'an object { key: value }', accepts: isPlainObject };

/**
 * @param space of the study; null if it takes any parameters.
 * @throws InvalidArgumentError
 */
export function checkQueued(params: unknown, options: EnqueueOptions, space: SearchSpace | null): void {
  checkOptions('enqueueTrial', options, { userAttrs: ATTRS, skipIfExists: BOOLEAN });
  if (!isPlainObject(params))
    throw new InvalidArgumentError(
      `enqueueTrial needs the parameters as an object { name: value }, but got ${shown(params)}`,
    );
  for (const [name, value] of Object.entries(params)) {
    assertName('the name of a parameter', name);
    if (value !== null && !['string', 'number', 'boolean'].includes(typeof value))
      throw new InvalidArgumentError(
        `the value of a parameter is a number, string, boolean or null, but that of '${name}' is ${shown(value)}; leave out ` +
          'what shall be sampled',
      );
    if (space === null) continue;
    if (!Object.hasOwn(space, name)) {
      const names = Object.keys(space);
      throw new InvalidArgumentError(
        `the study's space has no parameter '${name}'; ${didYouMean(name, names)}it has ${names.join(', ')}`,
      );
    }
    queuedValue(name, value as ParamValue, space[name]);
  }
}

/** Whether the trial was queued with just these parameters, or has them and was not queued. Optuna: `skip_if_exists`. */
export function isQueuedOrHad(trial: FrozenTrial, params: QueuedParams): boolean {
  const queued = trial.systemAttrs[SYSTEM_ATTR.fixedParams];
  const own = isPlainObject(queued) ? queued : trial.params;
  const names = Object.keys(params);
  return (
    names.length === Object.keys(own).length &&
    names.every((name) => Object.hasOwn(own, name) && sameChoice(own[name], params[name]))
  );
}
