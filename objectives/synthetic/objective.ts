import type { FloatDistribution } from '../../src/core/distribution.ts';
import type { StudyDirection } from '../../src/core/frozen-trial.ts';
import { float, type ParamsOf, type Space, type SpaceEntries, space } from '../../src/core/space.ts';

/** The best that can be reached: of one objective its minimizers and minimum, of several the Pareto front. */
export type Optimum<P = Readonly<Record<string, number>>> =
  | {
      readonly kind: 'point';
      /** The minimum over feasible points, or the best that has been published. */
      readonly value: number;
      readonly params: readonly P[];
    }
  | {
      readonly kind: 'front';
      /** `n` values spread over the front (fewer if it has gaps). */
      readonly sample: (n: number) => readonly (readonly number[])[];
    };

/** Parameters x1 … xd that are real numbers. */
export type Box = Readonly<Record<string, FloatDistribution>>;

/** A function with a known optimum, to test and compare samplers on. All are minimized. */
export interface SyntheticObjective<S extends SpaceEntries = Box> {
  readonly name: string;
  readonly space: Space<S>;
  readonly directions: readonly StudyDirection[];
  /** One value per direction. */
  evaluate(params: ParamsOf<S>): readonly number[];
  /** A point is feasible if all of these are <= 0. Without: every point is. */
  constraints?(params: ParamsOf<S>): readonly number[];
  readonly optimum: Optimum<ParamsOf<S>>;
}

/** x1 … xd, all in [low, high]. */
export function box(dimensions: number, low: number, high: number): Space<Box> {
  return space(Object.fromEntries(coordinates(dimensions).map((name) => [name, float(low, high)])));
}

export function coordinates(dimensions: number): readonly string[] {
  return Array.from({ length: dimensions }, (_, i) => `x${i + 1}`);
}

/** The parameters x1 … xd as a list. */
export function toVector(params: Readonly<Record<string, number>>, dimensions: number): readonly number[] {
  return coordinates(dimensions).map((name) => params[name]);
}

export function fromVector(x: readonly number[]): Readonly<Record<string, number>> {
  return Object.fromEntries(x.map((value, i) => [`x${i + 1}`, value]));
}
