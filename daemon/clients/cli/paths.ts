import { existsSync, statSync } from 'node:fs';
import { RegistryError } from '../../errors.ts';
import { homeFolder } from '../../runtime/current-user.ts';
import { UsageError } from './exit.ts';
import { relative, resolve, sep } from 'node:path';

/** Resolves a path given by the user against the working folder. Throws UsageError for an empty one. */
export function absolute(path: string): string {
  if (path === '') throw new UsageError('A path cannot be empty. Write . for the current folder.');
  return resolve(path);
}

/** Like `absolute`, for a file or folder that must exist. Throws `not-found`. */
export function existing(path: string): string {
  const resolved = absolute(path);
  if (existsSync(resolved)) return resolved;
  throw new RegistryError('not-found', `${resolved} does not exist. Check the path.`);
}

/** Like `existing`, for a folder that a command works in. Throws `invalid-request` for anything else. */
export function existingFolder(path: string): string {
  const folder = existing(path);
  if (statSync(folder).isDirectory()) return folder;
  throw new RegistryError('invalid-request', `${folder} is a file. Give the folder that contains it.`);
}

/** Returns a path relative to the innermost of these folders that contains it; otherwise with `~` for the home folder. */
export function relativeTo(folders: Iterable<string>, path: string): string {
  const holding = [...folders].filter((folder) => path.startsWith(`${folder}${sep}`));
  const innermost = holding.toSorted((a, b) => b.length - a.length)[0];
  return innermost === undefined ? homePath(path) : relative(innermost, path);
}

/** Replaces the home folder at the start of a path by `~`. */
export function homePath(path: string): string {
  const home = homeFolder();
  return home !== undefined && path.startsWith(`${home}${sep}`) ? `~${path.slice(home.length)}` : path;
}
