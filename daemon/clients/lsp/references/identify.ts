import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, resolve } from 'node:path';
import type { Client } from '../../client/request.ts';
import { versionFrom, type KnownVersion, type Registry } from '../mirror/reducer.ts';

/** Milliseconds after which a path in a document is looked up again. */
const askAgainMs = 5000;
/** The same after the service could not be reached. */
const soonMs = 500;
const maxKnown = 2000;

interface CachedMatch {
  /** Size and modification time of the file. */
  fingerprint: string;
  /** Version `model@number` with these bytes; null for none. */
  version: { model: string; number: number } | null;
  askedAt: number;
}

export interface Around {
  registry: () => Registry;
  client: () => Client | undefined;
  /**
   * Returns false while files that documents name must not be opened or sent to the service, as a path may name another machine's
   * share.
   */
  trusted: () => boolean;
  /** Called when a path was found to be a version. */
  changed: () => void;
}

/**
 * Finds the version that a file is: by its digest, which the service computes in the background; until then by the path from
 * which a version was registered.
 */
export class Identifier {
  readonly #around: Around;
  readonly #known = new Map<string, CachedMatch>();
  readonly #asking = new Set<string>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(around: Around) {
    this.#around = around;
  }

  /** Returns the version that is known now; undefined for none. `paths`: absolute, the most likely first. */
  lookUp(paths: readonly string[]): KnownVersion | undefined {
    const registry = this.#around.registry();
    for (const path of paths) {
      const known = this.#known.get(path);
      if (!known || Date.now() - known.askedAt > askAgainMs) this.#ask(path);
      const version = known?.version;
      const found = version && registry.versions.get(version.model)?.known.get(version.number);
      if (found) return found;
    }
    const unknown = paths.filter(
      (path) => this.#known.get(path)?.version !== null || this.#known.get(path)?.fingerprint === '',
    );
    return unknown.map((path) => versionFrom(registry, path.replaceAll('\\', '/'))).find((one) => one !== undefined);
  }

  #ask(path: string): void {
    if (!this.#around.trusted() || this.#asking.has(path)) return;
    this.#asking.add(path);
    this.#last = this.#last
      .then(() => this.#identify(path))
      .catch(() => undefined)
      .finally(() => this.#asking.delete(path));
  }

  async #identify(path: string): Promise<void> {
    const before = this.#known.get(path);
    const fingerprint = await fingerprintOf(path);
    const askedAt = Date.now();
    if (fingerprint === '') return this.#keep(path, { fingerprint, version: null, askedAt });
    if (before?.fingerprint === fingerprint) return this.#keep(path, { ...before, askedAt });
    const match = await this.#matchOf(path);
    if (match === undefined)
      return this.#keep(path, { fingerprint: '', version: null, askedAt: askedAt - askAgainMs + soonMs });
    this.#keep(path, { fingerprint, version: match, askedAt });
    if (match) this.#around.changed();
  }

  /** Returns the version with a file's bytes; null for none, undefined if the service could not be asked. */
  async #matchOf(path: string): Promise<CachedMatch['version'] | undefined> {
    try {
      const reply = await this.#around.client()?.call('GET /identify', { path });
      return reply && (reply.matches.find(({ state }) => state === 'ready') ?? reply.matches[0] ?? null);
    } catch {
      return undefined;
    }
  }

  #keep(path: string, known: CachedMatch): void {
    this.#known.delete(path);
    this.#known.set(path, known);
    const [oldest] = this.#known.keys();
    if (this.#known.size > maxKnown && oldest !== undefined) this.#known.delete(oldest);
  }
}

/** Returns size and modification time of a file; empty if it does not exist. */
async function fingerprintOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  return found ? `${found.size} ${found.mtimeMs}` : '';
}

/**
 * Returns the absolute paths that a path in a file may mean: relative to the file's folder, to those above it up to the workspace
 * folder, and to the workspace folders.
 */
export function candidates(path: string, file: string, folders: readonly string[]): string[] {
  if (isAbsolute(path)) return [path];
  const top = folders.find((folder) => file.startsWith(folder));
  const places: string[] = [];
  for (let folder = dirname(file); top !== undefined && folder.startsWith(top); folder = dirname(folder)) {
    places.push(resolve(folder, path));
    if (folder === dirname(folder)) break;
  }
  if (top === undefined) places.push(resolve(dirname(file), path));
  return [...new Set([...places, ...folders.map((folder) => resolve(folder, path))])];
}
