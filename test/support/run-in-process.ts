import { vi } from 'vitest';
import { runCli } from '../../src/cli/run-cli.ts';

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process, which spares the start of another; what it prints is caught. */
export async function runInProcess(...argv: string[]): Promise<CliResult> {
  const printed = { stdout: '', stderr: '' };
  const catching = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      printed[name] += String(text);
      return true;
    }),
  );
  try {
    return { code: await runCli(argv), ...printed };
  } finally {
    for (const spy of catching) spy.mockRestore();
  }
}
