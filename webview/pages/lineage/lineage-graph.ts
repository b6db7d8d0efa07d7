import { html, nothing, svg, type TemplateResult } from 'lit';
import { MeasuredElement } from '../../components/elements/measured-element.ts';
import * as l10n from '@vscode/l10n';
import { middleEllipsis } from '../../components/names.ts';
import { layoutAcross, layoutDown, type PlacedGraph, type PlacedNode } from './graph-layout.ts';
import { signs, type LineageGraph, type LineageNode } from './lineage-nodes.ts';

/** The event of the graph when a person chooses a node, and when they open one. Its detail is the node. */
export const [chooseNodeEvent, openNodeEvent] = ['plinth-node', 'plinth-open-node'];

const narrow = 700;
const margin = 12;
const [minZoom, maxZoom] = [0.3, 2];
const panStep = 60;
interface View {
  x: number;
  y: number;
  zoom: number;
}

/** The graph of a lineage. Dragging and the arrow keys move it, the buttons zoom. A click chooses a node, a second one opens it. */
class Graph extends MeasuredElement {
  static override properties = {
    of: { attribute: false },
    chosen: {},
    view: { state: true },
  };
  declare of: LineageGraph | undefined;
  /** The id of the chosen node. */
  declare chosen: string;
  /** Null while all of the graph is shown. */
  declare view: View | null;
  #drag: { x: number; y: number; from: View } | undefined;

  constructor() {
    super();
    this.chosen = '';
    this.view = null;
  }

  override render(): TemplateResult | typeof nothing {
    const { of, width } = this;
    if (!of || width === 0) return nothing;
    const graph =
      width < narrow ? layoutDown(of.nodes, of.edges, width - 2 * margin) : layoutAcross(of.nodes, of.edges);
    const fit = fitted(graph, width);
    const { x, y, zoom } = this.view ?? fit;
    const height = Math.max(120, graph.height * fit.zoom + 2 * margin);
    return html`<div class="graph-tools">
        ${this.#tool('+', l10n.t('Zoom in'), () => this.#zoom(fit, 1.25))}
        ${this.#tool('−', l10n.t('Zoom out'), () => this.#zoom(fit, 0.8))}
        ${this.#tool('⤢', l10n.t('Show all'), () => (this.view = null))}
      </div>
      <svg
        class="graph"
        width=${width}
        height=${height}
        role="group"
        tabindex="0"
        aria-label=${l10n.t('Lineage graph. Tab moves between nodes, Enter opens one, arrow keys move the graph.')}
        @pointerdown=${(event: PointerEvent) => this.#press(event, fit)}
        @pointermove=${(event: PointerEvent) => this.#move(event)}
        @pointerup=${() => (this.#drag = undefined)}
        @pointerleave=${() => (this.#drag = undefined)}
        @keydown=${(event: KeyboardEvent) => this.#key(event, fit)}
      >
        <g transform=${`translate(${x} ${y}) scale(${zoom})`}>
          ${graph.edges.map(({ path }) => svg`<path class="edge" d=${path}></path>`)}
          ${graph.nodes.map((placed) => this.#node(placed))}
        </g>
      </svg>`;
  }

  #tool(sign: string, label: string, act: () => void): TemplateResult {
    return html`<button class="icon" title=${label} @click=${act}>${sign}</button>`;
  }

  #node({ node, x, y, width, height }: PlacedNode<LineageNode>): TemplateResult {
    const { title, fact, changed, kind, isUnknown, id } = node;
    const characters = Math.floor((width - 40) / 7);
    const second = changed === '' ? fact : changed;
    const state = `${isUnknown ? 'unknown' : ''} ${changed === '' ? '' : 'changed'} ${id === this.chosen ? 'chosen' : ''} ${node.isSibling ? 'sibling' : ''}`;
    const open = (): void => this.#announce(openNodeEvent, node);
    const choose = (): void => (id === this.chosen ? open() : this.#announce(chooseNodeEvent, node));
    const key = (event: KeyboardEvent): void => {
      if (event.key === 'Enter') open();
      if (event.key === ' ') choose();
    };
    return svg`<g class=${`node ${kind} ${state}`} role="button" tabindex="0" aria-pressed=${id === this.chosen} transform=${`translate(${x} ${y})`} @click=${choose} @keydown=${key} @focus=${() => this.#announce(chooseNodeEvent, node)}>
      <title>${[title, fact, changed].join('\n')}</title>
      <rect width=${width} height=${height} rx="4"></rect>
      <text class="sign" aria-hidden="true" x="10" y="20">${signs[kind]}</text>
      <text class="title" x="32" y="20">${middleEllipsis(title, characters)}</text>
      <text class="fact" x="32" y="36">${middleEllipsis(second, characters)}</text>
    </g>`;
  }

  #announce(name: string, node: LineageNode): void {
    this.dispatchEvent(new CustomEvent(name, { detail: node, bubbles: true }));
  }

  #zoom(fit: View, factor: number): void {
    const { x, y, zoom } = this.view ?? fit;
    const next = Math.min(maxZoom, Math.max(minZoom, zoom * factor));
    const middle = this.width / 2;
    this.view = { x: middle - ((middle - x) * next) / zoom, y, zoom: next };
  }

  #press(event: PointerEvent, fit: View): void {
    if (event.button === 0) this.#drag = { x: event.clientX, y: event.clientY, from: this.view ?? fit };
  }

  #move(event: PointerEvent): void {
    if (!this.#drag || event.buttons === 0) return;
    const { x, y, from } = this.#drag;
    const [dx, dy] = [event.clientX - x, event.clientY - y];
    if (Math.hypot(dx, dy) > 4) this.view = { ...from, x: from.x + dx, y: from.y + dy };
  }

  #key(event: KeyboardEvent, fit: View): void {
    const [dx, dy] = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key] ?? [
      0, 0,
    ];
    if (dx === 0 && dy === 0) return;
    event.preventDefault();
    const from = this.view ?? fit;
    this.view = { ...from, x: from.x + (dx ?? 0) * panStep, y: from.y + (dy ?? 0) * panStep };
  }
}

/** Returns the view that shows all of a graph, in its own size if there is room. */
function fitted(graph: PlacedGraph<LineageNode>, width: number): View {
  const zoom = Math.min(1, (width - 2 * margin) / Math.max(1, graph.width));
  return { x: Math.max(margin, (width - graph.width * zoom) / 2), y: margin, zoom };
}

customElements.define('plinth-lineage-graph', Graph);
