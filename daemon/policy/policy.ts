import type { Context } from '../context.ts';
import type { ModelRow } from '../db/models.ts';
import { firstVersion } from '../db/versions.ts';
import { boundsMetric, type Gate } from './gate-schema.ts';
import type { ModelRule } from './model-schema.ts';
import { readPlinthFile } from './parse.ts';
import type { PointerRef } from '../protocol/model.ts';
import { matches } from '../shared/glob.ts';
import { boundFile, formerFile, nearestFile, rootFiles, type PolicyText } from './find.ts';
import { directionOf } from '../shared/metrics.ts';

export interface MetricRule {
  direction: 'higher' | 'lower' | null;
  tolerance: number | string | undefined;
}

/** Which stages a model has, how a pointer may move, and what must hold before. */
export interface Policy {
  /** In order, `archived` last. */
  stages: readonly { name: string; exclusive: boolean }[];
  /** The file that speaks of the model; null for the embedded default. */
  source: PolicyText | null;
  /** The first error of the file, with its place; null where there is none. Nothing is promoted while there is one. */
  problem: string | null;
  rule: ModelRule | null;
  metric(name: string): MetricRule;
}

/** Applies where no file says otherwise. */
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

/** Reads the policy of a model, from its file as it is now. */
export function policyOf(ctx: Context, model: ModelRow): Policy {
  const path = firstVersion(ctx.db, model.id)?.body.source.path ?? '';
  const source = boundFile(ctx, model.id) ?? formerFile(ctx, model.name) ?? nearestFile(ctx, path);
  return source ? policyIn(source, model.name) : policyByName(ctx, model.name);
}

/**
 * What holds for a model that has no place on disk, as one that an MLflow client made: what the one watched folder says whose
 * plinth.yaml names it. One that names it by more than `*` goes first; where several do, nothing is promoted until one is chosen.
 */
function policyByName(ctx: Context, name: string): Policy {
  const found = rootFiles(ctx).filter((file) => policyIn(file, name) !== defaultPolicy);
  const explicit = found.filter((file) => isNamed(file, name));
  const [source, other] = explicit.length > 0 ? explicit : found;
  if (!source || !other) return source ? policyIn(source, name) : defaultPolicy;
  const problem = `${source.path} and ${other.path} both have rules for ${name}; choose one with: plinth policy ${name} PATH`;
  return { ...defaultPolicy, source, problem };
}

/** True where a file names a model by more than a star. */
export function isNamed(source: PolicyText, model: string): boolean {
  const { rule } = policyIn(source, model);
  return rule !== null && !/^\**$/.test(rule.match);
}

/** The plinth.yaml around a file that speaks of a model by name, or that spoke of it before it was deleted: the one that a new model is bound to. */
export function policyFileFor(ctx: Context, file: string, model: string): { path: string; digest: string } | undefined {
  const found = formerFile(ctx, model) ?? nearestFile(ctx, file);
  const source = found && policyIn(found, model).source;
  return source && source.problem === null ? { path: source.path, digest: source.digest } : undefined;
}

/** Finds the policy for a model in a file; undefined where the file does not speak of it. A file with an error speaks of every model. */
export function policyIn(source: PolicyText, model: string): Policy {
  const { file, problems } = readPlinthFile(source.text);
  const [first] = problems;
  const problem = source.problem ?? (first && `${source.path}:${first.line}:${first.column}: ${first.message}`);
  if (problem) return { ...defaultPolicy, source, problem: source.problem ? `${source.path}: ${problem}` : problem };
  const rule = file.models.find(({ match }) => matches(model, match));
  if (!rule) return defaultPolicy;
  const metric = (name: string): MetricRule => {
    const own = Object.hasOwn(rule.metrics, name) ? rule.metrics[name] : undefined;
    const words = typeof own === 'string' ? { direction: own } : own;
    const general = Object.hasOwn(file.metrics, name) ? file.metrics[name] : undefined;
    return { direction: words?.direction ?? general ?? directionOf(name), tolerance: words?.tolerance };
  };
  return { stages: stagesIn(rule), source, problem: null, rule, metric };
}

function stagesIn({ stages }: ModelRule): Policy['stages'] {
  if (!stages) return defaultPolicy.stages;
  const named = stages
    .map((stage) => (typeof stage === 'string' ? { name: stage, exclusive: true } : stage))
    .filter(({ name }) => name !== 'development' && name !== 'archived');
  return [{ name: 'development', exclusive: false }, ...named, { name: 'archived', exclusive: false }];
}

/** The gates of a pointer, `production` or `@champion`, in the file's order; `*` stands for every stage, `@*` for every alias. */
export function gatesFor({ rule }: Policy, pointer: string): Gate[] {
  if (!rule || pointer === 'development' || pointer === 'archived') return [];
  const own = Object.entries(rule.gates).filter(
    ([key]) => key === pointer || key === (pointer.startsWith('@') ? '@*' : '*'),
  );
  const always: Gate[] = [
    ...(rule.tags.length > 0 ? [{ gate: 'tags' as const, keys: rule.tags }] : []),
    ...(rule.card.length > 0 ? [{ gate: 'card' as const, fields: rule.card }] : []),
  ];
  return [...always, ...own.flatMap(([, gates]) => gates.map((gate) => withEvidence(gate, rule.evidence)))];
}

/** Which evidence a gate takes is its own word, else the model's. */
function withEvidence(gate: Gate, evidence: ModelRule['evidence']): Gate {
  if (evidence === undefined || !boundsMetric(gate)) return gate;
  return { ...gate, evidence: gate.evidence ?? evidence };
}

/** Where a model's versions may be put: its stages in their order, the aliases that the rules name, and those that there are. */
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

/** Why a model's name breaks the rule for names; undefined when it does not. */
export function nameProblem({ rule }: Policy, model: string): string | undefined {
  const { pattern, reserved = [] } = rule?.name ?? {};
  if (pattern !== undefined && !matches(model, pattern)) return `the name ${model} does not match ${pattern}`;
  const words = model.toLowerCase().split(/[^\p{L}\p{N}]+/u);
  const word = reserved.find((one) => words.includes(one.toLowerCase()));
  return word === undefined ? undefined : `the name ${model} holds the reserved word ${word}`;
}

export function stageNames(policy: Policy): string[] {
  return policy.stages.map((stage) => stage.name);
}

export function isExclusive(policy: Policy, stage: string): boolean {
  return policy.stages.some((known) => known.name === stage && known.exclusive);
}
