import { expect, it } from 'vitest';
import { GridSampler } from '../../samplers/grid-sampler.ts';
import { gridOfSpace } from '../../src/cli/grid-of-space.ts';
import { compareSamplers } from '../../src/compare/index.ts';
import { categorical, float, int, space } from '../../src/core/index.ts';
import { InMemoryStorage } from '../../storage/in-memory.ts';

const finite = space({
  x: float(0, 0.3, { step: 0.1 }),
  n: int(2, 7, { step: 2 }),
  act: categorical(['relu', 'gelu']),
});

it('lists every value of a finite space', () => {
  const { x, n, act } = gridOfSpace(finite);
  expect(x).toHaveLength(4);
  expect(x.every((value) => (value as number) <= 0.3)).toBe(true);
  expect(n).toEqual([2, 4, 6]);
  expect(act).toEqual(['relu', 'gelu']);
  expect(() => gridOfSpace({ y: float(0, 1) })).toThrow(/'y' is continuous/);
});

it('lets the grid be compared: it ends when each point was tried, and what it reached stands', async () => {
  const storage = new InMemoryStorage();
  const { samplers } = await compareSamplers({
    problem: {
      name: 'grid',
      space: finite,
      directions: ['maximize'],
      evaluate: ({ x, n, act }) => x + n + (act === 'gelu' ? 10 : 0),
    },
    samplers: [{ name: 'grid', make: (seed) => new GridSampler({ seed, searchSpace: gridOfSpace(finite) }) }],
    nTrials: 30,
    seeds: [0, 1],
    storage,
  });
  const [study] = await storage.listStudies();
  expect(await storage.getTrials(study.studyId)).toHaveLength(24);
  expect(samplers[0].scores).toEqual([16.3, 16.3]);
  expect(samplers[0].runs[0]).toHaveLength(30);
});
