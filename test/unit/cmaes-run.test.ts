/** One run of CMA-ES at the ends of what doubles can hold. */
import { describe, expect, it } from 'vitest';
import { CmaRun, type Variant } from '../../samplers/cmaes/run.ts';
import { Termination } from '../../samplers/cmaes/termination.ts';
import { Rng } from '../../src/core/rng.ts';

const D = 3;
const POPSIZE = 6;

function newRun(variant: Variant): CmaRun {
  const mean = new Float64Array(D).fill(0.5);
  const gridSizes = variant === 'margin' ? [0, 2, 40] : [0, 0, 0];
  return new CmaRun({ variant, popsize: POPSIZE, mean, sigma: 1 / 6, covariance: null, gridSizes });
}

function expectFinite({ cma }: CmaRun): void {
  expect(cma.sigma).toBeGreaterThan(0);
  const numbers = [cma.sigma, ...cma.mean, ...cma.mean.map((_, j) => cma.covariance.variance(j))];
  expect(numbers.every(Number.isFinite)).toBe(true);
}

const points = (x: (i: number, j: number) => number): Float64Array =>
  Float64Array.from({ length: POPSIZE * D }, (_, at) => x(Math.floor(at / D), at % D));

describe.each<Variant>(['full', 'separable', 'margin', 'adaptive rates'])('%s', (variant) => {
  it('survives generations of one point, and what comes after them', () => {
    const run = newRun(variant);
    for (let g = 0; g < 3000; g++)
      run.tell(
        points(() => 0.25),
        1,
        1,
      );
    expectFinite(run);
    const { sigma } = run.cma;
    run.tell(
      points((i, j) => ((i >> j) % 2 === 0 ? 0 : 1)),
      1,
      2,
    );
    expectFinite(run);
    if (variant !== 'adaptive rates') expect(run.cma.sigma / sigma).toBeLessThan(Math.E + 1e-9);
    const rng = Rng.keyed(1);
    for (let g = 0; g < 300; g++) {
      const drawn = Array.from({ length: POPSIZE }, () =>
        run.draw(
          new Float64Array(D).map(() => rng.normal()),
          () => rng.normal(),
        ),
      );
      run.tell(
        points((i, j) => drawn[i][j]),
        1,
        2,
      );
      expectFinite(run);
    }
  });

  it('survives points on a line', () => {
    const run = newRun(variant);
    for (let g = 0; g < 1000; g++)
      run.tell(
        points((i) => i / POPSIZE),
        1,
        2,
      );
    expectFinite(run);
    const drawn = run.draw(new Float64Array(D).fill(1), () => 0.5);
    expect([...drawn].every(Number.isFinite)).toBe(true);
  });
});

describe('termination', () => {
  const observed = (best: (g: number) => number, worst: (g: number) => number): boolean => {
    const run = newRun('full');
    const termination = new Termination(D, POPSIZE);
    for (run.cma.generation = 1; run.cma.generation < 60; run.cma.generation++)
      termination.observe(run.cma, best(run.cma.generation), worst(run.cma.generation));
    return termination.isMet(run.cma);
  };

  it('is met when many generations gave one value, relative to its size', () => {
    expect(
      observed(
        () => 5,
        () => 5,
      ),
    ).toBe(true);
    expect(
      observed(
        () => 0,
        () => 0,
      ),
    ).toBe(true);
    expect(
      observed(
        () => 1e20,
        () => 1e20 + 1e5,
      ),
    ).toBe(true);
    expect(
      observed(
        (g) => 1e-20 / g,
        () => 1e-20,
      ),
    ).toBe(false);
    expect(
      observed(
        () => 5,
        (g) => (g === 40 ? 5.1 : 5),
      ),
    ).toBe(false);
  });

  it('is not met by infinities', () => {
    expect(
      observed(
        () => 5,
        () => Number.POSITIVE_INFINITY,
      ),
    ).toBe(false);
    expect(
      observed(
        () => Number.NEGATIVE_INFINITY,
        () => 5,
      ),
    ).toBe(false);
    expect(
      observed(
        () => Number.POSITIVE_INFINITY,
        () => Number.POSITIVE_INFINITY,
      ),
    ).toBe(false);
  });

  it('is met when the step is below what doubles resolve, or the cube is lost', () => {
    const run = newRun('full');
    expect(run.hasConverged).toBe(false);
    run.cma.sigma = 1e-18;
    expect(run.hasConverged).toBe(true);
    run.cma.sigma = 1e3;
    expect(run.hasConverged).toBe(true);
  });
});
