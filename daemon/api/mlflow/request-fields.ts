import * as z from 'zod';
import { checkKeys } from '../validate.ts';
import type { Touches } from '../../access/rights.ts';
import type { Role } from '../../protocol/token.ts';
import { touchesOf, type Touching } from '../route.ts';
import type { Service } from '../service.ts';
import type { Caller } from '../../context.ts';
import { oneRead } from '../../db/database.ts';
import type { Json } from '../../protocol/json.ts';
import { fromQuery, type Given } from './body.ts';
import { invalid } from './error-handler.ts';

/** Fields of requests in the form of MLflow's clients: unknown ones are ignored, null counts as absent, int64 may be text. */

/** A text that must not be empty. */
export const required = z.string().min(1);
/** A text; empty if absent. */
export const text = z.string().default('');
export const maybe = z.string().optional();

/** A whole number; fractions are cut off. Refused beyond what a double holds exactly. */
const number = z
  .union([z.number(), z.string().regex(/^-?\d{1,19}(\.\d+)?$/)])
  .transform((value) => Math.trunc(Number(value)))
  .refine((value) => Number.isSafeInteger(value));
export const int = number;
export const maybeInt = number.optional();

const doubles: Record<string, number> = { NaN, Infinity, '-Infinity': -Infinity };

/** A number; as text also `NaN`, `Infinity`, `-Infinity` or digits. */
export const double = z
  .union([z.number(), z.string().regex(/^(NaN|-?Infinity|-?\d+(\.\d*)?(e[+-]?\d+)?)$/i)])
  .transform((value) => (typeof value === 'string' ? (doubles[value] ?? Number(value)) : value));

export const flag = z.union([z.boolean(), z.stringbool()]).default(false);

const lists = new WeakSet<object>();

/** A list; empty if absent. */
export function list<T>(item: z.ZodType<T>): z.ZodType<T[]> {
  const schema = z
    .array(item)
    .optional()
    .transform((value) => value ?? []);
  lists.add(schema);
  return schema;
}

/**
 * A list of many items. `isFinal` accepts an item that needs no conversion. Only a list with another one is given to the schema,
 * which takes many times as long for each item.
 */
export function longList<T>(item: z.ZodType<T>, isFinal: (value: unknown) => value is T): z.ZodType<T[]> {
  const schema = list(item);
  const read = (value: unknown, context: z.RefinementCtx): T[] => {
    if (Array.isArray(value) && value.every(isFinal)) return value;
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    for (const { path, message } of parsed.error.issues) context.addIssue({ code: 'custom', path, message });
    return z.NEVER;
  };
  return z.unknown().optional().transform(read);
}

export const pair = z.object({ key: required, value: text });
export const pairs = list(pair);

/** A checked request: what it touches, and the function that answers it. */
export interface Checked {
  touches: Touches;
  act(service: Service, caller: Caller): unknown;
}

/** A route: who may call it, and how its request is checked. `check` throws MLflow's errors. */
export interface RouteRow {
  role: Role;
  schema: z.ZodType;
  touches: Touching<never>;
  check(given: Given): Checked;
}

/** Routes by `METHOD path`, the path below MLflow's base paths. */
export type Routes = Readonly<Record<string, RouteRow>>;

interface Change<T> {
  role: Role;
  schema: z.ZodType<T>;
  touches: Touching<T>;
  handler(service: Service, request: T, caller: Caller): unknown;
}

/** Makes a route that changes something. */
export function change<T>({ role, schema, touches, handler }: Change<T>): RouteRow {
  const check = (given: Given): Checked => {
    const request = parse(schema, given);
    return { touches: touchesOf(touches, request), act: (service, caller) => handler(service, request, caller) };
  };
  return { role, schema, touches, check };
}

/** Makes a route that only reads, for viewers. All that it reads before its first `await` is of one state of the registry. */
export function read<T>(schema: z.ZodType<T>, handler: (service: Service, request: T) => Json | object): RouteRow {
  const check = (given: Given): Checked => {
    const request = parse(schema, given);
    return { touches: 'nothing', act: (service) => oneRead(service.ctx.db, () => handler(service, request)) };
  };
  return { role: 'viewer', schema, touches: 'nothing', check };
}

export function touchesName({ name }: { name: string }): Touches {
  return { models: [name] };
}

/** Parses a request. Throws MLflow's sentences for missing and wrong fields. */
export function parse<T>(schema: z.ZodType<T>, given: Given): T {
  checkKeys(given);
  const value = withoutNulls(fromQuery in given ? withLists(schema, given) : given);
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const path = parsed.error.issues[0]?.path ?? [];
  const found = path.reduce<unknown>((at, key) => (at as Given | undefined)?.[key as string], value);
  const name = nameOf(path);
  if (found === undefined || found === '') throw invalid(`Missing value for required parameter '${name}'.`);
  throw invalid(`Invalid value ${JSON.stringify(found).slice(0, 200)} for parameter '${name}' supplied.`);
}

/** Wraps the single value of a list field in a query. */
function withLists(schema: z.ZodType, given: Given): Given {
  if (!(schema instanceof z.ZodObject)) return given;
  const shape = schema.shape as Record<string, object>;
  const wrapped = Object.entries(given).map(([key, value]) => {
    const field = Object.hasOwn(shape, key) ? shape[key] : undefined;
    return [key, field && lists.has(field) && !Array.isArray(value) ? [value] : value];
  });
  return Object.fromEntries(wrapped) as Given;
}

/** Formats a field's path: `metrics[0].timestamp`. */
function nameOf(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index > 0 ? '.' : ''}${String(key)}`))
    .join('');
}

/** Removes null fields. A request without any, as nearly all are, is returned unchanged. */
function withoutNulls(value: unknown): unknown {
  if (!holdsNull(value)) return value;
  if (Array.isArray(value)) return value.map(withoutNulls);
  const kept = Object.entries(value as object).filter(([, inner]) => inner !== null && inner !== undefined);
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutNulls(inner)]));
}

/** Returns true if a value is, or contains, an object or list with a null field. */
function holdsNull(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(holdsNull);
  const fields = value as Given;
  for (const key in fields)
    if (fields[key] === null || fields[key] === undefined || holdsNull(fields[key])) return true;
  return false;
}

/** Returns `max_results` within 1 to `most`, `otherwise` if absent. Throws for others. */
export function pageSize(value: number | undefined, otherwise: number, most: number): number {
  const size = value ?? otherwise;
  if (size >= 1 && size <= most) return size;
  throw invalid(
    `Invalid value ${size} for parameter 'max_results' supplied. Invalid value for max_results. It must be a positive integer, but at most ${most}`,
  );
}
