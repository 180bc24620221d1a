import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Folders whose files take long, as they start processes: begun first, so that at the end no worker is left alone with one. */
const LONG = ['/test/e2e/', '/test/campaign/', '/test/reference/'];

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification): boolean =>
      LONG.some((folder) => moduleId.includes(folder));
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

/** Files that change the folder of their process, which a thread may not. */
const OWN_PROCESS = ['cli-studies', 'importance-command', 'storage-registry'].map(
  (name) => `test/unit/${name}.test.ts`,
);

export default defineConfig({
  test: {
    hookTimeout: 60_000,
    testTimeout: 60_000,
    // One more than cores of a small machine: files that start processes wait for them most of the time.
    maxWorkers: 3,
    sequence: { sequencer: LongFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'processes',
          include: ['test/{e2e,campaign,reference,contract,types,architecture}/**/*.test.ts', ...OWN_PROCESS],
          pool: 'forks',
        },
      },
      {
        extends: true,
        test: { name: 'unit', include: ['test/unit/**/*.test.ts'], exclude: OWN_PROCESS, pool: 'threads' },
      },
    ],
  },
});
