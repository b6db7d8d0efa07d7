import { directionOf, type Direction } from '../metrics.ts';
import { byText } from '../text-order.ts';
import { fieldReader, type Field, type FieldReader } from './field.ts';
import { numberOf } from './filter.ts';
import { SearchError } from './filter-tokens.ts';
import { timeAttributes, type Searchable } from './searchable.ts';

type Order = 'asc' | 'desc';

const maxKeys = 8;

/**
 * Returns a function that sorts items by an order such as `val_auc` or `stage, lr desc`. Without `asc` or `desc`, metrics have the
 * best value first (the highest if the name says nothing), times the newest, everything else the lowest. Items without the value
 * come last. Throws `SearchError`.
 */
export function itemSorter(
  text: string,
  direction: (metric: string) => Direction | null = directionOf,
): <T>(items: readonly T[], searchable: (item: T) => Searchable) => T[] {
  const keys = keysOf(text).map(({ name, order }) => ({ name, order, read: fieldReader(name) }));
  return (items, searchable) => {
    const read = items.map((item) => {
      const seen = searchable(item);
      return { item, fields: keys.map((key) => key.read(seen)) };
    });
    const signs = keys.map(({ name, order }, at) =>
      signOf(name, order, direction(name), read.find(({ fields }) => fields[at])?.fields[at]),
    );
    const inOrder = (a: (Field | undefined)[], b: (Field | undefined)[]): number => {
      for (let at = 0; at < keys.length; at += 1) {
        const found = compareFields(a[at], b[at], signs[at] ?? 1);
        if (found !== 0) return found;
      }
      return 0;
    };
    return read.toSorted((a, b) => inOrder(a.fields, b.fields)).map(({ item }) => item);
  };
}

function signOf(name: string, order: Order | undefined, direction: Direction | null, field: Field | undefined): number {
  if (order !== undefined) return order === 'asc' ? 1 : -1;
  if (field?.group === 'metrics') return direction === 'lower' ? 1 : -1;
  return field?.group === 'attributes' && timeAttributes.has(name.toLowerCase()) ? -1 : 1;
}

/** Orders by value: numbers, then texts, then what is unknown, whatever the direction. */
function compareFields(a: Field | undefined, b: Field | undefined, sign: number): number {
  const [left, right] = [valueOf(a), valueOf(b)];
  if (left === null || right === null) return Number(left === null) - Number(right === null);
  if (typeof left === 'number' && typeof right === 'number') return left === right ? 0 : left < right ? -sign : sign;
  if (typeof left === 'number' || typeof right === 'number') return typeof left === 'number' ? -1 : 1;
  return sign * byText(left, right);
}

function valueOf(field: Field | undefined): number | string | null {
  const value = field?.value ?? null;
  if (value === null || value === 'NaN') return null;
  if (typeof value === 'object') return value.length === 0 ? null : value.join(', ');
  return typeof value === 'boolean' ? String(value) : (numberOf(value) ?? value);
}

function keysOf(text: string): { name: string; order: Order | undefined }[] {
  const clauses = [...text.matchAll(/(?:`[^`]*`|[^,`])+/g)];
  if (clauses.length === 0)
    throw new SearchError('The sort order is empty. Write a name, such as val_auc or "lr desc".', 0);
  if (clauses.length > maxKeys) throw new SearchError(`A sort order has at most ${maxKeys} names.`, 0);
  return clauses.map((clause) => {
    const found = /^\s*(?:`([^`]+)`|([^\s`]+))(?:\s+(asc|desc))?\s*$/i.exec(clause[0]);
    if (!found)
      throw new SearchError(
        `Cannot read the sort order at character ${clause.index + 1}: write a name, then asc or desc if needed.`,
        clause.index,
      );
    return { name: found[1] ?? found[2] ?? '', order: found[3]?.toLowerCase() as Order | undefined };
  });
}

/** Returns the names in an order. Throws `SearchError`. */
export function namesInOrder(text: string): string[] {
  return keysOf(text).map(({ name }) => name);
}

/** Returns the readers of columns, such as `version,stage,val_auc`, by name. Throws `SearchError`. */
export function columnsOf(text: string): { name: string; read: FieldReader }[] {
  return [...text.matchAll(/(?:`[^`]*`|[^,`])+/g)]
    .map(([name]) => name.trim().replace(/^`(.*)`$/, '$1'))
    .filter((name) => name !== '')
    .map((name) => ({ name, read: fieldReader(name) }));
}
