import { dirname, join } from 'node:path';
import { listFolder, type Listing } from './list-folder.ts';
import { FileFindings } from './file-findings.ts';
import { statAt } from '../../runtime/file-reader.ts';

/** How ingest looks at the disk for what it derives: names, neighbours, runs. What decides is always read anew. */
export interface Disk {
  /** A folder's listing, read anew only where the folder changed since; undefined when it cannot be listed. */
  list(path: string): Listing | undefined;
  /** A recogniser has found that a file is none of its kind: while the file stays as it is, the next one may have it. */
  refuse(recogniser: string, path: string): void;
  isRefused(recogniser: string, path: string): boolean;
  /** The headers of an artifact name files, relative to its folder: they belong to it while its primary file stays as it is. */
  nameFiles(recogniser: string, path: string, files: readonly string[]): void;
  namedFiles(recogniser: string, path: string): readonly string[];
  /** True where an artifact directly in a folder names files at all. */
  namesFiles(folder: string): boolean;
  /** The first bytes of a file that no name claims were looked at: the recogniser that they call for, '' where it is none. */
  noteContent(path: string, recogniser: string, forFile: boolean): void;
  contentOf(path: string): string | undefined;
  /** A file holds what prepares the input of a model: it belongs to the models beside it. */
  noteCompanion(path: string): void;
  isCompanion(path: string): boolean;
  /** Counts what was refused and named: what was derived from file groups is derived again. */
  readonly generation: number;
}

interface CachedListing {
  listing: Listing | undefined;
  fingerprint: string;
  readAt: number;
}

const maxListings = 2000;
/** Clocks of file systems tick coarsely: a folder that changed this shortly before it was read may have changed again unseen. */
const tickMs = 50;
/** No listing is believed for longer: on network file systems times of change come late. */
const maxMs = 5000;

export function diskView(): Disk {
  const listings = new Map<string, CachedListing>();

  const list = (path: string): Listing | undefined => {
    const { fingerprint, changedAt } = folderFingerprint(path);
    const now = Date.now();
    const kept = listings.get(path);
    if (kept && kept.fingerprint === fingerprint && kept.readAt - changedAt > tickMs && now - kept.readAt < maxMs)
      return kept.listing;
    const read = listFolder(path);
    const listing = read && { ...read, child: childOf(read, list) };
    listings.delete(path);
    listings.set(path, { listing, fingerprint, readAt: now });
    const oldest = listings.keys().next();
    if (listings.size > maxListings && !oldest.done) listings.delete(oldest.value);
    return listing;
  };

  return Object.assign(findings(), { list });
}

/** Keeps findings of recognisers, and counts how often that changed what is derived from them. */
function findings(): Omit<Disk, 'list'> {
  const refused = new FileFindings<true>();
  const named = new FileFindings<readonly string[]>();
  const naming = new Set<string>();
  const contents = new FileFindings<string>();
  const companions = new FileFindings<true>();
  let generation = 0;
  return {
    refuse: (recogniser, path) => {
      generation += 1;
      refused.put(recogniser, path, true);
    },
    isRefused: (recogniser, path) => refused.get(recogniser, path) ?? false,
    nameFiles: (recogniser, path, files) => {
      generation += 1;
      named.put(recogniser, path, files);
      naming.add(dirname(path));
    },
    namedFiles: (recogniser, path) => (naming.size === 0 ? none : (named.get(recogniser, path) ?? none)),
    namesFiles: (folder) => naming.has(folder),
    noteContent: (path, recogniser, forFile) => {
      contents.put('', path, recogniser, forFile);
      if (recogniser !== '') generation += 1;
    },
    contentOf: (path) => contents.get('', path),
    noteCompanion: (path) => {
      if (companions.get('', path) !== true) generation += 1;
      companions.put('', path, true);
    },
    isCompanion: (path) => companions.get('', path) ?? false,
    get generation() {
      return generation;
    },
  };
}

const none: readonly string[] = [];

function childOf(listing: Listing, list: (path: string) => Listing | undefined): Listing['child'] {
  return (name) => (listing.folders.has(name) ? list(join(listing.path, name)) : undefined);
}

function folderFingerprint(path: string): { fingerprint: string; changedAt: number } {
  const stats = statAt(path);
  return { fingerprint: stats ? `${stats.mtimeMs}:${stats.ino}` : '', changedAt: stats?.mtimeMs ?? 0 };
}
