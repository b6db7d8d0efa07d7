import { html, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import { focusEvent } from '../../components/chart.ts';
import { versionLook } from '../../components/colours.ts';
import { host } from '../../components/host.ts';
import { button, menuFor } from '../../components/section.ts';
import { splitReference } from '../../../daemon/shared/references.ts';
import type { ColumnHead } from './rows.ts';
import type { CompareLook } from './look.ts';

/** Shows the compared versions in one line, which is the legend of everything below, and what can be done with them. */
export function compareHeader(
  title: string,
  columns: readonly ColumnHead[],
  summary: string,
  look: CompareLook,
): TemplateResult {
  const last = columns.at(-1);
  const versions = columns.map(({ reference }) => reference);
  return html`<header class="line-header">
    <h1>${title}<span class="sr"> ${columns.map(({ label }) => label).join(' ↔ ')}</span></h1>
    <p class="sr" role="status">${summary}</p>
    <ul class="chips" tabindex="0" aria-label=${l10n.t('Compared versions')}>
      ${columns.map((column, place) => chip(column, place, versions, look))}
    </ul>
    <div class="acts">
      <label class="only">
        <input
          type="checkbox"
          .checked=${look.only}
          @change=${(event: Event) => look.setOnly((event.target as HTMLInputElement).checked)}
        />
        ${l10n.t('Only differences')}
      </label>
      ${moreMenu(versions, look)}
      ${look.canChange && last ? button(l10n.t('Promote {0}…', last.label), () => host.post({ kind: 'promote', reference: last.reference }), true) : nothing}
    </div>
  </header>`;
}

function openComparison(versions: readonly string[]): () => void {
  return () => host.post({ kind: 'open', place: { page: 'compare', versions: [...versions] } });
}

function chip(
  { reference, label, note }: ColumnHead,
  place: number,
  versions: readonly string[],
  { hidden, toggleHidden }: CompareLook,
): TemplateResult {
  const { model, version: number = '' } = splitReference(reference);
  const show = (): void => host.post({ kind: 'open', place: { page: 'version', model, version: number } });
  const without = versions.filter((one) => one !== reference);
  const point = (at: number | null) => () => window.dispatchEvent(new CustomEvent(focusEvent, { detail: at }));
  const isHidden = hidden.has(place);
  return html`<li
    class="chip"
    data-vscode-context=${menuFor(reference)}
    @mouseenter=${point(place)}
    @mouseleave=${point(null)}
  >
    <button
      class="eye"
      aria-pressed=${!isHidden}
      title=${l10n.t('Show the curves of {0}', label)}
      aria-label=${l10n.t('Show the curves of {0}', label)}
      @click=${() => toggleHidden(place)}
    >
      <span class=${`swatch c${versionLook(place).colour} ${isHidden ? 'off' : ''}`}></span>
    </button>
    <button class="link" @click=${show} title=${reference}>${label}</button>
    ${place === 0 || note === '' ? nothing : html`<small>${note}</small>`}
    ${place === 0 ? html`<small>${[note, l10n.t('baseline')].filter((part) => part !== '').join(' · ')}</small>` : chipButton('⇤', l10n.t('Set {0} as baseline', label), openComparison([reference, ...without]))}
    ${versions.length > 2 ? chipButton('×', l10n.t('Remove {0} from comparison', label), openComparison(without)) : nothing}
  </li>`;
}

function chipButton(sign: string, text: string, act: () => void): TemplateResult {
  return html`<button class="link" @click=${act} title=${text} aria-label=${text}>${sign}</button>`;
}

function moreMenu(versions: readonly string[], { editor }: CompareLook): TemplateResult {
  const item = (label: string, act: () => void): TemplateResult =>
    html`<button
      class="item"
      @click=${(event: Event) => {
        (event.target as HTMLElement).closest('details')?.removeAttribute('open');
        act();
      }}
    >
      ${label}
    </button>`;
  return html`<details class="more">
    <summary aria-label=${l10n.t('More actions')} title=${l10n.t('More actions')}>⋯</summary>
    <div class="menu">
      ${item(l10n.t('Add…'), () => host.post({ kind: 'add', versions: [...versions] }))}
      ${item(l10n.t('Reverse Order'), openComparison(versions.toReversed()))}
      ${editor ? item(l10n.t('Diff Editor'), () => host.post({ kind: 'differences', versions: [...versions] })) : nothing}
      ${editor ? item(l10n.t('Export…'), () => host.post({ kind: 'export', versions: [...versions] })) : nothing}
    </div>
  </details>`;
}
