import { systemCode } from '../errors.ts';
import { serve } from '../worker-thread.ts';
import { openerIn } from './file-source.ts';
import { readNotes, type FileNotes } from './notes-cache.ts';
import type { Inspection, UnitClaim } from './recogniser.ts';
import { recognisers } from './recognisers.ts';

export type InspectRequest =
  | { op: 'inspect'; recogniser: string; folder: string; root: string; claim: UnitClaim }
  /** Reads metrics and params of these files; those that cannot be read are left out. */
  | { op: 'notes'; root: string; paths: string[] };

export type Inspected = Inspection | { state: 'unreadable'; reason: string };

export type InspectReply = { inspected: Inspected } | { notes: FileNotes[] };

serve<InspectRequest, InspectReply>((request) => {
  if (request.op === 'inspect') return { inspected: inspect(request) };
  const notes = request.paths.map((path) => readNotes(path, request.root));
  return { notes: notes.filter((found) => found !== undefined) };
});

function inspect({ recogniser, folder, root, claim }: Extract<InspectRequest, { op: 'inspect' }>): Inspected {
  const found = recognisers.find((known) => known.name === recogniser);
  if (!found) return { state: 'foreign', reason: `there is no recogniser ${recogniser}` };
  if (claim.missing !== undefined) return { state: 'partial', reason: claim.missing };
  const opener = openerIn(folder, root);
  try {
    const inspection = found.inspect(claim, opener.open);
    return unreadable(opener.failure()) ?? inspection;
  } finally {
    opener.close();
  }
}

function unreadable(failure: unknown): Inspected | undefined {
  const code = systemCode(failure);
  if (code === undefined) return undefined;
  if (code === 'EACCES' || code === 'EPERM')
    return { state: 'unreadable', reason: 'the service may not read it; give its user the right to' };
  if (code === 'OUTSIDE' || code === 'ELOOP')
    return { state: 'unreadable', reason: 'it leads out of the watched folder' };
  if (code === 'NOT_REGULAR') return { state: 'unreadable', reason: 'it is not a regular file' };
  return { state: 'unreadable', reason: `it cannot be read (${code})` };
}
