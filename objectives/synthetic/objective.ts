import type { FloatDistribution } from '../../src/core/distribution.ts';
import type { StudyDirection } from '../../src/core/frozen-trial.ts';
import { float, type ParamsOf, type Space, type SpaceEntries, space } from '../../src/core/space.ts';

/** The best that can be reached: of one objective its minimizers and minimum, of several the Pareto front. */
export type Optimum<P = Readonly<Record<string, number>>> =
  | {
      /** One objective: the optimum is a value and the points that reach it. */
      readonly kind: 'point';
      /** The minimum over feasible points, or the best that has been published. */
      readonly value: number;
      /** The points that reach `value`: all minimizers, or those that are known. */
      readonly params: readonly P[];
    }
  | {
      /** Several objectives: the optimum is a Pareto front. */
      readonly kind: 'front';
      /** `n` values spread over the front (fewer if it has gaps). */
      readonly sample: (n: number) => readonly (readonly number[])[];
    };

/** Parameters x1 … xd that are real numbers. */
export type Box = Readonly<Record<string, FloatDistribution>>;

/** A function with a known optimum, to test and compare samplers on. All are minimized. */
export interface SyntheticObjective<S extends SpaceEntries = Box> {
  /** The name under which `syntheticRegistry` makes it, for example `rastrigin`. */
  readonly name: string;
  /** What can be chosen; give it to a study as `space`. */
  readonly space: Space<S>;
  /** One `minimize` per objective. */
  readonly directions: readonly StudyDirection[];
  /** One value per direction. */
  evaluate(params: ParamsOf<S>): readonly number[];
  /** A point is feasible if all of these are <= 0. Without: every point is. */
  constraints?(params: ParamsOf<S>): readonly number[];
  /** The known optimum, to measure regret or hypervolume against. */
  readonly optimum: Optimum<ParamsOf<S>>;
}

/** x1 … xd, all in [low, high]. */
export function box(dimensions: number, low: number, high: number): Space<Box> {
  return space(Object.fromEntries(coordinates(dimensions).map((name) => [name, float(low, high)])));
}

/** Returns the names x1 … xd. */
export function coordinates(dimensions: number): readonly string[] {
  return Array.from({ length: dimensions }, (_, i) => `x${i + 1}`);
}

/** The parameters x1 … xd as a list. */
export function toVector(params: Readonly<Record<string, number>>, dimensions: number): readonly number[] {
  return coordinates(dimensions).map((name) => params[name]);
}

/** Returns the parameters x1 … xd that a list of values stands for. */
export function fromVector(x: readonly number[]): Readonly<Record<string, number>> {
  return Object.fromEntries(x.map((value, i) => [`x${i + 1}`, value]));
}
