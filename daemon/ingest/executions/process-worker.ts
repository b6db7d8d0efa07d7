import { serve } from '../../runtime/worker-thread.ts';
import { processBehind, type SeenProcess } from './process.ts';
import { ProcessLook, type LivingProcess, type ProjectPlaces } from './process-look.ts';

export interface ProcessOperations {
  /** Returns the processes that work in these projects. */
  look: [{ projects: ProjectPlaces[] }, LivingProcess[]];
  /** Returns the process that wrote a file; undefined if none is found. */
  writer: [{ path: string; places: string[]; writtenAt: number }, SeenProcess | undefined];
}

const processes = new ProcessLook();

serve<ProcessOperations>({
  look: ({ projects }) => processes.look(projects),
  writer: ({ path, places, writtenAt }) => processBehind(path, places, writtenAt),
});
