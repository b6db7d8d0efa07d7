import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import * as l10n from '@vscode/l10n';
import { breakable } from '../names.ts';
import {
  arrangeCharts,
  chartSizes,
  moveChart,
  sectionKey,
  turnPin,
  turnSection,
  type ChartArrangement,
  type ChartSection,
} from './chart-arrangement.ts';
import type { ChartPlan } from './chart-plan.ts';

/** The arrangement of charts, and what changes it. */
export interface ChartGrid {
  arrangement: ChartArrangement;
  arrange(arrangement: ChartArrangement): void;
}

const dragType = 'application/x-plinth-chart';

/** Shows charts in sections that fold. A chart is moved by dragging its title, or with Alt and an arrow key. */
export function chartGrid(
  plans: readonly ChartPlan[],
  grid: ChartGrid,
  chart: (plan: ChartPlan, size: ChartArrangement['size'], isPinned: boolean) => TemplateResult,
): TemplateResult {
  const { arrangement, arrange } = grid;
  const sections = arrangeCharts(plans, arrangement);
  const hasHeads = sections.length > 1;
  const pin = (event: Event): void => arrange(turnPin(arrangement, (event as CustomEvent<string>).detail));
  return html`<div class=${`chart-sections charts-${arrangement.size}`} @plinth-pin-chart=${pin}>
    ${sections.map((section) => {
      const isClosed = hasHeads && arrangement.closed.includes(sectionKey(section));
      return html`${hasHeads ? sectionHead(section, isClosed, () => arrange(turnSection(arrangement, sectionKey(section)))) : nothing}
      ${
        isClosed
          ? nothing
          : html`<div class="charts">
              ${repeat(
                section.plans,
                ({ metric }) => metric,
                (plan) => movable(plan, sections, grid, chart(plan, arrangement.size, section.isPinned)),
              )}
            </div>`
      }`;
    })}
  </div>`;
}

function sectionHead({ prefix, isPinned, plans }: ChartSection, isClosed: boolean, turn: () => void): TemplateResult {
  const name = isPinned ? l10n.t('Pinned') : prefix === '' ? l10n.t('Other curves') : breakable(prefix);
  return html`<h3 class="chart-section">
    <button class="link fold-head" aria-expanded=${!isClosed} @click=${turn}>${name}</button>
    <span class="count">${plans.length}</span>
  </h3>`;
}

function movable(
  { metric }: ChartPlan,
  sections: readonly ChartSection[],
  { arrangement, arrange }: ChartGrid,
  content: TemplateResult,
): TemplateResult {
  const own = sections.find(({ plans }) => plans.some((plan) => plan.metric === metric))?.plans ?? [];
  const move = (from: string, to: string | undefined): void => {
    if (to !== undefined) arrange(moveChart(arrangement, sections, from, to));
  };
  const drop = (event: DragEvent): void => {
    const from = event.dataTransfer?.getData(dragType) ?? '';
    if (from === '') return;
    event.preventDefault();
    move(from, metric);
  };
  const keys = (event: KeyboardEvent): void => {
    const step = event.altKey ? { ArrowLeft: -1, ArrowRight: 1 }[event.key] : undefined;
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const place = event.currentTarget as HTMLElement;
    move(metric, own[own.findIndex((plan) => plan.metric === metric) + step]?.metric);
    requestAnimationFrame(() => place.querySelector<HTMLElement>('.plot')?.focus());
  };
  return html`<div
    class="chart-place"
    @dragstart=${(event: DragEvent) => event.dataTransfer?.setData(dragType, metric)}
    @dragover=${(event: DragEvent) => event.dataTransfer?.types.includes(dragType) && event.preventDefault()}
    @drop=${drop}
    @keydown=${{ handleEvent: keys, capture: true }}
  >
    ${content}
  </div>`;
}

/** Shows the sizes of charts. */
export function sizeSwitch({ arrangement, arrange }: ChartGrid): TemplateResult {
  return html`<span role="group" class="switch" aria-label=${l10n.t('Size of charts')}>
    ${chartSizes.map((size) => html`<button aria-pressed=${arrangement.size === size} @click=${() => arrange({ ...arrangement, size })}>${size}</button>`)}
  </span>`;
}
