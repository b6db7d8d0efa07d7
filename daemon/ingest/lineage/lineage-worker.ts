import { serve } from '../../runtime/worker-thread.ts';
import { lookAround, type Look, type LookRequest } from './collect.ts';
import { processBehind, type SeenProcess } from './process.ts';

export interface LineageOperations {
  process: [{ path: string; places: string[]; writtenAt: number }, SeenProcess | undefined];
  look: [LookRequest, Look, null];
}

serve<LineageOperations>({
  process: ({ path, places, writtenAt }) => processBehind(path, places, writtenAt),
  look: (request, progress) => lookAround(request, () => progress(null)),
});
