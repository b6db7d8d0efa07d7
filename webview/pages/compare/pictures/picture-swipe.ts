import { html, LitElement, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import { setStyle } from '../../../components/set-style.ts';

interface SwipeContent {
  path: string;
  /** Addresses of the pictures. */
  before: string;
  after: string;
  labels: readonly [string, string];
}

/** Two pictures over each other. The slider, or the pointer, moves the edge between them. */
class PictureSwipe extends LitElement {
  static override properties = { of: { attribute: false }, at: { state: true } };
  declare of: SwipeContent | undefined;
  /** Where the edge is, in percent from the left. */
  declare at: number;

  constructor() {
    super();
    this.at = 50;
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.of) return nothing;
    const { path, before, after, labels } = this.of;
    const follow = (event: PointerEvent): void => {
      if (event.pointerType === 'touch' && event.buttons === 0) return;
      const { left, width } = (event.currentTarget as Element).getBoundingClientRect();
      this.at = Math.round(Math.min(100, Math.max(0, (100 * (event.clientX - left)) / width)));
    };
    return html`<div class="swipe" @pointermove=${follow}>
        <img src=${before} alt=${`${path}, ${labels[0]}`} />
        <img
          class="over-it"
          src=${after}
          alt=${`${path}, ${labels[1]}`}
          ${setStyle({ 'clip-path': `inset(0 0 0 ${this.at}%)` })}
        />
        <span class="edge" ${setStyle({ left: `${this.at}%` })}></span>
      </div>
      <label class="count"
        >${labels[0]}
        <input
          type="range"
          min="0"
          max="100"
          .value=${String(this.at)}
          aria-label=${l10n.t('Edge between {0} and {1}', labels[0], labels[1])}
          @input=${(event: Event) => (this.at = Number((event.target as HTMLInputElement).value))}
        />
        ${labels[1]}</label
      >`;
  }
}

customElements.define('plinth-picture-swipe', PictureSwipe);
