import { dirname, join } from 'node:path';
import type { Disk } from '../watch/folder-cache.ts';
import type { Listing } from '../watch/list-folder.ts';
import type { Recogniser, UnitClaim } from './recogniser.ts';
import { recognisers } from './recognisers.ts';
import { statAt } from '../../runtime/file-reader.ts';

/** The files that one version would be made of, where they stand. */
export interface Unit {
  root: string;
  /** Absolute path of the folder that the claim's files are relative to. */
  folder: string;
  claim: UnitClaim;
  recogniser: string;
  /** Absolute path of the primary file: the unit's identity. */
  path: string;
}

/** How far up a folder family may reach: its files lie in the folder itself or at most this many levels below. */
const reach = 2;

const none: ReadonlySet<string> = new Set();

/** The units of one folder, those of folder families above it taken into account. */
export function unitsOf(
  disk: Disk,
  root: string,
  listing: Listing,
  taken: ReadonlySet<string> = takenFromAbove(disk, root, listing),
): Unit[] {
  return claimsIn(disk, listing, taken).map(({ recogniser, claim }) => unitFor(root, listing.path, recogniser, claim));
}

interface Standing {
  generation: number;
  root: string;
  units: readonly Unit[];
}

const standing = new WeakMap<Listing, Standing>();

/** The units that stand in a folder: found once a listing, however often they are asked for. */
export function unitsIn(disk: Disk, root: string, folder: string): readonly Unit[] {
  const listing = disk.list(folder);
  if (!listing) return [];
  const known = standing.get(listing);
  if (known?.generation === disk.generation && known.root === root) return known.units;
  const units = unitsOf(disk, root, listing);
  standing.set(listing, { generation: disk.generation, root, units });
  return units;
}

/** The folder-family units above a folder that a change in it may concern. */
export function unitsAbove(disk: Disk, root: string, folder: string): Unit[] {
  const units: Unit[] = [];
  for (const listing of ancestors(disk, root, folder)) {
    const found = claimsIn(disk, listing, none).filter(({ claim }) => claim.wholeFolder);
    units.push(...found.map(({ recogniser, claim }) => unitFor(root, listing.path, recogniser, claim)));
  }
  return units;
}

/** The unit whose primary file this is, or that this file belongs to; undefined where no recogniser claims it. */
export function unitAtPath(disk: Disk, root: string, path: string): Unit | undefined {
  const folder = dirname(path);
  const units = [...unitsIn(disk, root, folder), ...unitsAbove(disk, root, folder)];
  return (
    units.find((unit) => unit.path === path) ??
    units.find((unit) => unit.claim.files.some((file) => `${unit.folder}/${file}` === path))
  );
}

function unitFor(root: string, folder: string, recogniser: Recogniser, claim: UnitClaim): Unit {
  return { root, folder, claim, recogniser: recogniser.name, path: join(folder, claim.primary) };
}

function ancestors(disk: Disk, root: string, folder: string): Listing[] {
  const found: Listing[] = [];
  let at = folder;
  for (let level = 0; level < reach && at !== root && at.startsWith(root); level += 1) {
    at = dirname(at);
    const listing = disk.list(at);
    if (listing) found.push(listing);
  }
  return found;
}

/** Absolute paths of files in a folder that belong to a unit of a folder above. */
function takenFromAbove(disk: Disk, root: string, listing: Listing): ReadonlySet<string> {
  const units = unitsAbove(disk, root, listing.path);
  return new Set(units.flatMap((unit) => unit.claim.files.map((file) => join(unit.folder, file))));
}

/** Every recogniser in turn; what one claimed, the next ones do not get, unless it was found to be none of its kind. */
function claimsIn(
  disk: Disk,
  listing: Listing,
  taken: ReadonlySet<string>,
): { recogniser: Recogniser; claim: UnitClaim }[] {
  const claims: { recogniser: Recogniser; claim: UnitClaim }[] = [];
  const own = new Set<string>();
  for (const recogniser of recognisers) {
    for (const claim of recogniser.claims(listing)) {
      const isTaken = (file: string): boolean => own.has(file) || taken.has(`${listing.path}/${file}`);
      if (claim.files.some(isTaken) || disk.isRefused(recogniser.name, join(listing.path, claim.primary))) continue;
      claim.files.forEach((file) => own.add(file));
      claims.push({ recogniser, claim });
    }
  }
  return claims;
}

/** Sizes and times of a unit's files in one text: equal texts mean that nothing was written in between. */
export interface Stamp {
  text: string;
  size: number;
  /** When the newest of its files was last written, epoch ms. */
  writtenAt: number;
}

/** Undefined when one of the files is not there (any more). */
export function stampOf(unit: Unit): Stamp | undefined {
  const parts: string[] = [];
  let size = 0;
  let writtenAt = 0;
  for (const file of unit.claim.files) {
    const stats = statAt(join(unit.folder, file));
    if (!stats?.isFile()) return undefined;
    parts.push(`${file}:${stats.size}:${stats.mtimeMs}:${stats.ino}`);
    size += stats.size;
    writtenAt = Math.max(writtenAt, stats.mtimeMs);
  }
  return { text: parts.join('\n'), size, writtenAt: Math.round(writtenAt) };
}
