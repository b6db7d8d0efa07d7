import { html, nothing } from 'lit';
import * as l10n from '@vscode/l10n';
import type { Json } from '../../../daemon/protocol/json.ts';
import { isExternal, type Model, type Version } from '../../../daemon/protocol/model.ts';
import { rowFormat, sizeText } from '../../../daemon/shared/format.ts';
import { metricOf, leadingMetrics, orderMetricNames } from '../../../daemon/shared/metrics.ts';
import { flattenParams } from '../../../daemon/shared/params.ts';
import { referenceTo } from '../../../daemon/shared/references.ts';
import { searchableVersion } from '../../../daemon/shared/search/searchable.ts';
import { trainedAt } from '../../../daemon/shared/version-time.ts';
import { frameworkText } from '../../../daemon/shared/model-kind.ts';
import type { Column } from '../../components/data-table/columns.ts';
import type { TableModel } from '../../components/data-table/table-model.ts';
import { filterRows } from '../../components/data-table/row-filter.ts';
import { filledColumns, valueColumn, valueKey, varyingNames } from '../../components/data-table/value-columns.ts';
import { deltaMark } from '../../components/values/delta.ts';
import { versionLink } from '../../components/layout/links.ts';
import { badge } from '../../components/layout/page-header.ts';
import { personOf } from '../../../daemon/shared/event-text.ts';
import { menuFor } from '../../components/section.ts';
import { shortTime, timeElement } from '../../components/values/time.ts';

const maxUsualParams = 3;
const maxUsualMetrics = 3;

/** Built again only for another list, so that a table keeps its widths and a redraw is cheap. */
const built = new WeakMap<readonly Version[], TableModel<Version>>();

/** Returns the table of a model's versions: their stages, metrics against production's, the params that vary, age and size. */
export function versionTable(model: Model, versions: readonly Version[]): TableModel<Version> {
  const known = built.get(versions);
  if (known) return known;
  const metrics = orderMetricNames(versions, leadingMetrics(model));
  const varying = new Set(varyingNames(versions.map((version) => version.metrics)));
  const usualMetrics = metrics.filter((name, index) => index === 0 || varying.has(name)).slice(0, maxUsualMetrics);
  const { columns: paramColumns, varying: usualParams } = paramColumnsOf(versions);
  const [primary, ...others] = metricColumns(model, versions, metrics);
  const columns = filledColumns(versions, [
    versionColumn(),
    stageColumn(),
    ...(primary ? [primary, ...changeColumn(model, versions)] : []),
    ...others,
    ...paramColumns,
    ...plainColumns(),
  ]);
  const shown = [
    ...usualMetrics.map((name) => valueKey('metric', name)),
    ...usualParams.slice(0, maxUsualParams).map((name) => valueKey('param', name)),
  ];
  const table: TableModel<Version> = {
    label: l10n.t('Versions'),
    keptAs: `versions:${model.name}`,
    rows: versions,
    columns,
    usual: ['stage', 'change', ...shown, 'trained', 'by', 'size'],
    keyOf: ({ number }) => String(number),
    nameOf: ({ number }) => `v${number}`,
    groupOf,
    groups: [l10n.t('In use'), l10n.t('Other versions'), l10n.t('Archived')],
    filter: (rows, text) => filterRows(rows, columns, text, (version) => searchableVersion(version, Date.now())),
    filterExample: l10n.t('Filter, for example: {0} > 0.9 and stage = production', metrics[0] ?? 'size'),
    menuOf: ({ model: name, number }) => menuFor(referenceTo(name, number)),
  };
  built.set(versions, table);
  return table;
}

function metricColumns(
  { primaryMetric }: Model,
  versions: readonly Version[],
  names: readonly string[],
): Column<Version>[] {
  return names.map((name) =>
    valueColumn(versions, {
      kind: 'metric',
      name,
      valuesOf: ({ metrics }) => metrics,
      ...(name === primaryMetric?.name ? { direction: primaryMetric.direction } : {}),
    }),
  );
}

