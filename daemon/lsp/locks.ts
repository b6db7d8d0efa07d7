import { readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { lockFileName, readLock } from './lock.ts';
import type { Scene } from './scene.ts';

/** The plinth.lock of each workspace folder, as it is on disk. */
export class Locks {
  #locks = new Map<string, NonNullable<Scene['lock']>>();

  /** Reads them anew. One that is not there, or is no lock, locks nothing. */
  async read(folders: readonly string[]): Promise<void> {
    const locks = new Map<string, NonNullable<Scene['lock']>>();
    for (const folder of folders) {
      const path = join(folder, lockFileName);
      const text = await readFile(path, 'utf8').catch(() => '');
      const entries = readLock(text);
      if (entries) locks.set(folder, { uri: pathToFileURL(path).href, text, entries });
    }
    this.#locks = locks;
  }

  /** The lock that holds for a file. */
  of(file: string): Scene['lock'] {
    return [...this.#locks].find(([folder]) => file.startsWith(folder + sep))?.[1];
  }
}
