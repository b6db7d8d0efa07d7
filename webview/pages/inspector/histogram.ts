import { html, svg, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { TensorHistogram } from '../../../daemon/protocol/tensors.ts';
import { countText, rowFormat } from '../../../daemon/shared/format.ts';
import { svgChart } from '../../components/charts/svg-chart.ts';
import { linearScale, valueTicks } from '../../components/plot/scale.ts';

const [width, height] = [340, 150];
const margin = { left: 48, right: 12, top: 8, bottom: 34 };

/** Shows how many numbers lie in each part of their range, as a chart or as a table. */
export function histogramFigure(
  name: string,
  histogram: TensorHistogram,
  table: { isShown: boolean; show(isShown: boolean): void },
): TemplateResult {
  const { from, to, counts } = histogram;
  const edge = (index: number): string => String(from + ((to - from) * index) / counts.length);
  const rows = (): string[][] => [
    [l10n.t('from'), l10n.t('to'), l10n.t('count')],
    ...counts.map((count, index) => [edge(index), edge(index + 1), String(count)]),
  ];
  const plot = histogramPlot(histogram);
  const label = l10n.t('Histogram of {0}', name);
  return svgChart({ name: label, rows, plot, isTable: table.isShown, showTable: table.show });
}

function histogramPlot({ from, to, counts }: TensorHistogram): TemplateResult {
  const most = Math.max(1, ...counts);
  const [right, floor] = [width - margin.right, height - margin.bottom];
  const x = linearScale([from, to], margin.left, right);
  const y = linearScale([0, most], floor, margin.top);
  const step = (right - margin.left) / counts.length;
  const edge = (index: number): number => from + ((to - from) * index) / counts.length;
  const ticks = from === to ? [from] : valueTicks(from, to, 4);
  const number = rowFormat(ticks);
  const name = (index: number): string => {
    const few = rowFormat([edge(index), edge(index + 1)]);
    return l10n.t('{0} to {1}: {2}', few(edge(index)), few(edge(index + 1)), countText(counts[index] ?? 0));
  };
  const fullest = name(counts.indexOf(Math.max(...counts)));
  return html`<figure class="histogram">
    <svg
      width=${width}
      height=${height}
      viewBox=${`0 0 ${width} ${height}`}
      role="img"
      aria-label=${l10n.t('Histogram with {0} bins; most numbers are in {1}', counts.length, fullest)}
    >
      ${counts.map((count, index) => {
        const top = count === 0 ? floor : Math.min(floor - 1, y(count));
        return svg`<g class="bin"><title>${name(index)}</title>
          <rect class="area" x=${margin.left + index * step} y=${margin.top} width=${step} height=${floor - margin.top}></rect>
          <rect x=${margin.left + index * step} y=${top} width=${Math.max(1, step - 0.5)} height=${floor - top}></rect>
        </g>`;
      })}
      <path class="axis" d=${`M${margin.left} ${margin.top}V${floor}H${right}`}></path>
      ${ticks.map((value) => svg`<text x=${x(value)} y=${floor + 13} text-anchor="middle">${number(value)}</text>`)}
      ${[0, most].map((count) => svg`<text x=${margin.left - 4} y=${y(count) + 4} text-anchor="end">${shortCount(count)}</text>`)}
      <text class="axis-title" x=${(margin.left + right) / 2} y=${height - 4} text-anchor="middle">
        ${l10n.t('value')}
      </text>
    </svg>
    <figcaption>${l10n.t('Count by value')}</figcaption>
  </figure>`;
}

function shortCount(count: number): string {
  return count < 100_000 ? countText(count) : count.toExponential(1).replace('e+', 'e');
}
