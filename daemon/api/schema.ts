import * as z from 'zod';
import { artifactStates } from '../protocol/model.ts';
import { roles } from '../protocol/token.ts';
import { maxPoints, usualPoints } from '../protocol/series.ts';

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
export const trackedRun = z.strictObject({ run: text });
export const version = model.extend({ version: text });
export const page = z.strictObject(paged);
export const modelPage = page.extend({ query: text.optional() });
export const historyPage = model.extend(paged);
export const versionPage = model.extend({ ...paged, all: z.stringbool().optional() });
export const holders = model.extend({ at: z.coerce.number().int().optional() });
export const artifactPage = page.extend({ state: z.enum(artifactStates) });
export const runs = z.strictObject({ status: z.enum(['running', 'finished', 'failed', 'killed']) });
const references = { versions: z.string().max(16_384) };
export const comparison = z.strictObject(references);
export const points = z.strictObject({
  ...references,
  metric: text,
  points: z.coerce.number().int().min(4).max(maxPoints).default(usualPoints),
});
export const bisection = model.extend({
  metric: text,
  good: text.optional(),
  bad: text.optional(),
  tolerance: z.coerce.number().min(0).max(10).optional(),
});
export const tensors = z.strictObject({
  baseline: text,
  candidate: text,
  norms: z.boolean().optional(),
  job: z.string().min(1).max(200).optional(),
});
export const job = z.strictObject({ job: z.string().min(1).max(200) });
export const path = z.strictObject({ path: text });
export const optionalPath = z.strictObject({ path: text.optional() });
export const stop = z.strictObject({ unlessInUse: z.boolean().optional() });
export const pattern = z.strictObject({ pattern: z.string().min(1).max(500) });
export const rename = model.extend({ name: text });
const description = { description: z.string() };
export const chooseMetric = model.extend({ metric: z.string().min(1).max(200).nullable() });
export const describe = model.extend(description);
export const describeVersion = version.extend(description);
const tagging = { key: text, value: z.string().nullable() };
export const tag = model.extend(tagging);
export const tagVersion = version.extend(tagging);
export const rollback = model.extend({ ...pointer, to: text.optional(), bypass: z.boolean().optional() });
export const unalias = model.extend({ alias: text, reason, expect: expected });
const bypass = z.boolean().optional();
export const promote = version.extend({ ...pointer, bypass });
const place = { stage: text.optional(), alias: text.optional() };
export const gates = version.extend(place);
export const gateHistory = model.extend(place);
export const askApproval = version.extend({ ...place, reason, days: z.number().int().min(1).max(365).optional() });
export const approve = version.extend({ ...place, comment: text.optional() });
export const reject = version.extend({ ...place, comment: text });
export const reasoned = version.extend({ reason });
export const comment = version.extend({ text: z.string() });
export const move = version.extend({ to: text });
export const card = model.extend({ text: z.string() });
export const captured = version.extend({ path: text });
export const attach = version.extend({ path: text });
const globs = z.array(z.string().min(1).max(200)).max(50).optional();
export const token = z.strictObject({
  owner: text,
  role: z.enum(roles),
  models: globs,
  pointers: globs,
  days: z.number().int().min(1).max(3650).optional(),
  again: z.boolean().optional(),
});
export const trust = z.strictObject({ path: text, digest: text.optional() });
export const policy = model.extend({ path: text });
const time = z.coerce.number().int().min(0).optional();
const filter = { model: text.optional(), actor: text.optional(), action: text.optional(), from: time, to: time };
export const letGo = z.strictObject({ versions: z.array(text).min(1).max(10_000), reason });
export const review = z.strictObject({ model: text.optional() });
export const audit = page.extend(filter);
export const id = z.strictObject({ id: text });
export const undo = z.strictObject({ seq: z.number().int().min(1) });
export const register = z.strictObject({ path: text, model: text.optional(), again: z.boolean().optional() });
export const importing = z.strictObject({ path: text, anywhere: z.boolean().optional() });
export const root = z.strictObject({ root: text });
const logHead = z.strictObject({ seq: z.number().int().min(0), hash: z.string().regex(/^[0-9a-f]{64}$/) });
export const verify = z.strictObject({
  model: text.optional(),
  version: text.optional(),
  heads: z.array(logHead).max(1000).optional(),
});
