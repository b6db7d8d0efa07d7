/**
 * A pickled object as plain data, built from its opcodes with nothing imported and nothing called. It may contain itself (a
 * pickle can), so code that descends into it must bound the depth.
 */
export type PickleValue = null | boolean | number | bigint | string | PickleNode;

export type PickleNode =
  | PickleSequence
  | PickleDict
  | PickleGlobal
  | PickleObject
  | { kind: 'bytes'; length: number; /** Undefined when longer than 64 KiB. */ bytes: Uint8Array | undefined }
  | { kind: 'persistent'; id: PickleValue }
  /** An array whose bytes are in the stream (joblib). `items` is the nested pickle of an array of objects. */
  | { kind: 'array'; shape: number[]; dtype: string; offset: number; bytes: number; items: PickleValue | undefined }
  /** Replaces a value that was left out: a long text, or anything past the budget. */
  | { kind: 'unknown' };

export interface PickleSequence {
  kind: 'list' | 'tuple' | 'set' | 'frozenset';
  items: PickleValue[];
}

export interface PickleDict {
  kind: 'dict';
  entries: [PickleValue, PickleValue][];
}

export interface PickleGlobal {
  kind: 'global';
  module: string;
  name: string;
}

/** The object that a call would make: `callable` called with `args`, then given `state`, `entries` (as a mapping) and `items` (as a list). */
export interface PickleObject {
  kind: 'object';
  callable: PickleValue;
  args: PickleValue;
  state: PickleValue | undefined;
  entries: [PickleValue, PickleValue][] | undefined;
  items: PickleValue[] | undefined;
}

export const unknownValue: PickleValue = { kind: 'unknown' };

export function isNode(value: PickleValue | undefined): value is PickleNode {
  return typeof value === 'object' && value !== null;
}

/** Returns the items of a list, tuple or set; undefined for anything else. */
export function itemsOf(value: PickleValue | undefined): PickleValue[] | undefined {
  if (!isNode(value)) return undefined;
  if (value.kind === 'object') return value.items;
  return 'items' in value && Array.isArray(value.items) ? value.items : undefined;
}

/** Returns the entries of a dict or of a mapping object such as OrderedDict, in order; undefined for anything else. */
export function entriesOf(value: PickleValue | undefined): [PickleValue, PickleValue][] | undefined {
  if (!isNode(value)) return undefined;
  if (value.kind === 'dict') return value.entries;
  if (value.kind !== 'object') return undefined;
  if (value.entries !== undefined) return value.entries;
  return globalName(value.callable) === 'collections.OrderedDict' ? pairsIn(value.args) : undefined;
}

/** Returns the value under a text key of a mapping; undefined when the mapping does not have it. */
export function entry(value: PickleValue | undefined, key: string): PickleValue | undefined {
  return entriesOf(value)?.findLast(([k]) => k === key)?.[1];
}

/** Returns `module.name` of a global; undefined for anything else. */
export function globalName(value: PickleValue | undefined): string | undefined {
  return isNode(value) && value.kind === 'global' ? `${value.module}.${value.name}` : undefined;
}

/** Returns the class of an object, which is the global that was called to make it, also through copyreg; undefined for anything else. */
export function classOf(value: PickleValue | undefined): PickleGlobal | undefined {
  if (!isNode(value) || value.kind !== 'object') return undefined;
  const { callable } = value;
  if (!isNode(callable) || callable.kind !== 'global') return undefined;
  const wrapped = /^(copyreg|copy_reg)\.(_reconstructor|__newobj(_ex)?__)$/.test(`${callable.module}.${callable.name}`);
  if (!wrapped) return callable;
  const first = itemsOf(value.args)?.[0];
  return isNode(first) && first.kind === 'global' ? first : callable;
}

/** Returns the attributes of an object. They are its state, or the first or second of a pair, as slots write it. */
export function attributesOf(value: PickleValue | undefined): PickleValue | undefined {
  if (!isNode(value) || value.kind !== 'object') return undefined;
  const { state } = value;
  if (!isNode(state) || state.kind !== 'tuple') return state;
  return state.items.find((item) => isNode(item) && item.kind === 'dict');
}

function pairsIn(args: PickleValue): [PickleValue, PickleValue][] {
  const pairs = itemsOf(itemsOf(args)?.[0]) ?? [];
  return pairs.flatMap((pair): [PickleValue, PickleValue][] => {
    const [key, value] = itemsOf(pair) ?? [];
    return key === undefined || value === undefined ? [] : [[key, value]];
  });
}

/** Returns a key as text: texts and numbers as they are, anything else by its kind. */
export function keyText(key: PickleValue | undefined): string {
  return isNode(key) ? key.kind : String(key);
}
