import { html, nothing, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import type { CompareRow, Comparison } from '../../../daemon/protocol/comparison.ts';
import { summarizeComparison } from '../../../daemon/shared/comparison-summary.ts';
import * as l10n from '@vscode/l10n';
import { columnLabels } from '../../components/column-labels.ts';
import { copyButton, section } from '../../components/section.ts';
import type { CompareView } from '../../protocol.ts';
import { fileSection } from './files/files.ts';
import { keptFiles } from './files/file-tree.ts';
import { compareHeader } from './header.ts';
import { inReadingOrder, type TableRow } from './matrix.ts';
import { metricTable } from './metric-rows.ts';
import type { ComparePart } from './part.ts';
import { reportComparison } from './pictures/reports.ts';
import { runRows } from './run-rows.ts';
import { environmentChanges } from './environment.ts';
import { pickColumns, textsOf, type ColumnHead, type Section } from './rows.ts';
import './table.ts';
import { summaryCard } from './summary-card.ts';
import { textSection } from './texts.ts';

/** Parts of the page that are drawn elsewhere; nothing for those without content. */
export interface OtherParts {
  curves: TemplateResult | typeof nothing;
  norms: TemplateResult | typeof nothing;
}

/** A part of the page, as the navigation lists it. */
interface PagePart {
  id: string;
  title: string;
  /** How many rows differ; null where that is not counted. */
  count: number | null;
  content: unknown;
}

/** The section that shows the differences of texts instead of a table. */
const textsId = 'config';
/** The section that lists upgrades while only differences are shown. */
const environmentId = 'environment';

/** Shows versions side by side: a summary of each, then each kind of difference. */
export function comparePage(part: ComparePart, other: OtherParts): TemplateResult {
  const { comparison, series } = part.view;
  const { look, columns, matches } = part;
  const [metrics, ...rest] = sectionsOf(comparison, part);
  const shown = rest.filter(({ rows }) => rows.length > 0);
  const isEqual = ({ rows }: Section): boolean => look.only && !rows.some(({ differs }) => differs);
  const hasNorms = comparison.tensors.rows.length > 0 || comparison.tensors.equal > 0;
  const run = runSection(comparison);
  const parts: PagePart[] = [
    ...(run.rows.length > 0 && !isEqual(run) ? [partOf(run, part)] : []),
    ...(metrics && metrics.rows.length > 0 ? [partOf(metrics, part)] : []),
    ...explainPart(part),
    { id: 'curves', title: l10n.t('Curves'), count: series.metrics.length, content: other.curves },
    ...reportsPart(part),
    ...shown.filter((one) => !isEqual(one)).map((one) => partOf(one, part)),
    ...filesPart(part),
    ...(hasNorms ? [{ id: 'norms', title: l10n.t('Weight change'), count: null, content: other.norms }] : []),
  ].filter(({ content }) => content !== nothing);
  const { grouped, primary } = part;
  const judged = grouped ? { metrics: grouped.metrics, facts: [] } : comparison;
  const shownPrimary = judged.metrics.find(({ name }) => name === primary?.name);
  const card = guard([judged.metrics, look.kind, shownPrimary, columns], () =>
    summaryCard(judged, grouped?.columns ?? columns, shownPrimary, {
      kind: look.kind,
      choose: (kind) => part.change({ kind }),
    }),
  );
  const all = (): void => part.change({ only: false });
  return html`${compareHeader(titleOf(comparison), summarizeComparison(comparison), part)}
    <div class="with-rail">
      <nav class="rail" aria-label=${l10n.t('Sections')}>${parts.map(link)}</nav>
      <main>
        ${card} ${parts.map(({ content }) => content)} ${identicalLine([run, ...shown].filter(isEqual), all)}
        ${look.filter !== '' && !comparison.metrics.some(({ name }) => matches(name)) ? html`<p class="count">${l10n.t('No metric matches the filter.')}</p>` : nothing}
      </main>
    </div>`;
}

function partOf(of: Section, part: ComparePart): PagePart {
  const { look, columns, matches, view } = part;
  const content =
    of.id === textsId
      ? guard([of.rows, matches], () =>
          textSection(
            of.rows.filter(({ name }) => matches(name)),
            columns,
            part.editor,
          ),
        )
      : guard(
          [
            of.rows,
            columns,
            look.only,
            look.excluded,
            matches,
            ...(of.judged ? [look.kind, look.hiddenRows, look.group, view.model, part.canChange] : []),
          ],
          () => sectionOf(of, part),
        );
  return { id: of.id, title: of.title, count: of.rows.filter(({ differs }) => differs).length, content };
}

/** From so many versions on, plots of params and metrics say something. */
const fewVersions = 4;

function explainPart(part: ComparePart): PagePart[] {
  const { columns, primary, view, change } = part;
  if (columns.length < fewVersions || view.comparison.metrics.length === 0) return [];
  void import('./explain/explain.ts');
  const { params, metrics } = view.comparison;
  const production = columns.findIndex(({ isProduction }) => isProduction);
  const exclude = (places: ReadonlySet<number>): void =>
    change({ excluded: new Set([...places].filter((place) => place > 0)) });
  const of = { columns, params, metrics, primary, production: production < 0 ? null : production, exclude };
  const title = l10n.t('What explains it');
  const content = guard([view.comparison, primary, columns], () =>
    section('explain', title, html`<plinth-explain .of=${of}></plinth-explain>`),
  );
  return [{ id: 'explain', title, count: null, content }];
}

function reportsPart(part: ComparePart): PagePart[] {
  const { look, columns, matches, primary, view } = part;
  const { reports } = view.comparison;
  if (reports.length === 0) return [];
  void import('./pictures/report-row.ts');
  const content = guard([reports, columns, look.only, look.excluded, matches, primary], () => reportComparison(part));
  return [{ id: 'reports', title: l10n.t('Reports'), count: reports.filter(({ differs }) => differs).length, content }];
}

function filesPart(part: ComparePart): PagePart[] {
  const { columns, look, matches, primary, view } = part;
  const files = keptFiles(view.comparison);
  if (files.length === 0) return [];
  const content = guard([view, columns, look.only, matches, primary, look.excluded], () => fileSection(files, part));
  return [{ id: 'kept', title: l10n.t('Files'), count: files.filter(({ row }) => row.differs).length, content }];
}

/** Names the sections without a difference in one line. */
function identicalLine(sections: readonly Section[], showAll: () => void): TemplateResult | typeof nothing {
  if (sections.length === 0) return nothing;
  const names = sections.map(({ title, rows }) => `${title} (${rows.length})`).join(', ');
  return html`<p class="count identical">
    ${l10n.t('Identical: {0}', names)} <button class="link" @click=${showAll}>${l10n.t('Show')}</button>
  </p>`;
}

function titleOf({ columns }: Comparison): string {
  const models = [...new Set(columns.flatMap(({ model }) => model ?? []))];
  return models.length === 1 ? (models[0] ?? '') : l10n.t('Comparison');
}

/** Stages that say nothing of a version: most have one of them. */
const everyday: ReadonlySet<string> = new Set(['development', 'archived']);

export function columnHeads({ comparison: { columns }, model: shown }: CompareView): ColumnHead[] {
  const labels = columnLabels(columns);
  return columns.map(({ reference, model, number, stage, aliases }, place) => ({
    reference,
    place,
    colourPlace: place,
    label: labels[place] ?? reference,
    number: model === shown?.name ? number : null,
    isProduction: stage === 'production',
    note: [stage === null || everyday.has(stage) ? [] : stage, aliases.map((alias) => `@${alias}`)].flat(2).join(' · '),
  }));
}

function sectionsOf(found: Comparison, { leading, grouped }: ComparePart): Section[] {
  const plain = (id: string, title: string, rows: readonly CompareRow[]): Section => ({
    id,
    title,
    rows,
    judged: false,
  });
  return [
    { id: 'metrics', title: l10n.t('Metrics'), rows: sortedMetrics(grouped ?? found, leading), judged: true },
    plain('params', l10n.t('Parameters'), found.params),
    plain(textsId, l10n.t('Config files'), found.config),
    plain(environmentId, l10n.t('Environment'), found.environment),
    plain('code', l10n.t('Code'), found.code),
    plain('data', l10n.t('Data'), found.data),
    plain('signature', l10n.t('Signature'), found.signature),
    plain('facts', l10n.t('Model'), found.facts),
    plain('files', l10n.t('Artifacts'), found.files),
    plain('tensors', l10n.t('Tensors'), found.tensors.rows),
  ];
}

const runSections = new WeakMap<Comparison, Section>();

function runSection(found: Comparison): Section {
  const known = runSections.get(found);
  if (known) return known;
  const section = { id: 'run', title: l10n.t('Run'), rows: runRows(found), judged: false };
  runSections.set(found, section);
  return section;
}

/** Sorted lists of metrics, so that a table is drawn again only for another comparison or other pins. */
const sorted = new WeakMap<object, { key: string; rows: Section['rows'] }>();

function sortedMetrics(found: { metrics: readonly TableRow[] }, leading: readonly string[]): Section['rows'] {
  const key = leading.join('\n');
  const known = sorted.get(found);
  if (known?.key === key) return known.rows;
  const rows = inReadingOrder(found.metrics, leading);
  sorted.set(found, { key, rows });
  return rows;
}

function link({ id, title, count }: PagePart): TemplateResult {
  const go = (event: Event): void => {
    event.preventDefault();
    document.getElementById(id)?.scrollIntoView();
  };
  return html`<a href=${`#${id}`} data-section=${id} @click=${go}
    >${title}${count === null ? nothing : html` <small>${count}</small>`}</a
  >`;
}

function sectionOf(of: Section, part: ComparePart): TemplateResult {
  const { look, matches, change } = part;
  const differing = of.rows.filter(({ differs }) => differs);
  const conflicts = of.rows.filter((row) => row.conflicts !== undefined).length;
  const groups = of.judged ? part.grouped?.columns : undefined;
  const columns = groups ?? part.columns.filter(({ place }) => !look.excluded.has(place));
  const places = columns.map(({ place }) => place);
  const shown = look.only ? differing : of.rows;
  const rows = groups || look.excluded.size === 0 ? shown : shown.map((row) => pickColumns(row, places));
  const references = columns.map(({ reference }) => reference);
  const kind = of.judged && look.kind ? { ...look.kind, column: places.indexOf(look.kind.column) } : null;
  const metrics = of.judged ? metricTable(part) : null;
  return html`<section aria-labelledby=${of.id}>
    <div class="title">
      <h2 id=${of.id}>${of.title}</h2>
      <span class="count">${l10n.t('{0} of {1} differ', differing.length, of.rows.length)}</span>
      ${conflicts === 0 ? nothing : html`<span class="count conflict">${l10n.t('⚠ {0} conflicts', conflicts)}</span>`}
      ${kind ? html`<button class="link" @click=${() => change({ kind: null })}>${l10n.t('Show all metrics')}</button>` : nothing}
      ${copyButton(of.title, () => textsOf(of, rows, references))}
    </div>
    ${
      rows.length === 0
        ? html`<p class="count">${l10n.t('Identical.')}</p>`
        : of.id === environmentId && look.only
          ? environmentChanges({ ...of, rows: shown }, columns)
          : html`<plinth-compare-table
              .of=${{ section: of, rows, columns, matches, kind, metrics }}
            ></plinth-compare-table>`
    }
  </section>`;
}
