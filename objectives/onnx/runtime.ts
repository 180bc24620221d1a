/** The only file that imports onnxruntime-node: sessions and device tensors behind small types of our own. */
import type * as ort from 'onnxruntime-node';
import { optionalPackage } from '../../src/core/optional-package.ts';
import { GraphError } from './errors.ts';
import type { DataType } from './graph.ts';
import { ELEMENT_TYPE, encodeModel } from './proto.ts';
import type { TensorData } from './tensor.ts';

const onnxruntime = (): typeof ort => optionalPackage<typeof ort>('onnxruntime-node', 'running a model');

/** Where a session runs: any CPU, any GPU through WebGPU (bundled), or NVIDIA through CUDA (Linux x64). */
export type Device = 'cpu' | 'webgpu' | 'cuda';

export interface SessionOptions {
  /** Default: 'cpu'. */
  readonly device?: Device | undefined;
  /** Threads of one operator on the CPU; default: onnxruntime's choice, one per core. */
  readonly intraOpNumThreads?: number | undefined;
  /** Outputs that stay on the device when they are not read; without effect on the CPU. */
  readonly outputsOnDevice?: readonly string[] | undefined;
  /** Default: 'all'. */
  readonly graphOptimizationLevel?: 'disabled' | 'basic' | 'extended' | 'all' | undefined;
}

/** A tensor as a session sees it: its elements may be on the device. */
export interface Tensor {
  readonly dtype: DataType;
  readonly shape: readonly number[];
  readonly location: 'cpu' | 'device';
  /** The elements, copied from the device if need be. */
  read(): Promise<TensorData>;
  /** Frees the device's memory; the tensor cannot be used any more. */
  dispose(): void;
}

export type Feeds = Readonly<Record<string, Tensor>>;

/** A loaded model. `run` blocks the calling thread for as long as the CPU works. */
export interface Session {
  readonly device: Device;
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** Default: all outputs. */
  run(feeds: Feeds, fetches?: readonly string[]): Promise<Record<string, Tensor>>;
  release(): Promise<void>;
}

/**
 * Loads a model.
 * @throws GraphError PROVIDER_UNAVAILABLE if the device cannot run here, INVALID_MODEL if onnxruntime refuses the model.
 */
export async function createSession(model: Uint8Array, options: SessionOptions = {}): Promise<Session> {
  const { device = 'cpu', intraOpNumThreads, outputsOnDevice = [], graphOptimizationLevel = 'all' } = options;
  assertAvailable(device);
  // The Node binding keeps outputs of the WebGPU provider only; CUDA's come back to the CPU.
  const located = device === 'webgpu' ? outputsOnDevice : [];
  try {
    const session = await onnxruntime().InferenceSession.create(model, {
      executionProviders: [device],
      graphOptimizationLevel,
      logSeverityLevel: 3,
      // Design note: workers wait awake, but only briefly: waking them for each operator costs 7 to 15 % of a step, while workers that
      // spin without end starve the other threads of a busy machine.
      extra: { session: { intra_op: { allow_spinning: '1', spin_duration_us: '100' } } },
      ...(intraOpNumThreads === undefined ? {} : { intraOpNumThreads }),
      ...(located.length === 0
        ? {}
        : {
            preferredOutputLocation: Object.fromEntries(located.map((name) => [name, 'gpu-buffer' as const])),
          }),
    });
    return new OrtSession(session, device);
  } catch (cause) {
    throw sessionError(device, cause);
  }
}

/** A tensor over these elements, which are not copied: do not change them while it is in use. */
export function toTensor(tensor: TensorData): Tensor {
  return new OrtTensor(new (onnxruntime().Tensor)(tensor.dtype, tensor.data as Float32Array, tensor.shape));
}

/** The devices that this build of onnxruntime knows; whether a driver is there shows only when a session is created. */
export function knownDevices(): Device[] {
  const names = onnxruntime()
    .listSupportedBackends()
    .map((backend) => backend.name);
  return (['cpu', 'webgpu', 'cuda'] as const).filter((device) => names.includes(device));
}

class OrtTensor implements Tensor {
  readonly inner: ort.Tensor;

  constructor(inner: ort.Tensor) {
    this.inner = inner;
  }

  get dtype(): DataType {
    return this.inner.type as DataType;
  }
  get shape(): readonly number[] {
    return this.inner.dims;
  }
  get location(): 'cpu' | 'device' {
    return this.inner.location === 'cpu' ? 'cpu' : 'device';
  }

