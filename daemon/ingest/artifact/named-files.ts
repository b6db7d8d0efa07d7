import { basename, dirname, join } from 'node:path';
import type { Disk } from '../disk/folder-cache.ts';
import type { ArtifactFiles, FileGroup } from './types.ts';

/** Adds the files that a group's headers name. If one does not exist yet, the group is marked as missing it. */
export function withNamedFiles(disk: Disk, folder: string, recogniser: string, group: FileGroup): FileGroup {
  const named = disk.namedFiles(recogniser, join(folder, group.primary));
  if (named.length === 0) return group;
  const known = new Set(group.files);
  const others = named.filter((file) => !known.has(file));
  const lacking = others.filter((file) => !isThere(disk, join(folder, file)));
  const files = [...new Set([...group.files, ...others.filter((file) => !lacking.includes(file))])].toSorted();
  return { ...group, files, ...(lacking.length === 0 ? {} : { missing: missingReason(lacking) }) };
}

function isThere(disk: Disk, path: string): boolean {
  return disk.list(dirname(path))?.files.has(basename(path)) === true;
}

function missingReason([first = '', ...others]: readonly string[]): string {
  const more = others.length === 0 ? '' : `, with ${others.length} more`;
  return `${JSON.stringify(first.slice(0, 200))}, which its headers name, is missing${more}.`;
}

/** Returns an artifact completed by the files that its headers name; undefined if it has, or lacks, all of them already. */
export function completeWithNamedFiles(
  disk: Disk,
  files: ArtifactFiles,
  found: { named?: readonly string[] },
): ArtifactFiles | undefined {
  const named = found.named ?? [];
  const known = new Set(files.group.files);
  if (named.every((file) => known.has(file))) return undefined;
  disk.nameFiles(files.recogniser, files.path, named);
  const group = withNamedFiles(disk, files.folder, files.recogniser, files.group);
  const isSame = group.missing === files.group.missing && group.files.length === files.group.files.length;
  return isSame ? undefined : { ...files, group };
}
