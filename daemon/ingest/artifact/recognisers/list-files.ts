import type { Folder } from '../recogniser.ts';

const maxFiles = 10_000;
const maxDepth = 8;

/** Returns the files of a folder and below, relative to it, with `/`, sorted; at most 10,000, and 8 levels deep. */
export function filesBelow(folder: Folder): string[] {
  const files: string[] = [];
  collect(folder, '', 0, files);
  return files.toSorted();
}

function collect(folder: Folder, prefix: string, depth: number, files: string[]): void {
  for (const name of folder.files) if (files.length < maxFiles) files.push(prefix + name);
  if (depth >= maxDepth || files.length >= maxFiles) return;
  for (const name of folder.folders) {
    const child = folder.child(name);
    if (child !== undefined) collect(child, `${prefix}${name}/`, depth + 1, files);
  }
}
