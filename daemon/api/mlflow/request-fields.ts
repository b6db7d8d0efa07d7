import * as z from 'zod';
import { checkKeys } from '../validate.ts';
import type { Service } from '../service.ts';
import type { Caller } from '../../context.ts';
import { oneRead } from '../../db/database.ts';
import type { Json } from '../../protocol/json.ts';
import { fromQuery } from './body.ts';
import { invalid } from './error-handler.ts';

/** Pieces of requests as MLflow's clients send them: unknown fields are ignored, null is absent, int64 may be a text. */

/** Must be there and not empty. */
export const required = z.string().min(1);
/** Empty where it is absent. */
export const text = z.string().default('');
export const maybe = z.string().optional();

/** A whole number; fractions are cut off. Beyond what a double holds exactly it is refused. */
const number = z
  .union([z.number(), z.string().regex(/^-?\d{1,19}(\.\d+)?$/)])
  .transform((value) => Math.trunc(Number(value)))
  .refine((value) => Number.isSafeInteger(value));
export const int = number;
export const maybeInt = number.optional();

const doubles: Record<string, number> = { NaN, Infinity, '-Infinity': -Infinity };

/** A number, or `NaN`, `Infinity`, `-Infinity` or digits as text. */
export const double = z
  .union([z.number(), z.string().regex(/^(NaN|-?Infinity|-?\d+(\.\d*)?(e[+-]?\d+)?)$/i)])
  .transform((value) => (typeof value === 'string' ? (doubles[value] ?? Number(value)) : value));

export const flag = z.union([z.boolean(), z.stringbool()]).default(false);

const lists = new WeakSet<object>();

/** A repeated field; empty where it is absent. */
export function list<T>(item: z.ZodType<T>): z.ZodType<T[]> {
  const schema = z
    .array(item)
    .optional()
    .transform((value) => value ?? []);
  lists.add(schema);
  return schema;
}

export const pair = z.object({ key: required, value: text });
export const pairs = list(pair);

export type Given = Record<string, unknown> & { readonly [fromQuery]?: true };

/** Answers one route: checks the request at the border, then acts. */
export type Handler = (service: Service, given: Given, caller: Caller) => unknown;

/** By `METHOD path`, the path below MLflow's base paths. */
export type Routes = Readonly<Record<string, Handler>>;

export function answer<T>(
  schema: z.ZodType<T>,
  run: (service: Service, request: T, caller: Caller) => unknown,
): Handler {
  return (service, given, caller) => run(service, parse(schema, given), caller);
}

/** As `answer`, for a route that only reads: all it reads is of one state of the registry. */
export function look<T>(schema: z.ZodType<T>, run: (service: Service, request: T) => Json | object): Handler {
  return (service, given) => {
    const request = parse(schema, given);
    return oneRead(service.ctx.db, () => run(service, request));
  };
}

/** The request in its checked form. Throws with MLflow's sentences for what is missing or wrong. */
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

/** One value of a repeated field stands alone in a query. */
function withLists(schema: z.ZodType, given: Given): Given {
  if (!(schema instanceof z.ZodObject)) return given;
  const shape = schema.shape as Record<string, object>;
  const wrapped = Object.entries(given).map(([key, value]) => {
    const field = Object.hasOwn(shape, key) ? shape[key] : undefined;
    return [key, field && lists.has(field) && !Array.isArray(value) ? [value] : value];
  });
  return Object.fromEntries(wrapped) as Given;
}

/** `metrics[0].timestamp` */
function nameOf(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index > 0 ? '.' : ''}${String(key)}`))
    .join('');
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (value === null || typeof value !== 'object') return value;
  const kept = Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined);
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutNulls(inner)]));
}

/** `max_results` within 1 to `most`; `otherwise` where it is absent. */
export function pageSize(value: number | undefined, otherwise: number, most: number): number {
  const size = value ?? otherwise;
  if (size >= 1 && size <= most) return size;
  throw invalid(
    `Invalid value ${size} for parameter 'max_results' supplied. Invalid value for max_results. It must be a positive integer, but at most ${most}`,
  );
}
