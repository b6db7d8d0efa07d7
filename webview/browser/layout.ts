import { html, LitElement, type TemplateResult } from 'lit';
import { host } from '../components/host.ts';
import * as l10n from '@vscode/l10n';
import { speaker } from './connection.ts';

/** The frame around a page in a browser: the link home, and the place for messages. */
class Frame extends LitElement {
  static override properties = { who: { state: true } };
  /** The user of the page; empty until it has a token. */
  declare who: string;

  constructor() {
    super();
    this.who = '';
    window.addEventListener('plinth-entered', () => (this.who = speaker()));
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override render(): TemplateResult {
    const open = (page: 'models' | 'runs') => (): void => host.post({ kind: 'open', place: { page } });
    return html`<nav class="top" aria-label=${l10n.t('Plinth')}>
        <button class="link" @click=${open('models')}>Plinth</button>
        <button class="link" @click=${open('runs')}>${l10n.t('Runs')}</button>
        <small>${this.who}</small>
      </nav>
      <plinth-page></plinth-page>
      <div id="told" role="status" aria-live="polite"></div>`;
  }
}

customElements.define('plinth-browser', Frame);
