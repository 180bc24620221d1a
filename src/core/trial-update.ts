import type { TrialUpdate } from './storage.ts';

/** Two updates as one; where both set the same, the later one counts. */
export function together(earlier: TrialUpdate, later: TrialUpdate): TrialUpdate {
  const merged: Record<string, unknown> = { ...earlier, ...later };
  for (const part of ['params', 'distributions', 'userAttrs', 'systemAttrs'] as const)
    if (earlier[part] !== undefined && later[part] !== undefined)
      merged[part] = { ...earlier[part], ...later[part] };
  if (earlier.intermediateValues !== undefined && later.intermediateValues !== undefined)
    merged['intermediateValues'] = new Map([...earlier.intermediateValues, ...later.intermediateValues]);
  return merged;
}
