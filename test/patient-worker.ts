import { readFileSync } from 'node:fs';
import { serve } from '../daemon/runtime/worker-thread.ts';

/** What a worker is asked to do in the tests of its time limit. */
export type Task = { op: 'read'; path: string } | { op: 'spin' } | { op: 'steps'; count: number; ms: number };

serve<Task, string>(async (task, progress) => {
  if (task.op === 'read') return readFileSync(task.path, 'utf8');
  if (task.op === 'spin') for (;;);
  for (let step = 0; step < task.count; step += 1) {
    progress(step);
    await new Promise((resolve) => setTimeout(resolve, task.ms));
  }
  return 'done';
});
