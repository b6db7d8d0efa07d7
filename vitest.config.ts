import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The longest first, as ever; the suite inside VS Code does its work while it is loaded, and so counts as short. */
class Order extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isInHost = ({ moduleId }: TestSpecification): boolean => moduleId.endsWith('in-host.test.ts');
    return [...sorted.filter(isInHost), ...sorted.filter((file) => !isInHost(file))];
  }
}

/** Tests that take minutes, or assert what holds only while a machine has time for many processes at once. */
const heavy =
  process.env['PLINTH_RUNS'] === 'whole'
    ? []
    : [
        'ingest/runs/ends',
        'ingest/runs/interleavings',
        'ingest/runs/processes',
        'ingest/runs/resumption',
        'ingest/runs/who-saved',
        'ingest/register/evidence-processes',
        'mlflow/retries',
      ].map((name) => `test/${name}.test.ts`);

/** Seed of the order of the tests of a file. It is fixed, so that a failure is seen again; TEST_SEED gives another order. */
const seed = Number(process.env['TEST_SEED'] ?? 33_316);

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/fixtures/**', ...heavy],
    testTimeout: 30_000,
    globalSetup: 'test/support/build-program.ts',
    setupFiles: 'test/support/temporary-folders.ts',
    pool: 'forks',
    // One process runs many files: the program is loaded once, and not once a file. A test restores what it changes of the process.
    isolate: false,
    maxWorkers: 2,
    // The tests of a file run in an order that nobody wrote, as no test needs another one.
    sequence: { sequencer: Order, shuffle: { tests: true }, seed },
    // Hundreds of services and commands are started: compiled once, each is there in half the time.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, '.cache', 'compiled') },
  },
});
