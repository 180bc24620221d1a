/**
 * Conformance kit for latency backends: one test per clause of the contract in `objectives/latency/backend.ts`, of the same number.
 *
 * ```ts
 * import { describe, it } from 'vitest';
 * latencyConformance({ describe, it }, async () => new MyBackend(), { arch, dims });
 * ```
 */
import assert from 'node:assert/strict';
import type { LatencyBackend, LatencyReport, PerPart } from '../../objectives/latency/backend.ts';
import type { ArchConfig, ModelDims } from '../../objectives/transformer/arch-config.ts';
import { rejectsWith } from './rejects-with.ts';
import type { TestFrame } from './storage-kit.ts';

/** What the backend is asked to measure: small, canonical, with two head counts at least. */
export interface LatencyKitSubject {
  /** The architecture. */
  readonly arch: ArchConfig;
  /** The dimensions of its model. */
  readonly dims: ModelDims;
}

/** What the kit cannot make by itself. */
export interface LatencyKitOptions {
  /** Makes the backend's tool fail; without it L9 checks only that a measurement ends. */
  readonly failing?: (() => Promise<LatencyBackend>) | undefined;
}

type Check = (
  backend: LatencyBackend,
  subject: LatencyKitSubject,
  options: LatencyKitOptions,
) => Promise<void>;

const PARTS = ['encoder', 'decoder', 'total'] as const;

async function l1(backend: LatencyBackend, { arch, dims }: LatencyKitSubject): Promise<void> {
  assert.ok(backend.name.trim().length > 0, 'the backend has no name');
  const report = await backend.measure(arch, dims);
  assert.equal(report.backend, backend.name);
  assert.equal(report.kind, backend.kind);
  assert.ok(report.source.trim().length > 0, 'the report names no source');
  assert.ok(report.memory.source.trim().length > 0, 'the memory report names no source');
}

async function l2(backend: LatencyBackend, { arch, dims }: LatencyKitSubject): Promise<void> {
  const { latencyMs } = await backend.measure(arch, dims);
  for (const part of PARTS)
    assert.ok(Number.isFinite(latencyMs[part]) && latencyMs[part] > 0, `${part} is ${latencyMs[part]} ms`);
  assertSum(latencyMs);
}

async function l3(backend: LatencyBackend, { arch, dims }: LatencyKitSubject): Promise<void> {
  const report = await backend.measure(arch, dims);
  if (report.kind === 'measured') {
    assert.ok(report.repeats >= 2, `a measurement has ${report.repeats} repeats`);
    assert.equal(report.interval, null);
    for (const part of PARTS) assert.ok((report.spreadMs?.[part] ?? -1) >= 0, 'a measurement has no spread');
    return;
  }
  assert.equal(report.repeats, 0);
  assert.equal(report.spreadMs, null);
  const { interval, latencyMs } = report;
  assert.ok(interval !== null, 'an estimate has no interval');
  for (const part of PARTS)
    assert.ok(
      interval.lowMs[part] <= latencyMs[part] && latencyMs[part] <= interval.highMs[part],
      `${part}: ${latencyMs[part]} ms lies outside [${interval.lowMs[part]}, ${interval.highMs[part]}]`,
    );
}

async function l4(backend: LatencyBackend, { arch, dims }: LatencyKitSubject): Promise<void> {
  const { weightsMiB, activationsMiB, totalMiB } = (await backend.measure(arch, dims)).memory;
  for (const value of [weightsMiB, activationsMiB, totalMiB])
    assert.ok(Number.isFinite(value) && value > 0, `memory of ${value} MiB`);
  assert.ok(totalMiB >= (weightsMiB + activationsMiB) * (1 - 1e-9), `total ${totalMiB} MiB is too small`);
}

async function l5(backend: LatencyBackend, { arch, dims }: LatencyKitSubject): Promise<void> {
  const illegal: readonly (readonly [ArchConfig, ModelDims])[] = [
    [{ ...arch, encoderSelfAttentionHeads: arch.encoderSelfAttentionHeads.map(() => arch.qkvDim + 1) }, dims],
    [{ ...arch, decoderFfnEmbedDim: arch.decoderFfnEmbedDim.slice(1) }, dims],
    [arch, { ...dims, targetLength: 0 }],
    [arch, { ...dims, sourceVocabSize: 1.5 }],
  ];
  for (const [a, d] of illegal) await rejectsWith('INVALID_ARGUMENT', () => backend.measure(a, d));
}

async function l6(backend: LatencyBackend, { arch, dims }: LatencyKitSubject): Promise<void> {
  await rejectsWith('ABORTED', () => backend.measure(arch, dims, AbortSignal.abort()));
}

async function l7(backend: LatencyBackend, { arch, dims }: LatencyKitSubject): Promise<void> {
  const first = await backend.measure(arch, dims);
  const dead: ArchConfig = { ...arch, decoderFfnEmbedDim: [...arch.decoderFfnEmbedDim, 4096] };
  const second = await backend.measure(dead, dims);
  if (first.kind === 'estimated') assert.deepEqual(second, first);
  else assert.deepEqual(second.memory, first.memory);
}

async function l8(backend: LatencyBackend, { arch, dims }: LatencyKitSubject): Promise<void> {
  const before = JSON.stringify([arch, dims]);
  await backend.measure(arch, dims);
  assert.equal(JSON.stringify([arch, dims]), before);
}

async function l9(
  backend: LatencyBackend,
  { arch, dims }: LatencyKitSubject,
  { failing }: LatencyKitOptions,
): Promise<void> {
  const report: LatencyReport = await backend.measure(arch, dims);
  assert.ok(report.latencyMs.total > 0);
  if (failing === undefined) return;
  const broken = await failing();
  await rejectsWith('BACKEND_FAILED', () => broken.measure(arch, dims));
}

function assertSum({ encoder, decoder, total }: PerPart): void {
  assert.ok(
    Math.abs(encoder + decoder - total) <= 1e-9 * total,
    `total ${total} is not ${encoder} + ${decoder}`,
  );
}

const CLAUSES: readonly (readonly [title: string, check: Check])[] = [
  ['L1 a report names its backend, kind and sources', l1],
  ['L2 latencies are positive and total is their sum', l2],
  ['L3 a measurement has repeats and a spread, an estimate an interval', l3],
  ['L4 memory is positive and its total encloses the parts', l4],
  ['L5 illegal architectures and dimensions are refused', l5],
  ['L6 an aborted signal ends it', l6],
  ['L7 equal architectures give equal answers, dead genes change none', l7],
  ['L8 arguments are not changed', l8],
  ['L9 it ends, and a tool that fails is BACKEND_FAILED', l9],
];

/**
 * Registers the tests L1 to L9.
 * @param makeBackend returns a new backend; the kit calls it once per test.
 */
export function latencyConformance(
  { describe, it }: TestFrame,
  makeBackend: () => Promise<LatencyBackend>,
  subject: LatencyKitSubject,
  options: LatencyKitOptions = {},
): void {
  describe('latency backend contract', () => {
    for (const [title, check] of CLAUSES) it(title, async () => check(await makeBackend(), subject, options));
  });
}
