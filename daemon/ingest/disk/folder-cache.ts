import { dirname, join } from 'node:path';
import { listFolder, type Listing } from './list-folder.ts';
import { FileFindings } from './file-findings.ts';
import { statAt } from '../../runtime/file-reader.ts';

/**
 * Cached folder listings and findings of recognisers, for names, siblings and runs. A scan that decides what is registered reads
 * the disk itself.
 */
export interface Disk {
  /** Returns a folder's listing, from the cache if the folder has not changed; undefined if it cannot be listed. */
  list(path: string): Listing | undefined;
  /** Records that a file is not of a recogniser's format. Until the file changes, other recognisers may claim it. */
  refuse(recogniser: string, path: string): void;
  isRefused(recogniser: string, path: string): boolean;
  /**
   * Records the files, relative to the artifact's folder, that an artifact's headers name. They belong to it until its primary
   * file changes.
   */
  nameFiles(recogniser: string, path: string, files: readonly string[]): void;
  namedFiles(recogniser: string, path: string): readonly string[];
  /** True if an artifact directly in the folder names files in its headers. */
  namesFiles(folder: string): boolean;
  /** Records the recogniser that the first bytes of an unclaimed file call for; '' for none. */
  noteContent(path: string, recogniser: string, forFile: boolean): void;
  contentOf(path: string): string | undefined;
  /** Records that a file is a companion, such as a scaler: it becomes part of the models in its folder. */
  noteCompanion(path: string): void;
  isCompanion(path: string): boolean;
  /** Increases with each refusal and each naming of files. File groups that were derived under a lower number are out of date. */
  readonly generation: number;
}

interface CachedListing {
  listing: Listing | undefined;
  fingerprint: string;
  readAt: number;
}

const maxListings = 2000;
/** Resolution of file system clocks: a listing read this soon after the folder changed may miss a further change in the same tick. */
const tickMs = 50;
/** Longest age of a cached listing. Network file systems report changes late. */
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
