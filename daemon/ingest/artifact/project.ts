import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { homeFolder } from '../../runtime/current-user.ts';
import { openRegular, readWhole, statAt } from '../../runtime/file-reader.ts';
import { isMeaningless } from './name-words.ts';

/** Where an artifact's project lies, and what it is called. */
export interface NamedProject {
  /** Absolute path of its folder, at or above the watched one. */
  top: string;
  /** Empty where nothing tells. */
  name: string;
}

/** A repository, wherever it is cloned, else a watched folder: what a model's name belongs to. */
export interface Project extends NamedProject {
  /** The same for every clone: the address of its remote, else its place. */
  key: string;
}

/** Folders that hold projects of many people or of none. */
const shared = new Set('/ /tmp /var/tmp /home /root /mnt /media /data /srv /opt /usr /var /workspaces'.split(' '));

const maxConfigBytes = 256 * 1024;

/**
 * The project that a folder at or below a watched one belongs to: a repository in the watched folder, else the one around it, else the
 * watched folder itself. Reads little, and nothing that a repository names is run.
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

/** The nearest repository at or above a folder, below the watched one. */
function repositoryWithin(root: string, folder: string): string | undefined {
  for (let at = folder; at.startsWith(`${root}/`); at = dirname(at)) if (statAt(join(at, '.git'))) return at;
  return undefined;
}

/** Undefined outside a repository, and in one that holds a whole home folder. */
function repositoryTop(folder: string): string | undefined {
  for (let at = folder; !isSharedFolder(at); at = dirname(at)) if (statAt(join(at, '.git'))) return at;
  return undefined;
}

/** The folder's own name, else that of the nearest folder above which says more than what it holds. */
function nearestName(top: string): string {
  for (let at = top; !isSharedFolder(at); at = dirname(at)) {
    if (!isMeaningless(basename(at)) && dirname(at) !== tmpdir()) return basename(at);
  }
  return '';
}

/** True for folders above projects: a home folder, a disk, the temporary folder. */
export function isSharedFolder(folder: string): boolean {
  return shared.has(folder) || folder === homeFolder() || folder === tmpdir() || folder === dirname(folder);
}

/** The address of the repository's `origin`, without what differs between ways to reach it: `github.com/ana/shop`. */
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
