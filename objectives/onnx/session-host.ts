/** Sessions that share resident tensors by name: what the worker thread runs, usable in the calling thread as well. */
import { GraphError } from './errors.ts';
import { createSession, type Feeds, type Session, type Tensor, toTensor } from './runtime.ts';
import { readStateFile, type TensorMap, writeStateFile } from './state-file.ts';
import type { TensorData } from './tensor.ts';
import type { Command, Result, ShapesByName, Updates } from './worker-protocol.ts';

export class SessionHost {
  readonly #sessions = new Map<number, { readonly session: Session; readonly updates: Updates }>();
  readonly #state = new Map<string, Tensor>();
  #opened = 0;

  async execute(command: Command): Promise<Result> {
    switch (command.kind) {
      case 'open': {
        const outputsOnDevice = Object.values(command.updates);
        const session = await createSession(command.model, { ...command.options, outputsOnDevice });
        this.#sessions.set(++this.#opened, { session, updates: command.updates });
        return { kind: 'session', session: this.#opened };
      }
      case 'run':
        return { kind: 'tensors', tensors: await this.#run(command.session, command.feeds, command.fetches) };
      case 'release':
        await this.#sessions.get(command.session)?.session.release();
        this.#sessions.delete(command.session);
        return { kind: 'done' };
      case 'setState':
        for (const [name, tensor] of Object.entries(command.tensors)) this.#replace(name, toTensor(tensor));
        return { kind: 'done' };
      case 'getState':
        return { kind: 'tensors', tensors: await this.#read(command.names, true) };
      case 'deleteState':
        for (const name of command.names) {
          this.#state.get(name)?.dispose();
          this.#state.delete(name);
        }
        return { kind: 'done' };
      case 'saveState':
        writeStateFile(
          command.path,
          { tensors: await this.#read(command.names, false), metadata: command.metadata },
          { withHash: true },
        );
        return { kind: 'done' };
      case 'loadState': {
        const { tensors, metadata } = readStateFile(command.path);
        if (command.expected !== null) assertHolds(command.path, tensors, command.expected);
        for (const [name, tensor] of Object.entries(tensors)) this.#replace(name, toTensor(tensor));
        return { kind: 'metadata', metadata };
      }
      case 'close':
        for (const { session } of this.#sessions.values()) await session.release();
        this.#sessions.clear();
        this.#state.clear();
        return { kind: 'done' };
    }
  }

  async #run(id: number, tensors: TensorMap, fetches: readonly string[]): Promise<TensorMap> {
    const opened = this.#sessions.get(id);
    if (opened === undefined)
      throw new GraphError('RUN_FAILED', `session ${id} is not open: it was released or never opened`);
    const { session, updates } = opened;
    const feeds: Record<string, Tensor> = {};
    for (const name of session.inputNames) {
      const fed = tensors[name];
      const tensor = fed === undefined ? this.#state.get(name) : toTensor(fed);
      if (tensor !== undefined) feeds[name] = tensor;
    }
    const outputs = await session.run(feeds as Feeds, [...new Set([...fetches, ...Object.values(updates)])]);
    const fetched: Record<string, TensorData> = {};
    for (const name of fetches) fetched[name] = await outputs[name].read();
    for (const [name, output] of Object.entries(updates)) this.#replace(name, outputs[output]);
    return fetched;
  }

  async #read(names: readonly string[] | null, copy: boolean): Promise<TensorMap> {
    const tensors: Record<string, TensorData> = {};
    for (const name of names ?? this.#state.keys()) {
      const resident = this.#state.get(name);
      if (resident === undefined) {
        throw new GraphError(
          'STATE_MISSING',
          `no resident tensor '${name}'; resident are: ${[...this.#state.keys()].slice(0, 20).join(', ') || 'none'}`,
        );
      }
      const tensor = await resident.read();
      tensors[name] = copy ? ({ ...tensor, data: tensor.data.slice() } as TensorData) : tensor;
    }
    return tensors;
  }

  #replace(name: string, tensor: Tensor): void {
    this.#state.get(name)?.dispose();
    this.#state.set(name, tensor);
  }
}

function assertHolds(path: string, tensors: TensorMap, expected: ShapesByName): void {
  const said = (name: string, { dtype, shape }: Pick<TensorData, 'dtype' | 'shape'>): string =>
    `tensor '${name}' (${dtype}, [${shape}])`;
  for (const name of new Set([...Object.keys(expected), ...Object.keys(tensors)])) {
    const wanted = Object.hasOwn(expected, name)
      ? said(name, { dtype: 'float32', shape: expected[name] })
      : `no tensor '${name}'`;
    const found = Object.hasOwn(tensors, name) ? said(name, tensors[name]) : `no tensor '${name}'`;
    if (wanted !== found)
      throw new GraphError(
        'CHECKPOINT_UNUSABLE',
        `'${path}' must hold ${wanted}, but holds ${found}: delete it to start anew, or give the path of a whole one`,
      );
  }
}
