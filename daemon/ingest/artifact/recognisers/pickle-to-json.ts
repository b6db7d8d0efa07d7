import type { Json } from '../../../protocol/json.ts';
import { attributesOf, classOf, entriesOf, entry, isNode, itemsOf } from '../../../formats/pickle/pickle-value.ts';
import type { PickleObject, PickleValue } from '../../../formats/pickle/pickle-value.ts';
import { numberOf } from './scalars.ts';

const maxDepth = 6;
const maxItems = 100;
const maxText = 500;

/**
 * Converts a pickled value to JSON, for params: numbers that JSON lacks become text, enums their value, configuration objects
 * their attributes. Undefined for tensors, arrays and other values without a plain form. At most 2,000 values, six levels deep.
 */
export function pickleToJson(value: PickleValue | undefined): Json | undefined {
  return convert(value, 0, { left: 2000 });
}

/** Converts the entries of a mapping, or the attributes of an object, to JSON; empty for anything else. */
export function entriesToJson(value: PickleValue | undefined): Record<string, Json> {
  const converted = pickleToJson(value);
  return typeof converted === 'object' && converted !== null && !Array.isArray(converted) ? converted : {};
}

/** Converts a number to JSON; one that JSON lacks becomes text. */
export function jsonNumber(value: number): Json {
  return Number.isFinite(value) ? value : String(value);
}

function convert(value: PickleValue | undefined, depth: number, budget: { left: number }): Json | undefined {
  if (value === undefined || depth > maxDepth || --budget.left < 0) return undefined;
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return value.slice(0, maxText);
  const number = numberOf(value);
  if (number !== undefined) return typeof value === 'bigint' ? String(value) : jsonNumber(number);
  if (!isNode(value)) return undefined;
  const entries = entriesOf(value);
  if (entries !== undefined && entries.length > 0) return convertEntries(entries, depth, budget);
  if (value.kind === 'dict') return {};
  if (value.kind === 'global') return `${value.module}.${value.name}`.slice(0, maxText);
  if (value.kind === 'object') return convertObject(value, depth, budget);
  return convertItems(value, depth, budget);
}

function convertItems(value: PickleValue, depth: number, budget: { left: number }): Json | undefined {
  const items = itemsOf(value);
  if (items === undefined || items.length > maxItems) return undefined;
  const converted = items.map((item) => convert(item, depth + 1, budget));
  return converted.includes(undefined) ? undefined : (converted as Json[]);
}

function convertEntries(entries: [PickleValue, PickleValue][], depth: number, budget: { left: number }): Json {
  const converted: [string, Json][] = [];
  for (const [key, inner] of entries.slice(0, 1000)) {
    if (typeof key !== 'string' && typeof key !== 'number') continue;
    const json = convert(inner, depth + 1, budget);
    if (json !== undefined && key !== '__proto__') converted.push([String(key).slice(0, maxText), json]);
  }
  return Object.fromEntries(converted);
}

function convertObject(value: PickleObject, depth: number, budget: { left: number }): Json | undefined {
  const made = classOf(value);
  const args = itemsOf(value.args) ?? [];
  if (made !== undefined && /^pathlib(\._local)?$/.test(made.module))
    return args.filter(isText).join('/').slice(0, maxText);
  if (made?.module.startsWith('torch._') === true || made?.module.startsWith('numpy') === true) return undefined;
  const attributes = attributesOf(value);
  const inner = entry(attributes, '_content') ?? entry(attributes, '_val');
  if (inner !== undefined) return convert(inner, depth + 1, budget);
  if (entriesOf(attributes) !== undefined) return convert(attributes, depth + 1, budget);
  if (value.items !== undefined || args.length !== 1) return convertItems(value, depth, budget);
  return convert(args[0], depth + 1, budget);
}

function isText(value: PickleValue): value is string {
  return typeof value === 'string';
}
