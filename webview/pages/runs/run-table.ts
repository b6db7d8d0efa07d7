import { html, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { Json } from '../../../daemon/protocol/json.ts';
import type { ListedRun, RunSave } from '../../../daemon/protocol/routes/watch.ts';
import { exactTimeText, sizeText, spanText } from '../../../daemon/shared/format.ts';
import { orderMetricNames, selectPrimaryMetric } from '../../../daemon/shared/metrics.ts';
import { flattenParams } from '../../../daemon/shared/params.ts';
import { runReference, splitReference } from '../../../daemon/shared/references.ts';
import { runName, trackedRunIn } from '../../../daemon/shared/runs/run-id.ts';
import { durationOf } from '../../../daemon/shared/runs/run-status.ts';
import { executionsIn, executionText } from '../../../daemon/shared/runs/run-text.ts';
import { searchableRun } from '../../../daemon/shared/search/searchable.ts';
import type { Column } from '../../components/data-table/columns.ts';
import { filterRows } from '../../components/data-table/row-filter.ts';
import { nameText } from '../../components/data-table/name-column.ts';
import type { TableModel } from '../../components/data-table/table-model.ts';
import { filledColumns, valueColumn, valueKey, varyingNames } from '../../components/data-table/value-columns.ts';
import '../../components/elapsed.ts';
import { pageLink } from '../../components/layout/links.ts';
import { badge } from '../../components/layout/page-header.ts';
import { shortTime, timeElement } from '../../components/values/time.ts';

const maxUsualMetrics = 3;
const maxUsualParams = 3;

const built = new WeakMap<readonly ListedRun[], TableModel<ListedRun>>();

/** Returns what a comparison calls a run: its last version, else the run itself. */
export function comparable(run: ListedRun): string {
  const version = run.saves.findLast((save) => save.version !== null)?.version;
  if (version) return version;
  return runReference(trackedRunIn(run.id) === undefined ? run.folder : run.id);
}

/** Returns the table of runs: live ones first, with what became of their saves, and columns for all of their values. */
export function runTable(runs: readonly ListedRun[]): TableModel<ListedRun> {
  const known = built.get(runs);
  if (known) return known;
  const { columns: values, usual } = valueColumns(runs);
  const columns = filledColumns(runs, [nameColumn(), statusColumn(), versionColumn(), ...values, ...plainColumns()]);
  const table: TableModel<ListedRun> = {
    label: l10n.t('Runs'),
    keptAs: 'runs',
    rows: runs,
    columns,
    usual: ['status', 'version', ...usual, 'script', 'started', 'duration'],
    keyOf: ({ id }) => id,
    nameOf: (run) => runName(run),
    groupOf: ({ status }) => (status === 'running' ? l10n.t('Running') : l10n.t('Ended')),
    groups: [l10n.t('Running'), l10n.t('Ended')],
    detailOf: (run) => (run.saves.length === 0 ? undefined : savesOf(run)),
    filter: (rows, text) => filterRows(rows, columns, text, (run) => searchableRun(run, Date.now())),
    filterExample: l10n.t('Filter, for example: status = finished and lr < 0.01 and started > 2026-11-01'),
  };
  built.set(runs, table);
  return table;
}

function valueColumns(runs: readonly ListedRun[]): { columns: Column<ListedRun>[]; usual: string[] } {
  const primary = selectPrimaryMetric(runs.map(({ metrics }) => metrics));
  const metrics = orderMetricNames(runs, primary === null ? [] : [primary]);
  const params = new Map(runs.map((run) => [run, flattenParams(run.params)]));
  const varying = varyingNames([...params.values()]);
  const paramNames = new Set([...varying, ...[...params.values()].flatMap((one) => Object.keys(one))]);
  const tags = new Set(runs.flatMap((run) => Object.keys(run.tags ?? {})));
  const columnsOf = (
    kind: 'metric' | 'param' | 'tag',
    names: Iterable<string>,
    valuesOf: (run: ListedRun) => Record<string, Json>,
  ): Column<ListedRun>[] => [...names].map((name) => valueColumn(runs, { kind, name, valuesOf }));
  return {
    columns: [
      ...columnsOf('metric', metrics, (run) => run.metrics),
      ...columnsOf('param', paramNames, (run) => params.get(run) ?? {}),
      ...columnsOf('tag', tags, (run) => run.tags ?? {}),
    ],
    usual: [
      ...metrics.slice(0, maxUsualMetrics).map((name) => valueKey('metric', name)),
      ...varying.slice(0, maxUsualParams).map((name) => valueKey('param', name)),
    ],
  };
}

function nameColumn(): Column<ListedRun> {
  return {
    key: 'run',
    title: l10n.t('Run'),
    kind: 'text',
    sortValue: (run) => runName(run),
    text: (run) => runName(run),
    cell: (run, fitted) => {
      const tracked = trackedRunIn(run.id);
      const name = nameText(fitted, runName(run), run.folder);
      return tracked === undefined ? name : pageLink(name, { page: 'run', run: tracked });
    },
  };
}

function statusColumn(): Column<ListedRun> {
  const kinds = { running: 'stage', finished: '', failed: 'bad', killed: 'bad' } as const;
  const words = {
    running: l10n.t('running'),
    finished: l10n.t('finished'),
    failed: l10n.t('failed'),
    killed: l10n.t('killed'),
  };
  return {
    key: 'status',
    title: l10n.t('Status'),
    kind: 'text',
    sortValue: ({ status }) => status,
    text: ({ status }) => words[status],
    cell: ({ status }) => badge(words[status], kinds[status]),
  };
}

/** Lists the versions, then how many other saves exist or are lost. Saves of an MLflow client are on the page of their run. */
function versionColumn(): Column<ListedRun> {
  const versionsOf = (run: ListedRun): string[] => [...new Set(run.saves.flatMap(({ version }) => version ?? []))];
  return {
    key: 'version',
    title: l10n.t('Version'),
    kind: 'text',
    sortValue: (run) => versionsOf(run)[0] ?? null,
    text: (run) => [...versionsOf(run), otherSaves(run)].join(' '),
    cell: (run) => {
      const versions = versionsOf(run).map((reference) => html`${versionOf(reference)} `);
      return html`${versions}<span class="count" title=${lostReasons(run)}>${otherSaves(run)}</span>`;
    },
  };
}

function versionOf(reference: string): TemplateResult {
  const { model, version = '' } = splitReference(reference);
  return pageLink(reference, { page: 'version', model, version }, reference);
}

function otherSaves({ id, saves }: ListedRun): string {
  if (saves.length === 0) return trackedRunIn(id) === undefined ? l10n.t('no model') : '';
  const others = saves.filter(({ version }) => version === null);
  const lost = others.filter((save) => save.lost !== null).length;
  const candidates = others.length - lost;
  const texts = [
    candidates === 0 ? '' : candidates === 1 ? l10n.t('1 candidate') : l10n.t('{0} candidates', candidates),
    lost === 0 ? '' : l10n.t('{0} lost', lost),
  ];
  return texts.filter((text) => text !== '').join(' · ');
}

function lostReasons({ saves }: ListedRun): string {
  return [...new Set(saves.flatMap(({ version, lost }) => (version === null && lost !== null ? [lost] : [])))].join(
    '\n',
  );
}

const [saveHeight, savesPadding] = [22, 8];

/** Lists the saves of a run: those that became a version, and the candidates. */
function savesOf({ saves, folder }: ListedRun): { content: TemplateResult; height: number } {
  const relative = (path: string): string =>
    path.startsWith(folder) ? path.slice(folder.length).replace(/^[\\/]/, '') : path;
  const stateOf = ({ version, kept, lost }: RunSave): string | TemplateResult =>
    version !== null ? versionOf(version) : (lost ?? (kept ? l10n.t('candidate') : l10n.t('candidate, on disk')));
  const content = html`<ul class="saves">
    ${saves.map(
      (save) =>
        html`<li>
          <span title=${save.path}>${relative(save.path)}</span>
          <span class="number">${sizeText(save.size)}</span>
          <span>${timeElement(save.writtenAt)}</span>
          <span>${stateOf(save)}</span>
        </li>`,
    )}
  </ul>`;
  return { content, height: saves.length * saveHeight + savesPadding };
}

function plainColumns(): Column<ListedRun>[] {
  return [
    {
      key: 'script',
      title: l10n.t('Script'),
      kind: 'text',
      sortValue: (run) => scriptText(run) || null,
      text: scriptText,
      tooltip: (run) =>
        [...executionsIn(run).map(({ command }) => command.join(' ')), ...resumedReasons(run)].join('\n'),
      cell: (run) =>
        html`${scriptText(run)}${run.resumptions.length === 0 ? nothing : html` <span class="count">${resumedText(run.resumptions.length)}</span>`}`,
    },
    {
      key: 'started',
      title: l10n.t('Started'),
      kind: 'text',
      sortValue: ({ startedAt }) => startedAt,
      text: ({ startedAt }) => shortTime(startedAt),
      tooltip: ({ startedAt }) => exactTimeText(startedAt),
      cell: ({ startedAt }) => timeElement(startedAt),
    },
    {
      key: 'duration',
      title: l10n.t('Duration'),
      kind: 'number',
      sortValue: (run) => durationOf(run, Date.now()),
      text: (run) => {
        const lasted = durationOf(run, Date.now());
        return lasted === null ? '–' : spanText(lasted);
      },
      cell: (run) =>
        durationOf(run, Date.now()) === null
          ? html`<span title=${l10n.t('Not known')}>–</span>`
          : html`<plinth-elapsed .from=${run.startedAt} .to=${run.endedAt}></plinth-elapsed>`,
    },
    {
      key: 'folder',
      title: l10n.t('Folder'),
      kind: 'text',
      sortValue: ({ folder }) => folder,
      text: ({ folder }) => folder,
      tooltip: ({ folder }) => folder,
    },
  ];
}

function scriptText(run: ListedRun): string {
  return [...new Set(executionsIn(run).map(executionText))].join(', ');
}

function resumedReasons(run: ListedRun): string[] {
  return run.resumptions.map(({ reason }) => l10n.t('Resumed: {0}', reason));
}

function resumedText(times: number): string {
  return times === 1 ? l10n.t('resumed') : l10n.t('resumed {0} times', times);
}
