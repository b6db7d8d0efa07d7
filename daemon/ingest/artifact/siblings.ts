import type { Disk } from '../watch/folder-cache.ts';
import { stemOf } from './file-types.ts';
import { unitsIn } from './files.ts';
import type { ArtifactFiles } from './types.ts';

/** The units of one folder by stem; those that are the folder as a whole have the empty stem. */
export type Stems = ReadonlyMap<string, readonly ArtifactFiles[]>;

const known = new WeakMap<readonly ArtifactFiles[], Stems>();

/** What stands in a folder, by stem: sorted once, however many units ask for their neighbours. */
export function stemsIn(disk: Disk, root: string, folder: string): Stems {
  const units = unitsIn(disk, root, folder);
  const stems = known.get(units) ?? Map.groupBy(units, stemOfUnit);
  known.set(units, stems);
  return stems;
}

/** Other formats of the same model: units of the same stem in the same folder. */
export function siblingsOf(disk: Disk, unit: ArtifactFiles): ArtifactFiles[] {
  if (unit.claim.wholeFolder) return [];
  const same = stemsIn(disk, unit.root, unit.folder).get(stemOfUnit(unit)) ?? [];
  return same.filter((other) => other.path !== unit.path);
}

export function stemOfUnit({ claim }: ArtifactFiles): string {
  return claim.wholeFolder ? '' : stemOf(claim.primary);
}
