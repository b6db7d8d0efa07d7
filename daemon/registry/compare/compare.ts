import { join } from 'node:path';
import type { Context } from '../../context.ts';
import { modelById } from '../../db/models.ts';
import { RegistryError } from '../../errors.ts';
import { policyOf } from '../../policy/policy.ts';
import type { CompareRow, Comparison, PlainSection } from '../../protocol/comparison.ts';
import { columnOf, type Column } from './column.ts';
import { withConflicts } from './conflicts.ts';
import { metricRows, type Directions } from './metrics.ts';
import { maxCompared } from '../../shared/comparison-summary.ts';
import { flattenParams } from '../../shared/params.ts';
import { bounded, rowsOf, type Values } from './rows.ts';
import * as section from './sections.ts';
import { tensorSection } from './tensors.ts';

/** Throws `invalid-request` unless there are `least` to twenty references. */
export function checkCount(references: readonly string[], least: number): void {
  if (references.length >= least && references.length <= maxCompared) return;
  const text = `Give ${least} to ${maxCompared} versions, not ${references.length}.`;
  throw new RegistryError('invalid-request', text);
}

/**
 * Compares two to twenty versions or runs, the baseline first. References as in `churn@7,churn@production`. `directionsIn`
 * returns the directions of metrics in the policy file above a path.
 */
export function compare(
  ctx: Context,
  references: readonly string[],
  directionsIn: (path: string) => Directions = () => ({}),
): Comparison {
  checkCount(references, 2);
  const columns = references.map((reference) => columnOf(ctx, reference));
  const rows = (of: (column: Column) => Values | null): CompareRow[] => rowsOf(columns.map(of));
  const sections = {
    metrics: metricRows(columns, directionsOf(ctx, columns, directionsIn)),
    params: withConflicts(
      rows(({ params }) => flattenParams(params)),
      columns,
      ({ params }) => flattenParams(params),
    ),
    config: rows(section.configOf),
    reports: rows(section.reportsOf),
    code: rows(section.codeOf),
    environment: rows(section.environmentOf).toSorted(section.inEnvironmentOrder),
    data: rows(section.dataOf),
    signature: rows(section.signatureOf),
    files: rows(section.filesOf),
    facts: rows(section.factsOf),
  };
  const omitted: Comparison['omitted'] = {};
  const cut = <T extends CompareRow>(name: PlainSection, all: readonly T[]): T[] => {
    const kept = bounded(all);
    if (kept.omitted > 0) omitted[name] = kept.omitted;
    return kept.rows;
  };
  return {
    versions: columns.map(({ about }) => about.reference),
    columns: columns.map(({ about }) => about),
    metrics: cut('metrics', sections.metrics),
    params: cut('params', sections.params),
    config: cut('config', sections.config),
    reports: cut('reports', sections.reports),
    code: cut('code', sections.code),
    environment: cut('environment', sections.environment),
    data: cut('data', sections.data),
    signature: cut('signature', sections.signature),
    files: cut('files', sections.files),
    facts: cut('facts', sections.facts),
    tensors: tensorSection(columns),
    omitted,
  };
}

/** Returns the directions for the baseline's folder; for metrics that it does not list, those for the next path. */
export function directionsNear(paths: readonly string[], directionsIn: (path: string) => Directions): Directions {
  return Object.assign(Object.create(null) as object, ...paths.toReversed().map(directionsIn)) as Directions;
}

/** Returns the directions for columns. The policy of the baseline's model overrides the general part of its file. */
export function directionsOf(
  ctx: Context,
  columns: readonly Column[],
  directionsIn: (path: string) => Directions,
): Directions {
  const within = (folder: string | null): string[] => (folder === null ? [] : [join(folder, 'any')]);
  const paths = columns.flatMap(({ version, about }) => version?.body.source.path ?? within(about.run));
  return Object.assign(directionsNear(paths, directionsIn), directionsOfModel(ctx, columns)) as Directions;
}

function directionsOfModel(ctx: Context, columns: readonly Column[]): Directions {
  const id = columns.find(({ version }) => version !== null)?.version?.model;
  const model = id === undefined ? undefined : modelById(ctx.db, id);
  const metrics = model ? (policyOf(ctx, model).rule?.metrics ?? {}) : {};
  const directions = Object.entries(metrics).map(([name, own]) => [
    name,
    typeof own === 'string' ? own : own?.direction,
  ]);
  return Object.fromEntries(directions.filter(([, direction]) => direction !== undefined)) as Directions;
}
