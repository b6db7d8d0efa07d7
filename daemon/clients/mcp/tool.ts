import * as z from 'zod';
import type { Client } from '../client/request.ts';

/** What a tool may use. */
export interface ToolContext {
  client(): Promise<Pick<Client, 'call'>>;
  /** Returns where files of the workspace load a model: `train.py:12 models:/churn/7`. */
  consumers(model: string): Promise<string[]>;
}

/** The result of a tool: facts about all of it, and items of which an answer has as many as fit. */
export interface Listing {
  head?: Record<string, unknown>;
  items?: readonly unknown[];
}

/** A tool for agents, the same over MCP and in VS Code. */
export interface Tool {
  name: string;
  title: string;
  description: string;
  /** JSON Schema of its input. */
  inputSchema: Record<string, unknown>;
  /** Returns the question that a person has to say yes to; absent for a tool that changes nothing. Throws for a wrong input. */
  question?(input: unknown): string;
  /** Throws `ZodError` for a wrong input, the service's refusal, or `SearchError`. */
  run(context: ToolContext, input: unknown): Promise<Listing>;
}

/** Formats a place that loads a model, `train.py:12 churn/7`. `line` counts from 0, `suffix` is the part after the name. */
export function consumerLine(path: string, line: number, model: string, suffix: string): string {
  return `${path}:${line + 1} ${model}${suffix}`;
}

interface ToolParts<S extends z.ZodRawShape> {
  name: string;
  title: string;
  description: string;
  input: S;
  question?(input: z.output<z.ZodObject<S, z.core.$strict>>): string;
  run(context: ToolContext, input: z.output<z.ZodObject<S, z.core.$strict>>): Promise<Listing>;
}

/** Makes a tool whose input is checked before it runs. */
export function tool<S extends z.ZodRawShape>({ input, question, run, ...facts }: ToolParts<S>): Tool {
  const schema = z.strictObject(input);
  const inputSchema = z.toJSONSchema(schema, { io: 'input' }) as Record<string, unknown>;
  return {
    ...facts,
    inputSchema,
    ...(question && { question: (given: unknown) => question(schema.parse(given)) }),
    run: (context, given) => run(context, schema.parse(given)),
  };
}

const name = z.string().min(1).max(300);

/** Parts of the inputs of tools. */
export const fields = {
  reference: name.describe('a version: churn@7, churn@production, churn@champion or churn@latest'),
  model: name.describe('the name of a model'),
  where: z
    .string()
    .max(4096)
    .optional()
    .describe('filter, such as: val_auc > 0.9 and lr < 0.01 and stage = production'),
  sort: z.string().max(500).optional().describe('order, such as: val_auc (best first) or "lr desc"'),
  stage: name.optional().describe('production (default), staging or another stage; an alias is written @champion'),
  reason: z.string().max(1000).describe('why, in one sentence; it is recorded'),
  cursor: z
    .string()
    .regex(/^\d{1,9}$/)
    .optional()
    .describe('`next` of the answer before, for the items after it'),
};
