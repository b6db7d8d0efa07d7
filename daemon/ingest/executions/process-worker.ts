import { resultOf, type GroupedResult } from '../../runtime/grouped-calls.ts';
import { serve } from '../../runtime/worker-thread.ts';
import { processBehind, seenProcesses, type SeenProcess } from './process.ts';
import { ProcessLook, type LivingProcess, type ProjectPlaces } from './process-look.ts';
import { SharedLook } from './shared-look.ts';

/** A file, and the places in which its writer may be at work. */
export interface WrittenFile {
  path: string;
  places: string[];
  writtenAt: number;
}

export interface ProcessOperations {
  /** Returns the processes that work in these projects. */
  look: [{ projects: ProjectPlaces[] }, LivingProcess[]];
  /** Returns the processes that wrote files; undefined for one that is not found. */
  writers: [readonly WrittenFile[], GroupedResult<SeenProcess | undefined>[]];
}

const processes = new ProcessLook();
const everyProcess = new SharedLook(seenProcesses);

serve<ProcessOperations>({
  look: ({ projects }) => processes.look(projects),
  writers: (files) =>
    Promise.all(
      files.map(({ path, places, writtenAt }) =>
        resultOf(() => processBehind(path, places, writtenAt, everyProcess.after(path))),
      ),
    ),
});
