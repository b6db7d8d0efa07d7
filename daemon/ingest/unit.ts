import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { listFolder, type Listing } from './folder.ts';
import type { Recogniser, UnitClaim } from './recogniser.ts';
import { recognisers } from './recognisers.ts';

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

/** The units of one folder, those of folder families above it taken into account. */
export function unitsOf(
  root: string,
  listing: Listing,
  taken: ReadonlySet<string> = takenFromAbove(root, listing.path),
): Unit[] {
  return claimsIn(listing, taken).map(({ recogniser, claim }) => unitAt(root, listing.path, recogniser, claim));
}

/** The folder-family units at or above a folder that a change in it may concern. */
export function unitsAbove(root: string, folder: string): Unit[] {
  const units: Unit[] = [];
  for (const listing of ancestors(root, folder)) {
    const found = claimsIn(listing, new Set()).filter(({ claim }) => claim.wholeFolder);
    units.push(...found.map(({ recogniser, claim }) => unitAt(root, listing.path, recogniser, claim)));
  }
  return units;
}

function unitAt(root: string, folder: string, recogniser: Recogniser, claim: UnitClaim): Unit {
  return { root, folder, claim, recogniser: recogniser.name, path: join(folder, claim.primary) };
}

function ancestors(root: string, folder: string): Listing[] {
  const found: Listing[] = [];
  let at = folder;
  for (let level = 0; level < reach && at !== root && at.startsWith(root); level += 1) {
    at = dirname(at);
    const listing = listFolder(at);
    if (listing) found.push(listing);
  }
  return found;
}

/** Absolute paths of files in `folder` that belong to a unit of a folder above. */
function takenFromAbove(root: string, folder: string): Set<string> {
  const taken = new Set<string>();
  for (const unit of unitsAbove(root, folder)) {
    for (const file of unit.claim.files) taken.add(join(unit.folder, file));
  }
  return taken;
}

/** Every recogniser in turn; what one claimed, the next ones do not get. */
function claimsIn(listing: Listing, taken: ReadonlySet<string>): { recogniser: Recogniser; claim: UnitClaim }[] {
  const claims: { recogniser: Recogniser; claim: UnitClaim }[] = [];
  const own = new Set(taken);
  for (const recogniser of recognisers) {
    for (const claim of recogniser.claims(listing)) {
      const paths = claim.files.map((file) => join(listing.path, file));
      if (paths.some((path) => own.has(path))) continue;
      paths.forEach((path) => own.add(path));
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
    const stats = statSync(join(unit.folder, file), { throwIfNoEntry: false });
    if (!stats?.isFile()) return undefined;
    parts.push(`${file}:${stats.size}:${stats.mtimeMs}:${stats.ino}`);
    size += stats.size;
    writtenAt = Math.max(writtenAt, stats.mtimeMs);
  }
  return { text: parts.join('\n'), size, writtenAt: Math.round(writtenAt) };
}
