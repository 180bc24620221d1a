import { expect, it } from 'vitest';
import { GridSampler } from '../../samplers/grid-sampler.ts';
import {
  choice,
  createStudy,
  int,
  NO_CONDITIONS,
  type ParamValue,
  SearchSpaceExhaustedError,
  space,
} from '../../src/index.ts';
import { runSamplerLoop } from '../../src/testing/sampler-loop.ts';

const searchSpace = { a: [0, 1, 2], b: [0, 1, 2, 3] };
const flat = { a: int(0, 2), b: int(0, 3) };

it('gives the next point for a refused one, until all were tried or refused', () => {
  const sampler = new GridSampler({ seed: 1, searchSpace });
  const trials = runSamplerLoop({
    sampler,
    space: flat,
    directions: ['minimize'],
    nTrials: 5,
    evaluate: () => ({ values: [0] }),
  });
  const ask = (attempt: number): Readonly<Record<string, ParamValue>> =>
    sampler.sampleRelative(
      {
        directions: ['minimize'],
        trialNumber: 5,
        trials,
        declaredSpace: flat,
        conditions: NO_CONDITIONS,
        attempt,
      },
      flat,
    ).params;
  const refused = Array.from({ length: 7 }, (_, attempt) => JSON.stringify(ask(attempt)));
  const tried = trials.map((t) => JSON.stringify(t.params));
  expect(new Set([...tried, ...refused]).size).toBe(12);
  expect(() => ask(7)).toThrow(SearchSpaceExhaustedError);
  expect(() => ask(7)).toThrow('tried, or refused for trial 5');
});

it('gives every allowed point, and then ends', async () => {
  const study = await createStudy({ sampler: new GridSampler({ seed: 2, searchSpace }) });
  await study.optimize(space(flat, { where: ({ a, b }) => a === b }), () => 0, { nTrials: 100 });
  expect(study.trials.map((t) => t.params['a']).sort()).toEqual([0, 1, 2]);
  const other = await createStudy({ sampler: new GridSampler({ searchSpace }) });
  const none = space(flat, { where: ({ a }) => a === 1.5 });
  await expect(other.optimize(none, () => 0, { nTrials: 1 })).rejects.toThrow('allow none of 12');
});

it('leaves conditional spaces to the brute-force sampler', async () => {
  const study = await createStudy({ sampler: new GridSampler({ searchSpace: { c: ['x', 'y'] } }) });
  await expect(study.ask(space({ c: choice({ x: { n: int(0, 1) }, y: {} }) }))).rejects.toThrow(
    `'c.x.n' exists only where 'c' is "x"; use the brute-force sampler`,
  );
});
