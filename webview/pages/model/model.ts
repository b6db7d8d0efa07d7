import { html, nothing, svg, type TemplateResult } from 'lit';
import type { Pointer, Version } from '../../../daemon/protocol/model.ts';
import type { ModelView } from '../../protocol.ts';
import { eventRows } from '../../components/events.ts';
import { host } from '../../components/host.ts';
import { setStyle } from '../../components/set-style.ts';
import * as l10n from '@vscode/l10n';
import { button, menuFor, plainTable, section } from '../../components/section.ts';
import { cellText, timeText } from '../../components/text.ts';
import { cardActs, cardText } from './card.ts';
import { lanesOf } from './pointer-timeline.ts';
import { referenceTo } from '../../../daemon/shared/references.ts';
import { numberText, sizeText } from '../../../daemon/shared/format.ts';
import { orderMetricNames } from '../../../daemon/shared/metrics.ts';
import { pointerText } from '../../../daemon/shared/event-text.ts';

export interface ModelLook {
  metric: string | undefined;
  setMetric(metric: string): void;
  chosen: ReadonlySet<number>;
  choose(version: number): void;
  canChange: boolean;
}

/** Shows one model over its versions: a metric, which version held each stage and alias when, and all versions to choose from. */
export function modelPage(view: ModelView, look: ModelLook): TemplateResult {
  const { model, versions, history } = view;
  const names = orderMetricNames(versions, model.primaryMetric?.name ?? null);
  const metric = look.metric ?? names[0];
  return html`<header>
      <h1>${model.name}</h1>
      <p class="summary">${model.description === '' ? l10n.t('{0} versions', model.versions) : model.description}</p>
      <div class="acts">
        ${button(l10n.t('Compare Selected'), () => compare(model.name, look.chosen), look.chosen.size >= 2)}
        ${referencesButton(view)}
      </div>
    </header>
    <main>
      ${section('review', l10n.t('Needs attention'), toLookAfter(view.reasons ?? []))}
      ${section('held', l10n.t('Stages and aliases'), pointers(model.name, model.pointers, look.canChange))}
      ${section('metric', l10n.t('Metric by version'), metric === undefined ? nothing : chart(versions, metric), picker(names, metric, look))}
      ${section('lanes', l10n.t('Stage history'), drawLanes(view))}
      ${section('versions', l10n.t('Versions'), versionTable(versions, names.slice(0, 4), look))}
      ${section('card', l10n.t('Card'), cardText(view.card), cardActs(view, look.canChange))}
      ${section('history', l10n.t('History'), plainTable(l10n.t('History'), [l10n.t('When'), l10n.t('What'), l10n.t('By'), l10n.t('Event')], eventRows(history)))}
    </main>`;
}

/** Shows how many references load it, in an editor whose workspace has some. */
function referencesButton({ model, references = 0 }: ModelView): TemplateResult | typeof nothing {
  if (references === 0) return nothing;
  const text =
    references === 1 ? l10n.t('1 reference in this workspace') : l10n.t('{0} references in this workspace', references);
  return button(text, () => host.post({ kind: 'references', model: model.name }));
}

function toLookAfter(reasons: readonly string[]): TemplateResult | typeof nothing {
  return reasons.length === 0
    ? nothing
    : html`<ul>
        ${reasons.map((reason) => html`<li>${reason}</li>`)}
      </ul>`;
}

function compare(model: string, chosen: ReadonlySet<number>): void {
  const versions = [...chosen].toSorted((a, b) => a - b).map((number) => referenceTo(model, number));
  if (versions.length >= 2) host.post({ kind: 'open', place: { page: 'compare', versions } });
}

function picker(
  names: readonly string[],
  metric: string | undefined,
  look: ModelLook,
): TemplateResult | typeof nothing {
  if (names.length === 0) return nothing;
  return html`<label
    >${l10n.t('Metric')}
    <select @change=${(event: Event) => look.setMetric((event.target as HTMLSelectElement).value)}>
      ${names.map((name) => html`<option value=${name} ?selected=${name === metric}>${name}</option>`)}
    </select></label
  >`;
}

function pointers(model: string, found: readonly Pointer[], canChange: boolean): TemplateResult | typeof nothing {
  const held = found.filter(({ holder }) => holder !== null);
  const rows = held.map((pointer) => [
    pointerText(pointer),
    html`<button
      class="link"
      @click=${() => host.post({ kind: 'open', place: { page: 'version', model, version: String(pointer.holder) } })}
    >
      v${pointer.holder}
    </button>`,
    pointer.reason,
    `${timeText(pointer.at)} · ${pointer.actor}`,
    canChange && pointer.previous.length > 0
      ? html`${button(l10n.t('Roll Back…'), () => host.post({ kind: 'rollBack', model, pointer: pointer.kind, name: pointer.name }), false, l10n.t('Roll back {0}', pointer.name))}`
      : '',
  ]);
  return plainTable(
    l10n.t('Stages and aliases'),
    [l10n.t('Name'), l10n.t('Version'), l10n.t('Reason'), l10n.t('Since'), ''],
    rows,
  );
}

