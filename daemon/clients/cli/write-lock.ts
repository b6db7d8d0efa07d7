import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findDaemon } from '../client/discover.ts';
import { RegistryError } from '../../errors.ts';
import { driftOf, lockFileName, lockOf, lockText, readLock, type Lock } from '../lsp/lock/lock.ts';
import { readForLock } from '../lsp/lock/parse.ts';
import { writeWhole } from '../../runtime/write-file.ts';
import { existingFolder, homePath } from './paths.ts';
import type { Session } from './session.ts';

/**
 * Writes a folder's plinth.lock, and prints what changed; with `isCheck` only compares it. Throws `conflict` if a reference leads
 * to another version than the locked one, `not-found` without a registry or a lock to compare.
 */
export async function writeLock(session: Session, given: string | undefined, isCheck: boolean): Promise<void> {
  const folder = existingFolder(given ?? '.');
  if (isCheck) await assertRegistry(session);
  const { registry, references } = await readForLock(await session.client(), folder);
  const now = lockOf(registry, references);
  const path = join(folder, lockFileName);
  if (isCheck) verify(session, path, now.lock, now.unresolved, registry.models.size);
  else write(session, path, now.lock, now.unresolved);
}

/**
 * Throws `not-found` if there is no registry. A check must not start an empty one, as on a CI machine, which would report every
 * model as missing.
 */
async function assertRegistry({ dataFolder }: Session): Promise<void> {
  if (existsSync(join(dataFolder, 'registry.db')) || (await findDaemon(dataFolder))) return;
  const text = `There is no registry in ${dataFolder} to check the lock against. Name the one that the models are in with --data or PLINTH_DATA.`;
  throw new RegistryError('not-found', text);
}

function verify(session: Session, path: string, now: Lock, unresolved: readonly string[], models: number): void {
  const before = lockAt(path);
  if (!before) throw new RegistryError('not-found', `${path} does not exist. Write it with: plinth lock`);
  const drift = driftOf(before, now, unresolved);
  const failing = drift.filter(({ kind }) => kind !== 'unused');
  if (failing.length > 0) {
    const lines = failing.map(({ message }) => message);
    throw new RegistryError('conflict', [...lines, adviceOn(session, unresolved.length > 0, models)].join('\n'), {
      drift,
    });
  }
  session.print({ path, references: now.size, drift }, () => [
    ...drift.map(({ message }) => message),
    `${homePath(path)} holds: ${now.size} references`,
  ]);
}

/** Advises writing the lock again only if this registry has all models that the code names. */
function adviceOn({ dataFolder }: Session, isMissing: boolean, models: number): string {
  if (models === 0)
    return `The registry in ${dataFolder} has no models: it is not the one that the lock was written from.`;
  if (isMissing)
    return `Is the registry in ${dataFolder} the one that the lock was written from? If so, mend the references that lead nowhere.`;
  return 'accept it with: plinth lock';
}

function write(session: Session, path: string, now: Lock, unresolved: readonly string[]): void {
  const drift = driftOf(lockAt(path) ?? new Map(), now, unresolved);
  writeWhole(path, lockText(now));
  session.print({ path, references: now.size, drift }, () => [
    ...drift.map(({ kind, message, reference }) => (kind === 'missing' ? `${reference} added` : message)),
    `wrote ${homePath(path)}: ${now.size} references`,
  ]);
}

function lockAt(path: string): Lock | undefined {
  if (!existsSync(path)) return undefined;
  const read = readLock(readFileSync(path, 'utf8'));
  if (!read)
    throw new RegistryError('invalid-request', `${path} is not a valid lock file. Delete it and run: plinth lock`);
  return read;
}
