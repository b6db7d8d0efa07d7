import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { homeFolder } from '../../runtime/current-user.ts';
import type { ProjectPlaces } from './process-look.ts';

/** Folders that hold projects of many people or of none. */
const shared = new Set([
  '/',
  '/tmp',
  '/var/tmp',
  '/home',
  '/root',
  '/mnt',
  '/media',
  '/data',
  '/srv',
  '/opt',
  '/usr',
  '/var',
  '/workspaces',
]);

/**
 * Where the files of a watched folder's project lie: the folder, and the repository around it. Outside a repository the folder
 * above, where the scripts commonly are, unless that folder holds more than one project, as a home folder does.
 */
export function projectPlaces(root: string): ProjectPlaces {
  for (let at = root; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return { project: root, places: [...new Set([root, at])] };
    if (dirname(at) === at) break;
  }
  const above = dirname(root);
  const isShared = shared.has(above) || above === homeFolder() || above === tmpdir();
  return { project: root, places: isShared ? [root] : [root, above] };
}
