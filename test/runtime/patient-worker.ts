import { readFileSync } from 'node:fs';
import { serve } from '../../daemon/runtime/worker-thread.ts';

/** The operations of a worker in the tests of its time limit. */
export interface Tasks {
  read: [{ path: string }, string];
  spin: [null, never];
  steps: [{ count: number; ms: number }, { done: number }, number];
}

serve<Tasks>({
  read: ({ path }) => readFileSync(path, 'utf8'),
  spin: () => {
    for (;;);
  },
  steps: async ({ count, ms }, progress) => {
    for (let step = 0; step < count; step += 1) {
      progress(step);
      await new Promise((resolve) => setTimeout(resolve, ms));
    }
    return { done: count };
  },
});
