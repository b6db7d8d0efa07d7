import * as z from 'zod';
import { suffixOf, type ModelReference } from '../references/reference.ts';
import type { KnownVersion, Registry } from '../mirror/reducer.ts';
import { resolve } from '../references/resolve.ts';
import { modelUri } from '../../../shared/references.ts';

export interface Locked {
  version: number;
  /** Digest of the version's manifest. */
  digest: string;
}

/** Content of a `plinth.lock`: every reference of a workspace, as a URI, with its version. */
export type Lock = ReadonlyMap<string, Locked>;

/** A disagreement between a reference and the lock. */
export interface Drift {
  kind: 'moved' | 'changed' | 'missing' | 'unresolved' | 'unused';
  reference: string;
  /** One sentence. */
  message: string;
}

export const lockFileName = 'plinth.lock';

const entry = z.strictObject({ version: z.number().int(), digest: z.string().regex(/^sha256:[0-9a-f]{64}$/) });
const file = z.strictObject({ lockfileVersion: z.literal(1), models: z.record(z.string(), entry) });

/** Returns the name of a reference in a lock, `models:/churn/production`; undefined if it names no version. */
export function lockName({ model, selector }: ModelReference, registry: Registry): string | undefined {
  if (selector.kind === 'none') return undefined;
  if (selector.kind !== 'pointer') return `models:/${model}${suffixOf('uri', selector)}`;
  const pointers = registry.models.get(model)?.pointers ?? [];
  const isAlias = pointers.some(({ kind, name }) => kind === 'alias' && name === selector.name);
  return modelUri(model, { kind: isAlias ? 'alias' : 'stage', name: selector.name });
}

/** Returns the locked version. A number stays as written: after a merge it names the same files under another number. */
export function lockedTo({ selector }: ModelReference, { number, digest }: KnownVersion): Locked {
  return { version: selector.kind === 'number' ? selector.number : number, digest };
}

/** Resolves references. `unresolved`: those that resolve to no version. Pure. */
export function lockOf(
  registry: Registry,
  references: readonly ModelReference[],
): { lock: Lock; unresolved: string[] } {
  const lock = new Map<string, Locked>();
  const unresolved = new Set<string>();
  for (const reference of references) {
    const name = lockName(reference, registry);
    if (name === undefined) continue;
    const resolved = resolve(registry, reference);
    const version = resolved.kind === 'version' ? resolved.version : undefined;
    if (version && version.state === 'ready') lock.set(name, lockedTo(reference, version));
    else unresolved.add(name);
  }
  return { lock, unresolved: [...unresolved].toSorted() };
}

/** Formats a lock as JSON with sorted keys and one entry on lines of its own, so that branches with different entries merge. */
export function lockText(lock: Lock): string {
  const models = Object.fromEntries([...lock].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return `${JSON.stringify({ lockfileVersion: 1, models }, null, 2)}\n`;
}

/** Parses a lock; undefined for other text. Never throws. */
export function readLock(text: string): Lock | undefined {
  try {
    const parsed = file.safeParse(JSON.parse(text));
    return parsed.success ? new Map(Object.entries(parsed.data.models)) : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the disagreements between a lock and the present versions, sorted by reference. Pure. */
export function driftOf(before: Lock, now: Lock, unresolved: readonly string[]): Drift[] {
  const found = [...now].flatMap(([reference, current]) => driftOfOne(reference, before.get(reference), current) ?? []);
  const lost = unresolved.map((reference): Drift => ({
    kind: 'unresolved',
    reference,
    message: `${reference} does not resolve to a version that can be loaded.`,
  }));
  const known = new Set([...now.keys(), ...unresolved]);
  const unused = [...before.keys()]
    .filter((reference) => !known.has(reference))
    .map((reference): Drift => ({ kind: 'unused', reference, message: `${reference} is locked but not used.` }));
  return [...found, ...lost, ...unused].toSorted((a, b) => (a.reference < b.reference ? -1 : 1));
}

export function driftOfOne(reference: string, locked: Locked | undefined, now: Locked): Drift | undefined {
  if (!locked) return { kind: 'missing', reference, message: `${reference} is not in ${lockFileName}.` };
  if (locked.version !== now.version) {
    const message = `${reference} is locked at v${locked.version} but resolves to v${now.version} now.`;
    return { kind: 'moved', reference, message };
  }
  if (locked.digest === now.digest) return undefined;
  return { kind: 'changed', reference, message: `${reference} is v${now.version} as locked, but its files differ.` };
}
