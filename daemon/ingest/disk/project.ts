import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { homeFolder } from '../../runtime/current-user.ts';
import { openRegular, readWhole, statAt } from '../../runtime/file-reader.ts';
import { isMeaningless } from './name-words.ts';

/** Folder and name of an artifact's project. */
export interface NamedProject {
  /** Absolute path of its folder, at or above the watched one. */
  top: string;
  /** Empty if unknown. */
  name: string;
}

/** A repository, wherever it is cloned, or else a watched folder. Names of models belong to it. */
export interface Project extends NamedProject {
  /** The address of the repository's remote, which all clones share; else the folder. */
  key: string;
}

/** Folders that hold many projects or none. */
const shared = new Set('/ /tmp /var/tmp /home /root /mnt /media /data /srv /opt /usr /var /workspaces'.split(' '));

const maxConfigBytes = 256 * 1024;

/**
 * Returns the project of a folder at or below a watched one: a repository in the watched folder, else the one around it, else the
 * watched folder. Reads little, and runs nothing that a repository names.
 */
export function projectOf(root: string, folder = root): Project {
  const top = repositoryWithin(root, folder) ?? repositoryTop(root) ?? root;
  const remote = top === root && !statAt(join(top, '.git')) ? undefined : remoteOf(top);
  const called = remote === undefined ? '' : lastPart(remote);
  return {
    top,
    name: called !== '' && !isMeaningless(called) ? called : nearestName(top),
    key: remote === undefined ? top : remote,
  };
}

/** Returns the project of a folder that is in no watched one. */
export function projectAround(folder: string): Project {
  return projectOf(dirname(folder), folder);
}

/** Returns the nearest repository at or above a folder and below the watched one; undefined for none. */
function repositoryWithin(root: string, folder: string): string | undefined {
  for (let at = folder; at.startsWith(`${root}/`); at = dirname(at)) if (statAt(join(at, '.git'))) return at;
  return undefined;
}

/** Returns the repository around a folder; undefined outside one, and for one that holds a whole home folder. */
function repositoryTop(folder: string): string | undefined {
  for (let at = folder; !isSharedFolder(at); at = dirname(at)) if (statAt(join(at, '.git'))) return at;
  return undefined;
}

/** Returns the name of the folder, or of the nearest one above that identifies a project; empty for none. */
function nearestName(top: string): string {
  for (let at = top; !isSharedFolder(at); at = dirname(at)) {
    if (!isMeaningless(basename(at)) && dirname(at) !== tmpdir()) return basename(at);
  }
  return '';
}

/** True for a folder above projects: a home folder, a disk, the temporary folder. */
export function isSharedFolder(folder: string): boolean {
  return shared.has(folder) || folder === homeFolder() || folder === tmpdir() || folder === dirname(folder);
}

/** Returns the address of the repository's `origin` without protocol and user, `github.com/ana/shop`; undefined for none. */
function remoteOf(top: string): string | undefined {
  const config = configText(top);
  const section = /^\s*\[remote "origin"\]([^[]*)/m.exec(config)?.[1] ?? '';
  const url = /^\s*url\s*=\s*(\S.*?)\s*$/m.exec(section)?.[1];
  return url
    ?.replace(/^[a-z+]+:\/\//i, '')
    .replace(/^[^@/]*@/, '')
    .replace(/^([^/:]+):(?!\/)/, '$1/')
    .replace(/\/+$/, '')
    .replace(/\.git$/i, '');
}

function configText(top: string): string {
  try {
    return readWhole(openRegular(join(top, '.git', 'config')), maxConfigBytes).toString('utf8');
  } catch {
    return '';
  }
}

function lastPart(address: string): string {
  return address.slice(address.lastIndexOf('/') + 1);
}
