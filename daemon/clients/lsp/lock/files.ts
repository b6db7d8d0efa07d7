import { join, sep } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { openRegular, readWhole } from '../../../runtime/file-reader.ts';
import { lockFileName, readLock } from './lock.ts';
import type { Scene } from '../document-model.ts';

const maxLockBytes = 16 * 1024 * 1024;

/** The plinth.lock files of the workspace folders, as on disk. */
export class Locks {
  #locks = new Map<string, NonNullable<Scene['lock']>>();

  /** Reads the locks. A file that is missing or no lock locks nothing. */
  async read(folders: readonly string[]): Promise<void> {
    await setImmediate();
    const locks = new Map<string, NonNullable<Scene['lock']>>();
    for (const folder of folders) {
      const path = join(folder, lockFileName);
      const text = textOf(path);
      const entries = readLock(text);
      if (entries) locks.set(folder, { uri: pathToFileURL(path).href, text, entries });
    }
    this.#locks = locks;
  }

  /** Returns the lock that applies to a file; undefined for none. */
  of(file: string): Scene['lock'] {
    return [...this.#locks].find(([folder]) => file.startsWith(folder + sep))?.[1];
  }
}

function textOf(path: string): string {
  try {
    return readWhole(openRegular(path), maxLockBytes).toString('utf8');
  } catch {
    return '';
  }
}
