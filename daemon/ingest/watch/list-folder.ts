import { readdirSync, realpathSync, type Dirent } from 'node:fs';
import { basename, join } from 'node:path';
import { ignoredFile, ignoredFolder } from './ignore.ts';
import type { Folder } from '../artifact/recogniser.ts';

/** A listing as the scan sees it: what recognisers see, and the names that could not be taken, with why. */
export interface Listing extends Folder {
  readonly odd: ReadonlyMap<string, string>;
  child(name: string): Listing | undefined;
}

/** Lists a folder; undefined when it cannot be listed (gone, or no right to). Links are never followed. */
export function listFolder(path: string): Listing | undefined {
  const entries = entriesOf(path);
  if (!entries) return undefined;
  const files = new Set<string>();
  const folders = new Set<string>();
  const odd = new Map<string, string>();
  for (const entry of entries) {
    const reason = oddity(path, entry);
    if (reason !== undefined) odd.set(entry.name, reason);
    else if (entry.isDirectory()) {
      if (ignoredFolder(entry.name) === undefined) folders.add(entry.name);
    } else if (ignoredFile(entry.name) === undefined) files.add(entry.name);
  }
  const children = new Map<string, Listing | undefined>();
  return {
    path,
    name: basename(path),
    files,
    folders,
    odd,
    child: (name) => {
      if (!folders.has(name)) return undefined;
      if (!children.has(name)) children.set(name, listFolder(join(path, name)));
      return children.get(name);
    },
  };
}

function entriesOf(path: string): Dirent[] | undefined {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return undefined;
  }
}

function oddity(folder: string, entry: Dirent): string | undefined {
  if (entry.name.includes('\ufffd')) return 'Its name is not valid UTF-8. Rename it.';
  if (entry.isSymbolicLink()) return linkReason(join(folder, entry.name));
  if (entry.isFIFO() || entry.isSocket() || entry.isBlockDevice() || entry.isCharacterDevice())
    return 'Not a regular file.';
  return undefined;
}

function linkReason(path: string): string {
  try {
    return `A link to ${realpathSync(path)}. Links are not followed; the target is registered under its own path.`;
  } catch {
    return 'A link whose target does not exist.';
  }
}
