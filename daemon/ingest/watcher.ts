import { watch, type FSWatcher } from 'chokidar';
import { statfsSync } from 'node:fs';
import { messageOf, systemCode } from '../errors.ts';
import { ignoredFolder } from './ignore.ts';
import { basename, dirname } from 'node:path';

/** Something changed in a folder, perhaps this name. Only ever a hint: the scan is the truth. */
export interface Hint {
  folder: string;
  name: string | undefined;
}

export interface FolderWatcher {
  /** How changes are noticed, and why not by events. */
  state(): { state: 'watching' | 'polling' | 'missing' | 'error'; detail: string | null };
  close(): Promise<void>;
}

/** Network and virtual file systems whose changes make no events (statfs(2) magic numbers): NFS, SMB, CIFS, 9p, FUSE. */
const silentFileSystems = new Set([0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x01021997, 0x65735546]);

const pollEveryMs = 2000;

/**
 * Watches the folders below a root, never its files: the folders' own events name what changed in them. Falls back to
 * polling where the file system sends no events or the limit of watches is reached.
 */
export function watchFolders(root: string, onHint: (hint: Hint) => void, onOverflow: () => void): FolderWatcher {
  let polling = makesNoEvents(root) ? 'its file system sends no events' : undefined;
  let failure: string | undefined;
  let watcher: FSWatcher | undefined;

  const fail = (error: unknown): void => {
    const limited = ['ENOSPC', 'EMFILE', 'ENFILE'].includes(systemCode(error) ?? '');
    if (!limited) {
      failure = messageOf(error);
      return;
    }
    if (polling !== undefined) return;
    polling = 'the limit of watched folders is reached (fs.inotify.max_user_watches)';
    void watcher?.close();
    watcher = undefined;
    onOverflow();
  };

  if (polling === undefined) watcher = openWatcher(root, onHint, fail);
  const poll = setInterval(() => {
    if (polling !== undefined) onOverflow();
  }, pollEveryMs).unref();

  return {
    state: () => {
      if (polling !== undefined) return { state: 'polling', detail: polling };
      return failure === undefined ? { state: 'watching', detail: null } : { state: 'error', detail: failure };
    },
    close: async () => {
      clearInterval(poll);
      await watcher?.close();
    },
  };
}

function openWatcher(root: string, onHint: (hint: Hint) => void, onError: (error: unknown) => void): FSWatcher {
  const made = watch(root, {
    ignored: (path, stats) =>
      stats?.isFile() === true || (path !== root && ignoredFolder(basename(path)) !== undefined),
    ignoreInitial: false,
    followSymlinks: false,
    ignorePermissionErrors: true,
  });
  made.on('raw', (_event, name, details) => {
    const folder = (details as { watchedPath?: string }).watchedPath;
    if (folder !== undefined) onHint({ folder, name: name ?? undefined });
  });
  made.on('addDir', (path) => onHint({ folder: path, name: undefined }));
  made.on('unlinkDir', (path) => onHint({ folder: dirname(path), name: basename(path) }));
  made.on('error', onError);
  return made;
}

function makesNoEvents(root: string): boolean {
  try {
    return silentFileSystems.has(statfsSync(root).type);
  } catch {
    return false;
  }
}
