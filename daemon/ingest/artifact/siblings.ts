import type { Disk } from '../disk/folder-cache.ts';
import { stemOf } from './file-types.ts';
import { artifactsIn } from './files.ts';
import type { ArtifactFiles } from './types.ts';

/** The artifacts of one folder by stem. Artifacts that are the whole folder have the empty stem. */
export type Stems = ReadonlyMap<string, readonly ArtifactFiles[]>;

const known = new WeakMap<readonly ArtifactFiles[], Stems>();

/** Returns the artifacts of a folder by stem, cached for each listing. */
export function stemsIn(disk: Disk, root: string, folder: string): Stems {
  const artifacts = artifactsIn(disk, root, folder);
  const stems = known.get(artifacts) ?? Map.groupBy(artifacts, artifactStem);
  known.set(artifacts, stems);
  return stems;
}

/** Returns the other formats of the same model: artifacts of the same stem in the same folder. */
export function siblingsOf(disk: Disk, artifact: ArtifactFiles): ArtifactFiles[] {
  if (artifact.group.wholeFolder) return [];
  const same = stemsIn(disk, artifact.root, artifact.folder).get(artifactStem(artifact)) ?? [];
  return same.filter((other) => other.path !== artifact.path);
}

export function artifactStem({ group }: ArtifactFiles): string {
  return group.wholeFolder ? '' : stemOf(group.primary);
}
