import { join } from 'node:path';
import { unreadableReason } from '../../runtime/file-reader.ts';
import { redactedValues } from '../../secrets/redact.ts';
import { serve } from '../../runtime/worker-thread.ts';
import { openerIn } from './file-source.ts';
import { readNotes, type FileNotes } from '../run-logs/cache.ts';
import type { Inspection, OpenFile, UnitClaim } from './recogniser.ts';
import { recognisers } from './recognisers.ts';
import { openWriters, writerOf, type Writer } from '../settle/writers.ts';

export type InspectRequest =
  | { op: 'inspect'; recogniser: string; folder: string; root: string; claim: UnitClaim }
  /** As `inspect`, of files that stand in the blob store: `paths` says where, relative to `root`. */
  | { op: 'stored'; recogniser: string; root: string; claim: UnitClaim; paths: Record<string, string> }
  /** Reads metrics and params of these files, named relative to `base`; those that cannot be read are left out. */
  | { op: 'notes'; root: string; base: string; paths: string[] }
  /** Which processes have files below a folder open for writing. */
  | { op: 'writers'; below: string };

/** What was found, and whether some process still has one of the files open for writing. */
export type Inspected = (Inspection | { state: 'unreadable'; reason: string }) & {
  writer: 'open' | 'none' | 'unknown';
};

export type InspectReply = { inspected: Inspected } | { notes: FileNotes[] } | { writers: Writer[] };

serve<InspectRequest, InspectReply>((request, progress) => {
  if (request.op === 'inspect') return { inspected: withoutSecrets(inspect(request)) };
  if (request.op === 'stored') return { inspected: withoutSecrets(stored(request)) };
  if (request.op === 'writers') return { writers: openWriters(request.below) };
  const notes = request.paths.map((path) => readNotes(path, request.root, request.base, () => progress(null)));
  return { notes: notes.filter((found) => found !== undefined).map(noted) };
});

/** Params of a training may hold a token or a password: what leaves this thread does not. */
function noted(file: FileNotes): FileNotes {
  return { ...file, notes: { ...file.notes, params: redactedValues(file.notes.params) } };
}

function withoutSecrets(inspected: Inspected): Inspected {
  if (!('facts' in inspected)) return inspected;
  return { ...inspected, facts: { ...inspected.facts, params: redactedValues(inspected.facts.params) } };
}

function inspect({ recogniser, folder, root, claim }: Extract<InspectRequest, { op: 'inspect' }>): Inspected {
  const found = recogniserOf(recogniser);
  if (!found) return { state: 'foreign', reason: `there is no recogniser ${recogniser}`, writer: 'unknown' };
  if (claim.missing !== undefined) return { state: 'partial', reason: claim.missing, writer: 'unknown' };
  const opener = openerIn(folder, root);
  try {
    const inspection = unreadable(opener, () => found.inspect(claim, opener.open));
    const seems = inspection.state === 'whole' || inspection.state === 'unmarked';
    return { ...inspection, writer: seems ? writerOf(claim.files.map((file) => join(folder, file))) : 'unknown' };
  } finally {
    opener.close();
  }
}

function stored({ recogniser, root, claim, paths }: Extract<InspectRequest, { op: 'stored' }>): Inspected {
  const found = recogniserOf(recogniser);
  if (!found) return { state: 'foreign', reason: `there is no recogniser ${recogniser}`, writer: 'none' };
  const opener = openerIn(root, root);
  try {
    const open: OpenFile = (name) => (Object.hasOwn(paths, name) ? opener.open(paths[name] ?? '') : undefined);
    return { ...unreadable(opener, () => found.inspect(claim, open)), writer: 'none' };
  } finally {
    opener.close();
  }
}

function recogniserOf(name: string): (typeof recognisers)[number] | undefined {
  return recognisers.find((known) => known.name === name);
}

type Outcome = Inspection | { state: 'unreadable'; reason: string };

/** The inspection, unless a file could not be opened: then why. */
function unreadable(opener: { failure: () => unknown }, inspect: () => Inspection): Outcome {
  const inspection = inspect();
  const failure = opener.failure();
  return failure === undefined ? inspection : { state: 'unreadable', reason: unreadableReason(failure) };
}
