import { dirname, join } from 'node:path';
import type { Disk } from '../watch/folder-cache.ts';
import type { Listing } from '../watch/list-folder.ts';
import type { Recogniser } from './recogniser.ts';
import { recognisers } from './recognisers.ts';
import type { ArtifactFiles, UnitClaim } from './types.ts';

/** How far up a folder family may reach: its files lie in the folder itself or at most this many levels below. */
const reach = 2;

const none: ReadonlySet<string> = new Set();

/** The units of one folder, those of folder families above it taken into account. */
export function unitsOf(
  disk: Disk,
  root: string,
  listing: Listing,
  taken: ReadonlySet<string> = takenFromAbove(disk, root, listing),
): ArtifactFiles[] {
  return claimsIn(disk, listing, taken).map(({ recogniser, claim }) => unitFor(root, listing.path, recogniser, claim));
}

interface Standing {
  generation: number;
  root: string;
  units: readonly ArtifactFiles[];
}

const standing = new WeakMap<Listing, Standing>();

/** The units that stand in a folder: found once a listing, however often they are asked for. */
export function unitsIn(disk: Disk, root: string, folder: string): readonly ArtifactFiles[] {
  const listing = disk.list(folder);
  if (!listing) return [];
  const known = standing.get(listing);
  if (known?.generation === disk.generation && known.root === root) return known.units;
  const units = unitsOf(disk, root, listing);
  standing.set(listing, { generation: disk.generation, root, units });
  return units;
}

/** The folder-family units above a folder that a change in it may concern. */
export function unitsAbove(disk: Disk, root: string, folder: string): ArtifactFiles[] {
  const units: ArtifactFiles[] = [];
  for (const listing of ancestors(disk, root, folder)) {
    const found = claimsIn(disk, listing, none).filter(({ claim }) => claim.wholeFolder);
    units.push(...found.map(({ recogniser, claim }) => unitFor(root, listing.path, recogniser, claim)));
  }
  return units;
}

/** The unit whose primary file this is, or that this file belongs to; undefined where no recogniser claims it. */
export function unitAtPath(disk: Disk, root: string, path: string): ArtifactFiles | undefined {
  const folder = dirname(path);
  const units = [...unitsIn(disk, root, folder), ...unitsAbove(disk, root, folder)];
  return (
    units.find((unit) => unit.path === path) ??
    units.find((unit) => unit.claim.files.some((file) => `${unit.folder}/${file}` === path))
  );
}

function unitFor(root: string, folder: string, recogniser: Recogniser, claim: UnitClaim): ArtifactFiles {
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
