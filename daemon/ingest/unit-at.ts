import { dirname } from 'node:path';
import { listFolder } from './folder.ts';
import { unitsAbove, unitsOf, type Unit } from './unit.ts';

/** The unit whose primary file this is, or that this file belongs to; undefined where no recogniser claims it. */
export function unitAtPath(root: string, path: string): Unit | undefined {
  const folder = dirname(path);
  const listing = listFolder(folder);
  const units = [...(listing ? unitsOf(root, listing) : []), ...unitsAbove(root, folder)];
  return (
    units.find((unit) => unit.path === path) ??
    units.find((unit) => unit.claim.files.some((file) => `${unit.folder}/${file}` === path))
  );
}
