import { html, nothing, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import type { CompareRow, Comparison } from '../../../daemon/protocol/comparison.ts';
import { summarizeComparison } from '../../../daemon/shared/comparison-summary.ts';
import type { CompareView } from '../../protocol.ts';
import { host } from '../../components/host.ts';
import * as l10n from '@vscode/l10n';
import { reportComparison } from '../../components/reports.ts';
import { button, copyButton, menuFor } from '../../components/section.ts';
import { textsOf, type Section } from './rows.ts';
import './table.ts';
import { splitReference } from '../../../daemon/shared/references.ts';

/** What the comparison page needs besides its view. */
export interface CompareLook {
  only: boolean;
  setOnly(only: boolean): void;
  canChange: boolean;
  editor: boolean;
  curves: TemplateResult | typeof nothing;
  norms: TemplateResult | typeof nothing;
}

/** Shows versions side by side: a summary, then each kind of difference. */
export function comparePage({ comparison }: CompareView, look: CompareLook): TemplateResult {
  const sections = sectionsOf(comparison).filter(({ rows }) => rows.length > 0);
  const [metrics, ...rest] = sections;
  const reports = comparison.reports.length > 0 ? [{ id: 'reports', title: l10n.t('Reports') }] : [];
  const navigation = metrics ? [metrics, ...reports, ...rest] : [...reports, ...rest];
  const shown = (one: Section): unknown =>
    guard([one.rows, look.only], () => sectionOf(one, comparison.versions, look.only));
  return html`${head(comparison.versions, summarizeComparison(comparison), look)}
    <nav aria-label=${l10n.t('Sections')}>${navigation.map(({ id, title }) => link(id, title))}</nav>
    <main>
      ${metrics ? shown(metrics) : nothing} ${look.curves} ${reportComparison(comparison, look.only)} ${rest.map(shown)}
      ${comparison.tensors.rows.length > 0 || comparison.tensors.equal > 0 ? look.norms : nothing}
    </main>`;
}

function sectionsOf(found: Comparison): Section[] {
  const plain = (id: string, title: string, rows: readonly CompareRow[]): Section => ({
    id,
    title,
    rows,
    judged: false,
  });
  return [
    { id: 'metrics', title: l10n.t('Metrics'), rows: found.metrics, judged: true },
    plain('params', l10n.t('Parameters'), found.params),
    plain('config', l10n.t('Config files'), found.config),
    plain('environment', l10n.t('Environment'), found.environment),
    plain('code', l10n.t('Code'), found.code),
    plain('data', l10n.t('Data'), found.data),
    plain('signature', l10n.t('Signature'), found.signature),
    plain('facts', l10n.t('Model'), found.facts),
    plain('files', l10n.t('Artifacts'), found.files),
    plain('tensors', l10n.t('Tensors'), found.tensors.rows),
  ];
}

function link(id: string, title: string): TemplateResult {
  const go = (event: Event): void => {
    event.preventDefault();
    document.getElementById(id)?.scrollIntoView();
  };
  return html`<a href=${`#${id}`} @click=${go}>${title}</a>`;
}

function head(versions: readonly string[], summary: string, look: CompareLook): TemplateResult {
  const open = (next: readonly string[]) => () =>
    host.post({ kind: 'open', place: { page: 'compare', versions: [...next] } });
  const last = versions.at(-1) ?? '';
  const chips = versions.map((version, index) => {
    const { model, version: number = '' } = splitReference(version);
    const show = (): void => host.post({ kind: 'open', place: { page: 'version', model, version: number } });
    const without = versions.filter((one) => one !== version);
    return html`<li class="chip" data-vscode-context=${menuFor(version)}>
      <button class="link" @click=${show}>${version}</button>
      ${
        index === 0
          ? html`<small>${l10n.t('baseline')}</small>`
          : html`<button
              class="link"
              @click=${open([version, ...without])}
              aria-label=${l10n.t('Set {0} as baseline', version)}
            >
              ⇤
            </button>`
      }
      ${versions.length > 2 ? html`<button class="link" @click=${open(without)} aria-label=${l10n.t('Remove {0} from comparison', version)}>×</button>` : nothing}
    </li>`;
  });
  return html`<header>
    <h1>${versions.join(' ↔ ')}</h1>
    <p class="summary" role="status">${summary}</p>
    <ul class="chips">
      ${chips}
    </ul>
    <div class="acts">
      ${look.canChange ? button(l10n.t('Promote {0}…', last), () => host.post({ kind: 'promote', reference: last }), true) : nothing}
      ${look.editor ? button(l10n.t('Diff Editor'), () => host.post({ kind: 'differences', versions: [...versions] })) : nothing}
      ${button(l10n.t('Reverse Order'), open([...versions].toReversed()))}
      ${button(l10n.t('Add…'), () => host.post({ kind: 'add', versions: [...versions] }))}
      ${look.editor ? button(l10n.t('Export…'), () => host.post({ kind: 'export', versions: [...versions] })) : nothing}
      <label class="only">
        <input
          type="checkbox"
          .checked=${look.only}
          @change=${(event: Event) => look.setOnly((event.target as HTMLInputElement).checked)}
        />
        ${l10n.t('Only differences')}
      </label>
    </div>
  </header>`;
}

function sectionOf(section: Section, versions: readonly string[], only: boolean): TemplateResult {
  const differing = section.rows.filter(({ differs }) => differs);
  const rows = only ? differing : section.rows;
  return html`<section aria-labelledby=${section.id}>
    <div class="title">
      <h2 id=${section.id}>${section.title}</h2>
      <span class="count">${l10n.t('{0} of {1} differ', differing.length, section.rows.length)}</span>
      ${copyButton(section.title, () => textsOf(section, rows, versions))}
    </div>
    ${
      rows.length === 0
        ? html`<p class="count">${l10n.t('Identical.')}</p>`
        : html`<plinth-compare-table .of=${{ section, rows, versions }}></plinth-compare-table>`
    }
  </section>`;
}
