import { html, nothing, svg, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import { host } from '../../components/host.ts';
import { middleEllipsis } from '../../components/names.ts';
import { layoutDown, type PlacedNode } from './graph-layout.ts';
import { lineageGraph, signs, type LineageNode, type LineageSource } from './lineage-nodes.ts';

const width = 320;
const characterWidth = 7.2;
/** Of more nodes only the kinds are counted; the whole graph is one click away. */
const maxNodes = 12;

/**
 * Draws the lineage of a version as a small graph from top to bottom, a picture whose nodes lead to their pages. What differs from the
 * version that it is compared with is outlined.
 */
export function miniLineage(of: LineageSource): TemplateResult | typeof nothing {
  const { lineage, version } = of.detail;
  if (!lineage) return nothing;
  const { nodes, edges } = lineageGraph(of);
  if (nodes.length > maxNodes) return nothing;
  const graph = layoutDown(nodes, edges, width - 2);
  const whole = { page: 'lineage', model: version.model, version: String(version.number) } as const;
  const summary = nodes.map(({ title, changed }) => (changed === '' ? title : `${title} (${changed})`)).join(', ');
  const open = ({ place }: LineageNode): void => host.post({ kind: 'open', place: place ?? whole });
  return html`<svg
    class="mini-lineage"
    viewBox=${`-1 -1 ${width} ${Math.ceil(graph.height) + 2}`}
    role="img"
    aria-label=${l10n.t('Lineage: {0}', summary)}
  >
    ${graph.edges.map(({ path }) => svg`<path class="edge" d=${path}></path>`)}
    ${graph.nodes.map((placed) => miniNode(placed, open))}
  </svg>`;
}

function miniNode(
  { node, x, y, width: own, height }: PlacedNode<LineageNode>,
  open: (node: LineageNode) => void,
): TemplateResult {
  const { title, fact, changed, kind, isUnknown } = node;
  const characters = Math.floor((own - 36) / characterWidth);
  const state = `${isUnknown ? 'unknown' : ''} ${changed === '' ? '' : 'changed'}`;
  return svg`<g class=${`node ${kind} ${state}`} transform=${`translate(${x} ${y})`} @click=${() => open(node)}>
    <title>${[title, fact, changed].filter((part) => part !== '').join('\n')}</title>
    <rect width=${own} height=${height} rx="4"></rect>
    <text class="sign" x="8" y="20">${signs[kind]}</text>
    <text class="title" x="28" y="20">${middleEllipsis(title, characters)}</text>
    <text class="fact" x="28" y="36">${middleEllipsis(changed === '' ? fact : changed, characters)}</text>
  </g>`;
}
