import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isSharedFolder } from '../disk/project.ts';
import type { ProjectPlaces } from './process-look.ts';

/**
 * Returns the folders of a watched folder's project: the folder itself and the repository around it. Outside a repository, the
 * parent folder, which commonly holds the scripts, unless it holds several projects, as a home folder does. Folders of the
 * watched folder that links here belong to it, too.
 */
export function projectPlaces(root: string, linkedFrom?: string): ProjectPlaces {
  const own = placesAround(root);
  const others = linkedFrom === undefined ? [] : placesAround(linkedFrom);
  return { project: root, places: [...new Set([...own, ...others])] };
}

function placesAround(root: string): string[] {
  for (let at = root; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return [root, at];
    if (dirname(at) === at) break;
  }
  const above = dirname(root);
  return isSharedFolder(above) ? [root] : [root, above];
}
