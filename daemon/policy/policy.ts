import type { Context } from '../context.ts';
import type { ModelRow } from '../db/models.ts';
import { firstSource } from '../db/versions.ts';
import { boundsMetric, type Gate } from './gate-schema.ts';
import type { ModelRule } from './model-schema.ts';
import { readPlinthFile, type PlinthFile } from './parse.ts';
import type { MetricThreshold, PointerRef } from '../protocol/model.ts';
import { matches } from '../shared/glob.ts';
import { boundFile, formerFile, nearestFile, rootFiles, type PolicyText } from './find.ts';
import { directionOf } from '../shared/metrics.ts';

export interface MetricRule {
  direction: 'higher' | 'lower' | null;
  tolerance: number | string | undefined;
}

/** The policy of a model: its stages, metrics, and the gates of its pointers. */
export interface Policy {
  /** In order; `archived` is last. */
  stages: readonly { name: string; exclusive: boolean }[];
  /** The file that applies to the model; null for the built-in default. */
  source: PolicyText | null;
  /** First error of the file with its position; null for none. Nothing is promoted while there is one. */
  problem: string | null;
  rule: ModelRule | null;
  metric(name: string): MetricRule;
}

/** The policy without a file. */
export const defaultPolicy: Policy = {
  stages: [
    { name: 'development', exclusive: false },
    { name: 'staging', exclusive: true },
    { name: 'production', exclusive: true },
    { name: 'archived', exclusive: false },
  ],
  source: null,
  problem: null,
  rule: null,
  metric: (name) => ({ direction: directionOf(name), tolerance: undefined }),
};

/** Reads the policy of a model from its file on disk. */
export function policyOf(ctx: Context, model: ModelRow): Policy {
  const path = firstSource(ctx.db, model.id)?.path ?? '';
  const source = boundFile(ctx, model.id) ?? formerFile(ctx, model.name) ?? nearestFile(ctx, path);
  return source ? policyIn(source, model.name) : policyByName(ctx, model.name);
}

/**
 * Returns the policy of a model without files on disk, such as an MLflow client's: that of the only watched folder whose
 * plinth.yaml names it. A file that names it by more than `*` takes precedence. If several do, nothing is promoted until the user
 * chooses one.
 */
function policyByName(ctx: Context, name: string): Policy {
  const found = rootFiles(ctx).filter((file) => policyIn(file, name) !== defaultPolicy);
  const explicit = found.filter((file) => isNamed(file, name));
  const [source, other] = explicit.length > 0 ? explicit : found;
  if (!source || !other) return source ? policyIn(source, name) : defaultPolicy;
  const problem = `${source.path} and ${other.path} both have rules for ${name}; choose one with: plinth policy ${name} PATH`;
  return { ...defaultPolicy, source, problem };
}

/** Returns true if a file names a model by more than a star. */
export function isNamed(source: PolicyText, model: string): boolean {
  const { rule } = policyIn(source, model);
  return rule !== null && !/^\**$/.test(rule.match);
}

/**
 * Returns the plinth.yaml to which a new model is bound: the one of a deleted model of this name, or the nearest around a file,
 * if it names the model. Undefined for none, and for one with errors.
 */
export function policyFileFor(ctx: Context, file: string, model: string): { path: string; digest: string } | undefined {
  const found = formerFile(ctx, model) ?? nearestFile(ctx, file);
  const source = found && policyIn(found, model).source;
  return source && source.problem === null ? { path: source.path, digest: source.digest } : undefined;
}

/** Returns the policy for a model in a file; the default if the file does not name it. A file with an error applies to every model. */
export function policyIn(source: PolicyText, model: string): Policy {
  const { file, problems } = readPlinthFile(source.text);
  const [first] = problems;
  const problem = source.problem ?? (first && `${source.path}:${first.line}:${first.column}: ${first.message}`);
  if (problem) return { ...defaultPolicy, source, problem: source.problem ? `${source.path}: ${problem}` : problem };
  const index = ruleIndex(file, model);
  const rule = file.models[index];
  if (!rule) return defaultPolicy;
  const metric = (name: string): MetricRule => {
    const own = Object.hasOwn(rule.metrics, name) ? rule.metrics[name] : undefined;
    const words = typeof own === 'string' ? { direction: own } : own;
    const general = Object.hasOwn(file.metrics, name) ? file.metrics[name] : undefined;
    return { direction: words?.direction ?? general ?? directionOf(name), tolerance: words?.tolerance };
  };
  return { stages: stagesIn(rule), source, problem: null, rule, metric };
}

/** Returns the index of the rule that applies to a model; -1 for none. */
export function ruleIndex({ models }: PlinthFile, model: string): number {
  return models.findIndex(({ match }) => matches(model, match));
}

