import { LitElement, type PropertyDeclarations } from 'lit';

/** An element that is drawn into the page itself, without a shadow tree, and again whenever its width changes. */
export class MeasuredElement extends LitElement {
  static override properties: PropertyDeclarations = { width: { state: true } };
  /** In px; 0 until it is measured. */
  declare width: number;
  #resized: ResizeObserver | undefined;

  constructor() {
    super();
    this.width = 0;
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#resized = new ResizeObserver(() => (this.width = this.clientWidth));
    this.#resized.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resized?.disconnect();
  }
}
