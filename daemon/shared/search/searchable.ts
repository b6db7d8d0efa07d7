import type { Json } from '../../protocol/json.ts';
import type { Artifact, Model, Run, Version } from '../../protocol/model.ts';
import type { ListedRun } from '../../protocol/routes/watch.ts';
import { splitReference } from '../references.ts';
import { durationOf } from '../runs/run-status.ts';
import { trainedAt } from '../version-time.ts';

/** A value that a filter can ask for. Of a list, one element has to match. Null is unknown. */
export type FieldValue = number | string | boolean | null | readonly string[];

/** What a filter sees of a version, run, candidate or model. */
export interface Searchable {
  /** Facts by name. They come before metrics, params and tags of the same name. */
  attributes: Readonly<Record<string, FieldValue>>;
  metrics: Readonly<Record<string, FieldValue>>;
  /** Nested params have dots: `optimizer.lr`. */
  params: Readonly<Record<string, FieldValue>>;
  tags: Readonly<Record<string, FieldValue>>;
}

/** Attributes of which each row has a number of milliseconds since 1970. */
export const timeAttributes: ReadonlySet<string> = new Set(['created', 'trained', 'started', 'ended', 'updated']);

export function searchableVersion(version: Version, now: number): Searchable {
  const trained = trainedAt(version);
  return {
    attributes: {
      model: version.model,
      version: version.number,
      stage: version.stage,
      state: version.state,
      alias: version.aliases,
      framework: version.framework,
      format: version.format,
      class: version.modelClass,
      parameters: version.parameterCount,
      pickle: version.pickle,
      size: version.size,
      files: version.files,
      created: version.createdAt,
      trained,
      age: now - trained,
      by: actorNames(version.actor),
      description: version.description,
      path: version.source.path,
      origin: version.source.kind,
      run: version.source.run,
      problems: version.problems.length,
    },
    metrics: version.metrics,
    params: flattened(version.params),
    tags: version.tags,
  };
}

export function searchableRun(run: Run & Partial<Pick<ListedRun, 'saves' | 'tags'>>, now: number): Searchable {
  const versions = (run.saves ?? []).flatMap(({ version }) => (version === null ? [] : [version]));
  return {
    attributes: {
      run: run.id,
      folder: run.folder,
      status: run.status,
      script: run.execution?.script ?? null,
      command: run.execution?.command.join(' ') ?? null,
      version: [...new Set(versions)],
      model: [...new Set(versions.map((version) => splitReference(version).model))],
      saves: run.saves?.length ?? null,
      started: run.startedAt,
      updated: run.updatedAt,
      ended: run.endedAt,
      duration: durationOf(run, now),
      age: now - run.startedAt,
    },
    metrics: run.metrics,
    params: flattened(run.params),
    tags: run.tags ?? {},
  };
}

/** Returns what a filter sees of a model: its own facts, and the metrics of its current version. */
export function searchableModel(model: Model, now: number): Searchable {
  const held = model.pointers.filter(({ holder }) => holder !== null);
  const stages = held.filter(({ kind }) => kind === 'stage');
  return {
    attributes: {
      model: model.name,
      versions: model.versions,
      latest: model.latest,
      stage: stages.map(({ name }) => name),
      alias: held.filter(({ kind }) => kind === 'alias').map(({ name }) => name),
      production: stages.find(({ name }) => name === 'production')?.holder ?? null,
      staging: stages.find(({ name }) => name === 'staging')?.holder ?? null,
      framework: model.current?.framework ?? null,
      folder: model.current?.folder ?? null,
      created: model.createdAt,
      updated: model.updatedAt,
      age: now - model.updatedAt,
      description: model.description,
    },
    metrics: model.current?.metrics ?? {},
    params: {},
    tags: model.tags,
  };
}

/** Returns what a filter sees of a candidate or another artifact that is no version. Its stage is its state. */
export function searchableArtifact(artifact: Artifact, now: number): Searchable {
  return {
    attributes: {
      model: artifact.model,
      version: artifact.version,
      stage: artifact.state,
      state: artifact.state,
      framework: artifact.framework,
      format: artifact.format,
      size: artifact.size,
      path: artifact.path,
      run: artifact.run,
      created: artifact.seenAt,
      trained: artifact.seenAt,
      age: now - artifact.seenAt,
    },
    metrics: artifact.metrics,
    params: {},
    tags: {},
  };
}

/** Returns `ana/cli` and `ana`. */
function actorNames(actor: string): string[] {
  const person = actor.split('/', 1)[0] ?? actor;
  return person === actor ? [actor] : [actor, person];
}

const maxDepth = 8;

/** Returns params with nested ones under dotted names. A list is its JSON. */
function flattened(params: Readonly<Record<string, Json>>): Record<string, FieldValue> {
  const found: Record<string, FieldValue> = {};
  const add = (name: string, value: Json, depth: number): void => {
    if (value === null || typeof value !== 'object') found[name] = value;
    else if (Array.isArray(value) || depth >= maxDepth) found[name] = JSON.stringify(value);
    else for (const [key, inner] of Object.entries(value)) add(`${name}.${key}`, inner, depth + 1);
  };
  for (const [name, value] of Object.entries(params)) add(name, value, 0);
  return found;
}