function stagesIn({ stages }: ModelRule): Policy['stages'] {
  if (!stages) return defaultPolicy.stages;
  const named = stages
    .map((stage) => (typeof stage === 'string' ? { name: stage, exclusive: true } : stage))
    .filter(({ name }) => name !== 'development' && name !== 'archived');
  return [{ name: 'development', exclusive: false }, ...named, { name: 'archived', exclusive: false }];
}

/** A gate of a pointer, and the keys below the model's rule that lead to it. */
export interface PlacedGate {
  gate: Gate;
  path: readonly (string | number)[];
}

/** Returns the gates of a pointer, `production` or `@champion`, in the file's order. `*` means every stage, `@*` every alias. */
export function gatesFor(policy: Policy, pointer: string): Gate[] {
  return placedGatesFor(policy, pointer).map(({ gate }) => gate);
}

/** Returns the same gates as `gatesFor`, with the places where the rule names them. */
export function placedGatesFor({ rule }: Policy, pointer: string): PlacedGate[] {
  if (!rule || pointer === 'development' || pointer === 'archived') return [];
  const own = Object.entries(rule.gates).filter(
    ([key]) => key === pointer || key === (pointer.startsWith('@') ? '@*' : '*'),
  );
  const always: PlacedGate[] = [
    ...(rule.tags.length > 0 ? [{ gate: { gate: 'tags' as const, keys: rule.tags }, path: ['tags'] }] : []),
    ...(rule.card.length > 0 ? [{ gate: { gate: 'card' as const, fields: rule.card }, path: ['card'] }] : []),
  ];
  const listed = own.flatMap(([key, gates]) =>
    gates.map((gate, index) => ({ gate: withEvidence(gate, rule.evidence), path: ['gates', key, index] })),
  );
  return [...always, ...listed];
}

/** Returns a gate with its own restriction of evidence, or else the model's. */
function withEvidence(gate: Gate, evidence: ModelRule['evidence']): Gate {
  if (evidence === undefined || !boundsMetric(gate)) return gate;
  return { ...gate, evidence: gate.evidence ?? evidence };
}

/** True if a gate of any stage or alias asks for approvals. */
export function asksApproval({ rule }: Policy): boolean {
  return Object.values(rule?.gates ?? {}).some((gates) => gates.some(({ gate }) => gate === 'approvals'));
}

/** Returns the bounds of metrics that the gates of these pointers set. */
export function thresholdsIn(policy: Policy, places: readonly PointerRef[]): MetricThreshold[] {
  return places.flatMap(({ kind, name }) =>
    gatesFor(policy, kind === 'alias' ? `@${name}` : name).flatMap((gate): MetricThreshold[] => {
      if (gate.gate !== 'metric') return [];
      const { metric, at_least: least, at_most: most } = gate;
      return [
        ...(least === undefined ? [] : [{ kind, name, metric, bound: 'at least' as const, value: least }]),
        ...(most === undefined ? [] : [{ kind, name, metric, bound: 'at most' as const, value: most }]),
      ];
    }),
  );
}

/** Returns the stages and aliases that a model's versions can get: stages in order, then aliases, those in the policy and those that exist. */
export function placesOf({ stages, rule }: Policy, pointers: readonly PointerRef[]): PointerRef[] {
  const open = stages.map(({ name }) => name).filter((name) => name !== 'development' && name !== 'archived');
  const named = rule?.stages ? open : open.toReversed();
  const aliases = Object.keys(rule?.gates ?? {}).filter((key) => key.startsWith('@') && key !== '@*');
  const places: PointerRef[] = [
    ...named.map((name) => ({ kind: 'stage' as const, name })),
    ...pointers.filter(({ kind }) => kind === 'stage'),
    ...aliases.map((key) => ({ kind: 'alias' as const, name: key.slice(1) })),
    ...pointers.filter(({ kind }) => kind === 'alias'),
  ].map(({ kind, name }) => ({ kind, name }));
  return places.filter(
    (place, index) => places.findIndex(({ kind, name }) => kind === place.kind && name === place.name) === index,
  );
}

/** Returns why a model's name breaks the policy; undefined if it does not. */
export function nameProblem({ rule }: Policy, model: string): string | undefined {
  const { pattern, reserved = [] } = rule?.name ?? {};
  if (pattern !== undefined && !matches(model, pattern)) return `the name ${model} does not match ${pattern}`;
  const words = model.toLowerCase().split(/[^\p{L}\p{N}]+/u);
  const word = reserved.find((one) => words.includes(one.toLowerCase()));
  return word === undefined ? undefined : `the name ${model} contains the reserved word ${word}`;
}

export function stageNames(policy: Policy): string[] {
  return policy.stages.map((stage) => stage.name);
}

export function isExclusive(policy: Policy, stage: string): boolean {
  return policy.stages.some((known) => known.name === stage && known.exclusive);
}
