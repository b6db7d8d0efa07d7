import * as z from 'zod';
import { maxFilterLength } from '../shared/search/filter-tokens.ts';

/** Parts of the schemas of routes. Numbers and flags may come from a query as text. */

export const text = z.string().max(4096);
const cursor = z.string().max(1024).optional();
const limit = z.coerce.number().int().min(1).max(500).optional();

export const nothing = z.strictObject({});
export const paged = { cursor, limit };
/** A filter and an order, which `shared/search` reads. */
export const searched = { where: z.string().max(maxFilterLength).optional(), sort: z.string().max(1000).optional() };
export const page = z.strictObject(paged);
export const reason = z.string().max(2000).optional();
export const expected = z.number().int().nullable().optional();
export const time = z.coerce.number().int().min(0).optional();

export const ofModel = z.strictObject({ model: text });
export const ofVersion = ofModel.extend({ version: text });
export const ofPath = z.strictObject({ path: text });
/** References separated by commas. */
export const references = { versions: z.string().max(16_384) };

export const description = { description: z.string() };
export const tagging = { key: text, value: z.string().nullable() };
export const pointer = { stage: text.optional(), alias: text.optional() };
export const move = { ...pointer, reason, expect: expected, bypass: z.boolean().optional() };