/** Returns the columns of all params, those that vary first, and the names of those. */
function paramColumnsOf(versions: readonly Version[]): { columns: Column<Version>[]; varying: string[] } {
  const params = new Map(versions.map((version) => [version, flattenParams(version.params)]));
  const varying = varyingNames([...params.values()]);
  const names = new Set([...varying, ...[...params.values()].flatMap((one) => Object.keys(one))]);
  const valuesOf = (version: Version): Record<string, Json> => params.get(version) ?? {};
  return { columns: [...names].map((name) => valueColumn(versions, { kind: 'param', name, valuesOf })), varying };
}

function groupOf({ stage, aliases }: Version): string {
  if (aliases.length > 0 || (stage !== 'development' && stage !== 'archived')) return l10n.t('In use');
  return stage === 'archived' ? l10n.t('Archived') : l10n.t('Other versions');
}

function versionColumn(): Column<Version> {
  return {
    key: 'version',
    title: l10n.t('Version'),
    kind: 'text',
    sortValue: ({ number }) => number,
    text: ({ number }) => `v${number}`,
    cell: ({ model, number, state }) =>
      html`${versionLink(model, number)}${state === 'damaged' ? badge(l10n.t('damaged'), 'bad') : nothing}`,
  };
}

function stageColumn(): Column<Version> {
  const names = ({ stage, aliases }: Version): string[] => [
    ...(stage === 'development' ? [] : [stage]),
    ...aliases.map((alias) => `@${alias}`),
  ];
  return {
    key: 'stage',
    title: l10n.t('Stage'),
    kind: 'text',
    sortValue: (version) => names(version).join(' ') || null,
    text: (version) => names(version).join('  '),
    cell: (version) => names(version).map((name) => badge(name, name === 'archived' ? '' : 'stage')),
  };
}

/** The primary metric against that of production. */
function changeColumn({ primaryMetric, pointers }: Model, versions: readonly Version[]): Column<Version>[] {
  const holder = pointers.find(({ kind, name }) => kind === 'stage' && name === 'production')?.holder ?? null;
  const production = versions.find(({ number }) => number === holder);
  if (!primaryMetric || !production) return [];
  const base = metricOf(production.metrics, primaryMetric.name);
  if (typeof base !== 'number') return [];
  const { name, direction } = primaryMetric;
  const deltaOf = ({ metrics }: Version): number | null => {
    const value = metricOf(metrics, name);
    return typeof value === 'number' ? value - base : null;
  };
  const deltas = versions.map(deltaOf).filter((delta) => delta !== null);
  const format = rowFormat(deltas);
  return [
    {
      key: 'change',
      title: l10n.t('Δ production'),
      kind: 'number',
      direction,
      sortValue: deltaOf,
      text: (version) => `+${format(deltaOf(version) ?? 0)} ▲`,
      cell: (version) =>
        version === production ? nothing : deltaMark(metricOf(version.metrics, name), base, direction),
      tooltip: () => l10n.t('{0} compared with v{1} in production', name, production.number),
    },
  ];
}

function plainColumns(): Column<Version>[] {
  const text = (key: string, title: string, of: (version: Version) => string): Column<Version> => ({
    key,
    title,
    kind: 'text',
    sortValue: (version) => of(version) || null,
    text: of,
    tooltip: of,
  });
  return [
    {
      key: 'trained',
      title: l10n.t('Trained'),
      kind: 'text',
      sortValue: trainedAt,
      text: (version) => shortTime(trainedAt(version)),
      cell: (version) => timeElement(trainedAt(version)),
    },
    text('by', l10n.t('By'), ({ actor }) => personOf(actor)),
    {
      key: 'size',
      title: l10n.t('Size'),
      kind: 'number',
      sortValue: ({ size }) => size,
      text: (version) => (isExternal(version) ? l10n.t('external') : sizeText(version.size)),
    },
    text('framework', l10n.t('Framework'), frameworkText),
    text('description', l10n.t('Description'), ({ description }) => description),
    text('tags', l10n.t('Tags'), ({ tags }) =>
      Object.entries(tags)
        .map(([key, value]) => `${key}=${value}`)
        .join(' '),
    ),
  ];
}
