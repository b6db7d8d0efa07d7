import { serve } from '../../runtime/worker-thread.ts';
import { lookAround, type Look, type LookRequest } from './collect.ts';
import { processBehind, type SeenProcess } from './process.ts';

export type LineageRequest =
  { op: 'process'; path: string; places: string[]; writtenAt: number } | { op: 'look'; request: LookRequest };

export type LineageReply = { process: SeenProcess | undefined } | { look: Look };

serve<LineageRequest, LineageReply>(async (request, progress) => {
  if (request.op === 'look') return { look: await lookAround(request.request, () => progress(null)) };
  return { process: processBehind(request.path, request.places, request.writtenAt) };
});
