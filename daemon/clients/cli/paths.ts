import { existsSync, statSync } from 'node:fs';
import { RegistryError } from '../../errors.ts';
import { homeFolder } from '../../runtime/current-user.ts';
import { UsageError } from './exit.ts';
import { relative, resolve, sep } from 'node:path';

/** A path as the user gave it, from the folder the command runs in, as the daemon needs it: absolute. */
export function absolute(path: string): string {
  if (path === '') throw new UsageError('A path cannot be empty. Write . for the current folder.');
  return resolve(path);
}

/** As `absolute`, of a file or folder that has to be there. Throws `not-found`. */
export function existing(path: string): string {
  const resolved = absolute(path);
  if (existsSync(resolved)) return resolved;
  throw new RegistryError('not-found', `${resolved} does not exist. Check the path.`);
}

/** As `existing`, of a folder that a command works in. Throws `invalid-request` for anything else, too. */
export function existingFolder(path: string): string {
  const folder = existing(path);
  if (statSync(folder).isDirectory()) return folder;
  throw new RegistryError('invalid-request', `${folder} is a file. Give the folder that contains it.`);
}

/** The path below the innermost of these folders that holds it, else with `~` for the home folder. */
export function relativeTo(folders: Iterable<string>, path: string): string {
  const holding = [...folders].filter((folder) => path.startsWith(`${folder}${sep}`));
  const innermost = holding.toSorted((a, b) => b.length - a.length)[0];
  return innermost === undefined ? homePath(path) : relative(innermost, path);
}

/** With `~` for the home folder. */
export function homePath(path: string): string {
  const home = homeFolder();
  return home !== undefined && path.startsWith(`${home}${sep}`) ? `~${path.slice(home.length)}` : path;
}
