/** Sobol' and Halton points against scipy's (qmc.json, made by generate_sobol.py). */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { HaltonSequence } from '../../src/math/halton.ts';
import { SobolSequence } from '../../src/math/sobol.ts';

interface Reference {
  readonly made: string;
  readonly indices: readonly number[];
  readonly sobolTimes2To30: readonly (readonly number[])[];
  readonly halton: readonly (readonly number[])[];
  readonly sobolFirst16In3d: readonly (readonly number[])[];
}

const reference = JSON.parse(readFileSync(new URL('./qmc.json', import.meta.url), 'utf8')) as Reference;

describe(`points of ${reference.made}`, () => {
  const sobol = new SobolSequence(512);
  const halton = new HaltonSequence(64);

  it.each(reference.indices.map((index, i) => [index, i]))('point %i', (index, i) => {
    expect([...sobol.point(index)].map((u) => u * 2 ** 30)).toEqual(reference.sobolTimes2To30[i]);
    expect([...halton.point(index)]).toEqual(reference.halton[i]);
  });

  it('the first points in a row', () => {
    expect([...new SobolSequence(3).points(0, 16)]).toEqual(reference.sobolFirst16In3d.flat());
  });
});
