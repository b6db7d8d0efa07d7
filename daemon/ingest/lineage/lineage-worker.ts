import { serve } from '../../runtime/worker-thread.ts';
import { lookAround, type Look, type LookRequest } from './collect.ts';

export interface LineageOperations {
  look: [LookRequest, Look, null];
}

serve<LineageOperations>({ look: (request, progress) => lookAround(request, () => progress(null)) });
