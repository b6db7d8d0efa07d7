import * as z from 'zod';
import { RegistryError } from '../errors.ts';

/** Parses a request. Throws `invalid-request` with the field and the expected value. */
export function parseRequest<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue && issue.path.length > 0 ? `${issue.path.join('.')}: ` : '';
  throw new RegistryError('invalid-request', `${where}${issue?.message ?? 'The request is invalid.'}`);
}

const deepest = 64;
const refusedKeys = new Set(['__proto__', 'constructor', 'prototype']);

/** Throws for bodies nested deeper than 64, and for keys that could reach an object's prototype. */
export function checkKeys(value: unknown, depth = 0): void {
  if (value === null || typeof value !== 'object') return;
  if (depth > deepest) throw new RegistryError('invalid-request', `The body is nested deeper than ${deepest} levels.`);
  if (Array.isArray(value)) {
    for (const inner of value) checkKeys(inner, depth + 1);
    return;
  }
  for (const key of Object.keys(value)) {
    if (refusedKeys.has(key)) throw new RegistryError('invalid-request', `The key ${key} is not allowed.`);
    checkKeys((value as Record<string, unknown>)[key], depth + 1);
  }
}
