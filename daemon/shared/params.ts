import type { Json } from '../protocol/json.ts';

/** Joins nested keys with a dot, so that `model.depth` is one value. Lists stay as they are. */
export function flattenParams(value: Readonly<Record<string, Json>>, prefix = ''): Record<string, Json> {
  const flat = emptyRecord();
  for (const [key, inner] of Object.entries(value)) {
    const name = prefix + key;
    if (inner !== null && typeof inner === 'object' && !Array.isArray(inner))
      Object.assign(flat, flattenParams(inner, `${name}.`));
    else flat[name] = inner;
  }
  return flat;
}

/** True if a param of this name sets a random seed. Trainings that differ only in such params repeat each other. */
export function isSeed(name: string): boolean {
  return /(^|[._/-])(random_?)?(seed|state)$/i.test(name);
}

/** Returns a record without a prototype, as names come from files. */
export function emptyRecord(): Record<string, Json> {
  return Object.create(null) as Record<string, Json>;
}
