/**
 * Runs studies in processes of their own and evaluates their trials here, so that ours and the peer's optimize the very same
 * function. A process reads a study as a line of JSON, writes the parameters of each trial, reads its values, and
 * at the end writes the CPU time that it spent.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { compileSpace } from '../../src/core/compiled-space.ts';
import { distributionToJson, type ParamValue } from '../../src/core/index.ts';
import type { ParamsOf, SpaceEntries } from '../../src/core/space.ts';
import type { BenchProblem } from './quality-problems.ts';

export type Side = 'thanos' | 'optuna';

export interface StudyJob {
  readonly side: Side;
  /** A name of our registry, with options as JSON behind it if need be; or one of the peer's. */
  readonly sampler: string;
  readonly problem: BenchProblem;
  readonly seed: number;
  readonly nTrials: number;
  /** Whether the space is declared, or found while the objective runs. The peer knows only the latter. */
  readonly declared: boolean;
}

export interface EvaluatedTrial {
  readonly values: readonly number[];
  readonly isFeasible: boolean;
}

export interface StudyResult {
  readonly trials: readonly EvaluatedTrial[];
  readonly cpuS: number;
}

/** What a process reads at the start of a study. */
export interface StudyRequest {
  readonly problem: string;
  readonly sampler: string;
  readonly seed: number;
  readonly nTrials: number;
  readonly declared: boolean;
  readonly directions: readonly string[];
  readonly parameters: readonly {
    readonly name: string;
    /** Optuna's JSON. */
    readonly distribution: string;
    readonly parent: string | null;
    readonly choice: ParamValue;
  }[];
}

/** What a process writes: a trial to evaluate, or the end. */
export type StudyMessage = { readonly params: Record<string, ParamValue> } | { readonly cpuS: number };

class SideProcess {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(command: string, args: readonly string[]) {
    const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' };
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], env });
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  async run({ sampler, problem, seed, nTrials, declared }: StudyJob): Promise<StudyResult> {
    const compiled = compileSpace(problem.objective.space);
    this.#write({
      problem: problem.label,
      sampler,
      seed,
      nTrials,
      declared,
      directions: problem.objective.directions,
      parameters: compiled.names.map((name) => ({
        name,
        distribution: distributionToJson(compiled.flat[name]),
        parent: compiled.conditions.get(name)?.parent ?? null,
        choice: compiled.conditions.get(name)?.choice ?? null,
      })),
    } satisfies StudyRequest);
    const trials: EvaluatedTrial[] = [];
    while (true) {
      const { value, done } = await this.#lines.next();
      if (done === true) throw new Error(`${sampler} on ${problem.label}, seed ${seed}: the process ended`);
      const message = JSON.parse(value) as StudyMessage;
      if ('cpuS' in message) return { trials, cpuS: message.cpuS };
      const params = compiled.nested(message.params) as ParamsOf<SpaceEntries>;
      const values = problem.objective.evaluate(params);
      const constraints = problem.objective.constraints?.(params);
      trials.push({ values, isFeasible: constraints?.every((each) => each <= 0) ?? true });
      this.#write({ values, constraints: constraints ?? null });
    }
  }

  end(): void {
    this.#child.stdin!.end();
  }

  #write(message: unknown): void {
    this.#child.stdin!.write(`${JSON.stringify(message)}\n`);
  }
}

export interface RunOptions {
  readonly python: string | undefined;
  readonly onFinished: (job: StudyJob, result: StudyResult) => void;
}

/** Two studies at a time, one of each side for as long as both have any left. */
export async function runStudies(
  jobs: readonly StudyJob[],
  { python, onFinished }: RunOptions,
): Promise<void> {
  const waiting: Record<Side, StudyJob[]> = {
    thanos: jobs.filter((job) => job.side === 'thanos').reverse(),
    optuna: jobs.filter((job) => job.side === 'optuna').reverse(),
  };
  const start = (side: Side): SideProcess => {
    const script = (name: string) => new URL(name, import.meta.url).pathname;
    if (side === 'optuna') return new SideProcess(python!, [script('quality-peer.py')]);
    return new SideProcess(process.execPath, ['--import', 'tsx', script('quality-ours.ts')]);
  };
  const work = async (order: readonly Side[]): Promise<void> => {
    const processes = new Map<Side, SideProcess>();
    try {
      while (true) {
        const side = order.find((each) => waiting[each].length > 0);
        if (side === undefined) return;
        const job = waiting[side].pop()!;
        const running = processes.get(side) ?? start(side);
        processes.set(side, running);
        onFinished(job, await running.run(job));
      }
    } finally {
      for (const each of processes.values()) each.end();
    }
  };
  await Promise.all([work(['optuna', 'thanos']), work(['thanos', 'optuna'])]);
}
