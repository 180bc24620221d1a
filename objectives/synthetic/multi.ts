/** Functions of several objectives with known Pareto fronts: ZDT (Zitzler, Deb, Thiele, Evol. Comp. 8(2), 2000), DTLZ (Deb et al. 2002). */
import { InvalidArgumentError } from '../../src/core/errors.ts';
import { box, type SyntheticObjective, toVector } from './objective.ts';

type Shape = (f1: number, g: number) => number;

/** f1 = x1, f2 = g h(f1, g), g = 1 + 9 mean(x2 …); on the front g = 1. */
function zdt(
  name: string,
  dimensions: number,
  h: Shape,
  onFront: (f1: number) => boolean,
): SyntheticObjective {
  if (!Number.isInteger(dimensions) || dimensions < 2)
    throw new InvalidArgumentError(`${name} needs at least 2 dimensions, but got ${dimensions}`);
  return {
    name,
    space: box(dimensions, 0, 1),
    directions: ['minimize', 'minimize'],
    evaluate: (params) => {
      const [f1, ...rest] = toVector(params, dimensions);
      const g = 1 + (9 * rest.reduce((a, b) => a + b, 0)) / rest.length;
      return [f1, g * h(f1, g)];
    },
    optimum: {
      kind: 'front',
      sample: (n) =>
        Array.from({ length: n }, (_, i) => (n === 1 ? 0 : i / (n - 1)))
          .filter(onFront)
          .map((f1) => [f1, h(f1, 1)]),
    },
  };
}

/** Convex front f2 = 1 - sqrt(f1). */
export function zdt1(dimensions = 30): SyntheticObjective {
  return zdt(
    'zdt1',
    dimensions,
    (f1, g) => 1 - Math.sqrt(f1 / g),
    () => true,
  );
}

/** Concave front f2 = 1 - f1^2. */
export function zdt2(dimensions = 30): SyntheticObjective {
  return zdt(
    'zdt2',
    dimensions,
    (f1, g) => 1 - (f1 / g) ** 2,
    () => true,
  );
}

const ZDT3_PIECES = [
  [0, 0.0830015349],
  [0.182228728, 0.2577623634],
  [0.4093136748, 0.4538821041],
  [0.6183967944, 0.6525117038],
  [0.8233317983, 0.8518328654],
];

/** A front in five pieces. */
export function zdt3(dimensions = 30): SyntheticObjective {
  return zdt(
    'zdt3',
    dimensions,
    (f1, g) => 1 - Math.sqrt(f1 / g) - (f1 / g) * Math.sin(10 * Math.PI * f1),
    (f1) => ZDT3_PIECES.some(([low, high]) => f1 >= low && f1 <= high),
  );
}

/**
 * The front is the part of the unit sphere with positive coordinates.
 * @param nObjectives m >= 2; there are m + 9 parameters.
 */
export function dtlz2(nObjectives = 3): SyntheticObjective {
  if (!Number.isInteger(nObjectives) || nObjectives < 2)
    throw new InvalidArgumentError(`dtlz2 needs at least 2 objectives, but got ${nObjectives}`);
  const dimensions = nObjectives + 9;
  const onSphere = (angles: readonly number[], radius: number): number[] =>
    Array.from({ length: nObjectives }, (_, k) => {
      let value = radius;
      for (let i = 0; i < nObjectives - 1 - k; i++) value *= Math.cos((angles[i] * Math.PI) / 2);
      return k === 0 ? value : value * Math.sin((angles[nObjectives - 1 - k] * Math.PI) / 2);
    });
  return {
    name: 'dtlz2',
    space: box(dimensions, 0, 1),
    directions: new Array<'minimize'>(nObjectives).fill('minimize'),
    evaluate: (params) => {
      const x = toVector(params, dimensions);
      const g = x.slice(nObjectives - 1).reduce((sum, v) => sum + (v - 0.5) ** 2, 0);
      return onSphere(x.slice(0, nObjectives - 1), 1 + g);
    },
    optimum: {
      kind: 'front',
      sample: (n) => {
        const perAxis = Math.max(1, Math.round(n ** (1 / (nObjectives - 1))));
        return Array.from({ length: perAxis ** (nObjectives - 1) }, (_, index) => {
          const angles = Array.from({ length: nObjectives - 1 }, (_unused, axis) =>
            perAxis === 1 ? 0.5 : (Math.floor(index / perAxis ** axis) % perAxis) / (perAxis - 1),
          );
          return onSphere(angles, 1);
        });
      },
    },
  };
}
