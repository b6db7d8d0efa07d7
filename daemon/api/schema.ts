import * as z from 'zod';
import { artifactStates } from '../protocol/model.ts';

/** Pieces that the endpoints' schemas are made of. Numbers and flags may come from a query as text. */

export const none = z.strictObject({});

const text = z.string().max(4096);
const cursor = z.string().max(1024).optional();
const limit = z.coerce.number().int().min(1).max(500).optional();
const paged = { cursor, limit };
const reason = z.string().max(2000).optional();
const expected = z.number().int().nullable().optional();
const pointer = { stage: text.optional(), alias: text.optional(), reason, expect: expected };

export const model = z.strictObject({ model: text });
export const version = model.extend({ version: text });
export const page = z.strictObject(paged);
export const modelPage = page.extend({ query: text.optional() });
export const historyPage = model.extend(paged);
export const versionPage = model.extend({ ...paged, all: z.stringbool().optional() });
export const holders = model.extend({ at: z.coerce.number().int().optional() });
export const artifactPage = page.extend({ state: z.enum(artifactStates) });
export const runs = z.strictObject({ status: z.enum(['running', 'finished', 'failed', 'killed']) });
export const comparison = z.strictObject({ versions: text });
export const path = z.strictObject({ path: text });
export const optionalPath = z.strictObject({ path: text.optional() });
export const pattern = z.strictObject({ pattern: z.string().min(1).max(500) });
export const rename = model.extend({ name: text });
const description = { description: z.string() };
export const describe = model.extend(description);
export const describeVersion = version.extend(description);
const tagging = { key: text, value: z.string().nullable() };
export const tag = model.extend(tagging);
export const tagVersion = version.extend(tagging);
export const rollback = model.extend({ ...pointer, to: text.optional() });
export const unalias = model.extend({ alias: text, reason, expect: expected });
export const promote = version.extend(pointer);
export const reasoned = version.extend({ reason });
export const comment = version.extend({ text: z.string() });
export const move = version.extend({ to: text });
export const attach = version.extend({ path: text });
export const undo = z.strictObject({ seq: z.number().int().min(1) });
export const register = z.strictObject({ path: text, model: text.optional(), again: z.boolean().optional() });
export const root = z.strictObject({ root: text });
export const verify = z.strictObject({ model: text.optional(), version: text.optional() });
