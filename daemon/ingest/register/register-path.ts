import { basename, dirname } from 'node:path';
import { lstatSync } from 'node:fs';
import type { Caller } from '../../context.ts';
import { RegistryError, systemCode } from '../../errors.ts';
import type { Evidence, Version } from '../../protocol/model.ts';
import type { Registered } from '../../protocol/routes.ts';
import { addEvidence, addReport, registerVersion } from '../../registry/versions/register.ts';
import { claimsOf, nothingOwn, stepOf } from './evidence.ts';
import { factsByHand, kindOf, unitByHand } from '../artifact/explicit-path.ts';
import { nameOf } from '../artifact/naming.ts';
import { readerOf } from '../run-logs/cache.ts';
import { notesNear } from '../run-logs/locate.ts';
import { owned } from './store-files.ts';
import { rootOf, type IngestState } from '../state.ts';
import { stampOf, type Stamp, type Unit } from '../artifact/files.ts';
import { referenceTo } from '../../shared/references.ts';

/** Registers a file or folder wherever it is. Throws `not-found`, `invalid-request` (still being written) or `already-registered`. */
export async function registerByHand(
  state: IngestState,
  caller: Caller,
  path: string,
  model?: string,
  again = false,
): Promise<Registered> {
  const kind = kindOf(path);
  const root = rootOf(state, path)?.path ?? (kind === 'folder' ? path : dirname(path));
  const unit = unitByHand(state, root, path);
  const stamp = stampOf(unit);
  if (!stamp) throw new RegistryError('not-found', `${path} vanished while it was looked at`);
  const { facts, marked } = await factsByHand(state, unit);
  const row = state.artifacts.get(unit.path);
  const files = await owned(state, { unit, stamp, facts, marked }).catch((error: unknown) =>
    refuseChanged(error, path),
  );
  const run = row?.run ?? undefined;
  const base = run ?? unit.folder;
  const notes = await state.inspector.notes(unit.root, base, notesNear(state.disk, unit, run));
  const registered = await registerVersion(state.ctx, caller, {
    model: model ?? row?.model ?? handName(state, root, unit, rootOf(state, path) !== undefined),
    files,
    primary: unit.claim.primary,
    wholeFolder: unit.claim.wholeFolder,
    facts,
    source: { kind: 'hand', path: unit.path, run: run ?? null, writtenAt: stamp.writtenAt },
    claims: claimsOf({ ...facts, step: stepOf(unit, facts, notes) }, notes, base),
    again,
    refuseTwin: (version) => alreadyThere(path, version),
  });
  if (registered.created) state.lineages.take(state, caller, registered.version, root, 0);
  return noted(state, registered, unit, stamp);
}

function alreadyThere(path: string, version: Version): RegistryError {
  const label = referenceTo(version.model, version.number);
  const text = `${path} is ${label} already; to make another version of it, add --again`;
  return new RegistryError('already-registered', text, { version });
}

function noted(state: IngestState, registered: Registered, unit: Unit, stamp: Stamp): Registered {
  const { version } = registered;
  const label = referenceTo(version.model, version.number);
  const known = state.artifacts.get(unit.path);
  if (known) {
    state.artifacts.transition(unit.path, 'registered', `registered as ${label}`, {
      ...known,
      stamp: stamp.text,
      model: version.model,
      version: version.number,
    });
  }
  return registered;
}

/** Outside all roots the name is looked for all the way up. */
function handName(state: IngestState, root: string, unit: Unit, watched: boolean): string {
  return nameOf(state, watched ? unit : { ...unit, root: dirname(root) });
}

function refuseChanged(error: unknown, path: string): never {
  if (systemCode(error) !== 'CHANGED') throw error;
  throw new RegistryError('conflict', `${path} is being written right now; repeat when its writer is done`);
}

const maxReportBytes = 64 * 1024 * 1024;

/** Adds what a file says to a version's evidence; a file that holds no metrics or params is kept whole as a report. */
export async function attachByHand(
  state: IngestState,
  caller: Caller,
  model: string,
  version: string,
  path: string,
): Promise<Evidence> {
  if (kindOf(path) === 'folder') throw new RegistryError('invalid-request', `${path} is a folder; attach a file`);
  const name = basename(path);
  if (readerOf(name)) {
    const notes = await state.inspector.notes(dirname(path), dirname(path), [path]);
    const claim = claimsOf(nothingOwn, notes, dirname(path))[0];
    if (claim) return addEvidence(state.ctx, caller, model, version, claim);
  }
  const size = lstatSync(path).size;
  if (size > maxReportBytes)
    throw new RegistryError('too-large', `${path} is larger than 64 MiB; attach a summary of it`);
  const { digest } = await state.ctx.blobs.own(path, dirname(path));
  return addReport(state.ctx, caller, model, version, { source: name, digest });
}
