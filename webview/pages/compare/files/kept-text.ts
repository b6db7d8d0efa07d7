import { html, LitElement, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import { cleanText } from '../../../../daemon/shared/clean-text.ts';
import { HostMessages } from '../../../components/elements/host-messages.ts';
import { host } from '../../../components/host.ts';
import { isBinaryText } from '../../../components/text-hunks.ts';
import type { ToPage } from '../../../protocol.ts';

const maxText = 20_000;

/** The text of a kept file, found by its digest. It is requested when the element is drawn. */
class KeptText extends LitElement {
  static override properties = { of: { attribute: false }, found: { state: true } };
  declare of: { reference: string; digest: string | null } | undefined;
  declare found: ({ digest: string } & ({ text: string } | { problem: string })) | undefined;
  #asked: string | undefined;

  constructor() {
    super();
    new HostMessages(this, (message) => this.#take(message));
  }

  protected override createRenderRoot(): this {
    return this;
  }

  #take(message: ToPage): void {
    if (message.kind === 'text' && message.digest === this.#asked) this.found = message;
  }

  override updated(): void {
    const { reference, digest = null } = this.of ?? {};
    if (reference === undefined || digest === null || digest === this.#asked) return;
    this.#asked = digest;
    host.post({ kind: 'text', reference, digest });
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.of?.digest) return nothing;
    const { found } = this;
    if (found?.digest !== this.of.digest) return html`<p class="count">${l10n.t('Loading…')}</p>`;
    if ('problem' in found) return html`<p role="alert">${found.problem}</p>`;
    const { text } = found;
    if (isBinaryText(text)) return html`<p class="count">${l10n.t('This file is not a text.')}</p>`;
    return html`<pre tabindex="0">${cleanText(text.slice(0, maxText))}</pre>
      ${text.length > maxText ? html`<p class="count">${l10n.t('Only the first {0} characters are shown.', maxText.toLocaleString('en-US'))}</p>` : nothing}`;
  }
}

customElements.define('plinth-kept-text', KeptText);
