import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import * as l10n from '@vscode/l10n';
import type { ThinEvent } from '../../../daemon/protocol/events.ts';
import { recentDayText } from '../../../daemon/shared/format.ts';
import { historyKinds, type HistoryKind } from '../../../daemon/shared/history.ts';
import { historyOf, type HistoryEntry } from '../../components/events.ts';
import { versionLink } from '../../components/layout/links.ts';
import { timeElement } from '../../components/values/time.ts';

/** How many entries are drawn at first, and more with each click. */
const step = 100;

/** The entries of a history by day. A person filters them by kind and by words. */
class HistoryEntries extends LitElement {
  static override properties = {
    model: {},
    events: { attribute: false },
    kind: { state: true },
    words: { state: true },
    shown: { state: true },
  };
  declare model: string;
  declare events: readonly ThinEvent[];
  /** Null for all kinds. */
  declare kind: HistoryKind | null;
  declare words: string;
  declare shown: number;
  #entries: readonly HistoryEntry[] = [];

  constructor() {
    super();
    this.model = '';
    this.events = [];
    this.kind = null;
    this.words = '';
    this.shown = step;
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override willUpdate(changed: PropertyValues): void {
    if (changed.has('events')) this.#entries = historyOf(this.events);
    if (changed.has('kind') || changed.has('words')) this.shown = step;
  }

  override render(): TemplateResult {
    const found = this.#entries.filter((entry) => hasWords(entry, this.words));
    const ofKind = found.filter(({ kind }) => this.kind === null || kind === this.kind);
    const days = Map.groupBy(ofKind.slice(0, this.shown), ({ at }) => recentDayText(at, Date.now(), language()));
    const rest = ofKind.length - this.shown;
    return html`${this.#tools(found)} ${ofKind.length === 0 ? html`<p class="count">${this.#emptyText()}</p>` : nothing}
    ${[...days].map(
      ([day, entries]) =>
        html`<h2 class="day">${day}</h2>
          <ol class="history-entries">
            ${repeat(
              entries,
              ({ seq }) => seq,
              (entry) => this.#entry(entry),
            )}
          </ol>`,
    )}
    ${rest > 0 ? html`<button class="link" @click=${() => (this.shown += step)}>${l10n.t('Show older entries ({0})', rest)}</button>` : nothing}`;
  }

  #emptyText(): string {
    return this.#entries.length === 0 ? l10n.t('Nothing has happened yet.') : l10n.t('No entries match the filter.');
  }

  #tools(found: readonly HistoryEntry[]): TemplateResult {
    const counts = Map.groupBy(found, ({ kind }) => kind);
    const present = historyKinds.filter((kind) => this.#entries.some((entry) => entry.kind === kind));
    const choice = (kind: HistoryKind | null, name: string, count: number): TemplateResult =>
      html`<button aria-pressed=${this.kind === kind} @click=${() => (this.kind = kind)}>
        ${name} <span class="count">${count}</span>
      </button>`;
    const input = (event: Event): void => void (this.words = (event.target as HTMLInputElement).value);
    return html`<div class="history-tools">
      <span role="group" aria-label=${l10n.t('Kind')} class="switch"
        >${choice(null, l10n.t('All'), found.length)}${present.map((kind) => choice(kind, kindName(kind), counts.get(kind)?.length ?? 0))}</span
      >
      <input
        type="search"
        class="filter"
        placeholder=${l10n.t('Filter by words, versions or people')}
        aria-label=${l10n.t('Filter')}
        .value=${this.words}
        @input=${input}
      />
    </div>`;
  }

  #entry({ seq, at, kind, text, reason, who, identity, versions }: HistoryEntry): TemplateResult {
    return html`<li title=${l10n.t('Event {0}', seq)} data-kind=${kind}>
      <span class="what">${linked(this.model, text, versions)}</span>
      ${reason === '' ? nothing : html`<q title=${reason}>${reason}</q>`}
      <span class="when count">${timeElement(at)} · <span title=${identity}>${who}</span></span>
    </li>`;
  }
}

function language(): string | undefined {
  return document.documentElement.lang || undefined;
}

function kindName(kind: HistoryKind): string {
  const names: Record<HistoryKind, string> = {
    stages: l10n.t('Stages and aliases'),
    versions: l10n.t('Versions'),
    reviews: l10n.t('Reviews'),
    texts: l10n.t('Comments and descriptions'),
    other: l10n.t('Other'),
  };
  return names[kind];
}

function hasWords({ text, reason, who }: HistoryEntry, words: string): boolean {
  const own = `${text}\n${reason}\n${who}`.toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => own.includes(word));
}

/** Makes links of the versions that an event names; a number in what a person wrote is none. */
function linked(model: string, text: string, versions: readonly number[]): (string | TemplateResult)[] {
  return text.split(/\b(v\d+)\b/).map((part) => {
    const number = /^v\d+$/.test(part) ? Number(part.slice(1)) : undefined;
    return number !== undefined && versions.includes(number) ? versionLink(model, number) : part;
  });
}

customElements.define('plinth-history-entries', HistoryEntries);
