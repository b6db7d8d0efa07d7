import { CORE_SCHEMA, EVENT_ID, SCALAR_STYLE, YAMLException, constructFromEvents, getScalarValue } from 'js-yaml';
import { parseEvents, type Event, type ScalarEvent } from 'js-yaml';

/** A position; line and column count from 1. */
export interface TextPosition {
  line: number;
  column: number;
}

/** A parsed YAML text with the positions of its parts. */
export interface YamlText {
  value: unknown;
  /** Returns the position of the value at a path; of its key if the value is empty; else of the nearest existing part above it. */
  placeOf(path: readonly PropertyKey[]): TextPosition;
  /** Returns the position of the key before the value at a path; that of the value if it has none. */
  keyPlaceOf(path: readonly PropertyKey[]): TextPosition;
}

/** Why a text cannot be parsed, with the position. */
export interface YamlMistake extends TextPosition {
  reason: string;
}

const maxAliases = 100;
/** Values that all aliases together may repeat. */
const maxRepeated = 10_000;

/**
 * Parses a text with one YAML 1.2 document (core schema, at most 100 aliases and 100 levels). Never throws. Positions are
 * computed only when requested, so that files without errors, which are most, are parsed in a fraction of the time.
 */
export function readYaml(text: string): YamlText | YamlMistake {
  let events: Event[] = [];
  try {
    events = parseEvents(text, {});
    const second = events.findIndex((event, index) => index > 0 && event.type === EVENT_ID.DOCUMENT);
    if (second > 0)
      return { ...placeAt(text, startAfter(events, second)), reason: 'it contains more than one document' };
    const value = constructFromEvents(events, { source: text, schema: CORE_SCHEMA, maxAliases })[0];
    const alias = events.find(({ type }) => type === EVENT_ID.ALIAS);
    if (alias && repeatedBy(value) > maxRepeated)
      return { ...placeAt(text, startOf(alias) ?? 0), reason: 'its aliases expand to too much text' };
    const places = once(() => placesIn(text, events));
    return {
      value,
      placeOf: (path) => placeAt(text, nearest(places(), path).at),
      keyPlaceOf: (path) => placeAt(text, nearest(places(), path).keyAt),
    };
  } catch (error) {
    return mistakeOf(error, text, events);
  }
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

function mistakeOf(error: unknown, text: string, events: readonly Event[]): YamlMistake {
  if (!(error instanceof YAMLException)) return { ...placeAt(text, 0), reason: 'it is nested too deeply' };
  const { reason, mark } = error;
  const at = mark?.position ?? 0;
  if (reason !== 'duplicated mapping key') return { ...placeAt(text, at), reason };
  const key = events.find((event): event is ScalarEvent => event.type === EVENT_ID.SCALAR && event.valueStart === at);
  const name = key ? `the key ${JSON.stringify(getScalarValue(text, key))}` : 'a key';
  return { ...placeAt(text, (key && startOf(key)) ?? at), reason: `${name} occurs twice in one mapping` };
}

/** Counts the values that aliases repeat; infinite for a value that contains itself. */
function repeatedBy(value: unknown): number {
  const sizes = new Map<object, number>();
  let written = 0;
  const sizeOf = (part: unknown): number => {
    const isWhole = typeof part !== 'object' || part === null;
    const known = isWhole ? undefined : sizes.get(part);
    if (known !== undefined) return known;
    written += 1;
    if (isWhole) return 1;
    sizes.set(part, Infinity);
    const size = Object.values(part).reduce((sum: number, inner) => sum + sizeOf(inner), 1);
    sizes.set(part, size);
    return size;
  };
  return sizeOf(value) - written;
}

/** Returns the offset of an event's text; undefined for an empty one. */
function startOf(event: Event): number | undefined {
  if (event.type === EVENT_ID.ALIAS) return event.anchorStart - 1;
  if (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE) return event.start;
  if (event.type !== EVENT_ID.SCALAR || event.valueStart < 0) return undefined;
  const isQuoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
  return event.valueStart - (isQuoted ? 1 : 0);
}

function startAfter(events: readonly Event[], index: number): number {
  return events.slice(index).reduce<number | undefined>((found, event) => found ?? startOf(event), undefined) ?? 0;
}

/** Offsets of a value and of the key before it, and the value's parts by key or index. */
interface Part {
  at: number;
  keyAt: number;
  parts: Map<PropertyKey, Part>;
}

interface OpenPart extends Part {
  isMapping: boolean;
  /** Key whose value comes next. */
  key: { name: PropertyKey; at: number } | undefined;
}

function placesIn(text: string, events: readonly Event[]): Part {
  const whole: OpenPart = { at: 0, keyAt: 0, parts: new Map(), isMapping: false, key: undefined };
  const open = [whole];
  for (const event of events) {
    if (event.type === EVENT_ID.DOCUMENT) continue;
    if (event.type === EVENT_ID.POP) {
      open.pop();
      continue;
    }
    const above = open.at(-1) ?? whole;
    const at = startOf(event);
    if (above.isMapping && above.key === undefined) {
      const name = event.type === EVENT_ID.SCALAR ? getScalarValue(text, event) : '';
      above.key = { name, at: at ?? above.at };
      continue;
    }
    const isMapping = event.type === EVENT_ID.MAPPING;
    const valueAt = at ?? above.key?.at ?? above.at;
    const keyAt = above.key?.at ?? valueAt;
    const part: OpenPart = { at: valueAt, keyAt, parts: new Map(), isMapping, key: undefined };
    above.parts.set(above.key?.name ?? above.parts.size, part);
    above.key = undefined;
    if (isMapping || event.type === EVENT_ID.SEQUENCE) open.push(part);
  }
  return whole.parts.get(0) ?? whole;
}

function nearest(part: Part, path: readonly PropertyKey[]): Part {
  let at = part;
  for (const key of path) {
    const inner = at.parts.get(key);
    if (!inner) break;
    at = inner;
  }
  return at;
}

function placeAt(text: string, offset: number): TextPosition {
  let line = 1;
  let start = 0;
  for (let end = text.indexOf('\n'); end >= 0 && end < offset; end = text.indexOf('\n', start)) {
    line += 1;
    start = end + 1;
  }
  return { line, column: offset - start + 1 };
}
