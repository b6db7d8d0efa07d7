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

/** Trainings of many processes at once: what they assert holds while a machine has time for all of them. */
const trainings =
  process.env['PLINTH_RUNS'] === 'whole'
    ? []
    : ['test/ingest/runs/who-saved.test.ts', 'test/ingest/runs/interleavings.test.ts'];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/fixtures/**', ...trainings],
    testTimeout: 30_000,
    globalSetup: 'test/support/build-program.ts',
    pool: 'forks',
    maxWorkers: 2,
    sequence: { sequencer: Order },
    // Hundreds of services and commands are started: compiled once, each is there in half the time.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, '.cache', 'compiled') },
  },
});
