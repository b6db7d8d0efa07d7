import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import { sizeText } from '../../../daemon/shared/format.ts';
import { HostMessages } from '../../components/elements/host-messages.ts';
import { host } from '../../components/host.ts';
import { breakable } from '../../components/names.ts';
import type { ComparableVersion, ToPage } from '../../protocol.ts';
import { changedTensors, type ChangedTensors } from './changed-tensors.ts';

/** The event when a comparison ended. Its detail is `ChangedTensors`. */
export const changedTensorsEvent = 'plinth-changed-tensors';

type State =
  | { kind: 'asked' }
  | { kind: 'reading'; done: number; total: number }
  | { kind: 'compared'; changed: ChangedTensors }
  | { kind: 'problem'; text: string };

/** Compares the weights of a file with those of a version that a person chooses. */
class FileComparison extends LitElement {
  static override properties = { path: {}, comparable: { attribute: false }, state: { state: true } };
  declare path: string;
  declare comparable: readonly ComparableVersion[];
  declare state: State;
  #job = '';
  #baseline: string | undefined;

  constructor() {
    super();
    new HostMessages(this, (message) => this.#hear(message));
    this.path = '';
    this.comparable = [];
    this.state = { kind: 'asked' };
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#cancel();
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('path')) return;
    this.#cancel();
    [this.#job, this.#baseline, this.state] = ['', undefined, { kind: 'asked' }];
  }

  #cancel(): void {
    if (this.state.kind === 'reading') host.post({ kind: 'cancel', job: this.#job });
  }

  #compare(): void {
    const baseline = this.#baseline ?? this.comparable[0]?.reference ?? '';
    this.#job = crypto.randomUUID();
    this.state = { kind: 'reading', done: 0, total: 0 };
    host.post({ kind: 'compareFile', path: this.path, baseline, job: this.#job });
  }

  #hear(message: ToPage): void {
    if (!('job' in message) || message.job !== this.#job) return;
    if (message.kind === 'tensorProgress') this.state = { kind: 'reading', done: message.done, total: message.total };
    if (message.kind !== 'fileNorms') return;
    if ('problem' in message) this.state = { kind: 'problem', text: message.problem };
    else {
      const changed = changedTensors(message.norms);
      this.state = { kind: 'compared', changed };
      this.dispatchEvent(new CustomEvent(changedTensorsEvent, { detail: changed, bubbles: true }));
    }
  }

  override render(): TemplateResult | typeof nothing {
    if (this.comparable.length === 0) return nothing;
    const isReading = this.state.kind === 'reading';
    return html`<div class="file-comparison">
        <label
          >${l10n.t('Compare with registered version')}
          <select @change=${(event: Event) => (this.#baseline = (event.target as HTMLSelectElement).value)}>
            ${this.comparable.map(({ reference, holds }) => html`<option value=${reference}>${reference}${holds === '' ? '' : ` · ${holds}`}</option>`)}
          </select></label
        >
        <button class="act" ?disabled=${isReading} @click=${() => this.#compare()}>${l10n.t('Compare weights')}</button>
      </div>
      ${this.#result()}`;
  }

  #result(): TemplateResult | typeof nothing {
    const { state } = this;
    if (state.kind === 'asked') return nothing;
    if (state.kind === 'problem') return html`<p class="worse" role="alert">${state.text}</p>`;
    if (state.kind === 'compared') return resultOf(state.changed);
    const label =
      state.total === 0 ? l10n.t('Reading…') : l10n.t('{0} of {1} read', sizeText(state.done), sizeText(state.total));
    return html`<p role="status">
      <progress
        max=${state.total || 1}
        value=${state.total === 0 ? nothing : state.done}
        aria-label=${label}
      ></progress>
      <span class="count">${label}</span>
      <button class="act" @click=${() => this.#cancel()}>${l10n.t('Cancel')}</button>
    </p>`;
  }
}

function resultOf({ summary, removed, missing, baseline }: ChangedTensors): TemplateResult {
  return html`<p role="status">${summary}</p>
    ${missing.map((text) => html`<p class="worse">${text}</p>`)}
    ${
      removed.length === 0
        ? nothing
        : html`<details class="fold">
            <summary>${l10n.t('Only in {0} ({1})', baseline, removed.length)}</summary>
            <ul class="imports">
              ${removed.slice(0, 500).map((name) => html`<li><code>${breakable(name)}</code></li>`)}
            </ul>
          </details>`
    }`;
}

customElements.define('plinth-file-comparison', FileComparison);
