/**
 * Designs of least cost or weight under constraints, much used to compare optimizers; bounds, formulas and best known designs
 * as in Coello Coello and Mezura-Montes, "Constraint-handling in genetic algorithms through the use of dominance-based
 * tournament selection", Advanced Engineering Informatics 16(3), 2002, and Cagnina, Esquivel and Coello Coello, "Solving
 * engineering optimization problems with the simple constrained particle swarm optimizer", Informatica 32, 2008.
 */
import { float, int, space } from '../../src/core/space.ts';
import type { SyntheticObjective } from './objective.ts';

const vesselSpace = space({
  shell: float(0.0625, 6.1875, { step: 0.0625 }),
  head: float(0.0625, 6.1875, { step: 0.0625 }),
  radius: float(10, 200),
  length: float(10, 200),
});

/** @internal What `pressureVessel` returns; its `space` has the types of its parameters. */
export interface PressureVesselObjective extends SyntheticObjective<typeof vesselSpace> {}

/** Cost of a cylindrical vessel: plates come in sixteenths of an inch. */
export function pressureVessel(): PressureVesselObjective {
  const sphereVolume = (radius: number): number => (4 / 3) * Math.PI * radius ** 3;
  const volume = 1296000;
  const radius = 0.8125 / 0.0193;
  const length = (volume - sphereVolume(radius)) / (Math.PI * radius ** 2);
  return {
    name: 'pressure-vessel',
    space: vesselSpace,
    directions: ['minimize'],
    evaluate: ({ shell, head, radius: r, length: l }) => [
      0.6224 * shell * r * l + 1.7781 * head * r ** 2 + 3.1661 * shell ** 2 * l + 19.84 * shell ** 2 * r,
    ],
    constraints: ({ shell, head, radius: r, length: l }) => [
      0.0193 * r - shell,
      0.00954 * r - head,
      volume - Math.PI * r ** 2 * l - sphereVolume(r),
      l - 240,
    ],
    optimum: {
      kind: 'point',
      value: 6059.714335048436,
      params: [{ shell: 0.8125, head: 0.4375, radius, length }],
    },
  };
}

const beamSpace = space({
  weld: float(0.1, 2),
  joint: float(0.1, 10),
  height: float(0.1, 10),
  width: float(0.1, 2),
});

/** @internal What `weldedBeam` returns; its `space` has the types of its parameters. */
export interface WeldedBeamObjective extends SyntheticObjective<typeof beamSpace> {}

/** Cost of a beam welded to a wall: shear stress, bending stress, buckling load and deflection are limited. */
export function weldedBeam(): WeldedBeamObjective {
  const load = 6000;
  const overhang = 14;
  const young = 30e6;
  const shearModulus = 12e6;
  const shearStress = (h: number, l: number, t: number): number => {
    const direct = load / (Math.SQRT2 * h * l);
    const moment = load * (overhang + l / 2);
    const reach = Math.sqrt(l ** 2 / 4 + ((h + t) / 2) ** 2);
    const inertia = 2 * Math.SQRT2 * h * l * (l ** 2 / 12 + ((h + t) / 2) ** 2);
    const torsion = (moment * reach) / inertia;
    return Math.sqrt(direct ** 2 + (direct * torsion * l) / reach + torsion ** 2);
  };
  const bucklingLoad = (t: number, b: number): number =>
    ((4.013 * young * Math.sqrt((t ** 2 * b ** 6) / 36)) / overhang ** 2) *
    (1 - (t / (2 * overhang)) * Math.sqrt(young / (4 * shearModulus)));
  return {
    name: 'welded-beam',
    space: beamSpace,
    directions: ['minimize'],
    evaluate: ({ weld, joint, height, width }) => [
      1.10471 * weld ** 2 * joint + 0.04811 * height * width * (overhang + joint),
    ],
    constraints: ({ weld: h, joint: l, height: t, width: b }) => [
      shearStress(h, l, t) - 13600,
      (6 * load * overhang) / (b * t ** 2) - 30000,
      h - b,
      0.10471 * h ** 2 + 0.04811 * t * b * (overhang + l) - 5,
      0.125 - h,
      (4 * load * overhang ** 3) / (young * t ** 3 * b) - 0.25,
      load - bucklingLoad(t, b),
    ],
    optimum: {
      kind: 'point',
      value: 1.724852308597,
      params: [
        { weld: 0.205729639786, joint: 3.470488665628, height: 9.036623910358, width: 0.205729639786 },
      ],
    },
  };
}

const reducerSpace = space({
  faceWidth: float(2.6, 3.6),
  module: float(0.7, 0.8),
  teeth: int(17, 28),
  length1: float(7.3, 8.3),
  length2: float(7.3, 8.3),
  diameter1: float(2.9, 3.9),
  diameter2: float(5, 5.5),
});

/** @internal What `speedReducer` returns; its `space` has the types of its parameters. */
export interface SpeedReducerObjective extends SyntheticObjective<typeof reducerSpace> {}

/** Weight of a gear box under eleven constraints; the feasible part of the space is small. */
export function speedReducer(): SpeedReducerObjective {
  const bending = (length: number, module: number, teeth: number, offset: number): number =>
    Math.sqrt(((745 * length) / (module * teeth)) ** 2 + offset);
  return {
    name: 'speed-reducer',
    space: reducerSpace,
    directions: ['minimize'],
    evaluate: ({ faceWidth: b, module: m, teeth: z, length1, length2, diameter1: d1, diameter2: d2 }) => [
      0.7854 * b * m ** 2 * (3.3333 * z ** 2 + 14.9334 * z - 43.0934) -
        1.508 * b * (d1 ** 2 + d2 ** 2) +
        7.4777 * (d1 ** 3 + d2 ** 3) +
        0.7854 * (length1 * d1 ** 2 + length2 * d2 ** 2),
    ],
    constraints: ({ faceWidth: b, module: m, teeth: z, length1, length2, diameter1: d1, diameter2: d2 }) => [
      27 / (b * m ** 2 * z) - 1,
      397.5 / (b * m ** 2 * z ** 2) - 1,
      (1.93 * length1 ** 3) / (m * z * d1 ** 4) - 1,
      (1.93 * length2 ** 3) / (m * z * d2 ** 4) - 1,
      bending(length1, m, z, 16.9e6) / (110 * d1 ** 3) - 1,
      bending(length2, m, z, 157.5e6) / (85 * d2 ** 3) - 1,
      (m * z) / 40 - 1,
      (5 * m) / b - 1,
      b / (12 * m) - 1,
      (1.5 * d1 + 1.9) / length1 - 1,
      (1.1 * d2 + 1.9) / length2 - 1,
    ],
    optimum: {
      kind: 'point',
      value: 2994.471066146,
      params: [
        {
          faceWidth: 3.5,
          module: 0.7,
          teeth: 17,
          length1: 7.3,
          length2: 7.7153199114783,
          diameter1: 3.3502146660965,
          diameter2: 5.2866544649803,
        },
      ],
    },
  };
}
