import { html, nothing, svg, type TemplateResult } from 'lit';
import { MeasuredElement } from '../../components/elements/measured-element.ts';
import * as l10n from '@vscode/l10n';
import type { MetricThreshold } from '../../../daemon/protocol/model.ts';
import { exactTimeText, rowFormat } from '../../../daemon/shared/format.ts';
import { trainedAt } from '../../../daemon/shared/version-time.ts';
import { versionLook } from '../../components/colours.ts';
import { chartMenu, type ChartContent } from '../../components/charts/chart-menu.ts';
import { standaloneSvg } from '../../components/charts/standalone-svg.ts';
import { host } from '../../components/host.ts';
import { setStyle } from '../../components/set-style.ts';
import { linearScale, timeTicks, valueTicks } from '../../components/plot/scale.ts';
import { axisTitle, readoutValue, secondMetric } from './second-metric.ts';
import { timelineRows, timelineTable } from './timeline-table.ts';
import type { Span } from './pointer-timeline.ts';
import {
  axisOf,
  bestSoFar,
  laneBars,
  nearestPoint,
  round,
  stepPath,
  usualAxis,
  valueRange,
  valuesOn,
  type Axis,
  type AxisKind,
  type Frame,
  type TimelineModel,
  type TimelinePoint,
} from './timeline-layout.ts';

const [plotHeight, laneHeight, axisHeight] = [206, 24, 22];
const narrow = 560;
/** What the axis of a second metric takes. */
const secondWidth = 52;

/** The metric of a model by version, and on the same axis what held each stage and alias when. Dragging zooms, a double click resets. */
class Timeline extends MeasuredElement {
  static override properties = {
    of: { attribute: false },
    kind: { state: true },
    zoom: { state: true },
    drag: { state: true },
    pointed: { state: true },
    table: { state: true },
  };
  declare of: TimelineModel | undefined;
  /** Null until a person chooses an axis. */
  declare kind: AxisKind | null;
  declare zoom: readonly [number, number] | null;
  /** Where a drag began and where it is, in pixels. */
  declare drag: readonly [number, number] | null;
  declare pointed: TimelinePoint | null;
  declare table: boolean;
  #points: TimelinePoint[] = [];
  #focused = 0;

  constructor() {
    super();
    this.kind = null;
    this.zoom = null;
    this.drag = null;
    this.pointed = null;
    this.table = false;
  }

  override render(): TemplateResult | typeof nothing {
    const { of, width } = this;
    if (!of || width === 0) return nothing;
    const now = Date.now();
    const right = width - (of.second ? secondWidth : 12);
    const isNarrow = width < narrow;
    const top = of.second && isNarrow ? 38 : 26;
    const frame: Frame = { left: isNarrow ? 78 : 104, right, top, bottom: plotHeight };
    const spans = [...of.lanes.values()].flat();
    const kind = this.kind ?? usualAxis(of.versions, frame.right - frame.left, now);
    const axis = axisOf(kind, of.versions, spans, now);
    const place = linearScale(this.zoom ?? axis.range, frame.left, frame.right);
    return html`<div class="timeline-tools">
        ${this.table ? nothing : this.#axisSwitch(kind)}
        ${this.zoom ? html`<button class="link" @click=${() => (this.zoom = null)}>${l10n.t('Reset zoom')}</button>` : nothing}
        ${this.#menu(of)}
      </div>
      ${this.table ? timelineTable(of) : this.#drawing(of, axis, place, frame)}`;
  }

