import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import * as l10n from '@vscode/l10n';
import type { Model } from '../../../daemon/protocol/model.ts';
import { isPrompt } from '../../../daemon/protocol/prompt.ts';
import { keepOrder } from '../../../daemon/shared/keep-order.ts';
import { host } from '../../components/host.ts';
import { shortTime } from '../../components/values/time.ts';

/**
 * All models with a filter by words. Each row keeps its element, and rows keep their order while a person points at the list or is in
 * it with the keyboard, so that an event between looking and clicking changes nothing about what is clicked.
 */
class ModelList extends LitElement {
  static override properties = { models: { attribute: false }, chosen: {}, words: { state: true } };
  declare models: readonly Model[];
  /** The name of the model that is shown beside the list. */
  declare chosen: string;
  declare words: string;
  /** Names in the order of the last drawing. */
  #order: readonly string[] | undefined;

  constructor() {
    super();
    this.models = [];
    this.chosen = '';
    this.words = '';
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override render(): TemplateResult {
    const isInUse = this.matches(':hover, :focus-within');
    const ordered = keepOrder(this.models, isInUse ? this.#order : undefined);
    this.#order = ordered.map(({ name }) => name);
    const words = this.words.toLowerCase().split(/\s+/);
    const found = ordered.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
    return html`<nav class="model-list" aria-label=${l10n.t('All models')}>
      <input
        type="search"
        placeholder=${this.models.length === 1 ? l10n.t('Filter models') : l10n.t('Filter {0} models', this.models.length)}
        aria-label=${l10n.t('Filter models')}
        .value=${this.words}
        @input=${(event: Event) => (this.words = (event.target as HTMLInputElement).value)}
      />
      <ul>
        ${repeat(
          found,
          ({ name }) => name,
          (model) => modelEntry(model, model.name === this.chosen),
        )}
      </ul>
      ${found.length === 0 ? html`<p class="count">${l10n.t('No models match the filter.')}</p>` : nothing}
    </nav>`;
  }
}

function modelEntry(model: Model, isChosen: boolean): TemplateResult {
  const { name, pointers, latest, updatedAt } = model;
  const production = pointers.find((one) => one.kind === 'stage' && one.name === 'production')?.holder ?? null;
  const show = (): void => host.post({ kind: 'open', place: { page: 'models', model: name } });
  const state = [
    production === null ? '' : l10n.t('production v{0}', production),
    latest === null || latest === production ? '' : l10n.t('latest v{0}', latest),
    isPrompt(model) ? l10n.t('prompt') : '',
    shortTime(updatedAt),
  ];
  return html`<li>
    <button class="model-entry" aria-current=${isChosen ? 'true' : nothing} title=${name} @click=${show}>
      <span class="model-name">${name}</span>
      <small>${state.filter((part) => part !== '').join(' · ')}</small>
    </button>
  </li>`;
}

customElements.define('plinth-model-list', ModelList);
