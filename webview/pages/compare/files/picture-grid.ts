import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { MetricHistory, ReportedVersion } from '../../../../daemon/protocol/routes/models.ts';
import { rowFormat } from '../../../../daemon/shared/format.ts';
import { referenceTo } from '../../../../daemon/shared/references.ts';
import { HostMessages } from '../../../components/elements/host-messages.ts';
import { host } from '../../../components/host.ts';
import { ReportContents, type ShownReport } from '../../../components/report-content.ts';
import type { ToPage } from '../../../protocol.ts';
import '../pictures/picture-swipe.ts';
import './picture-cell.ts';

/** One picture of all versions of a model. */
export interface PictureGridContent {
  path: string;
  model: { name: string; history: MetricHistory; primaryMetric: string | null };
  /** Number of the version over which a chosen picture is laid; null for the newest one. */
  baseline: number | null;
}

const firstPictures = 60;

/** One picture over all versions of the model, the newest first. A click lays one over that of the baseline. */
class PictureGrid extends LitElement {
  static override properties = {
    of: { attribute: false },
    versions: { state: true },
    chosen: { state: true },
    isWhole: { state: true },
    problem: { state: true },
  };
  declare of: PictureGridContent | undefined;
  /** Versions that kept the picture; undefined until they are known. */
  declare versions: readonly ReportedVersion[] | undefined;
  /** Number of the version whose picture lies over the baseline's. */
  declare chosen: number | null;
  /** True when all pictures are listed, not only the first ones. */
  declare isWhole: boolean;
  /** Why the versions are not known; empty if they are. */
  declare problem: string;
  #asked: string | undefined;
  readonly #contents = new ReportContents(this, () => this.#pair());
  constructor() {
    super();
    this.chosen = null;
    this.isWhole = false;
    this.problem = '';
    new HostMessages(this, (message) => this.#take(message));
  }

  protected override createRenderRoot(): this {
    return this;
  }

  #take(message: ToPage): void {
    if (message.kind !== 'pictures' || message.model !== this.of?.model.name || message.path !== this.of.path) return;
    this.problem = 'problem' in message ? message.problem : '';
    this.versions = 'problem' in message ? undefined : message.versions;
  }

  /** Asks once for a picture; after a failure again when the page is drawn anew. */
  override updated(changed: PropertyValues<this>): void {
    if (!this.of) return;
    const { path, model } = this.of;
    const key = `${model.name} ${path} ${model.history.versions.at(-1)}`;
    const isRetry = this.problem !== '' && changed.has('of');
    if (key === this.#asked && !isRetry) return;
    this.#asked = key;
    host.post({ kind: 'pictures', model: model.name, path });
  }

  /** Returns the picture of the baseline and the chosen one; nothing while none is chosen. */
  #pair(): ShownReport[] {
    const versions = this.versions ?? [];
    const chosen = versions.find(({ number }) => number === this.chosen);
    const before =
      versions.find(({ number }) => number === this.of?.baseline) ?? versions.find((one) => one !== chosen);
    return chosen && before ? [before, chosen].map((one) => this.#reportOf(one)) : [];
  }

  #reportOf({ number, digest }: ReportedVersion): ShownReport {
    const { model, path } = this.of!;
    return { path, kind: 'picture', digest, reference: referenceTo(model.name, number), label: `v${number}` };
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.of) return nothing;
    const { versions } = this;
    if (this.problem !== '') return html`<p role="alert">${this.problem}</p>`;
    if (!versions) return html`<p class="count">${l10n.t('Loading…')}</p>`;
    if (versions.length === 0)
      return html`<p class="count">${l10n.t('No version of this model has this picture.')}</p>`;
    const shown = this.isWhole ? versions : versions.slice(0, firstPictures);
    const rest = versions.length - shown.length;
    return html`${this.#swipe()}
      <ul class="picture-grid">
        ${shown.map((one) => this.#cell(one))}
      </ul>
      ${rest > 0 ? html`<button class="link" @click=${() => (this.isWhole = true)}>${l10n.t('Show {0} more pictures', rest)}</button>` : nothing}`;
  }

  #cell(version: ReportedVersion): TemplateResult {
    const { number, stage, aliases } = version;
    const isStaged = stage !== null && stage !== 'development' && stage !== 'archived';
    const choose = (): void => void (this.chosen = this.chosen === number ? null : number);
    return html`<li>
      <plinth-picture-cell
        .of=${this.#reportOf(version)}
        .chosen=${this.chosen === number}
        @click=${choose}
      ></plinth-picture-cell>
      <p class="count picture-note">
        <strong>v${number}</strong>
        ${isStaged ? html`<span class="badge stage-badge">${stage}</span>` : nothing}
        ${aliases.map((alias) => html`<span class="badge">@${alias}</span>`)} ${this.#metricText(number)}
      </p>
    </li>`;
  }

  #metricText(number: number): string {
    const { history, primaryMetric } = this.of!.model;
    if (primaryMetric === null || !Object.hasOwn(history.metrics, primaryMetric)) return '';
    const values = history.metrics[primaryMetric] ?? [];
    const value = values[history.versions.indexOf(number)] ?? null;
    return value === null ? '' : `${primaryMetric} ${rowFormat(values.filter((one) => one !== null))(value)}`;
  }

  #swipe(): TemplateResult | typeof nothing {
    const pair = this.#pair();
    const [before, after] = pair;
    if (!before || !after)
      return this.chosen === null
        ? nothing
        : html`<p class="count">${l10n.t('Only one version has this picture.')}</p>`;
    const contents = pair.map((report) => this.#contents.of(report));
    const pictures = contents.flatMap((content) => (content && 'picture' in content ? content.picture : []));
    const problem = contents.find((content) => content && 'problem' in content);
    if (problem && 'problem' in problem) return html`<p role="alert">${problem.problem}</p>`;
    if (pictures.length < 2) return html`<p class="count">${l10n.t('Loading…')}</p>`;
    return html`<div class="two-up">
      ${pictures.map(
        (picture, at) =>
          html`<figure>
            <figcaption>${pair[at]?.label}</figcaption>
            <img src=${picture} alt=${`${before.path} ${pair[at]?.label ?? ''}`} />
          </figure>`,
      )}
      <figure>
        <figcaption>${before.label} ↔ ${after.label}</figcaption>
        <plinth-picture-swipe
          .of=${{ path: before.path, before: pictures[0], after: pictures[1], labels: [before.label, after.label] }}
        ></plinth-picture-swipe>
      </figure>
    </div>`;
  }
}

customElements.define('plinth-picture-grid', PictureGrid);
