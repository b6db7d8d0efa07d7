import { LitElement } from 'lit';
import { spanText } from '../../daemon/shared/format.ts';

const everyMs = 1000;

/** Shows how long something took. While it continues, the time is updated. */
class Elapsed extends LitElement {
  static override properties = { from: { attribute: false }, to: { attribute: false } };
  declare from: number;
  /** Null while it continues. */
  declare to: number | null;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor() {
    super();
    this.from = 0;
    this.to = null;
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#timer = setInterval(() => this.to === null && this.requestUpdate(), everyMs);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  override render(): string {
    return spanText((this.to ?? Date.now()) - this.from);
  }
}

customElements.define('plinth-elapsed', Elapsed);
