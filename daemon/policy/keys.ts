import { gateKinds, gateSchema } from './gate-schema.ts';
import { deploymentSchema, modelRuleSchema, nameRuleSchema, retentionSchema } from './model-schema.ts';
import { fileSchema, watchRuleSchema } from './schema.ts';

/** Lists the keys of a mapping, or the kinds of gates, that are allowed at a path of a plinth.yaml. */
export function keysAt(path: readonly PropertyKey[], whole: unknown): string[] {
  const [section, , part] = path;
  if (section === 'watch') return Object.keys(watchRuleSchema.shape);
  if (section !== 'models') return Object.keys(fileSchema.shape);
  if (part === 'name') return Object.keys(nameRuleSchema.shape);
  if (part === 'metrics') return ['direction', 'tolerance'];
  if (part === 'retention') return Object.keys(retentionSchema.shape);
  if (part === 'deployment') return Object.keys(deploymentSchema.shape);
  if (part === 'stages') return ['name', 'exclusive'];
  if (part !== 'gates') return Object.keys(modelRuleSchema.shape);
  return path.at(-1) === 'gate' ? gateKinds : gateKeys(valueAt(whole, [...path, 'gate']));
}

function gateKeys(kind: unknown): string[] {
  const known = gateSchema.options.find((option) => option.shape.gate.value === kind);
  return known ? Object.keys(known.shape) : ['gate'];
}

/** Returns the value at a path; undefined for none. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let inner = value;
  for (const part of path) {
    if (typeof inner !== 'object' || inner === null) return undefined;
    inner = (inner as Record<PropertyKey, unknown>)[part];
  }
  return inner;
}
