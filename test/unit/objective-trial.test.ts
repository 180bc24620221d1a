/** What an objective can reach of its trial: everything that is documented, and nothing that belongs to its study. */
import { expect, it } from 'vitest';
import { InMemoryStorage } from '../../storage/in-memory.ts';
import { open } from '../support/history-sampler.ts';

const SHOWN = [
  'createStudy',
  'datetimeStart',
  'distributions',
  'number',
  'params',
  'report',
  'setConstraint',
  'setConstraints',
  'setUserAttr',
  'shouldPrune',
  'signal',
  'studyName',
  'suggest',
  'suggestCategorical',
  'suggestFloat',
  'suggestInt',
  'systemAttrs',
  'trialId',
  'userAttrs',
];

it('shows an objective nothing by which it could break its study', async () => {
  const study = await open(new InMemoryStorage());
  const seen = new Set<string>();
  await study.optimize(
    (trial) => {
      for (let shown: object = trial; shown !== Object.prototype; shown = Object.getPrototypeOf(shown))
        for (const name of Object.getOwnPropertyNames(shown)) if (name !== 'constructor') seen.add(name);
      expect(() => Object.assign(trial, { params: {} })).toThrow(TypeError);
      return 1;
    },
    { nTrials: 1 },
  );
  expect([...seen].sort()).toEqual(SHOWN);
});

it('is told by its own trials only, not by what looks like one', async () => {
  const study = await open(new InMemoryStorage());
  const trial = await study.ask();
  await expect(study.tell({ ...trial }, 1)).rejects.toThrow('tell needs a running trial');
  expect((await study.tell(trial, 1)).state).toBe('COMPLETE');
});
