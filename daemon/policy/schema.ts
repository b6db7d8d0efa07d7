import * as z from 'zod';
import { modelRuleSchema, type ModelRule } from './model-schema.ts';

/** How a folder's artifacts are named and registered. */
export interface WatchRule {
  /** Glob of folders relative to the file; `{model}`, `{run}` and what `model` names each stand for a part of one name. */
  path: string;
  /** The model's name; `{…}` stands for that part of the path. Null: `{model}` of the path, where it has one. */
  model: string | null;
  /** Which artifact of a run becomes a version. */
  register: 'final' | 'best' | 'every' | 'manual';
  /** The metric that tells the best. */
  metric: string | null;
  /** Globs below the path: only these are looked at, where any are given. */
  include: string[];
  ignore: string[];
}

export interface PlinthFile {
  watch: WatchRule[];
  /** Which way each metric is better. */
  metrics: Record<string, 'higher' | 'lower'>;
  /** The first entry that matches a model's name holds for it. */
  models: ModelRule[];
}

/** A whole text that stands for a part of a folder's name, such as `{run}`. */
export const placeholder = /^\{[a-z_][a-z0-9_]*\}$/i;

export const watchRuleSchema = z.strictObject({
  path: z.string().min(1).max(500),
  model: z.string().trim().min(1).max(200).nullable().default(null),
  register: z.enum(['final', 'best', 'every', 'manual']).default('final'),
  metric: z.string().min(1).max(200).nullable().default(null),
  include: z.array(z.string().max(500)).max(100).default([]),
  ignore: z.array(z.string().max(500)).max(100).default([]),
});

export const fileSchema = z.strictObject({
  watch: z.array(watchRuleSchema).max(100).default([]),
  metrics: z.record(z.string().max(200), z.enum(['higher', 'lower'])).default({}),
  models: z.array(modelRuleSchema).max(100).default([]),
});

/** The defaults: what an empty file means. */
export const emptyPlinthFile: PlinthFile = { watch: [], metrics: {}, models: [] };

/** The JSON Schema (draft 2020-12) by which editors help to write a plinth.yaml. */
export function plinthJsonSchema(): object {
  return { title: 'plinth.yaml', ...z.toJSONSchema(fileSchema, { io: 'input' }) };
}
