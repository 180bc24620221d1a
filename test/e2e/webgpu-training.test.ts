/**
 * The same training on the CPU and on onnxruntime's WebGPU provider. Without a GPU, the software Vulkan driver that Debian's
 * chromium brings stands in for one; its variables must be set before a process starts, so the training runs in a child.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { TrainingReport } from '../../objectives/training/index.ts';

const DRIVER = '/usr/lib/chromium';
/** A software driver compiles shaders slowly on a busy machine; milliseconds. */
const SHADERS = 180_000;
const software = { VK_ICD_FILENAMES: `${DRIVER}/vk_swiftshader_icd.json`, LD_LIBRARY_PATH: DRIVER };
const child = fileURLToPath(new URL('../support/train-child.ts', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));

function losses(device: string, env: NodeJS.ProcessEnv = {}): number[] {
  const run = spawnSync(process.execPath, ['--import', 'tsx', child, device, '12'], {
    cwd: root,
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
  if (run.status !== 0) throw new Error(`${device}: ${run.stderr}`);
  return run.stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as TrainingReport).loss);
}

describe('training on WebGPU', () => {
  const driver = existsSync(`${DRIVER}/vk_swiftshader_icd.json`);
  if (!driver) console.log(`skipped: no software Vulkan driver in ${DRIVER} (Debian package chromium)`);

  it.skipIf(!driver)('has the losses of the CPU', { timeout: SHADERS }, () => {
    const [cpu, gpu] = [losses('cpu'), losses('webgpu', software)];
    expect(cpu).toHaveLength(12);
    for (const [index, loss] of gpu.entries()) expect(Math.abs(loss - cpu[index])).toBeLessThan(1e-3);
  });

  it.skipIf(!driver)('leaves nothing but the arithmetic of shapes to the CPU', { timeout: SHADERS }, () => {
    const placement = fileURLToPath(new URL('../support/placement-child.ts', import.meta.url));
    const run = spawnSync(process.execPath, ['--import', 'tsx', placement], {
      cwd: root,
      env: { ...process.env, ...software },
      encoding: 'utf8',
    });
    const { nodes, onCpu } = JSON.parse(run.stdout) as { nodes: number; onCpu: string[] };
    expect(nodes).toBeGreaterThan(300);
    expect(onCpu.filter((node) => node.includes('float'))).toEqual([]);
  });

  it('says what to do where there is no driver', () => {
    const none = { VK_ICD_FILENAMES: '/none.json', VK_DRIVER_FILES: '/none.json', LD_LIBRARY_PATH: '' };
    const run = spawnSync(process.execPath, ['--import', 'tsx', child, 'webgpu', '1'], {
      cwd: root,
      env: { ...process.env, ...none },
      encoding: 'utf8',
    });
    expect(JSON.parse(run.stdout.trim())).toEqual({ error: 'PROVIDER_UNAVAILABLE' });
    expect(run.stderr).toMatch(/Vulkan/);
  });
});
