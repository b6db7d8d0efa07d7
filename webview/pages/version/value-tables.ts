import { nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { CompareRow, MetricRow } from '../../../daemon/protocol/comparison.ts';
import type { Json } from '../../../daemon/protocol/json.ts';
import { judge } from '../../../daemon/shared/comparison-summary.ts';
import { countedEvidence, sourceText } from '../../../daemon/shared/evidence.ts';
import { rowFormat, shareText } from '../../../daemon/shared/format.ts';
import { leadingMetrics, orderMetricNames } from '../../../daemon/shared/metrics.ts';
import type { Searchable } from '../../../daemon/shared/search/searchable.ts';
import { flattenParams } from '../../../daemon/shared/params.ts';
import type { Column } from '../../components/data-table/columns.ts';
import type { TableModel } from '../../components/data-table/table-model.ts';
import { filterRows } from '../../components/data-table/row-filter.ts';
import { sparkline } from '../../components/plot/sparkline.ts';
import { cellText } from '../../components/text.ts';
import { judgedDelta } from '../../components/values/delta.ts';
import type { VersionView } from '../../protocol.ts';
import { historyPoints } from './metric-tiles.ts';

/** A metric or param of the version, and its row of the comparison with the baseline. */
interface ValueRow {
  name: string;
  value: Json | undefined;
  compared: CompareRow | MetricRow | undefined;
}

/** Of more params, those that are the same in the baseline are folded. */
const maxOpenParams = 12;

/** Tables of one view are built once, so that they keep their state while it is shown. */
const builtMetrics = new WeakMap<VersionView, TableModel<ValueRow>>();
const builtParams = new WeakMap<VersionView, TableModel<ValueRow>>();

/** Returns the metrics of a version beside those of its baseline, by prefix. */
export function metricTable(view: VersionView, rows: ReadonlyMap<string, MetricRow>): TableModel<ValueRow> {
  const known = builtMetrics.get(view);
  if (known) return known;
  const { metrics, number } = view.detail.version;
  const counted = countedEvidence(view.detail.evidence);
  const sourceOf = (name: string): string => {
    const from = counted.findLast((one) => Object.hasOwn(one.metrics, name));
    return from ? sourceText(from) : '';
  };
  const names = orderMetricNames([{ metrics }], leadingMetrics(view.model));
  const all = names.map((name): ValueRow => ({ name, value: metrics[name], compared: rows.get(name) }));
  const columns = [
    nameColumn(),
    valueColumn(
      'value',
      `v${number}`,
      ({ value }) => value,
      ({ name }) => sourceOf(name),
    ),
    ...baselineColumns(view),
    historyColumn(view),
  ];
  const groupOf = ({ name }: ValueRow): string => prefixOf(name) || l10n.t('Other metrics');
  const groups = [...new Set(all.map(groupOf))];
  const table: TableModel<ValueRow> = { ...tableOf(view, l10n.t('Metrics'), all, columns), groupOf, groups };
  builtMetrics.set(view, table);
  return table;
}

/** Returns the params of a version, nested ones flattened; those that differ from the baseline's come first. */
export function paramTable(view: VersionView): TableModel<ValueRow> {
  const known = builtParams.get(view);
  if (known) return known;
  const compared = new Map((view.comparison?.params ?? []).map((row) => [row.name, row]));
  const own = flattenParams(view.detail.version.params);
  const all = Object.entries(own).map(([name, value]): ValueRow => ({ name, value, compared: compared.get(name) }));
  const sorted = all.toSorted((a, b) => Number(b.compared?.differs ?? false) - Number(a.compared?.differs ?? false));
  const { baseline } = view;
  const changed: Column<ValueRow>[] = baseline
    ? [
        valueColumn('baseline', `v${baseline.number}`, ({ compared: row }) => row?.values[0]),
        {
          key: 'change',
          title: l10n.t('Change'),
          kind: 'text',
          sortValue: ({ compared: row }) => (row?.differs ? 1 : null),
          text: ({ compared: row }) => changeText(row),
        },
      ]
    : [];
  const columns = [
    nameColumn(),
    valueColumn('value', `v${view.detail.version.number}`, ({ value }) => value),
    ...changed,
  ];
  const [differing, same] = [l10n.t('Different'), l10n.t('Same')];
  const table: TableModel<ValueRow> = {
    ...tableOf(view, l10n.t('Parameters'), sorted, columns),
    ...(baseline ? { groupOf: ({ compared: row }) => (row?.differs ? differing : same) } : {}),
    groups: [differing, same],
    closedGroups: sorted.length > maxOpenParams ? [same] : [],
  };
  builtParams.set(view, table);
  return table;
}

/** Metrics that share a prefix stand under it. */
function prefixOf(name: string): string {
  return name.slice(0, name.lastIndexOf('/') + 1);
}

function changeText(row: CompareRow | undefined): string {
  if (!row?.differs) return '';
  const [base, delta] = [row.values[0], row.deltas[1]];
  if (typeof base !== 'number' || typeof delta !== 'number') return '≠';
  return `≠ ${shareText(base, delta)}`.trim();
}

function tableOf(
  { detail }: VersionView,
  label: string,
  rows: readonly ValueRow[],
  columns: Column<ValueRow>[],
): TableModel<ValueRow> {
  return {
    label,
    keptAs: `values:${detail.version.model}`,
    rows,
    columns,
    usual: columns.map(({ key }) => key),
    keyOf: ({ name }) => name,
    nameOf: () => '',
    filter: (all, text) => filterRows(all, columns, text, searchableRow),
    filterExample: l10n.t('Filter'),
  };
}

/** A filter of these tables asks for a name or a value: `value > 0.9`. */
function searchableRow({ name, value }: ValueRow): Searchable {
  const known =
    typeof value === 'number' || typeof value === 'string' ? value : value === undefined ? null : JSON.stringify(value);
  return { attributes: { name, model: name, value: known }, metrics: {}, params: {}, tags: {} };
}

function nameColumn(): Column<ValueRow> {
  return {
    key: 'name',
    title: l10n.t('Name'),
    kind: 'text',
    sortValue: ({ name }) => name,
    text: ({ name }) => name,
  };
}

function valueColumn(
  key: string,
  title: string,
  of: (row: ValueRow) => Json | undefined,
  noteOf: (row: ValueRow) => string = () => '',
): Column<ValueRow> {
  return {
    key,
    title,
    kind: 'number',
    sortValue: (row) => {
      const value = of(row);
      return typeof value === 'number' || typeof value === 'string' ? value : null;
    },
    text: (row) => {
      const value = of(row);
      if (value === null || value === undefined) return '–';
      return typeof value === 'number' ? formatOf(row)(value) : cellText(value);
    },
    tooltip: (row) =>
      [String(JSON.stringify(of(row)) ?? l10n.t('none')), noteOf(row)].filter((part) => part !== '').join(' · '),
  };
}

/** Both values of a row have the same decimals. */
function formatOf({ value, compared }: ValueRow): (value: number) => string {
  return rowFormat([value, ...(compared?.values ?? [])].filter((one) => typeof one === 'number'));
}

function baselineColumns({ baseline }: VersionView): Column<ValueRow>[] {
  if (!baseline) return [];
  const title = baseline.isProduction ? l10n.t('production v{0}', baseline.number) : `v${baseline.number}`;
  const judged = (row: ValueRow): TemplateResult | typeof nothing =>
    row.compared ? judgedDelta(row.compared.deltas[1] ?? null, judge(row.compared, 1), formatOf(row)) : nothing;
  const shareOf = ({ compared }: ValueRow): number | null => {
    const [base, delta] = [compared?.values[0], compared?.deltas[1]];
    return typeof base === 'number' && typeof delta === 'number' && base !== 0 ? delta / Math.abs(base) : null;
  };
  return [
    valueColumn('baseline', title, ({ compared }) => compared?.values[0]),
    {
      key: 'delta',
      title: 'Δ',
      kind: 'number',
      sortValue: shareOf,
      text: (row) => `+${formatOf(row)(row.compared?.deltas[1] ?? 0)} ▲`,
      cell: judged,
      tooltip: ({ compared }) => (compared && 'notComparable' in compared ? (compared.notComparable[1] ?? '') : ''),
    },
    {
      key: 'share',
      title: 'Δ %',
      kind: 'number',
      sortValue: shareOf,
      text: ({ compared }) => {
        const [base, delta] = [compared?.values[0], compared?.deltas[1]];
        return typeof base === 'number' && typeof delta === 'number' ? shareText(base, delta) : '';
      },
    },
  ];
}

function historyColumn(view: VersionView): Column<ValueRow> {
  return {
    key: 'history',
    title: l10n.t('All versions'),
    kind: 'text',
    sortValue: () => null,
    text: () => '',
    cell: ({ name }) => sparkline(historyPoints(view, name)),
  };
}
