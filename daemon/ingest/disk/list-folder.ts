import { readdirSync, realpathSync, type Dirent } from 'node:fs';
import { basename, join } from 'node:path';
import { statAt } from '../../runtime/file-reader.ts';
import { ignoredFile, ignoredFolder } from './ignore.ts';
import type { Folder } from './folder.ts';

/** Recogniser name in the row of a link that leads out of its watched folder. */
export const linkRecogniser = 'link';

/** Target of a symbolic link. */
export interface LinkedEntry {
  target: string;
  isFolder: boolean;
}

/** A folder's listing for a scan, with the names that cannot be artifacts and the reason for each. */
export interface Listing extends Folder {
  readonly odd: ReadonlyMap<string, string>;
  /** The links among them whose targets exist. */
  readonly links: ReadonlyMap<string, LinkedEntry>;
  child(name: string): Listing | undefined;
}

/** Lists a folder without following links. Returns undefined if it does not exist or may not be read. */
export function listFolder(path: string): Listing | undefined {
  const entries = entriesOf(path);
  if (!entries) return undefined;
  const files = new Set<string>();
  const folders = new Set<string>();
  const odd = new Map<string, string>();
  const links = new Map<string, LinkedEntry>();
  for (const entry of entries) {
    const link = entry.isSymbolicLink() ? linkAt(join(path, entry.name)) : undefined;
    if (link) links.set(entry.name, link);
    const reason = oddity(entry, link);
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
    links,
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

function oddity(entry: Dirent, link: LinkedEntry | undefined): string | undefined {
  if (entry.name.includes('\ufffd')) return 'Its name is not valid UTF-8. Rename it.';
  if (entry.isSymbolicLink()) return link ? `A link to ${link.target}.` : 'A link whose target does not exist.';
  if (entry.isFIFO() || entry.isSocket() || entry.isBlockDevice() || entry.isCharacterDevice())
    return 'Not a regular file.';
  return undefined;
}

function linkAt(path: string): LinkedEntry | undefined {
  try {
    const target = realpathSync(path);
    return { target, isFolder: statAt(target)?.isDirectory() === true };
  } catch {
    return undefined;
  }
}
