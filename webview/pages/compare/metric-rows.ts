import { html, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import { host } from '../../components/host.ts';
import type { MenuItem } from '../../components/popup-menu.ts';
import type { PolicyEdit } from '../../../daemon/protocol/policy.ts';
import type { PinMove } from '../../protocol.ts';
import { markdownTable } from '../../components/text.ts';
import { groupSelect } from './groups/group-select.ts';
import type { TableRow } from './matrix.ts';
import type { ComparePart } from './part.ts';
import { textsOf } from './rows.ts';
import type { MetricTable } from './table.ts';

/** Returns what the rows of metrics show and offer besides their values. */
export function metricTable(part: ComparePart): MetricTable {
  const { view, look, change, canChange } = part;
  const { model } = view;
  const pinned = model?.pinnedMetrics ?? [];
  const pin = (metric: string, to: PinMove): void => {
    if (model) host.post({ kind: 'pin', model: model.name, metric, to });
  };
  return {
    history: model?.history ?? null,
    numbers: part.columns.map(({ number }) => number),
    pinned,
    hidden: look.hiddenRows,
    barsOf: (row) => historyBars(row, part),
    curves: new Set(view.series.metrics.map(({ metric }) => metric)),
    ...(canChange &&
      model && { togglePin: (metric: string) => pin(metric, pinned.includes(metric) ? 'none' : 'last') }),
    menuOf: (row) => menuOf(row, part, pin),
    showHidden: () => change({ hiddenRows: new Set() }),
    groupBy: groupSelect(part),
  };
}

/** Shows a metric of all versions of the model as bars. */
function historyBars({ name, direction }: TableRow, { view, columns }: ComparePart): TemplateResult | typeof nothing {
  if (!view.model) return nothing;
  void import('./history-bars.ts');
  const compared = columns.flatMap(({ number, colourPlace }) =>
    number === null ? [] : [[number, colourPlace] as const],
  );
  const { name: model, history, production } = view.model;
  const of = { model, history, metric: name, direction, production, compared: new Map(compared) };
  return html`<plinth-history-bars .of=${of}></plinth-history-bars>`;
}

function menuOf(row: TableRow, part: ComparePart, pin: (metric: string, to: PinMove) => void): MenuItem[] {
  const { view, versions, look, change, canChange } = part;
  const { name } = row;
  const at = view.model?.pinnedMetrics.indexOf(name) ?? -1;
  const item = (label: string, to: PinMove): MenuItem => ({ label, act: () => pin(name, to) });
  const pins: MenuItem[] = [
    at < 0 ? item(l10n.t('Pin'), 'last') : item(l10n.t('Unpin'), 'none'),
    ...(at === 0 ? [] : [item(l10n.t('Set as Primary Metric'), 'first')]),
    ...(at > 0 ? [item(l10n.t('Move Up'), 'up')] : []),
  ];
  const copy = (): void => {
    const section = { id: 'metrics', title: l10n.t('Metrics'), rows: [row], judged: true };
    host.post({ kind: 'copy', text: markdownTable(textsOf(section, [row], versions)) });
  };
  return [
    ...(canChange && view.model ? [...pins, ...policyItems(view.model.name, row)] : []),
    { label: l10n.t('Hide'), act: () => change({ hiddenRows: new Set([...look.hiddenRows, name]) }) },
    { label: l10n.t('Copy Row'), act: copy },
    { label: l10n.t('Copy Name'), act: () => host.post({ kind: 'copy', text: name }) },
  ];
}

/** Returns what can be said about a metric in the policy. The person reviews the changed file before it counts. */
function policyItems(model: string, { name, direction }: TableRow): MenuItem[] {
  const item = (label: string, edit: PolicyEdit): MenuItem => ({
    label,
    act: () => host.post({ kind: 'draftPolicy', model, edit }),
  });
  return [
    ...(direction === 'higher'
      ? []
      : [item(l10n.t('Set Direction: Higher Is Better…'), { metric: name, direction: 'higher' })]),
    ...(direction === 'lower'
      ? []
      : [item(l10n.t('Set Direction: Lower Is Better…'), { metric: name, direction: 'lower' })]),
    item(l10n.t('Add Gate for Production…'), { metric: name, pointer: 'production' }),
  ];
}
