import type { FieldValue, Searchable } from './searchable.ts';

/** A value that was found by its name, and the group that has it. */
export interface Field {
  group: keyof Searchable;
  value: FieldValue;
}

/** Reads the value of one name. Undefined if there is none of this name. */
export type FieldReader = (item: Searchable) => Field | undefined;

const groups = ['attributes', 'metrics', 'params', 'tags'] as const;
const prefixes: Readonly<Record<string, keyof Searchable>> = {
  metric: 'metrics',
  metrics: 'metrics',
  param: 'params',
  params: 'params',
  tag: 'tags',
  tags: 'tags',
};
/** Other names of attributes. */
const synonyms: Readonly<Record<string, string>> = {
  name: 'model',
  number: 'version',
  aliases: 'alias',
  author: 'by',
  actor: 'by',
};

/**
 * Returns the reader of a name: an attribute, else a metric, param or tag; `metrics.`, `params.` and `tags.` say which. If there
 * is none of exactly this name, one that differs only in case and separators is taken: `val_auc` reads `val/auc`.
 */
export function fieldReader(name: string): FieldReader {
  const dot = name.indexOf('.');
  const group = dot < 0 ? undefined : ownValue(prefixes, name.slice(0, dot).toLowerCase());
  const plain = readerIn(groups, name);
  if (group === undefined) return plain;
  const prefixed = readerIn([group], name.slice(dot + 1));
  return (item) => prefixed(item) ?? plain(item);
}

function readerIn(where: readonly (keyof Searchable)[], name: string): FieldReader {
  const attribute = ownValue(synonyms, name.toLowerCase()) ?? name.toLowerCase();
  const wanted = normalized(name);
  const known = new Map<string, boolean>();
  const isWanted = (key: string): boolean => {
    let is = known.get(key);
    if (is === undefined) known.set(key, (is = normalized(key) === wanted));
    return is;
  };
  return (item) => {
    for (const group of where) {
      const key = group === 'attributes' ? attribute : name;
      if (Object.hasOwn(item[group], key)) return { group, value: item[group][key] ?? null };
    }
    for (const group of where) {
      const key = Object.keys(item[group]).find(isWanted);
      if (key !== undefined) return { group, value: item[group][key] ?? null };
    }
    return undefined;
  };
}

function normalized(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '_');
}

function ownValue<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
