import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isSharedFolder } from '../artifact/project.ts';
import type { ProjectPlaces } from './process-look.ts';

/**
 * Where the files of a watched folder's project lie: the folder, and the repository around it. Outside a repository the folder
 * above, where the scripts commonly are, unless that folder holds more than one project, as a home folder does. Those of the
 * watched folder that a link leads from belong to it.
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
