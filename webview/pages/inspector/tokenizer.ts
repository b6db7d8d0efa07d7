import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { TokenizerReply } from '../../../daemon/protocol/artifact.ts';
import { countText } from '../../../daemon/shared/format.ts';
import { HostMessages } from '../../components/elements/host-messages.ts';
import { host } from '../../components/host.ts';
import { facts, section } from '../../components/section.ts';
import type { ToPage } from '../../protocol.ts';

/** The tokenizer of a language model, and the template that makes a prompt of a conversation. Read when the page shows them. */
class TokenizerPart extends LitElement {
  static override properties = { path: {}, read: { state: true } };
  declare path: string;
  declare read: TokenizerReply | { problem: string } | undefined;

  constructor() {
    super();
    new HostMessages(this, (message) => this.#hear(message));
    this.path = '';
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override willUpdate(changed: PropertyValues): void {
    if (!changed.has('path') || this.path === '') return;
    this.read = undefined;
    host.post({ kind: 'tokenizer', path: this.path });
  }

  #hear(message: ToPage): void {
    if (message.kind === 'tokenizer' && message.path === this.path) this.read = message;
  }

  override render(): TemplateResult | typeof nothing {
    const { read } = this;
    if (!read) return nothing;
    if ('problem' in read) return html`<p class="count">${read.problem}</p>`;
    const { tokenizer, chatTemplate, missing } = read;
    return html`${section('tokenizer', l10n.t('Tokenizer'), tokenizerPart(tokenizer, missing))}
    ${section(
      'chat-template',
      l10n.t('Chat template'),
      chatTemplate === null
        ? nothing
        : html`<p class="count">
              ${chatTemplate.source}${chatTemplate.isCut ? ` · ${l10n.t('only the beginning is shown')}` : ''}
            </p>
            <pre class="chat-template" role="group" tabindex="0" aria-label=${l10n.t('Chat template')}>
${chatTemplate.text}</pre>`,
    )}`;
  }
}

function tokenizerPart(
  tokenizer: TokenizerReply['tokenizer'],
  missing: readonly string[],
): TemplateResult | typeof nothing {
  if (tokenizer === null && missing.length === 0) return nothing;
  const tokens = (texts: readonly string[]): TemplateResult =>
    html`<span class="tokens">${texts.map((text) => html`<code dir="auto">${visible(text)}</code> `)}</span>`;
  return html`${
    tokenizer === null
      ? nothing
      : facts([
          [l10n.t('Vocabulary'), tokenizer.size === null ? l10n.t('unknown') : countText(tokenizer.size)],
          [l10n.t('Kind'), tokenizer.kind],
          [l10n.t('Source'), tokenizer.source],
          [
            l10n.t('Special tokens'),
            tokenizer.special.length === 0
              ? null
              : html`<ul class="imports">
                  ${tokenizer.special.map((one) => html`<li><code dir="auto">${visible(one.text)}</code> <span class="count">${[one.role, one.id === null ? '' : String(one.id)].filter((part) => part !== '').join(' · ')}</span></li>`)}
                </ul>`,
          ],
          [l10n.t('First entries'), tokenizer.first.length === 0 ? null : tokens(tokenizer.first)],
        ])
  }
  ${missing.map((text) => html`<p class="count">${text}</p>`)}`;
}

/** Shows white space, which some entries consist of. */
function visible(text: string): string {
  return text === '' ? '∅' : text.replaceAll('\n', '⏎').replaceAll('\t', '⇥').replaceAll(' ', '␣');
}

customElements.define('plinth-tokenizer', TokenizerPart);
