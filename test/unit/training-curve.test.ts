import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { appendCurve, curvePath, readCurve } from '../../objectives/pipeline/training-curve.ts';

describe('a training curve', () => {
  const folder = mkdtempSync(join(tmpdir(), 'thanos-curve-'));
  const path = curvePath(join(folder, 'supernet.safetensors'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('gives back what was appended, a repeated step once, a loss that is not finite as an infinite one', () => {
    expect(readCurve(path)).toEqual([]);
    appendCurve(path, { step: 10, trainingLoss: 5, tokensPerSecond: 100 });
    appendCurve(path, { step: 10, largest: 4, smallest: 3 });
    appendCurve(path, { step: 20, largest: Number.NaN, smallest: Number.POSITIVE_INFINITY });
    appendCurve(path, { step: 10, trainingLoss: 5.5, tokensPerSecond: 90 });
    expect(readCurve(path)).toEqual([
      { step: 10, trainingLoss: 5.5, tokensPerSecond: 90, largest: 4, smallest: 3 },
      { step: 20, largest: Number.POSITIVE_INFINITY, smallest: Number.POSITIVE_INFINITY },
    ]);
  });

  it.each([
    '{"step":30,"larg',
    '{broken}',
    '[1]',
    'null',
    '7',
    '{"step":"30","largest":1,"smallest":1}',
    '{"step":1.5}',
    '{"step":-1}',
    '{"step":30,"largest":"x","smallest":1}',
  ])('passes over %s', (line) => {
    writeFileSync(path, `{"step":10,"trainingLoss":5}\n${line}\n{"step":40,"largest":2,"smallest":3}\n`);
    expect(readCurve(path)).toEqual([
      { step: 10, trainingLoss: 5 },
      { step: 40, largest: 2, smallest: 3 },
    ]);
  });
});
