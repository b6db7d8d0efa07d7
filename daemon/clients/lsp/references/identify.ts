import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, resolve } from 'node:path';
import type { Client } from '../../client/request.ts';
import { versionFrom, type KnownVersion, type Registry } from '../mirror/reducer.ts';

/** How long a path is not looked up again while something names it. */
const askAgainMs = 5000;
/** And sooner where the service could not be asked. */
const soonMs = 500;
const maxKnown = 2000;

interface CachedMatch {
  /** Size and time of change, by which a file is told to be the same still. */
  fingerprint: string;
  /** `model@number`; null where no version has these bytes. */
  version: { model: string; number: number } | null;
  askedAt: number;
}

export interface Around {
  registry: () => Registry;
  client: () => Client | undefined;
  /** Until then no path of a file is looked for on disk or told to the service: it may name a share of another machine. */
  trusted: () => boolean;
  /** Told when a path turned out to be a version. */
  changed: () => void;
}

/**
 * Which version the file at a path is: by its digest, which the service computes in the background, and until that is known
 * by the place that a version was registered from.
 */
export class Identifier {
  readonly #around: Around;
  readonly #known = new Map<string, CachedMatch>();
  readonly #asking = new Set<string>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(around: Around) {
    this.#around = around;
  }

  /** Answers at once with what is known; `paths` are absolute, the likeliest first. */
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

  /** Null where no version has these bytes; undefined where nobody could say. */
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

/** Empty where nothing is there. */
async function fingerprintOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  return found ? `${found.size} ${found.mtimeMs}` : '';
}

/** Where a path in a file may lead: beside the file, in the folders above it up to the workspace's, in the workspace's. */
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