const width = 720;
const tall = 160;

/** Draws one point per version. Its number and value are also available to screen readers. */
function chart(versions: readonly Version[], metric: string): TemplateResult {
  const points = versions
    .flatMap(({ number, metrics }) => (typeof metrics[metric] === 'number' ? [{ number, value: metrics[metric] }] : []))
    .toReversed();
  const values = points.map(({ value }) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (index: number): number => 40 + (points.length < 2 ? 0 : (index * (width - 60)) / (points.length - 1));
  const y = (value: number): number =>
    10 + (high === low ? (tall - 40) / 2 : ((high - value) * (tall - 40)) / (high - low));
  const path = points.map(({ value }, index) => `${x(index)},${y(value)}`).join(' ');
  if (points.length === 0) return html`<p class="count">${l10n.t('No version has a numeric value.')}</p>`;
  return html`<svg
    class="over"
    viewBox="0 0 ${width} ${tall}"
    role="img"
    aria-label=${l10n.t('{0} over {1} versions, from {2} to {3}', metric, points.length, numberText(low), numberText(high))}
  >
    <polyline points=${path} fill="none" />
    ${points.map(
      (
        { number, value },
        index,
      ) => svg`<g><circle cx=${x(index)} cy=${y(value)} r="4"><title>v${number} · ${numberText(value)}</title></circle>
      ${points.length <= 40 ? svg`<text x=${x(index)} y=${tall - 8} text-anchor="middle">v${number}</text>` : nothing}</g>`,
    )}
    <text x="0" y="16">${numberText(high)}</text>
    <text x="0" y=${tall - 24}>${high === low ? '' : numberText(low)}</text>
  </svg>`;
}

/** Draws a bar for each period in which a version held a stage or alias, and the same as a table for people who prefer to read. */
function drawLanes({ history }: ModelView): TemplateResult | typeof nothing {
  const found = [...lanesOf(history)];
  if (found.length === 0) return nothing;
  const now = Date.now();
  const begin = Math.min(...found.flatMap(([, spans]) => spans.map(({ from }) => from)));
  const share = (at: number): string => `${(100 * (at - begin)) / Math.max(1, now - begin)}%`;
  const bars = found.map(
    ([name, spans]) =>
      html`<div class="lane">
        <span class="name">${name}</span>
        <span class="bars"
          >${spans.map(({ version, from, to }) => {
            const place = { left: share(from), width: `calc(${share(to ?? now)} - ${share(from)})` };
            return html`<span class="bar" ${setStyle(place)} title=${`v${version}`}>v${version}</span>`;
          })}</span
        >
      </div>`,
  );
  const rows = found.flatMap(([name, spans]) =>
    spans.map(({ version, from, to }) => [
      name,
      `v${version}`,
      timeText(from),
      to === null ? l10n.t('now') : timeText(to),
    ]),
  );
  const table = plainTable(
    l10n.t('Stage history'),
    [l10n.t('Name'), l10n.t('Version'), l10n.t('From'), l10n.t('To')],
    rows.toReversed(),
  );
  return html`<div class="lanes" aria-hidden="true">${bars}</div>
    <details>
      <summary>${l10n.t('Show as table')}</summary>
      ${table}
    </details>`;
}

function versionTable(
  versions: readonly Version[],
  names: readonly string[],
  look: ModelLook,
): TemplateResult | typeof nothing {
  const rows = versions.map((version) => {
    const open = (): void =>
      host.post({ kind: 'open', place: { page: 'version', model: version.model, version: String(version.number) } });
    return [
      html`<label
          ><input
            type="checkbox"
            .checked=${look.chosen.has(version.number)}
            @change=${() => look.choose(version.number)}
            aria-label=${l10n.t('Select v{0}', version.number)}
        /></label>
        <button class="link" data-vscode-context=${menuFor(referenceTo(version.model, version.number))} @click=${open}>
          v${version.number}
        </button>`,
      [version.stage, ...version.aliases.map((alias) => `@${alias}`)].join(' '),
      ...names.map((name) => cellText(version.metrics[name])),
      version.framework,
      sizeText(version.size),
      timeText(version.createdAt),
    ];
  });
  return plainTable(
    l10n.t('Versions'),
    [l10n.t('Version'), l10n.t('Stage'), ...names, l10n.t('Framework'), l10n.t('Size'), l10n.t('Registered')],
    rows,
  );
}
