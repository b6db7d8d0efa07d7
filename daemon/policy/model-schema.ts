import * as z from 'zod';
import { gateSchema } from './gate-schema.ts';

/** Schema of `models` in a plinth.yaml: owners, names, stages and gates. */

const glob = z.string().min(1).max(200).describe('A glob: * matches any characters except a slash.');
const word = z.string().min(1).max(200);
const words = z.array(word).max(50);
const stageName = z.string().regex(/^[a-z][a-z0-9_-]{0,49}$/, {
  error: 'it must be a stage: small letters, digits, _ or -, beginning with a letter',
});
const direction = z.enum(['higher', 'lower']);
const tolerance = z.union([z.number().min(0), z.string().regex(/^\d+(\.\d+)?%$/)], {
  error: 'it must be a number or a share such as 1%',
});

export const metricWordsSchema = z.union(
  [direction, z.strictObject({ direction: direction.optional(), tolerance: tolerance.optional() })],
  { error: 'it must be higher, lower, or a mapping of direction and tolerance' },
);

export const stageSchema = z.union(
  [stageName, z.strictObject({ name: stageName, exclusive: z.boolean().default(true) })],
  {
    error: 'it must be the name of a stage, or a mapping of name and exclusive',
  },
);

export const nameRuleSchema = z.strictObject({
  pattern: glob.optional().describe('Every name must match it.'),
  reserved: words.default([]).describe('Words that no name may have, alone or between separators.'),
});

export const retentionSchema = z.strictObject({
  keep: z.number().int().min(1).max(100_000).optional().describe('This many of the newest versions are kept.'),
  days: z.number().int().min(1).max(10_000).optional().describe('Versions that are not older than this are kept.'),
  act: z.enum(['archive', 'delete']).default('archive').describe('The action that is proposed for the others.'),
});

export const deploymentSchema = z.strictObject({
  run: z.string().min(1).max(2000).describe('A command; it runs only while the file is trusted.'),
  timeout: z
    .string()
    .regex(/^\d+(s|m|h)$/, { error: 'it must be a time such as 10m' })
    .default('10m'),
});

export const modelRuleSchema = z.strictObject({
  match: glob.describe('The models it applies to. The first entry that matches a model applies.'),
  owner: word.optional().describe('The owner of these models.'),
  name: nameRuleSchema.optional(),
  tags: words.default([]).describe('Tags that model or version must have before any pointer moves to it.'),
  stages: z.array(stageSchema).max(20).optional().describe('In this order; development and archived always exist.'),
  metric: word.optional().describe('The metric that represents these models in lists and charts.'),
  metrics: z.record(word, metricWordsSchema).default({}),
  evidence: z
    .enum(['any', 'strict'])
    .optional()
    .describe(
      'strict: gates accept a metric only if its file is known to belong to the version, not because of its place.',
    ),
  card: words.default([]).describe('Fields that the card must fill before any pointer moves.'),
  bytes: z
    .enum(['owned', 'external'])
    .optional()
    .describe('external: exclusive stages also accept versions whose bytes Plinth does not store.'),
  gates: z
    .record(word, z.array(gateSchema).max(50))
    .default({})
    .describe('By stage or @alias; * means every stage, @* every alias.'),
  retention: retentionSchema
    .optional()
    .describe('The versions that a clean-up proposes to remove; it does nothing itself.'),
  deployment: z
    .record(word, deploymentSchema)
    .default({})
    .describe('By stage or @alias: the command that runs after it moved to a version.'),
});

export type ModelRule = z.infer<typeof modelRuleSchema>;
export type Retention = z.infer<typeof retentionSchema>;
export type Deployment = z.infer<typeof deploymentSchema>;
export type MetricWords = z.infer<typeof metricWordsSchema>;
