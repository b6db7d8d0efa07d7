import { byText } from '../text-order.ts';
import { fieldReader, type Field, type FieldReader } from './field.ts';
import { SearchError } from './filter-tokens.ts';
import type { Literal } from './literal.ts';
import { parseFilter, type Filter, type Operator } from './parse-filter.ts';
import { timeAttributes, type FieldValue, type Searchable } from './searchable.ts';

/** A filter that is ready for use. */
export interface ItemFilter {
  /** True for items that certainly match. A comparison with an unknown value is neither true nor false. */
  matches(item: Searchable): boolean;
  /** Returns the names that none of the items seen so far has. */
  unknownNames(): string[];
}

/** True, false, or null for unknown, as in SQL. */
type Truth = boolean | null;
type Test = (item: Searchable) => Truth;

/**
 * Reads a filter such as `val_auc > 0.9 and stage = production`. `others` are names that the items are also asked for, as for their order. Throws `SearchError`; `matches` does if a value has the wrong kind.
 */
export function itemFilter(text: string, others: readonly string[] = []): ItemFilter {
  const unseen = new Set<string>();
  const test = testOf(parseFilter(text), unseen);
  const watching = others.map((name) => watched(name, unseen));
  const matches = (item: Searchable): boolean => {
    for (const read of watching) read(item);
    return test(item) === true;
  };
  return { matches, unknownNames: () => [...unseen] };
}

function testOf(filter: Filter, unseen: Set<string>): Test {
  if (filter.kind === 'and') return allOf(filter.parts.map((part) => testOf(part, unseen)));
  if (filter.kind === 'or') return anyOf(filter.parts.map((part) => testOf(part, unseen)));
  if (filter.kind === 'not') {
    const inner = testOf(filter.part, unseen);
    return (item) => negated(inner(item));
  }
  const read = watched(filter.name, unseen);
  if (filter.kind === 'known') return (item) => isKnown(read(item)?.value);
  if (filter.kind === 'compare') return (item) => compare(read(item), filter.name, filter.operator, filter.value);
  return anyOf(filter.values.map((value) => (item) => compare(read(item), filter.name, '=', value)));
}

/** Returns the reader of a name that takes the name out of `unseen` once an item has it. */
function watched(name: string, unseen: Set<string>): FieldReader {
  const read = fieldReader(name);
  unseen.add(name);
  return (item) => {
    const field = read(item);
    if (field) unseen.delete(name);
    return field;
  };
}

function allOf(tests: readonly Test[]): Test {
  return (item) => {
    let truth: Truth = true;
    for (const test of tests) {
      const one = test(item);
      if (one === false) truth = false;
      else if (one === null && truth) truth = null;
    }
    return truth;
  };
}

function anyOf(tests: readonly Test[]): Test {
  const none = allOf(tests.map((test) => (item) => negated(test(item))));
  return (item) => negated(none(item));
}

function negated(truth: Truth): Truth {
  return truth === null ? null : !truth;
}

function isKnown(value: FieldValue | undefined): boolean {
  return value !== undefined && value !== null && value !== 'NaN' && (!Array.isArray(value) || value.length > 0);
}

const opposite: Readonly<Partial<Record<Operator, Operator>>> = { '!=': '=', '!~': '~' };

function compare(field: Field | undefined, name: string, operator: Operator, literal: Literal): Truth {
  if (!field || field.value === null) return null;
  if (field.group === 'attributes') checkQuantity(name, operator, literal);
  const positive = opposite[operator];
  if (positive !== undefined) return negated(compareAny(field.value, positive, literal));
  return compareAny(field.value, operator, literal);
}

function compareAny(value: NonNullable<FieldValue>, operator: Operator, literal: Literal): Truth {
  if (typeof value !== 'object') return compareOne(value, operator, literal);
  const found = value.map((one) => compareOne(one, operator, literal));
  return found.includes(true) ? true : found.includes(null) ? null : false;
}

function compareOne(value: number | string | boolean, operator: Operator, literal: Literal): Truth {
  if (operator === '~') return isLike(String(value), literal.text);
  const number = typeof value === 'boolean' ? null : numberOf(value);
  if (number !== null && literal.number !== null) return compareNumbers(number, operator, literal);
  if (operator === '=')
    return typeof value === 'boolean' ? String(value) === literal.text.toLowerCase() : value === literal.text;
  if (typeof value !== 'string' || literal.number !== null || number !== null) return null;
  return isInOrder(byText(value, literal.text), operator);
}

/** Compares with a number, or with the whole day or month that a date names. */
function compareNumbers(value: number, operator: Operator, { number, until }: Literal): boolean {
  const start = number ?? 0;
  const isSame = until === undefined ? value === start : value >= start && value < until;
  return isInOrder(isSame ? 0 : value < start ? -1 : 1, operator);
}

function isInOrder(order: number, operator: Operator): boolean {
  if (operator === '=') return order === 0;
  if (operator === '<') return order < 0;
  if (operator === '<=') return order <= 0;
  return operator === '>' ? order > 0 : order >= 0;
}

/** Returns the number of a value, also of a param that was logged as text; null for none. */
export function numberOf(value: number | string): number | null {
  const number = typeof value === 'number' ? value : value.trim() === '' ? Number.NaN : Number(value);
  return Number.isNaN(number) ? null : number;
}

const spans = new Set(['age', 'duration']);

/** Throws `SearchError` if an attribute that is a time or duration is compared with something else. */
function checkQuantity(name: string, operator: Operator, { number, quantity, text, at }: Literal): void {
  if (operator === '~' || operator === '!~' || (number === 0 && quantity === undefined)) return;
  const attribute = name.toLowerCase();
  if (timeAttributes.has(attribute) && quantity !== 'time')
    throw new SearchError(`${name} is a time. Compare it with a date such as 2026-11-01, or write: age < 7d`, at);
  if (spans.has(attribute) && quantity !== 'duration')
    throw new SearchError(
      `${name} is a duration. Write ${number === null ? '7' : text} with a unit: s, min, h, d or w.`,
      at,
    );
}

/** True if a text contains another, or matches it as a pattern with `*`. Case does not matter. */
export function isLike(text: string, pattern: string): boolean {
  const [low, wanted] = [text.toLowerCase(), pattern.toLowerCase()];
  return wanted.includes('*') ? matchesWildcard(low, wanted) : low.includes(wanted);
}

/** Matches `*` against any characters. Each part is taken at its first place, so time is linear in practice and never exponential. */
function matchesWildcard(text: string, pattern: string): boolean {
  const parts = pattern.split('*');
  const [first, last] = [parts[0] ?? '', parts.at(-1) ?? ''];
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
}
