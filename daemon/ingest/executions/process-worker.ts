import { serve } from '../../runtime/worker-thread.ts';
import { ProcessLook, type LivingProcess, type ProjectPlaces } from './process-look.ts';

export interface ProcessOperations {
  /** Who works in these projects. */
  look: [{ projects: ProjectPlaces[] }, LivingProcess[]];
}

const processes = new ProcessLook();

serve<ProcessOperations>({ look: ({ projects }) => processes.look(projects) });
