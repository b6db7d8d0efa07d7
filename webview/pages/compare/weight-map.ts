import { html, LitElement, nothing, svg, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { LayerNorm } from '../../../daemon/protocol/tensors.ts';
import { countText, numberText } from '../../../daemon/shared/format.ts';
import { layOutTreemap, type Tile } from './layout/treemap.ts';

const [width, height] = [960, 260];
const shades = 8;
const [labelWidth, labelHeight, digitWidth] = [48, 18, 7];
const maxTiles = 400;

/** The layers of a model as a treemap: the area is the number of parameters, the colour how much they changed. */
class WeightMap extends LitElement {
  static override properties = { layers: { attribute: false }, at: { state: true } };
  declare layers: readonly LayerNorm[];
  declare at: LayerNorm | null;

  constructor() {
    super();
    this.layers = [];
    this.at = null;
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override render(): TemplateResult | typeof nothing {
    const largest = this.layers.toSorted((a, b) => b.elements - a.elements).slice(0, maxTiles);
    const tiles = layOutTreemap(largest, ({ elements }) => elements, width, height);
    if (tiles.length < 2) return nothing;
    const most = Math.max(...largest.map(({ relative }) => relative ?? 0));
    return html`<svg
        class="weight-map"
        viewBox=${`0 0 ${width} ${height}`}
        role="img"
        aria-label=${l10n.t('Change of each layer; the table below has the values')}
        @pointerleave=${() => (this.at = null)}
      >
        ${tiles.map((tile) => this.#tile(tile, most))}
      </svg>
      <p class="count">
        ${this.at ? layerText(this.at) : l10n.t('Area: parameters. Colour: change against the norm of the baseline.')}
      </p>`;
  }

  #tile({ item, ...box }: Tile<LayerNorm>, most: number): TemplateResult {
    const shade = item.relative === null || most === 0 ? 0 : Math.ceil((shades * item.relative) / most);
    const hasRoom = box.width > labelWidth && box.height > labelHeight;
    const letters = Math.floor((box.width - 8) / digitWidth);
    const name = item.layer.length > letters ? `…${item.layer.slice(1 - letters)}` : item.layer;
    return svg`<g class=${item.relative === null ? 'unknown' : `shade${shade}`} @pointerenter=${() => (this.at = item)}>
      <rect x=${box.x} y=${box.y} width=${box.width} height=${box.height}><title>${layerText(item)}</title></rect>
      ${hasRoom ? svg`<text x=${box.x + 4} y=${box.y + 14}>${name}</text>` : nothing}
    </g>` as TemplateResult;
  }
}

function layerText({ layer, elements, relative }: LayerNorm): string {
  const change = relative === null ? l10n.t('unknown') : `${numberText(Number((100 * relative).toPrecision(3)))} %`;
  return `${layer} · ${l10n.t('{0} parameters', countText(elements))} · ${change}`;
}

customElements.define('plinth-weight-map', WeightMap);
