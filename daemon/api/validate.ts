import * as z from 'zod';
import { RegistryError } from '../errors.ts';

/** The request in its checked form. Throws `invalid-request` naming the field and what was expected. */
export function parseRequest<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue && issue.path.length > 0 ? `${issue.path.join('.')}: ` : '';
  throw new RegistryError('invalid-request', `${where}${issue?.message ?? 'the request does not fit'}`);
}

const deepest = 64;
const refusedKeys = new Set(['__proto__', 'constructor', 'prototype']);

/** Refuses bodies nested deeper than 64 and keys that could reach an object's prototype. */
export function checkKeys(value: unknown, depth = 0): void {
  if (value === null || typeof value !== 'object') return;
  if (depth > deepest) throw new RegistryError('invalid-request', `the body is nested deeper than ${deepest}`);
  for (const [key, inner] of Object.entries(value)) {
    if (refusedKeys.has(key)) throw new RegistryError('invalid-request', `the key ${key} is refused`);
    checkKeys(inner, depth + 1);
  }
}
