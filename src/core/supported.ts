/** What a sampler cannot do is refused at the door: before a study, or a trial of it, is written (clause C5). */
import { type Conditions, isActive, NO_CONDITIONS } from './conditions.ts';
import { cardinality, type Distribution, isSingle, type SearchSpace } from './distribution.ts';
import { ThanosError } from './errors.ts';
import type { Sampler, StudyTraits } from './sampler.ts';
import { shown } from './shown.ts';

/**
 * Holds a study against the capabilities of a sampler, and against what they do not say (`Sampler.validate`).
 * @throws ThanosError UNSUPPORTED; InvalidArgumentError if an option of the sampler does not fit the study.
 */
export function assertSupported(sampler: Sampler, study: StudyTraits): void {
  const { name, capabilities } = sampler;
  const { directions, declaredSpace, conditions } = study;
  if (directions.length > 1 && !capabilities.multiObjective)
    refuse(
      `the ${name} sampler needs one objective, but the study has ${directions.length}; use a sampler of several, as tpe or ` +
        'nsga2, or optimize one objective with the others as constraints',
    );
  if (declaredSpace === null && !capabilities.defineByRun)
    refuse(
      `the ${name} sampler must know the parameters before the first trial, but this study asks for them while its ` +
        'objective runs; declare them, as createStudy({ space: space({ … }) }), or use another sampler',
    );
  for (const [parameter, distribution] of possible(sampler, declaredSpace ?? {}, conditions))
    assertDraws(sampler, parameter, distribution);
  sampler.validate?.(study);
}

/** The parameters of a declared space that may exist, given those that the sampler fixes. */
function possible(
  { fixedParams = {} }: Sampler,
  space: SearchSpace,
  conditions: Conditions,
): [name: string, distribution: Distribution][] {
  const mayExist = (name: string): boolean => {
    const condition = conditions.get(name);
    if (condition === undefined) return true;
    const isOpen = !Object.hasOwn(fixedParams, condition.parent) || isActive(conditions, name, fixedParams);
    return isOpen && mayExist(condition.parent);
  };
  return Object.entries(space).filter(([name]) => mayExist(name));
}

/** Holds one parameter against the capabilities, unless the sampler fixes it. @throws ThanosError UNSUPPORTED */
export function assertDraws(sampler: Sampler, parameter: string, distribution: Distribution): void {
  const { name, capabilities, fixedParams } = sampler;
  if (capabilities.categorical && capabilities.continuous !== false) return;
  if (isSingle(distribution) || (fixedParams !== undefined && Object.hasOwn(fixedParams, parameter))) return;
  if (!capabilities.categorical && distribution.kind === 'categorical')
    refuse(
      `the ${name} sampler draws numbers only, but '${parameter}' is categorical: ${shown(distribution)}; fix it to one ` +
        'choice (PartialFixedSampler), or use another sampler',
    );
  if (capabilities.continuous === false && cardinality(distribution) === Number.POSITIVE_INFINITY)
    refuse(
      `the ${name} sampler needs finitely many values of every parameter, but '${parameter}' is a float without a step: ` +
        `${shown(distribution)}; give it a step, or use another sampler`,
    );
}

/** The traits of a study of which no more is known than its directions and, if it declares one, its space. */
export function traitsOf(
  directions: StudyTraits['directions'],
  space: { readonly flat: SearchSpace; readonly conditions: Conditions } | null | undefined,
): StudyTraits {
  return {
    directions,
    declaredSpace: space === null ? null : space?.flat,
    conditions: space?.conditions ?? NO_CONDITIONS,
  };
}

function refuse(message: string): never {
  throw new ThanosError('UNSUPPORTED', message);
}
