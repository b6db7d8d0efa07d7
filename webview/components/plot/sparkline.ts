import { html, nothing, svg, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import { linearScale } from './scale.ts';

export interface SparkPoint {
  label: string;
  value: number;
  /** The version that the page is about, or the one that it is compared with. */
  mark?: 'subject' | 'baseline';
}

const padding = 4;
const maxPoints = 120;

/** Draws values in their order as a small line, with the marked ones as points. */
export function sparkline(points: readonly SparkPoint[], width = 72, height = 18): TemplateResult | typeof nothing {
  const finite = points.filter(({ value }) => Number.isFinite(value));
  if (finite.length < 2) return nothing;
  const shown = thinned(finite);
  const values = shown.map(({ value }) => value);
  const x = linearScale([0, shown.length - 1], padding, width - padding);
  const y = linearScale([Math.min(...values), Math.max(...values)], height - padding, padding);
  const places = shown.map((point, index) => ({ ...point, x: round(x(index)), y: round(y(point.value)) }));
  const marked = places.filter(({ mark }) => mark !== undefined);
  const first = shown[0]?.label ?? '';
  return html`<svg
    class="spark"
    width=${width}
    height=${height}
    role="img"
    aria-label=${l10n.t('{0} values from {1} to {2}', finite.length, first, shown.at(-1)?.label ?? '')}
  >
    <polyline points=${places.map((place) => `${place.x},${place.y}`).join(' ')}></polyline>
    ${marked.map((place) => svg`<circle class=${place.mark} cx=${place.x} cy=${place.y} r="2.5"><title>${place.label}: ${place.value}</title></circle>`)}
  </svg>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Returns as many points as can be told apart; marked ones are kept. */
export function thinned(points: readonly SparkPoint[]): readonly SparkPoint[] {
  if (points.length <= maxPoints) return points;
  const every = points.length / maxPoints;
  return points.filter(
    (point, index) =>
      point.mark !== undefined ||
      index === points.length - 1 ||
      Math.floor(index / every) !== Math.floor((index - 1) / every),
  );
}
