import { stages, type Model, type Pointer } from '../../../protocol/model.ts';
import { closestNames } from '../similar-names.ts';
import { referenceTo } from '../../../shared/references.ts';
import type { ModelReference } from './reference.ts';
import { formerReferences, liveVersions, type KnownVersion, type Registry } from '../mirror/reducer.ts';

export type Resolved =
  /** The registry, or that version, is not loaded yet. */
  | { kind: 'unread'; model: Model | null; number: number | null }
  /** The reference names no version. */
  | { kind: 'model'; model: Model }
  /** `pointer`: the stage or alias that the reference named. */
  | { kind: 'version'; model: Model; version: KnownVersion; pointer: Pointer | null }
  /** `closest`: similar names, the most likely first. */
  | {
      kind: 'unknown';
      what: 'model' | 'version' | 'stage' | 'alias';
      name: string;
      model: Model | null;
      closest: string[];
    }
  /** The stage exists and has no current version. */
  | { kind: 'vacant'; model: Model; stage: string };

/** Resolves a reference in the loaded registry. Pure. */
export function resolve(registry: Registry, { model: name, selector }: ModelReference): Resolved {
  if (registry.asOf === null) return { kind: 'unread', model: null, number: null };
  const model = registry.models.get(name);
  if (!model) return formerly(registry, name, selector);
  switch (selector.kind) {
    case 'none':
      return { kind: 'model', model };
    case 'latest':
      return model.latest === null ? { kind: 'model', model } : numbered(registry, model, model.latest, null);
    case 'number':
      return numbered(registry, model, selector.number, null);
    case 'stage':
      return staged(registry, model, selector.name);
    case 'alias':
      return aliased(registry, model, selector.name);
    case 'pointer':
      return stagesOf(registry, model).has(selector.name.toLowerCase())
        ? staged(registry, model, selector.name.toLowerCase())
        : aliased(registry, model, selector.name);
  }
}

/** Resolves a number of a merged model to the present version. Its stages and aliases do not resolve. */
function formerly(registry: Registry, name: string, selector: ModelReference['selector']): Resolved {
  const { names, versions } = formerReferences(registry);
  const version = selector.kind === 'number' ? versions.get(referenceTo(name, selector.number)) : undefined;
  const model = version && registry.models.get(version.model);
  if (model) return { kind: 'version', model, version, pointer: null };
  const into = names.get(name);
  const offered = into === undefined ? closestNames(name, registry.models.keys()) : [into];
  return { kind: 'unknown', what: 'model', name, model: null, closest: offered };
}

function numbered(registry: Registry, model: Model, number: number, pointer: Pointer | null): Resolved {
  const versions = registry.versions.get(model.name);
  const version = versions?.known.get(number);
  if (version) return { kind: 'version', model, version, pointer };
  const mayCome = model.latest !== null && number <= model.latest && number > 0 && !versions?.complete;
  if (mayCome || (!versions && model.versions > 0)) return { kind: 'unread', model, number };
  const near = liveVersions(registry, model.name).map((one) => one.number);
  const offered = near.toSorted((a, b) => Math.abs(a - number) - Math.abs(b - number)).slice(0, 3);
  return { kind: 'unknown', what: 'version', name: String(number), model, closest: offered.map(String) };
}

function staged(registry: Registry, model: Model, stage: string): Resolved {
  const pointer = model.pointers.find((one) => one.kind === 'stage' && one.name.toLowerCase() === stage);
  const holder = pointer?.holder ?? null;
  if (pointer && holder !== null) return numbered(registry, model, holder, pointer);
  const inStage = liveVersions(registry, model.name).find((one) => one.stage.toLowerCase() === stage);
  if (inStage) return { kind: 'version', model, version: inStage, pointer: null };
  const known = stagesOf(registry, model);
  if (known.has(stage)) return { kind: 'vacant', model, stage };
  return { kind: 'unknown', what: 'stage', name: stage, model, closest: closestNames(stage, known) };
}

function aliased(registry: Registry, model: Model, name: string): Resolved {
  const aliases = aliasesOf(model);
  const pointer = aliases.find((one) => one.name === name);
  const holder = pointer?.holder ?? null;
  if (pointer && holder !== null) return numbered(registry, model, holder, pointer);
  const names = aliases.map((one) => one.name);
  return { kind: 'unknown', what: 'alias', name, model, closest: closestNames(name, names) };
}

/** Returns the aliases of a model that point to a version. */
export function aliasesOf({ pointers }: Model): Pointer[] {
  return pointers.filter(({ kind, holder }) => kind === 'alias' && holder !== null);
}

/** Returns the stages that a model's versions can have, lower case: the common ones, and those of its policy that were used. */
export function stagesOf(registry: Registry, model: Model): Set<string> {
  const used = liveVersions(registry, model.name).map(({ stage }) => stage.toLowerCase());
  const pointers = model.pointers.filter(({ kind }) => kind === 'stage').map(({ name }) => name.toLowerCase());
  return new Set([...stages, ...pointers, ...used]);
}

/** Returns production's version number; null for none. */
export function productionOf(model: Model): number | null {
  return model.pointers.find(({ kind, name }) => kind === 'stage' && name === 'production')?.holder ?? null;
}
