import { html, LitElement, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { HeatMap } from '../../../daemon/protocol/tensors.ts';
import { countText, numberText } from '../../../daemon/shared/format.ts';
import type { Rgb } from '../../components/colours.ts';
import { setStyle } from '../../components/set-style.ts';
import { palette, themeEvent } from '../../components/theme.ts';
import { heatColours, levelsOf, valueOf } from './heat-colours.ts';

/** The longest side in pixels. */
const side = 260;

/** A matrix as a picture: blue below zero, red above, the ground at zero. The pointer reads its numbers. */
class HeatMapPart extends LitElement {
  static override properties = { of: { attribute: false }, name: {}, under: { state: true } };
  declare of: HeatMap | undefined;
  declare name: string;
  /** The text of the place under the pointer. */
  declare under: string;
  #levels = new Uint8Array(0);
  readonly #draw = (): void => this.#paint();

  constructor() {
    super();
    this.name = '';
    this.under = '';
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener(themeEvent, this.#draw);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener(themeEvent, this.#draw);
  }

  override updated(changed: ReadonlyMap<PropertyKey, unknown>): void {
    if (!changed.has('of') || !this.of) return;
    this.#levels = levelsOf(this.of);
    this.#paint();
  }

  override render(): TemplateResult | typeof nothing {
    const { of } = this;
    if (!of) return nothing;
    const { rows, columns, limit } = of;
    const scale = side / Math.max(rows, columns);
    const size = { width: `${Math.max(4, columns * scale)}px`, height: `${Math.max(4, rows * scale)}px` };
    const label = l10n.t('Heat map of {0}: {1} rows, {2} columns', this.name, rows, columns);
    const end = numberText(Number(limit.toPrecision(3)));
    return html`<figure class="heat-map">
      <canvas
        width=${columns}
        height=${rows}
        role="img"
        aria-label=${label}
        ${setStyle(size)}
        @pointermove=${(event: PointerEvent) => this.#read(event)}
        @pointerleave=${() => (this.under = '')}
      ></canvas>
      <figcaption>
        <span class="heat-legend"
          ><span>−${end}</span><canvas class="heat-scale" width="255" height="1" aria-hidden="true"></canvas
          ><span>${end}</span></span
        >
        <span class="count"
          >${this.under === '' ? l10n.t('{0} × {1}, first axis down', countText(rows), countText(columns)) : this.under}</span
        >
      </figcaption>
    </figure>`;
  }

  #read(event: PointerEvent): void {
    const { of } = this;
    const canvas = event.currentTarget;
    if (!of || !(canvas instanceof HTMLCanvasElement)) return;
    const box = canvas.getBoundingClientRect();
    const row = Math.min(of.rows - 1, Math.max(0, Math.floor(((event.clientY - box.top) / box.height) * of.rows)));
    const column = Math.min(
      of.columns - 1,
      Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * of.columns)),
    );
    this.under = `[${row}, ${column}] ${valueOf(this.#levels[row * of.columns + column] ?? 0, of.limit)}`;
  }

  #paint(): void {
    const { ground, versions, worse, text } = palette();
    const colours = heatColours({ below: versions[1] ?? text, zero: ground, above: worse, missing: text });
    const [map, scale] = this.querySelectorAll('canvas');
    if (map) paint(map, this.#levels, colours);
    if (scale)
      paint(
        scale,
        Uint8Array.from({ length: 255 }, (_, index) => index + 1),
        colours,
      );
  }
}

function paint(canvas: HTMLCanvasElement, levels: Uint8Array, colours: readonly Rgb[]): void {
  const context = canvas.getContext('2d');
  if (!context || levels.length === 0) return;
  const image = context.createImageData(canvas.width, canvas.height);
  for (let index = 0; index < levels.length; index += 1) {
    const [red, green, blue] = colours[levels[index] as number] ?? [0, 0, 0];
    image.data.set([red, green, blue, 255], index * 4);
  }
  context.putImageData(image, 0, 0);
}

customElements.define('plinth-heat-map', HeatMapPart);
