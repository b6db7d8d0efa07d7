import { serve } from '../../runtime/worker-thread.ts';
import { assertSound } from './sound-copy.ts';

export interface BackupOperations {
  /** Fails if a copy is no valid registry with events. */
  check: [{ file: string }, null];
}

serve<BackupOperations>({
  check: ({ file }) => {
    assertSound(file);
    return null;
  },
});
