import { html, LitElement, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { ConfusionMatrix } from '../../../../daemon/shared/report-tables.ts';
import { isConfusionMatrix } from '../../../../daemon/shared/report-files.ts';
import { versionLook } from '../../../components/colours.ts';
import { breakable } from '../../../components/names.ts';
import { ReportContents, type ReportContent, type ShownReport } from '../../../components/report-content.ts';
import '../../../components/report.ts';
import { reportLink } from '../../../components/report.ts';
import { matrixMap } from '../layout/matrix-difference.ts';
import { matrixTable } from './matrix-table.ts';
import './picture-swipe.ts';

/** A report of one path in the compared versions. */
export interface ComparedReport {
  path: string;
  /** False if all versions have the same content, which is then shown once. */
  differs: boolean;
  columns: {
    /** Undefined for a version without the report, or whose report is not stored. */
    report: ShownReport | undefined;
    /** Why there is no report; empty for one. */
    reason: string;
    place: number;
    colourPlace: number;
    /** What stands under the picture: stages, and the metric of the model. */
    note: string;
  }[];
}

type Mode = 'side' | 'swipe' | 'difference';

/** The versions of one report: pictures side by side or over each other, confusion matrices as maps with what changed. */
class ReportRow extends LitElement {
  static override properties = { of: { attribute: false }, mode: { state: true }, other: { state: true } };
  declare of: ComparedReport | undefined;
  declare mode: Mode;
  /** Place of the version that lies over the baseline. */
  declare other: number | null;
  readonly #contents = new ReportContents(this, () => this.#reports());

  constructor() {
    super();
    this.mode = 'side';
    this.other = null;
  }

  protected override createRenderRoot(): this {
    return this;
  }

  /** Pictures in a row load by themselves; this element needs them only to lay one over another, and matrices always. */
  #reports(): ShownReport[] {
    if (!this.of || (this.mode === 'side' && !isConfusionMatrix(this.of.path))) return [];
    return this.of.columns.flatMap(({ report }) => report ?? []);
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.of) return nothing;
    const { path, differs, columns } = this.of;
    const kept = columns.filter(({ report }) => report !== undefined);
    const isPicture = kept[0]?.report?.kind === 'picture';
    const modes: [Mode, string][] = isPicture
      ? [
          ['side', l10n.t('Side by Side')],
          ['swipe', l10n.t('Swipe')],
        ]
      : [
          ['side', l10n.t('Counts')],
          ['difference', l10n.t('Difference')],
        ];
    const hasModes = differs && kept.length > 1 && (isPicture || isConfusionMatrix(path));
    const buttons = modes.map(
      ([mode, name]) =>
        html`<button aria-pressed=${this.mode === mode} @click=${() => (this.mode = mode)}>${name}</button>`,
    );
    return html`<div class="title report-title">
        <h3>${breakable(path)}</h3>
        ${hasModes ? html`<span role="group" class="switch" aria-label=${l10n.t('Show {0} as', path)}>${buttons}</span>` : nothing}
      </div>
      ${this.mode === 'swipe' && hasModes ? this.#swipe(this.of) : this.#grid(this.of)}`;
  }

  #grid({ path, differs, columns }: ComparedReport): TemplateResult {
    const shown = differs ? columns : columns.slice(0, 1);
    return html`<div class="reports">
      ${shown.map((column) => html`<div class="report-cell">${this.#cell(column, path)}${column.note === '' ? nothing : html`<p class="count report-note">${column.note}</p>`}</div>`)}
    </div>`;
  }

  #cell({ report, reason, place, colourPlace }: ComparedReport['columns'][number], path: string): TemplateResult {
    if (!report) return html`<p class="count">${reason}</p>`;
    const content = isConfusionMatrix(path) ? this.#contents.of(report) : undefined;
    const picked = (): void => {
      this.other = place;
      this.mode = 'swipe';
    };
    if (!content || !('matrix' in content))
      return report.kind === 'picture' && place > 0
        ? html`<plinth-report .of=${report}></plinth-report>
            <button class="link" @click=${picked}>${l10n.t('Lay over the baseline')}</button>`
        : html`<plinth-report .of=${report}></plinth-report>`;
    const baseline = this.#baselineMatrix(report);
    const map = matrixMap(content.matrix, place === 0 ? null : baseline);
    return html`<figure>
      <figcaption><span class=${`swatch c${versionLook(colourPlace).colour}`}></span>${reportLink(report)}</figcaption>
      ${matrixTable(`${path} ${report.label}`, map, this.mode === 'difference' && place > 0)}
      ${map.hasOtherClasses ? html`<p class="count">${l10n.t('The classes are not those of the baseline.')}</p>` : nothing}
    </figure>`;
  }

  #baselineMatrix(report: ShownReport): ConfusionMatrix | null {
    const first = this.of?.columns.find((column) => column.report !== undefined)?.report;
    const content: ReportContent | undefined = first && first !== report ? this.#contents.of(first) : undefined;
    return content && 'matrix' in content ? content.matrix : null;
  }

  #swipe({ path, columns }: ComparedReport): TemplateResult {
    const [first, ...others] = columns.filter(({ report }) => report !== undefined);
    const chosen = others.find(({ place }) => place === this.other) ?? others.at(-1);
    const [before, after] = [first?.report, chosen?.report];
    if (!before || !after) return html`<p class="count">${l10n.t('Only one version has this picture.')}</p>`;
    const contents = [before, after].map((report) => this.#contents.of(report));
    const pick = (event: Event): void => void (this.other = Number((event.target as HTMLSelectElement).value));
    const problem = contents.find((content) => content && 'problem' in content);
    const pictures = contents.flatMap((content) => (content && 'picture' in content ? content.picture : []));
    return html`<p class="acts">
        ${reportLink(before)} ↔
        ${
          others.length === 1
            ? reportLink(after)
            : html`<select aria-label=${l10n.t('Version over the baseline')} @change=${pick}>
                ${others.map(({ report, place }) => html`<option value=${place} ?selected=${place === chosen?.place}>${report?.label}</option>`)}
              </select>`
        }
      </p>
      ${
        problem && 'problem' in problem
          ? html`<p role="alert">${problem.problem}</p>`
          : pictures.length === 2
            ? html`<plinth-picture-swipe
                .of=${{ path, before: pictures[0], after: pictures[1], labels: [before.label, after.label] }}
              ></plinth-picture-swipe>`
            : html`<p class="count">${l10n.t('Loading…')}</p>`
      }`;
  }
}

customElements.define('plinth-report-row', ReportRow);