  #drawing(of: TimelineModel, axis: Axis, place: (at: number) => number, frame: Frame): TemplateResult {
    const [width, now] = [this.width, Date.now()];
    const height = plotHeight + axisHeight + of.lanes.size * laneHeight + 4;
    return html` <div class="timeline">
      <svg
        width=${width}
        height=${height}
        role="group"
        aria-label=${l10n.t('{0} by version. Arrow keys move between versions, Enter opens one.', of.metric)}
        @pointerdown=${(event: PointerEvent) => this.#press(event)}
        @pointermove=${(event: PointerEvent) => this.#move(event)}
        @pointerup=${(event: PointerEvent) => this.#release(event, place, axis)}
        @pointerleave=${() => (this.pointed = null)}
        @dblclick=${() => (this.zoom = null)}
        @keydown=${(event: KeyboardEvent) => this.#key(event)}
      >
        ${this.#axisMarks(axis, place, frame, height)} ${this.#values(of, axis, place, frame)}
        ${this.#lanes(of, (at) => place(axis.ofTime(at)), frame, now)} ${this.#dragged(height)}
      </svg>
      ${this.#tooltip(of)}
    </div>`;
  }

  #menu(of: TimelineModel): TemplateResult | typeof nothing {
    const content: ChartContent = {
      name: [of.model, of.metric, ...(of.second ? [of.second.metric] : [])].join(' '),
      rows: () => timelineRows(of),
      svg: () => {
        const drawn = this.querySelector('svg');
        return drawn ? standaloneSvg(drawn) : undefined;
      },
    };
    return chartMenu(content, { isShown: this.table, show: (isShown) => (this.table = isShown) });
  }

  #axisSwitch(kind: AxisKind): TemplateResult {
    const choose = (chosen: AxisKind) => (): void => {
      this.kind = chosen;
      this.zoom = null;
    };
    const names: [AxisKind, string][] = [
      ['time', l10n.t('Time')],
      ['version', l10n.t('Version')],
    ];
    return html`<span role="group" aria-label=${l10n.t('X axis')} class="switch"
      >${names.map(([one, name]) => html`<button aria-pressed=${kind === one} @click=${choose(one)}>${name}</button>`)}</span
    >`;
  }

  #axisMarks(axis: Axis, place: (at: number) => number, { left, right, top }: Frame, height: number): TemplateResult {
    const [from, to] = this.zoom ?? axis.range;
    const most = Math.max(2, Math.floor((right - left) / 90));
    const ticks =
      axis.kind === 'time'
        ? timeTicks(from, to, most, document.documentElement.lang || undefined)
        : this.#versionTicks(from, to, most);
    return svg`<g class="axis">${ticks.map(({ at, label }) => {
      const x = round(place(at));
      return svg`<line x1=${x} x2=${x} y1=${top} y2=${height} /><text x=${Math.min(x, right - 20)} y=${plotHeight + 15} text-anchor="middle">${label}</text>`;
    })}</g>`;
  }

  #versionTicks(from: number, to: number, most: number): { at: number; label: string }[] {
    const ordered = (this.of?.versions ?? []).toSorted((a, b) => a.number - b.number);
    const first = Math.max(0, Math.ceil(from));
    const every = Math.max(1, Math.ceil((to - first) / most));
    const ticks = [];
    for (let at = first; at <= to && at < ordered.length; at += every)
      ticks.push({ at, label: `v${ordered[at]?.number}` });
    return ticks;
  }

  #values(of: TimelineModel, axis: Axis, place: (at: number) => number, frame: Frame): TemplateResult {
    const values = valuesOn(axis, of.versions, of.metric);
    const bounds = of.thresholds.filter(({ metric }) => metric === of.metric);
    this.#points = [];
    if (values.length === 0)
      return svg`<text x=${frame.left} y="60" class="empty">${l10n.t('No version has a number for this metric.')}</text>`;
    const range = valueRange([...values.map(({ value }) => value), ...bounds.map(({ value }) => value)]);
    const y = linearScale(range, frame.bottom, frame.top);
    const ticks = valueTicks(...range, 4);
    const format = rowFormat(ticks);
    const all = values.map(({ version, value }) => ({
      version,
      value,
      x: place(axis.ofVersion(version)),
      y: y(value),
    }));
    this.#points = all.filter(({ x }) => x >= frame.left - 1 && x <= frame.right + 1);
    const best = bestSoFar(
      values.map(({ value }) => value),
      of.direction,
    ).map((value, index) => ({ x: all[index]!.x, y: y(value) }));
    return svg`<g class="values">
      ${axisTitle(of, frame, 'start')}
      ${ticks.map((tick) => svg`<line class="grid" x1=${frame.left} x2=${frame.right} y1=${round(y(tick))} y2=${round(y(tick))} /><text x=${frame.left - 6} y=${round(y(tick)) + 4} text-anchor="end">${format(tick)}</text>`)}
      ${bounds.map((bound) => svg`<line class="bound" x1=${frame.left} x2=${frame.right} y1=${round(y(bound.value))} y2=${round(y(bound.value))}><title>${boundText(bound)}</title></line><text class="bound" x=${frame.right} y=${round(y(bound.value)) - 4} text-anchor="end">${boundText(bound)}</text>`)}
      <clipPath id="timeline-plot"><rect x=${frame.left - 6} y="0" width=${frame.right - frame.left + 12} height=${frame.bottom + 6} /></clipPath>
      <g clip-path="url(#timeline-plot)">
        <path class="best" d=${stepPath(best, frame.right)}></path>
        <polyline class="line" points=${all.map((point) => `${round(point.x)},${round(point.y)}`).join(' ')}></polyline>
      </g>
      ${of.second ? secondMetric(of.second, of.versions, axis, place, frame) : nothing}
      ${this.#points.map((point, index) => this.#mark(of, point, index))}
    </g>`;
  }

  #mark(of: TimelineModel, point: TimelinePoint, index: number): TemplateResult {
    const { version, x, y, value } = point;
    const production = of.lanes.get('production') ?? [];
    const held = production.some((span) => span.version === version.number);
    const isNow = production.some((span) => span.version === version.number && span.to === null);
    const kind = `mark-point ${held ? 'held' : ''} ${isNow ? 'now' : ''} ${of.selected.has(version.number) ? 'chosen' : ''}`;
    const label = `v${version.number}, ${of.metric} ${value}${isNow ? `, ${l10n.t('in production')}` : ''}`;
    return svg`<g class=${kind} role="link" data-index=${index} tabindex=${index === this.#focused ? 0 : -1} aria-label=${label} @focus=${() => this.#focus(index)}>
      ${isNow ? svg`<circle class="ring" cx=${round(x)} cy=${round(y)} r="7.5" />` : nothing}
      <circle cx=${round(x)} cy=${round(y)} r="4" />
    </g>`;
  }

  #lanes(of: TimelineModel, place: (at: number) => number, frame: Frame, now: number): TemplateResult {
    const order = [...new Set([...of.lanes.values()].flat().map(({ version }) => version))];
    const rows = [...of.lanes].map(([name, spans], index) => {
      const top = plotHeight + axisHeight + index * laneHeight;
      const fits = Math.floor((frame.left - 10) / 6.6);
      const short = name.length > fits ? `${name.slice(0, fits - 1)}…` : name;
      return svg`<g>
        <text x=${frame.left - 8} y=${top + 15} text-anchor="end">${short}<title>${name}</title></text>
        ${laneBars(spans, place, frame, now).map(
          ({
            span,
            x,
            width,
            label,
          }) => svg`<g class=${`lane-bar c${versionLook(order.indexOf(span.version)).colour}`} data-version=${span.version}>
            <rect x=${round(x)} y=${top + 2} width=${round(Math.max(1, width - 1))} height=${laneHeight - 6} rx="2"></rect>
            <text x=${round(x + 4)} y=${top + 15}>${label}</text>
            <title>${spanText(name, span)}</title>
          </g>`,
        )}
      </g>`;
    });
    return svg`<g class="lanes-part">${rows}</g>`;
  }

  #dragged(height: number): TemplateResult | typeof nothing {
    if (!this.drag || Math.abs(this.drag[1] - this.drag[0]) < 4) return nothing;
    const [from, to] = this.drag;
    return svg`<rect class="brush" x=${Math.min(from, to)} y="0" width=${Math.abs(to - from)} height=${height}></rect>`;
  }

  #tooltip(of: TimelineModel): TemplateResult | typeof nothing {
    const point = this.pointed;
    if (!point) return nothing;
    const { version, value } = point;
    const places = [version.stage, ...version.aliases.map((alias) => `@${alias}`)].join(' · ');
    const place = { left: `${Math.max(0, Math.min(point.x + 12, this.width - 284))}px`, top: `${point.y + 10}px` };
    const row = (name: string, shown: string): TemplateResult =>
      html`<span>${name}</span><span></span><span class="number">${shown}</span>`;
    return html`<div class="readout timeline-readout" ${setStyle(place)}>
      <strong>v${version.number} <span class="count">${places}</span></strong>
      ${row(of.metric, rowFormat([value])(value))}
      ${of.second ? row(of.second.metric, readoutValue(version, of.second.metric)) : nothing}
      ${row(l10n.t('trained'), exactTimeText(trainedAt(version)))}
    </div>`;
  }

  #placeOf(event: PointerEvent): [number, number] {
    const box = (event.currentTarget as SVGElement).getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  #press(event: PointerEvent): void {
    const [x] = this.#placeOf(event);
    if (event.button === 0) this.drag = [x, x];
  }

  #move(event: PointerEvent): void {
    const [x, y] = this.#placeOf(event);
    if (this.drag) this.drag = [this.drag[0], x];
    this.pointed = nearestPoint(this.#points, x, y) ?? null;
  }

  /** A drag zooms; a click opens the version, or selects it with a modifier key. */
  #release(event: PointerEvent, place: (at: number) => number, axis: Axis): void {
    const drag = this.drag;
    this.drag = null;
    const [x, y] = this.#placeOf(event);
    if (drag && Math.abs(drag[1] - drag[0]) >= 12) {
      const [low, high] = this.zoom ?? axis.range;
      const [left, right] = [place(low), place(high)];
      const back = linearScale([left, right], low, high);
      const ends = drag.map((end) => back(Math.max(left, Math.min(right, end)))) as [number, number];
      this.zoom = [Math.min(...ends), Math.max(...ends)];
      return;
    }
    const bar = (event.target as Element).closest('[data-version]')?.getAttribute('data-version');
    const point = nearestPoint(this.#points, x, y);
    const number = point?.version.number ?? (bar ? Number(bar) : undefined);
    if (number === undefined) return;
    if (event.shiftKey || event.ctrlKey || event.metaKey)
      this.dispatchEvent(new CustomEvent('plinth-toggle', { detail: number, bubbles: true }));
    else this.#open(number);
  }

  #open(number: number): void {
    host.post({ kind: 'open', place: { page: 'version', model: this.of?.model ?? '', version: String(number) } });
  }

  #focus(index: number): void {
    this.#focused = index;
    this.pointed = this.#points[index] ?? null;
  }

  #key(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step !== undefined) {
      this.#focused = Math.max(0, Math.min(this.#points.length - 1, this.#focused + step));
      this.querySelector<SVGElement>(`[data-index="${this.#focused}"]`)?.focus();
      event.preventDefault();
    }
    const point = this.#points[this.#focused];
    if (event.key === 'Enter' && point) this.#open(point.version.number);
  }
}

function boundText({ kind, name, bound, value }: MetricThreshold): string {
  const label = kind === 'alias' ? `@${name}` : name;
  return bound === 'at least'
    ? l10n.t('{0} requires at least {1}', label, value)
    : l10n.t('{0} requires at most {1}', label, value);
}

function spanText(lane: string, { version, from, to, actor, reason, isRollback }: Span): string {
  const until = to === null ? l10n.t('now') : exactTimeText(to);
  const how = isRollback ? ` · ${l10n.t('rolled back')}` : '';
  return `${lane}: v${version} · ${exactTimeText(from)} – ${until} · ${actor}${how}${reason === '' ? '' : ` · “${reason}”`}`;
}

customElements.define('plinth-timeline', Timeline);
