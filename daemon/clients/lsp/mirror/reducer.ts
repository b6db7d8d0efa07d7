import type { Model, Version } from '../../../protocol/model.ts';
import { splitReference } from '../../../shared/references.ts';
import { withAllModels, withModel, type MirroredModels } from '../../../shared/registry-mirror.ts';

/** A version without the fields that are never shown beside code, which are most of its size. */
export type KnownVersion = Omit<Version, 'params' | 'description' | 'tags'>;

/** The loaded versions of a model. */
export interface Versions {
  /** By number, the newest first. */
  known: ReadonlyMap<number, KnownVersion>;
  /** True if no further version exists. */
  complete: boolean;
}

/** The registry as this process knows it: one value, changed only by `apply`. */
export interface Registry {
  /** Time at which this was last known to be true, epoch ms; null before the first reply. */
  asOf: number | null;
  /** Models by name, the most recently changed first. A map, as names come from files. */
  models: ReadonlyMap<string, Model>;
  versions: ReadonlyMap<string, Versions>;
}

export const nothing: Registry = { asOf: null, models: new Map(), versions: new Map() };

export type Change =
  | { kind: 'models'; models: readonly Model[]; at: number }
  | { kind: 'model'; name: string; model: Model | undefined; at: number }
  /** A page of versions, newest first. They replace the known ones in its range. */
  | { kind: 'versions'; model: string; page: readonly Version[]; from: number; complete: boolean };

/** Returns the registry after a change. Pure. */
export function apply(registry: Registry, change: Change): Registry {
  switch (change.kind) {
    case 'models':
      return byName(withAllModels(listed(registry), change.models, change.at));
    case 'model':
      return byName(withModel(listed(registry), change.name, change.model, change.at));
    case 'versions': {
      const versions = new Map(registry.versions).set(change.model, withPage(registry, change));
      return { ...registry, versions };
    }
  }
}

function listed({ asOf, models, versions }: Registry): MirroredModels<Versions> {
  return { asOf, models: [...models.values()], versions };
}

function byName({ asOf, models, versions }: MirroredModels<Versions>): Registry {
  return { asOf, models: new Map(models.map((model) => [model.name, model])), versions };
}

function withPage(registry: Registry, { model, page, from, complete }: Change & { kind: 'versions' }): Versions {
  const before = registry.versions.get(model);
  const last = complete ? 0 : (page.at(-1)?.number ?? from);
  const kept = [...(before?.known ?? [])].filter(([number]) => number >= from || number < last);
  const read = page.map((version): [number, KnownVersion] => [version.number, slim(version)]);
  const known = new Map([...kept, ...read].toSorted(([a], [b]) => b - a));
  return { known, complete: complete || (before?.complete ?? false) };
}

function slim({ params: _params, description: _description, tags: _tags, ...version }: Version): KnownVersion {
  return version;
}

/** Returns the versions of a model that can be loaded, newest first. */
export function liveVersions(registry: Registry, model: string): readonly KnownVersion[] {
  const versions = registry.versions.get(model);
  return versions ? liveOf(versions).list : [];
}

/** Returns the number of loadable versions between two, the later one included. */
export function countBetween(registry: Registry, model: string, earlier: number, later: number): number {
  const versions = registry.versions.get(model);
  const places = versions && liveOf(versions).places;
  return (places?.get(earlier) ?? 0) - (places?.get(later) ?? 0);
}

interface Live {
  list: readonly KnownVersion[];
  /** Index of each number in the list. */
  places: ReadonlyMap<number, number>;
}

const lives = new WeakMap<Versions, Live>();

function liveOf(versions: Versions): Live {
  const made = lives.get(versions);
  if (made) return made;
  const list = [...versions.known.values()].filter(({ state }) => state === 'ready' || state === 'damaged');
  const live = { list, places: new Map(list.map(({ number }, index) => [number, index])) };
  lives.set(versions, live);
  return live;
}

/** Returns the newest version that was registered from a path: that of its file, or its folder. Undefined for none. */
export function versionFrom(registry: Registry, path: string): KnownVersion | undefined {
  const found = [...registry.versions.values()].map((versions) => placesOf(versions).get(path));
  return found.filter((one) => one !== undefined).toSorted((a, b) => b.createdAt - a.createdAt)[0];
}

export interface FormerReferences {
  /** Names of merged models, each with the model that has its versions now. */
  names: ReadonlyMap<string, string>;
  /** Versions by former reference: `churn-old@3`. */
  versions: ReadonlyMap<string, KnownVersion>;
}

const former = new WeakMap<Registry['versions'], FormerReferences>();

/** Returns what the numbers of merged models resolve to, as far as it is loaded. */
export function formerReferences({ versions }: Registry): FormerReferences {
  const made = former.get(versions);
  if (made) return made;
  const all = [...versions.values()].flatMap((one) => formersOf(one));
  const names = new Map(all.map(([reference, { model }]) => [splitReference(reference).model, model]));
  const found = { names, versions: new Map(all) };
  former.set(versions, found);
  return found;
}

const formers = new WeakMap<Versions, readonly [string, KnownVersion][]>();

function formersOf(versions: Versions): readonly [string, KnownVersion][] {
  const made = formers.get(versions);
  if (made) return made;
  const own = [...versions.known.values()].flatMap((version) =>
    (version.formerly ?? []).map((reference): [string, KnownVersion] => [reference, version]),
  );
  formers.set(versions, own);
  return own;
}

const places = new WeakMap<Versions, ReadonlyMap<string, KnownVersion>>();

function placesOf(versions: Versions): ReadonlyMap<string, KnownVersion> {
  const made = places.get(versions);
  if (made) return made;
  const map = new Map<string, KnownVersion>();
  for (const version of [...versions.known.values()].toReversed())
    if (version.state === 'ready' || version.state === 'damaged') map.set(placeOf(version), version);
  places.set(versions, map);
  return map;
}

function placeOf({ source, wholeFolder, primary }: KnownVersion): string {
  const path = source.path.replaceAll('\\', '/');
  return wholeFolder && path.endsWith(`/${primary}`) ? path.slice(0, -primary.length - 1) : path;
}