  async read(): Promise<TensorData> {
    const data = (this.location === 'cpu' ? this.inner : await download(this)).data;
    return { dtype: this.dtype, shape: this.shape, data: data as Float32Array } as TensorData;
  }

  dispose(): void {
    this.inner.dispose();
  }
}

/** Copiers from the device, by element type and rank. */
const copiers = new Map<string, Promise<ort.InferenceSession>>();

/** The Node binding has no download call, but a session whose output is on the CPU copies. */
async function download({ inner, dtype, shape }: OrtTensor): Promise<ort.Tensor> {
  const key = `${dtype}/${shape.length}`;
  let copier = copiers.get(key);
  if (copier === undefined) {
    copier = onnxruntime().InferenceSession.create(identityModel(dtype, shape.length), {
      executionProviders: ['webgpu'],
    });
    copiers.set(key, copier);
  }
  return (await (await copier).run({ x: inner })).y;
}

function identityModel(dtype: DataType, rank: number): Uint8Array {
  const dims = {
    elemType: ELEMENT_TYPE[dtype],
    shape: { dim: Array.from({ length: rank }, (_, i) => ({ dimParam: `d${i}` })) },
  };
  return encodeModel({
    irVersion: 8,
    opsetImport: [{ domain: '', version: 18 }],
    graph: {
      name: 'copy',
      node: [{ opType: 'Identity', input: ['x'], output: ['y'] }],
      input: [{ name: 'x', type: { tensorType: dims } }],
      output: [{ name: 'y', type: { tensorType: dims } }],
    },
  });
}

class OrtSession implements Session {
  readonly device: Device;
  readonly #session: ort.InferenceSession;

  constructor(session: ort.InferenceSession, device: Device) {
    this.#session = session;
    this.device = device;
  }

  get inputNames(): readonly string[] {
    return this.#session.inputNames;
  }
  get outputNames(): readonly string[] {
    return this.#session.outputNames;
  }

  async run(feeds: Feeds, fetches: readonly string[] = this.outputNames): Promise<Record<string, Tensor>> {
    const inputs: Record<string, ort.Tensor> = {};
    for (const name of this.inputNames) {
      const feed = feeds[name];
      if (feed === undefined) {
        throw new GraphError(
          'RUN_FAILED',
          `the model's input '${name}' is not fed; fed are: ${Object.keys(feeds).join(', ') || 'none'}`,
        );
      }
      inputs[name] = (feed as OrtTensor).inner;
    }
    try {
      const outputs = await this.#session.run(inputs, fetches);
      return Object.fromEntries(fetches.map((name) => [name, new OrtTensor(outputs[name])]));
    } catch (cause) {
      throw new GraphError('RUN_FAILED', `onnxruntime (${this.device}) failed: ${messageOf(cause)}`, {
        cause,
      });
    }
  }

  release(): Promise<void> {
    return this.#session.release();
  }
}

function assertAvailable(device: Device): void {
  const known = knownDevices();
  if (known.includes(device)) return;
  throw new GraphError(
    'PROVIDER_UNAVAILABLE',
    `onnxruntime-node has no '${device}' provider on ${process.platform}-${process.arch}; it has: ${known.join(', ')}. ${REMEDY[device]}`,
  );
}

const REMEDY: Readonly<Record<Device, string>> = {
  cpu: 'Reinstall onnxruntime-node for this platform.',
  webgpu:
    'It needs a Vulkan (Linux), Direct3D 12 (Windows) or Metal (macOS) driver: install one, or use device cpu. Without a GPU, ' +
    'a software Vulkan driver works: set VK_ICD_FILENAMES to its ICD file before the process starts.',
  cuda:
    'It needs Linux x64, CUDA 12 with cuDNN 9, and the provider files: run ONNXRUNTIME_NODE_INSTALL=cuda12 node ' +
    'node_modules/onnxruntime-node/script/install.js; or use device webgpu or cpu.',
};

const PROVIDER_FAILURE =
  /adapter|vulkan|webgpu.*(device|instance|fail)|cuda.*(fail|not|load)|cudnn|libcu|providers_shared|dlopen|backend not found/i;

function sessionError(device: Device, cause: unknown): GraphError {
  const message = messageOf(cause);
  if (device !== 'cpu' && PROVIDER_FAILURE.test(message)) {
    return new GraphError(
      'PROVIDER_UNAVAILABLE',
      `device '${device}' cannot run on this machine (${message}). ${REMEDY[device]}`,
      { cause },
    );
  }
  return new GraphError('INVALID_MODEL', `onnxruntime (${device}) refused the model: ${message}`, { cause });
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
