import { expect, it } from 'vitest';
import { trialData } from '../../src/cli/trial-data.ts';
import { createTrial, SYSTEM_ATTR } from '../../src/core/index.ts';

it.each([5, 'search', null, { a: 1 }])('shows a trial whose list of child studies is %j', (children) => {
  const trial = createTrial({ value: 1, systemAttrs: { [SYSTEM_ATTR.children]: children } });
  expect(trialData(trial, 'demo')).toMatchObject({ values: [1], childStudies: [] });
});
