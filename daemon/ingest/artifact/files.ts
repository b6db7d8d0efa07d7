import { dirname, join } from 'node:path';
import type { Disk } from '../disk/folder-cache.ts';
import type { Listing } from '../disk/list-folder.ts';
import { byText } from '../../shared/text-order.ts';
import { withCompanions } from './companions.ts';
import { withNamedFiles } from './named-files.ts';
import type { Recogniser } from './recogniser.ts';
import { recognisers } from './recognisers.ts';
import type { ArtifactFiles, FileGroup } from './types.ts';

/** Levels below its folder in which files of a folder family may lie. */
const reach = 4;

/** Returns the artifacts of one folder, without files that belong to folder families above. */
export function artifactsOf(
  disk: Disk,
  root: string,
  listing: Listing,
  taken: ReadonlySet<string> = takenFromAbove(disk, root, listing),
): ArtifactFiles[] {
  return groupsIn(disk, listing, taken).map(({ recogniser, group }) =>
    artifactFor(root, listing.path, recogniser, group),
  );
}

interface Standing {
  generation: number;
  root: string;
  artifacts: readonly ArtifactFiles[];
}

const standing = new WeakMap<Listing, Standing>();

/** Returns the artifacts of a folder, cached for each listing. */
export function artifactsIn(disk: Disk, root: string, folder: string): readonly ArtifactFiles[] {
  const listing = disk.list(folder);
  if (!listing) return [];
  const known = standing.get(listing);
  if (known?.generation === disk.generation && known.root === root) return known.artifacts;
  const artifacts = artifactsOf(disk, root, listing);
  standing.set(listing, { generation: disk.generation, root, artifacts });
  return artifacts;
}

/** Returns the artifacts of folders above that extend into a folder. A change in it may concern them. */
export function artifactsAbove(disk: Disk, root: string, folder: string): ArtifactFiles[] {
  const artifacts: ArtifactFiles[] = [];
  const taken = new Set<string>();
  for (const listing of ancestors(disk, root, folder).toReversed()) {
    const asked = disk.namesFiles(listing.path) ? recognisers : folderFamilies;
    const found = groupsIn(disk, listing, taken, asked).filter(({ group }) => reachesBelow(group));
    for (const { recogniser, group } of found) {
      artifacts.push(artifactFor(root, listing.path, recogniser, group));
      for (const file of group.files) taken.add(join(listing.path, file));
    }
  }
  return artifacts;
}

/** True if files of a group may lie below its folder. */
export function reachesBelow({ wholeFolder, files }: FileGroup): boolean {
  return wholeFolder || files.some((file) => file.includes('/'));
}

/** Recognisers of whole folders. Only they see files of other folders by names alone. */
const folderFamilies = recognisers.filter(({ endings }) => endings.length === 0);

/** Returns the artifact that a file belongs to; undefined if no recogniser groups it. */
export function artifactAtPath(disk: Disk, root: string, path: string): ArtifactFiles | undefined {
  const folder = dirname(path);
  const artifacts = [...artifactsIn(disk, root, folder), ...artifactsAbove(disk, root, folder)];
  return (
    artifacts.find((artifact) => artifact.path === path) ??
    artifacts.find((artifact) => artifact.group.files.some((file) => `${artifact.folder}/${file}` === path))
  );
}

function artifactFor(root: string, folder: string, recogniser: Recogniser, group: FileGroup): ArtifactFiles {
  return { root, folder, group, recogniser: recogniser.name, path: join(folder, group.primary) };
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

/** Returns the absolute paths of files in a folder that belong to an artifact of a folder above. */
function takenFromAbove(disk: Disk, root: string, listing: Listing): ReadonlySet<string> {
  const artifacts = artifactsAbove(disk, root, listing.path);
  return new Set(artifacts.flatMap((artifact) => artifact.group.files.map((file) => join(artifact.folder, file))));
}

/**
 * Asks each recogniser in turn. Files of one group are not offered to the next recogniser, unless the first has refused them
 * after inspection.
 */
function groupsIn(
  disk: Disk,
  listing: Listing,
  taken: ReadonlySet<string>,
  asked: readonly Recogniser[] = recognisers,
): { recogniser: Recogniser; group: FileGroup }[] {
  const groups: { recogniser: Recogniser; group: FileGroup }[] = [];
  const own = new Set<string>();
  for (const recogniser of asked) {
    for (const found of recogniser.findGroups(listing)) {
      const isTaken = (file: string): boolean => own.has(file) || taken.has(`${listing.path}/${file}`);
      if (found.files.some(isTaken) || disk.isRefused(recogniser.name, join(listing.path, found.primary))) continue;
      const group = withNamedFiles(disk, listing.path, recogniser.name, found);
      group.files.forEach((file) => own.add(file));
      groups.push({ recogniser, group });
    }
  }
  groups.push(
    ...groupsByContent(disk, listing, (file) => own.has(file) || taken.has(`${listing.path}/${file}`), asked),
  );
  return withCompanions(disk, listing.path, groups);
}

/** Groups the files that no name claims by the recogniser that their first bytes call for. */
function groupsByContent(
  disk: Disk,
  listing: Listing,
  isTaken: (file: string) => boolean,
  asked: readonly Recogniser[],
): { recogniser: Recogniser; group: FileGroup }[] {
  return [...listing.files].toSorted(byText).flatMap((primary) => {
    const path = join(listing.path, primary);
    const found = isTaken(primary) ? undefined : asked.find(({ name }) => name === disk.contentOf(path));
    if (!found || disk.isRefused(found.name, path)) return [];
    const group = { primary, files: [primary], wholeFolder: false, byContent: true as const };
    return [{ recogniser: found, group: withNamedFiles(disk, listing.path, found.name, group) }];
  });
}
