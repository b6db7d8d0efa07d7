import { existsSync, lstatSync, readdirSync, realpathSync, type Dirent, type Stats } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { textWithin } from './read-within.ts';
import { statAt } from '../runtime/file-reader.ts';

/** A repository around a folder. All paths are real paths. */
export interface Repository {
  /** Folder that contains `.git`. */
  top: string;
  /** Folder with HEAD and the index. */
  gitDir: string;
  /** Folder with objects, branches and configuration; not `gitDir` in a linked worktree. */
  commonDir: string;
  /** True if `.git` names another folder, which is then read only if its `core.worktree` names `top`. */
  isElsewhere: boolean;
}

/** Why a repository is not read, one sentence. */
export interface Unreadable {
  problem: string;
}

/**
 * Returns the repository around a folder; undefined outside one. A `.git` may name any folder of this machine: one that does not
 * name the work tree in return belongs to something else and is not read.
 */
export function findRepository(folder: string): Repository | Unreadable | undefined {
  for (let top = realpathSync(folder); ; top = dirname(top)) {
    const stats = statsOf(join(top, '.git'));
    const found = stats && repositoryAt(top, stats);
    if (found || top === dirname(top)) return found;
  }
}

function repositoryAt(top: string, stats: Stats): Repository | Unreadable | undefined {
  const git = join(top, '.git');
  if (stats.isDirectory()) {
    if (!isGitFolder(git, git)) return undefined;
    if (existsSync(join(git, 'commondir'))) return notNamedBack(top);
    return { top, gitDir: git, commonDir: git, isElsewhere: false };
  }
  if (!stats.isFile()) return notNamedBack(top);
  const named = /^gitdir: (.+)$/.exec(textWithin(top, '.git') ?? '')?.[1];
  if (named === undefined) return undefined;
  const gitDir = localFolder(resolve(top, named));
  return (gitDir === undefined ? undefined : namedBack(top, gitDir)) ?? notNamedBack(top);
}

function namedBack(top: string, gitDir: string): Repository | undefined {
  const common = textWithin(gitDir, 'commondir');
  if (common === undefined)
    return isGitFolder(gitDir, gitDir) ? { top, gitDir, commonDir: gitDir, isElsewhere: true } : undefined;
  const commonDir = dirname(dirname(gitDir));
  const back = textWithin(gitDir, 'gitdir');
  const isLinked =
    localFolder(resolve(gitDir, common)) === commonDir &&
    basename(dirname(gitDir)) === 'worktrees' &&
    back !== undefined &&
    basename(back) === '.git' &&
    localFolder(dirname(resolve(gitDir, back))) === top;
  return isLinked && isGitFolder(gitDir, commonDir) ? { top, gitDir, commonDir, isElsewhere: false } : undefined;
}

function notNamedBack(top: string): Unreadable {
  return { problem: `The .git of ${top} names a repository that does not name this folder back: it was not read.` };
}

function isGitFolder(gitDir: string, commonDir: string): boolean {
  return statsOf(join(gitDir, 'HEAD')) !== undefined && isFolder(join(commonDir, 'objects'));
}

/** Returns the real path of a local folder; undefined for a network path, as Windows would log in at another machine to read it. */
function localFolder(path: string): string | undefined {
  if (process.platform === 'win32' && /^[\\/]{2}/.test(path)) return undefined;
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function isFolder(path: string): boolean {
  return statAt(path)?.isDirectory() === true;
}

function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Returns true if objects come from elsewhere, by an alternate or a link: then a commit may refer to objects that were never in this repository. */
export function borrowsObjects({ commonDir }: Repository): boolean {
  const objects = join(commonDir, 'objects');
  if (lstatSync(objects).isSymbolicLink() || existsSync(join(objects, 'info', 'alternates'))) return true;
  const folders = entriesOf(objects);
  const isLink = (entry: Dirent): boolean => entry.isSymbolicLink();
  return folders.some((folder) => isLink(folder) || entriesOf(join(objects, folder.name)).some(isLink));
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
