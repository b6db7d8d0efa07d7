import { html, type TemplateResult } from 'lit';
import { createRef, ref } from 'lit/directives/ref.js';
import { plainTable } from '../section.ts';
import { chartMenu } from './chart-menu.ts';
import { standaloneSvg } from './standalone-svg.ts';

/** A chart that is drawn as one SVG, and its values as rows with a head. */
interface SvgChart {
  name: string;
  rows(): string[][];
  plot: TemplateResult;
  isTable: boolean;
  showTable(isTable: boolean): void;
}

/** Shows a chart or its table, with the menu of every chart. */
export function svgChart({ name, rows, plot, isTable, showTable }: SvgChart): TemplateResult {
  const part = createRef<HTMLElement>();
  const svg = (): string | undefined => {
    const drawn = part.value?.querySelector<SVGSVGElement>('svg');
    return drawn ? standaloneSvg(drawn) : undefined;
  };
  const [head = [], ...body] = isTable ? rows() : [];
  return html`<div class="svg-chart" ${ref(part)}>
    ${chartMenu({ name, rows, svg }, { isShown: isTable, show: showTable })}
    ${isTable ? plainTable(name, head, body) : plot}
  </div>`;
}
