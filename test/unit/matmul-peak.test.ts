import { expect, it } from 'vitest';
import { measureMatmulPeak } from '../support/matmul-peak.ts';

it('measures the speed of a matrix product on this machine', async () => {
  const peak = await measureMatmulPeak({ size: 64, repeats: 5, intraOpNumThreads: 1 });
  expect(peak).toMatchObject({ size: 64, repeats: 5 });
  expect(peak.medianGigaflopsPerSecond).toBeGreaterThan(0);
  expect(peak.gigaflopsPerSecond).toBeGreaterThanOrEqual(peak.medianGigaflopsPerSecond);
});
