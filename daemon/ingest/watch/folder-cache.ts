import { join } from 'node:path';
import { listFolder, type Listing } from './list-folder.ts';
import { statAt } from '../../runtime/file-reader.ts';

/** How ingest looks at the disk for what it derives: names, neighbours, runs. What decides is always read anew. */
export interface Disk {
  /** A folder's listing, read anew only where the folder changed since; undefined when it cannot be listed. */
  list(path: string): Listing | undefined;
  /** A recogniser has found that a file is none of its kind: while the file stays as it is, the next one may have it. */
  refuse(recogniser: string, path: string): void;
  isRefused(recogniser: string, path: string): boolean;
  /** Counts refusals: what was derived from file groups is derived again. */
  readonly generation: number;
}

interface Kept {
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
  const listings = new Map<string, Kept>();
  const refused = new Map<string, string>();
  let generation = 0;

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

  return {
    list,
    refuse: (recogniser, path) => {
      generation += 1;
      refused.set(`${recogniser}\0${path}`, fileFingerprint(path));
    },
    isRefused: (recogniser, path) => {
      if (refused.size === 0) return false;
      const key = `${recogniser}\0${path}`;
      const fingerprint = refused.get(key);
      if (fingerprint === undefined || fingerprint === fileFingerprint(path)) return fingerprint !== undefined;
      refused.delete(key);
      return false;
    },
    get generation() {
      return generation;
    },
  };
}

function childOf(listing: Listing, list: (path: string) => Listing | undefined): Listing['child'] {
  return (name) => (listing.folders.has(name) ? list(join(listing.path, name)) : undefined);
}

function folderFingerprint(path: string): { fingerprint: string; changedAt: number } {
  const stats = statAt(path);
  return { fingerprint: stats ? `${stats.mtimeMs}:${stats.ino}` : '', changedAt: stats?.mtimeMs ?? 0 };
}

function fileFingerprint(path: string): string {
  const stats = statAt(path);
  return stats ? `${stats.size}:${stats.mtimeMs}:${stats.ino}` : '';
}
