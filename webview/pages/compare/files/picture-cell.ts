import { html, LitElement, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import { ReportContents, type ShownReport } from '../../../components/report-content.ts';

/** One picture of a grid as a button. Its bytes are requested when it comes into view. */
class PictureCell extends LitElement {
  static override properties = { of: { attribute: false }, chosen: { type: Boolean } };
  declare of: ShownReport | undefined;
  /** True while it lies over the baseline's picture. */
  declare chosen: boolean;
  readonly #contents = new ReportContents(this, () => (this.of ? [this.of] : []));

  constructor() {
    super();
    this.chosen = false;
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.of) return nothing;
    const { path, label } = this.of;
    const content = this.#contents.of(this.of);
    const title = l10n.t('Compare {0} of {1} with the baseline', path, label);
    return html`<button class="picture-button" aria-pressed=${this.chosen} title=${title} aria-label=${title}>
      ${
        !content
          ? html`<span class="count">${l10n.t('Loading…')}</span>`
          : 'picture' in content
            ? html`<img src=${content.picture} alt="" />`
            : html`<span class="count"
                >${'problem' in content ? content.problem : l10n.t('This file is not a picture that can be shown.')}</span
              >`
      }
    </button>`;
  }
}

customElements.define('plinth-picture-cell', PictureCell);
