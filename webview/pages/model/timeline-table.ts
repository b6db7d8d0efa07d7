import { html, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { Version } from '../../../daemon/protocol/model.ts';
import { exactTimeText, numberText } from '../../../daemon/shared/format.ts';
import { metricOf } from '../../../daemon/shared/metrics.ts';
import { trainedAt } from '../../../daemon/shared/version-time.ts';
import { plainTable } from '../../components/section.ts';
import type { TimelineModel } from './timeline-layout.ts';

/** Returns the values of a timeline as rows, the newest version first after the head. */
export function timelineRows({ versions, metric, second }: TimelineModel): string[][] {
  const names = [metric, ...(second ? [second.metric] : [])];
  const valueOf = ({ metrics }: Version, name: string): string => {
    const value = metricOf(metrics, name);
    return value === undefined ? '' : numberText(value, 15);
  };
  const rows = versions
    .toSorted((a, b) => b.number - a.number)
    .map((version) => [
      `v${version.number}`,
      ...names.map((name) => valueOf(version, name)),
      [
        ...(version.stage === 'development' ? [] : [version.stage]),
        ...version.aliases.map((alias) => `@${alias}`),
      ].join(' '),
      exactTimeText(trainedAt(version)),
    ]);
  return [[l10n.t('Version'), ...names, l10n.t('Stage'), l10n.t('Trained')], ...rows];
}

const maxRows = 500;

export function timelineTable(of: TimelineModel): TemplateResult {
  const [head = [], ...rows] = timelineRows(of);
  const left = rows.length - maxRows;
  const more = left > 0 ? html`<p class="count">${l10n.t('{0} more rows are in the CSV.', left)}</p>` : nothing;
  return html`<div class="timeline-table">${plainTable(of.metric, head, rows.slice(0, maxRows))}${more}</div>`;
}
