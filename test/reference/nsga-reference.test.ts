/**
 * Operators and selections of the genetic samplers against Optuna 5.0.0, fed with the same random numbers. `nsga.json` holds
 * the values, each beside the call that made it; with THANOS_PEER_PYTHON (a Python with optuna) set, the script is run again
 * and compared as well.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { polynomialMutation } from '../../samplers/genetic/mutation.ts';
import { crossoverFrom } from '../../samplers/genetic/operators.ts';
import { associate } from '../../samplers/nsga3/niching.ts';
import { normalizedLosses } from '../../samplers/nsga3/normalize.ts';
import { dasDennisPoints } from '../../samplers/nsga3/reference-points.ts';
import { nicheSelection } from '../../samplers/nsga3/selection.ts';
import { distributionFromJson, Rng } from '../../src/core/index.ts';
import {
  type Bounds,
  fromReal,
  type NumericDistribution,
  realBounds,
  toReal,
} from '../../src/core/numeric-transform.ts';
import { makeTrial } from '../../src/testing/sampler-loop.ts';

type Matrix = readonly (readonly number[])[];
interface Case {
  readonly call: string;
}
interface Reference {
  readonly crossovers: readonly (Case & {
    readonly name: string;
    readonly options: Readonly<Record<string, number>>;
    readonly nObjectives: number;
    readonly parents: Matrix;
    readonly bounds: Matrix;
    readonly uniforms: readonly number[];
    readonly normals: readonly number[];
    readonly child: readonly number[];
  })[];
  readonly mutations: readonly (Case & {
    readonly eta: number;
    readonly distribution: string;
    readonly value: number;
    readonly uniforms: readonly number[];
    readonly mutated: number;
  })[];
  readonly referencePoints: readonly (Case & {
    readonly nObjectives: number;
    readonly divisions: number;
    readonly points: Matrix;
  })[];
  readonly associations: readonly (Case & {
    readonly values: readonly (readonly (number | string)[])[];
    readonly points: Matrix;
    readonly normalized: Matrix;
    readonly closest: readonly number[];
    readonly distances: readonly number[];
  })[];
  readonly selections: readonly (Case & {
    readonly values: Matrix;
    readonly constraints: readonly number[] | null;
    readonly size: number;
    readonly divisions: number;
    readonly uniforms: readonly number[];
    readonly elite: readonly number[];
  })[];
}

/** A generator that gives these numbers, and fails when they are used up. */
function scripted(uniforms: readonly number[], normals: readonly number[] = []): Rng & { left(): number } {
  const queues = { uniforms: [...uniforms], normals: [...normals] };
  const next = (kind: keyof typeof queues): number => {
    const value = queues[kind].shift();
    if (value === undefined) throw new Error(`more ${kind} were drawn than Optuna drew`);
    return value;
  };
  const uniform = (): number => next('uniforms');
  return Object.assign(Object.create(Rng.prototype) as Rng, {
    uniform,
    normal: () => next('normals'),
    uniformIn: (low: number, high: number) => low + (high - low) * uniform(),
    int: (n: number) => Math.floor(uniform() * n),
    left: () => queues.uniforms.length + queues.normals.length,
  });
}

function expectClose(actual: ArrayLike<number>, expected: readonly number[], what: string): void {
  expect(actual.length, what).toBe(expected.length);
  expected.forEach((value, i) => {
    const error = Math.abs(actual[i] - value) / Math.max(1, Math.abs(value));
    expect(error, `${what}: ${actual[i]} at ${i}, not ${value}`).toBeLessThanOrEqual(1e-9);
  });
}

function compare(name: string, reference: () => Reference): void {
  describe(name, () => {
    test('crossovers make the same child', () => {
      for (const one of reference().crossovers) {
        const rng = scripted(one.uniforms, one.normals);
        const child = crossoverFrom({ name: one.name, ...one.options }).cross(
          one.parents.map((parent) => Float64Array.from(parent)),
          one.bounds.map(([low, high]): Bounds => ({ low, high })),
          rng,
          one.nObjectives,
        );
        expectClose(child, one.child, `${one.call} ${JSON.stringify(one.options)}`);
        expect(rng.left(), one.call).toBe(0);
      }
    });

    test('polynomial mutation makes the same value', () => {
      for (const { call, eta, distribution, value, uniforms, mutated } of reference().mutations) {
        const d = distributionFromJson(distribution) as NumericDistribution;
        const bounds = realBounds(d);
        const real = polynomialMutation(eta).mutate(toReal(d, value), bounds, scripted(uniforms));
        const x = fromReal(d, Math.min(Math.max(real, bounds.low), bounds.high));
        expectClose([Number(x)], [mutated], `${call} ${distribution}`);
      }
    });

    test('reference points', () => {
      for (const { call, nObjectives, divisions, points } of reference().referencePoints)
        expect(dasDennisPoints(nObjectives, divisions), call).toEqual(points);
    });

    test('normalized losses and their niches', () => {
      for (const { call, values, points, normalized, closest, distances } of reference().associations) {
        const m = points[0].length;
        const losses = normalizedLosses(Float64Array.from(values.flat().map(Number)), m);
        expectClose(losses, normalized.flat(), call);
        const association = associate(losses, m, points);
        expect([...association.niches], call).toEqual(closest);
        expectClose(association.distances, distances, call);
      }
    });

    test('selection of the next generation', () => {
      for (const { call, values, constraints, size, divisions, uniforms, elite } of reference().selections) {
        const trials = values.map((row, i) =>
          makeTrial(
            i,
            {},
            { params: {}, systemAttrs: {} },
            { values: row, constraints: constraints === null ? undefined : [constraints[i]] },
          ),
        );
        const select = nicheSelection({
          referencePoints: null,
          dividingParameter: divisions,
          rngOf: () => scripted(uniforms),
        });
        const directions = values[0].map(() => 'minimize' as const);
        expect(
          select(trials, directions, size, 1)
            .trials.map((t) => t.number)
            .sort((a, b) => a - b),
          call,
        ).toEqual([...elite].sort((a, b) => a - b));
      }
    });
  });
}

const stored = (): Reference => JSON.parse(readFileSync(new URL('./nsga.json', import.meta.url), 'utf8'));
compare('genetic samplers against stored values of Optuna', stored);

const python = process.env['THANOS_PEER_PYTHON'];
if (python === undefined) test.skip('against Optuna itself: set THANOS_PEER_PYTHON', () => {});
else {
  const script = new URL('./nsga-reference.py', import.meta.url).pathname;
  let made: Reference | undefined;
  compare('genetic samplers against Optuna itself', () => {
    made ??= JSON.parse(
      execFileSync(python, [script], {
        encoding: 'utf8',
        maxBuffer: 2 ** 26,
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    ) as Reference;
    return made;
  });
}
