import { html, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { MetricRow } from '../../../daemon/protocol/comparison.ts';
import { judge } from '../../../daemon/shared/comparison-summary.ts';
import { rowFormat } from '../../../daemon/shared/format.ts';
import { isQuality, metricOf, leadingMetrics, orderMetricNames, splitOf } from '../../../daemon/shared/metrics.ts';
import { sparkline, type SparkPoint } from '../../components/plot/sparkline.ts';
import { judgedDelta } from '../../components/values/delta.ts';
import type { VersionView } from '../../protocol.ts';

const maxTiles = 4;

/** Returns the metric's values over all versions, this one and its baseline marked. */
export function historyPoints({ siblings, detail, baseline }: VersionView, metric: string): SparkPoint[] {
  return siblings.flatMap(({ number, metrics }): SparkPoint[] => {
    const value = metricOf(metrics, metric);
    if (typeof value !== 'number') return [];
    const mark = number === detail.version.number ? 'subject' : number === baseline?.number ? 'baseline' : undefined;
    return [{ label: `v${number}`, value, ...(mark ? { mark } : {}) }];
  });
}

/** Shows the metrics that say most: value, difference to the baseline, and how it went over the versions. */
export function metricTiles(view: VersionView, rows: ReadonlyMap<string, MetricRow>): TemplateResult | typeof nothing {
  const { detail, model, baseline } = view;
  const { metrics } = detail.version;
  const names = orderMetricNames([{ metrics }], leadingMetrics(model))
    .filter((name, index) => index === 0 || (isQuality(name) && splitOf(name) !== 'training'))
    .slice(0, maxTiles);
  if (names.length === 0) return nothing;
  return html`<ul class="tiles" aria-label=${l10n.t('Most informative metrics')}>
    ${names.map((name) => {
      const value = metrics[name];
      const row = rows.get(name);
      const shown = typeof value === 'number' ? rowFormat([value])(value) : String(value);
      return html`<li class="tile">
        <span class="name" title=${name}
          >${name === model.primaryMetric?.name ? html`<span title=${l10n.t('Primary metric')}>★</span> ` : nothing}${name}</span
        >
        <strong class="number">${shown}</strong>
        <span class="tile-delta"
          >${row ? judgedDelta(row.deltas[1] ?? null, judge(row, 1)) : nothing}
          ${row && baseline ? html`<small>${l10n.t('to v{0}', baseline.number)}</small>` : nothing}</span
        >
        ${sparkline(historyPoints(view, name), 110, 26)}
      </li>`;
    })}
  </ul>`;
}
