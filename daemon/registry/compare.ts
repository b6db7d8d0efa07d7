import type { Context } from '../context.ts';
import { readManifest } from '../blobs/manifest.ts';
import type { VersionRow } from '../db/versions.ts';
import { RegistryError } from '../errors.ts';
import type { Json } from '../protocol/json.ts';
import type { CompareRow, Comparison } from '../protocol/routes.ts';
import { directionOf } from './direction.ts';
import { splitReference } from '../protocol/reference.ts';
import { findModel, findVersion, labelOf } from './resolve.ts';

const mostVersions = 20;

/** Two to twenty versions, the baseline first, by what is known of them. References as in `churn@7,churn@production`. */
export function compare(ctx: Context, references: readonly string[]): Comparison {
  if (references.length < 2 || references.length > mostVersions) {
    throw new RegistryError(
      'invalid-request',
      `a comparison takes 2 to ${mostVersions} versions; this one has ${references.length}`,
    );
  }
  const versions = references.map((reference) => {
    const { model, version } = splitReference(reference);
    return findVersion(ctx, findModel(ctx, model), version ?? 'latest');
  });
  return {
    versions: versions.map((version) => labelOf(ctx, version)),
    facts: rows(versions.map(factsOf)),
    metrics: rows(versions.map((version) => version.metrics)).map(judged),
    params: rows(versions.map((version) => flatten(version.params))),
    files: rows(versions.map((version) => filesOf(ctx, version))),
  };
}

function factsOf({ body }: VersionRow): Record<string, Json> {
  const { framework, frameworkVersion, format, modelClass, parameterCount, size, pickle, digest } = body;
  return { framework, frameworkVersion, format, modelClass, parameterCount, size, pickle, digest };
}

function filesOf(ctx: Context, version: VersionRow): Record<string, Json> {
  const files = readManifest(ctx.blobs, version.body.digest);
  return Object.fromEntries(files.map((file) => [file.path || version.body.primary, `sha256:${file.sha256}`]));
}

/** Nested keys joined with a dot, so that `model.depth` is one row. Lists stay whole. */
export function flatten(value: Record<string, Json>, prefix = ''): Record<string, Json> {
  const flat: Record<string, Json> = {};
  for (const [key, inner] of Object.entries(value)) {
    const name = prefix + key;
    if (inner !== null && typeof inner === 'object' && !Array.isArray(inner))
      Object.assign(flat, flatten(inner, `${name}.`));
    else flat[name] = inner;
  }
  return flat;
}

function rows(columns: Record<string, Json>[]): CompareRow[] {
  const names = [...new Set(columns.flatMap((column) => Object.keys(column)))];
  return names.map((name) => {
    const values = columns.map((column) => (Object.hasOwn(column, name) ? (column[name] ?? null) : null));
    const deltas = values.map((value, index) => (index === 0 ? null : difference(value, values[0] ?? null)));
    const texts = new Set(values.map((value) => JSON.stringify(value)));
    return { name, values, deltas, better: values.map(() => null), direction: null, differs: texts.size > 1 };
  });
}

function difference(value: Json, baseline: Json): number | null {
  return typeof value === 'number' && typeof baseline === 'number' ? value - baseline : null;
}

function judged(row: CompareRow): CompareRow {
  const direction = directionOf(row.name);
  const sign = direction === 'lower' ? -1 : 1;
  const better = row.deltas.map((delta) =>
    direction === null || delta === null || delta === 0 ? null : delta * sign > 0,
  );
  return { ...row, direction, better };
}
