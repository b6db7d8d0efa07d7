import * as z from 'zod';
import { modelRuleSchema, type ModelRule } from './model-schema.ts';

/** How a folder's artifacts are named and registered. */
export interface WatchRule {
  /** Glob of folders relative to the file. `{model}`, `{run}` and the placeholders in `model` each match a part of one name. */
  path: string;
  /** Name of the model, with placeholders of the path. Null: `{model}` in the path, if it has one. */
  model: string | null;
  /** Which artifacts of a run become versions. */
  register: 'final' | 'best' | 'every' | 'manual';
  /** Metric that decides which is best. */
  metric: string | null;
  /** Globs below the path. If there are any, only these files are considered. */
  include: string[];
  ignore: string[];
}

export interface PlinthFile {
  watch: WatchRule[];
  /** Direction of each metric. */
  metrics: Record<string, 'higher' | 'lower'>;
  /** The first entry that matches a model's name applies to it. */
  models: ModelRule[];
}

/** A placeholder for a part of a folder's name, such as `{run}`. */
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

/** The meaning of an empty file. */
export const emptyPlinthFile: PlinthFile = { watch: [], metrics: {}, models: [] };

/** Returns the JSON Schema (draft 2020-12) of a plinth.yaml, for editors. */
export function plinthJsonSchema(): object {
  return { title: 'plinth.yaml', ...z.toJSONSchema(fileSchema, { io: 'input' }) };
}
