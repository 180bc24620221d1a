/**
 * Runs one training step of the tiny model on WebGPU under onnxruntime's profiler, and prints the nodes that ran on the CPU in
 * spite of it, each as its operator and the types of its inputs.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { floatScalar, type TensorMap, zeros } from '../../objectives/onnx/index.ts';
import { TRAINING } from '../../objectives/training/index.ts';
import { tinyModel } from './tiny-model.ts';

interface ProfileEvent {
  readonly cat: string;
  readonly args: {
    provider?: string;
    op_name?: string;
    input_type_shape?: readonly Record<string, unknown>[];
  };
}

const model = tinyModel();
const feeds: TensorMap = {
  ...model.initialParameters(),
  ...Object.fromEntries(model.graph.moments.map(({ name, shape }) => [name, zeros(shape)])),
  ...model.constants,
  ...model.batchAt(1),
  [TRAINING.stepInput]: floatScalar(1),
};
const folder = mkdtempSync(join(tmpdir(), 'thanos-profile-'));
const session = await InferenceSession.create(model.graph.model, {
  executionProviders: ['webgpu'],
  logSeverityLevel: 3,
  enableProfiling: true,
  profileFilePrefix: join(folder, 'step'),
});
const tensors = Object.entries(feeds).map(([name, { dtype, data, shape }]) => [
  name,
  new Tensor(dtype, data as Float32Array, shape),
]);
await session.run(Object.fromEntries(tensors));
session.endProfiling();
const events = JSON.parse(readFileSync(join(folder, readdirSync(folder)[0]), 'utf8')) as ProfileEvent[];
rmSync(folder, { recursive: true });
const nodes = events.filter(({ cat, args }) => cat === 'Node' && args.provider !== undefined);
const onCpu = nodes
  .filter(({ args }) => args.provider === 'CPUExecutionProvider')
  .map(
    ({ args }) =>
      `${args.op_name}(${(args.input_type_shape ?? []).flatMap((input) => Object.keys(input)).join(',')})`,
  );
process.stdout.write(JSON.stringify({ nodes: nodes.length, onCpu: [...new Set(onCpu)] }));
