import * as z from 'zod';

/** Kinds of gates in a plinth.yaml with their keys. Times are like `30d`, `12h`; shares like `1%`. */

const metric = z.string().min(1).max(200);
const share = z.string().regex(/^\d+(\.\d+)?%$/);
const amount = z.union([z.number().min(0), share], { error: 'it must be a number or a share such as 1%' });
const size = z.union([z.number().positive(), z.string().regex(/^\d+(\.\d+)?\s*(B|kB|MB|GB)$/)], {
  error: 'it must be a number or a size such as 100 MB',
});
/** `strict` excludes evidence by place alone and evidence of unknown origin. */
const evidence = z.enum(['any', 'strict']).optional();
const names = z.array(z.string().min(1).max(200)).min(1).max(50);

const gates = [
  z.strictObject({
    gate: z.literal('metric'),
    metric,
    at_least: z.number().optional(),
    at_most: z.number().optional(),
    evidence,
  }),
  z.strictObject({
    gate: z.literal('no_regression'),
    metric,
    tolerance: amount.optional(),
    noise_of: z.number().int().min(2).max(100).optional(),
    evidence,
  }),
  z.strictObject({ gate: z.literal('improvement'), metric, by: amount.optional(), evidence }),
  z.strictObject({
    gate: z.literal('slices'),
    file: z.string().min(1).max(500),
    metric,
    group: z.string().min(1).max(200).default('group'),
    worst: z.number().optional(),
    gap: z.number().min(0).optional(),
  }),
  z.strictObject({ gate: z.literal('same_data') }),
  z.strictObject({
    gate: z.literal('budget'),
    metric: metric.optional(),
    size: z.literal(true).optional(),
    at_most: size,
    evidence,
  }),
  z.strictObject({ gate: z.literal('card'), fields: names }),
  z.strictObject({ gate: z.literal('tags'), keys: names }),
  z.strictObject({ gate: z.literal('evidence'), files: names }),
  z.strictObject({
    gate: z.literal('pickle'),
    allow: z
      .array(z.enum(['no code', 'known imports only', 'runs code']))
      .min(1)
      .default(['no code', 'known imports only']),
  }),
  z.strictObject({ gate: z.literal('git'), clean: z.boolean().default(true), branch: z.string().max(200).optional() }),
  z.strictObject({
    gate: z.literal('lineage'),
    needs: z
      .array(z.enum(['code', 'command', 'environment', 'data']))
      .min(1)
      .default(['code', 'environment']),
  }),
  z.strictObject({
    gate: z.literal('age'),
    at_most: z.string().regex(/^\d+(m|h|d|w)$/, { error: 'it must be a time such as 30d' }),
  }),
  z.strictObject({ gate: z.literal('signature') }),
  z.strictObject({
    gate: z.literal('approvals'),
    count: z.number().int().min(1).max(20).default(1),
    role: z.enum(['contributor', 'approver', 'admin']).default('approver'),
  }),
  z.strictObject({
    gate: z.literal('command'),
    run: z.string().min(1).max(2000),
    timeout: z
      .string()
      .regex(/^\d+(s|m|h)$/)
      .default('10m'),
    result: z.string().max(500).optional(),
  }),
] as const;

export const gateSchema = z.discriminatedUnion('gate', gates);
export type Gate = z.infer<typeof gateSchema>;
export type GateOf<K extends Gate['gate']> = Extract<Gate, { gate: K }>;

/** Returns true for a gate on a metric, which may restrict its evidence. */
export function boundsMetric(gate: Gate): gate is GateOf<'metric' | 'no_regression' | 'improvement' | 'budget'> {
  return ['metric', 'no_regression', 'improvement', 'budget'].includes(gate.gate);
}

export const gateKinds = gates.map((one) => one.shape.gate.value);

/** Converts `30d`, `12h`, `90s` to ms. */
export function timeOf(text: string): number {
  const units = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 };
  return Number(text.slice(0, -1)) * (units[text.at(-1) as keyof typeof units] ?? Number.NaN);
}

/** Converts `100 MB` to bytes; a number is returned unchanged. */
export function bytesOf(text: string | number): number {
  if (typeof text === 'number') return text;
  const [, value = '', unit = 'B'] = /^([\d.]+)\s*(B|kB|MB|GB)$/.exec(text) ?? [];
  return Number(value) * { B: 1, kB: 1e3, MB: 1e6, GB: 1e9 }[unit as 'B' | 'kB' | 'MB' | 'GB'];
}
