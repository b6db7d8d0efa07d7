import { html, svg, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { MetricHistory } from '../../../daemon/protocol/routes/models.ts';
import { jumpToCurve } from './jump.ts';
import { height, layOutSparkline, width } from './layout/sparkline.ts';

/** Shows how a metric went over the versions of the model. A click goes to its curve. */
export function sparklineCell(
  history: MetricHistory | null,
  metric: string,
  compared: readonly (number | null)[],
  hasCurve: boolean,
  expand: { isExpanded: boolean; turn(): void },
): TemplateResult {
  const found = history ? layOutSparkline(history, metric, compared) : undefined;
  if (!history || !found) return html`<td role="cell" class="spark"></td>`;
  const label = l10n.t('{0} over {1} versions', metric, history.versions.length);
  const drawn = html`<svg class="sparkline" width=${width} height=${height} role="img" aria-label=${label}>
    ${svg`<polyline points=${found.path} />`}
    ${found.marks.map(({ x, y, place }) => svg`<circle class=${`c${place % 8}`} cx=${x} cy=${y} r="2.5" />`)}
  </svg>`;
  return html`<td role="cell" class="spark">
    ${hasCurve ? html`<button class="bare" title=${l10n.t('Show the curve of {0}', metric)} @click=${() => jumpToCurve(metric)}>${drawn}</button>` : html`<span title=${label}>${drawn}</span>`}${expandButton(metric, expand)}
  </td>`;
}

function expandButton(metric: string, { isExpanded, turn }: { isExpanded: boolean; turn(): void }): TemplateResult {
  const label = l10n.t('Show {0} of all versions', metric);
  return html`<button class="bare expand" aria-expanded=${isExpanded} aria-label=${label} title=${label} @click=${turn}>
    ⤢
  </button>`;
}
