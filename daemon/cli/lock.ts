import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { RegistryError } from '../errors.ts';
import { driftOf, lockFileName, lockOf, lockText, readLock, type Lock } from '../lsp/lock.ts';
import { readForLock } from '../lsp/lock-reading.ts';
import { writeWhole } from '../whole-file.ts';
import { absolute, homePath } from './paths.ts';
import type { Open, Session } from './session.ts';

interface Options {
  check?: boolean;
}

export function lock(program: Command, open: Open): void {
  program
    .command('lock [folder]')
    .description(`write every model that a folder's code names into ${lockFileName}, by version and digest`)
    .option('--check', 'write nothing, and fail where the code leads to other versions than are locked')
    .action(async (given: string | undefined, { check }: Options) => {
      const session = open();
      const folder = absolute(given ?? '.');
      const { registry, references } = await readForLock(await session.client(), folder);
      const now = lockOf(registry, references);
      const path = join(folder, lockFileName);
      if (check) verify(session, path, now.lock, now.unresolved);
      else write(session, path, now.lock, now.unresolved);
    });
}

function verify(session: Session, path: string, now: Lock, unresolved: readonly string[]): void {
  const before = lockAt(path);
  if (!before) throw new RegistryError('not-found', `${path} is not there; write it with: plinth lock`);
  const drift = driftOf(before, now, unresolved);
  const failing = drift.filter(({ kind }) => kind !== 'unused');
  if (failing.length > 0) {
    const lines = failing.map(({ message }) => message);
    throw new RegistryError('conflict', `${lines.join('\n')}\naccept it with: plinth lock`, { drift });
  }
  session.print({ path, references: now.size, drift }, () => [
    ...drift.map(({ message }) => message),
    `${homePath(path)} holds: ${now.size} references`,
  ]);
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
    throw new RegistryError('invalid-request', `${path} cannot be read as a lock; delete it and run: plinth lock`);
  return read;
}
