import type { Database, Row } from './database.ts';
import { addLike } from './sql-like.ts';

export type Operator =
  '=' | '!=' | '<' | '<=' | '>' | '>=' | 'LIKE' | 'ILIKE' | 'IN' | 'NOT IN' | 'IS NULL' | 'IS NOT NULL';

export type SearchField = 'attribute' | 'tag' | 'param' | 'metric' | 'dataset';

export interface Condition {
  on: SearchField;
  key: string;
  operator: Operator;
  /** A list for IN and NOT IN; null for IS NULL and IS NOT NULL. */
  value: string | number | readonly string[] | null;
}

export interface Ordering {
  on: SearchField;
  key: string;
  descending: boolean;
}

/** Keyed values of a searchable thing. `exists` and `value` are SQL with the key as their only parameter. */
export interface Collection {
  /** `FROM … WHERE …` up to and including the key's `= ?`. */
  from: string;
  value: string;
  /** SQL for "this value is no number", if that is possible. */
  nan?: string;
}

/** Declares what can be searched. Only these texts, and bound parameters, get into the statement. */
export interface Searchable {
  select: string;
  from: string;
  /** SQL by attribute. */
  attributes: Readonly<Record<string, string>>;
  /** SQL for "this attribute is ?", if an index needs another form than the plain comparison. */
  equals?: Readonly<Record<string, string>>;
  collections: Readonly<Partial<Record<SearchField, Collection>>>;
}

export interface Search {
  /** SQL that restricts the search, with its parameters. */
  base: { sql: string; values: readonly (string | number)[] };
  conditions: readonly Condition[];
  order: readonly Ordering[];
  /** SQL of the order among equal rows. */
  tie: string;
  limit: number;
  offset: number;
}

/** Returns the rows that match every condition. Rows without a value to order by come last. */
export function search(db: Database, what: Searchable, asked: Search): Row[] {
  addLike(db);
  const values: (string | number)[] = [...asked.base.values];
  const conditions = asked.conditions.map((condition) => conditionSql(what, condition, values));
  const where = [asked.base.sql, ...conditions].join(' AND ');
  const order = [...asked.order.flatMap((ordering) => orderSql(what, ordering, values)), asked.tie].join(', ');
  const text = `SELECT ${what.select} FROM ${what.from} WHERE ${where} ORDER BY ${order} LIMIT ? OFFSET ?`;
  return prepared(db, text).all(...values, asked.limit, asked.offset);
}

/** Statements that are cached for each database. Clients repeat theirs, but the number of possible ones is unlimited. */
const maxPrepared = 100;
const statements = new WeakMap<Database, Map<string, ReturnType<Database['sql']>>>();

function prepared(db: Database, text: string): ReturnType<Database['sql']> {
  const known = statements.get(db) ?? new Map<string, ReturnType<Database['sql']>>();
  statements.set(db, known);
  const statement = known.get(text) ?? db.raw.prepare<unknown[], Row>(text);
  known.delete(text);
  known.set(text, statement);
  for (const oldest of known.keys()) {
    if (known.size <= maxPrepared) break;
    known.delete(oldest);
  }
  return statement;
}

function conditionSql(what: Searchable, condition: Condition, values: (string | number)[]): string {
  const { on, key, operator } = condition;
  const direct = on === 'attribute' && operator === '=' ? what.equals?.[key] : undefined;
  if (direct !== undefined && typeof condition.value === 'string') {
    values.push(condition.value);
    return direct;
  }
  if (on === 'attribute') return comparison(attributeOf(what, key), condition, values);
  const { from, value, nan } = collectionOf(what, on);
  values.push(key);
  if (operator === 'IS NULL') return `NOT EXISTS (SELECT 1 ${from})`;
  if (operator === 'IS NOT NULL') return `EXISTS (SELECT 1 ${from})`;
  const number = nan === undefined ? '' : ` AND NOT ${nan}`;
  return `EXISTS (SELECT 1 ${from}${number} AND ${comparison(value, condition, values)})`;
}

function comparison(sql: string, { operator, value }: Condition, values: (string | number)[]): string {
  if (operator === 'IS NULL' || operator === 'IS NOT NULL') return `${sql} ${operator}`;
  if (typeof value === 'object') {
    values.push(JSON.stringify(value ?? []));
    return `${sql} ${operator === 'NOT IN' ? 'NOT IN' : 'IN'} (SELECT value FROM json_each(?))`;
  }
  if (operator === 'LIKE') return likeSql(sql, String(value), values);
  values.push(value);
  if (operator === 'ILIKE') return `is_ilike(${sql}, ?)`;
  return `${sql} ${operator} ?`;
}

/** Returns SQL for a LIKE condition. SQLite itself compares beginnings, as a call of our function for every row is slow. */
function likeSql(sql: string, pattern: string, values: (string | number)[]): string {
  const start = /^[^%_]+(?=%$)/.exec(pattern)?.[0];
  if (start === undefined) {
    values.push(pattern);
    return `is_like(${sql}, ?)`;
  }
  values.push(Array.from(start).length, start);
  return `substr(${sql}, 1, ?) = ?`;
}

function orderSql(what: Searchable, { on, key, descending }: Ordering, values: (string | number)[]): string[] {
  const direction = descending ? 'DESC' : 'ASC';
  if (on === 'attribute') return [`${attributeOf(what, key)} ${direction} NULLS LAST`];
  const { from, value, nan } = collectionOf(what, on);
  values.push(key);
  if (nan === undefined) return [`(SELECT ${value} ${from}) ${direction} NULLS LAST`];
  values.push(key);
  return [`coalesce((SELECT ${nan} ${from}), 2)`, `(SELECT ${value} ${from}) ${direction}`];
}

function attributeOf(what: Searchable, key: string): string {
  const sql = Object.hasOwn(what.attributes, key) ? what.attributes[key] : undefined;
  if (sql === undefined) throw new Error('a search names an attribute that there is not');
  return sql;
}

function collectionOf(what: Searchable, on: SearchField): Collection {
  const found = what.collections[on];
  if (!found) throw new Error('a search names a place that there is not');
  return found;
}
