import { html, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import { focusEvent } from '../../components/charts/chart.ts';
import { versionLook } from '../../components/colours.ts';
import { host } from '../../components/host.ts';
import { openMenu } from '../../components/popup-menu.ts';
import { button, menuFor } from '../../components/section.ts';
import { runFolderIn, splitReference } from '../../../daemon/shared/references.ts';
import type { ColumnHead } from './rows.ts';
import type { ComparePart } from './part.ts';

/** Shows the compared versions in one line, which is the legend of everything below, and what can be done with them. */
export function compareHeader(title: string, summary: string, part: ComparePart): TemplateResult {
  const { columns, look, change, canChange } = part;
  const last = columns.at(-1);
  return html`<header class="line-header">
    <h1>${title}<span class="sr"> ${columns.map(({ label }) => label).join(' ↔ ')}</span></h1>
    <p class="sr" role="status">${summary}</p>
    <ul class="chips" tabindex="0" aria-label=${l10n.t('Compared versions')}>
      ${columns.map((column, place) => chip(column, place, part))}
    </ul>
    <div class="acts">
      <label class="only">
        <input
          type="checkbox"
          .checked=${look.only}
          @change=${(event: Event) => change({ only: (event.target as HTMLInputElement).checked })}
        />
        ${l10n.t('Only differences')}
      </label>
      <input
        type="search"
        class="page-filter"
        placeholder=${l10n.t('Filter')}
        aria-label=${l10n.t('Filter by name; a regular expression between slashes')}
        .value=${look.filter}
        @input=${(event: Event) => change({ filter: (event.target as HTMLInputElement).value })}
      />
      ${moreButton(part)}
      ${canChange && last && runFolderIn(last.reference) === undefined ? button(l10n.t('Promote {0}…', last.label), () => host.post({ kind: 'promote', reference: last.reference }), true) : nothing}
    </div>
  </header>`;
}

/** Shows other versions, or the same ones in another order, in this page. */
export function openComparison(versions: readonly string[]): void {
  host.post({ kind: 'open', place: { page: 'compare', versions: [...versions] } });
}

/** Returns the versions with the one at a place moved to another place. */
export function moved(versions: readonly string[], from: number, to: number): string[] {
  const one = versions[from];
  if (one === undefined || to < 0 || to >= versions.length) return [...versions];
  return versions.toSpliced(from, 1).toSpliced(to, 0, one);
}

const dragType = 'application/x-plinth-chip';

function chip({ reference, label, note, colourPlace }: ColumnHead, place: number, part: ComparePart): TemplateResult {
  const { hidden, versions, setHidden } = part;
  const { model, version: number = '' } = splitReference(reference);
  const show = (): void => host.post({ kind: 'open', place: { page: 'version', model, version: number } });
  const point = (at: number | null) => () => window.dispatchEvent(new CustomEvent(focusEvent, { detail: at }));
  const isHidden = hidden.has(place);
  const toggle = (): void =>
    setHidden(isHidden ? new Set([...hidden].filter((one) => one !== place)) : new Set([...hidden, place]));
  const role = place === 0 ? l10n.t('baseline') : '';
  return html`<li
    class="chip"
    draggable="true"
    data-place=${place}
    data-vscode-context=${menuFor(reference)}
    @mouseenter=${point(place)}
    @mouseleave=${point(null)}
    @dragstart=${(event: DragEvent) => event.dataTransfer?.setData(dragType, String(place))}
    @dragover=${(event: DragEvent) => event.dataTransfer?.types.includes(dragType) && event.preventDefault()}
    @drop=${(event: DragEvent) => dropAt(event, place, versions)}
    @keydown=${(event: KeyboardEvent) => moveByKey(event, place, versions)}
  >
    <button
      class="eye"
      aria-pressed=${!isHidden}
      title=${l10n.t('Show the curves of {0}', label)}
      aria-label=${l10n.t('Show the curves of {0}', label)}
      @click=${toggle}
    >
      <span class=${`swatch c${versionLook(colourPlace).colour} ${isHidden ? 'off' : ''}`}></span>
    </button>
    <button class="link" @click=${show} title=${reference}>${label}</button>
    ${note === '' && role === '' ? nothing : html`<small>${[note, role].filter((text) => text !== '').join(' · ')}</small>`}
    ${place === 0 ? nothing : chipButton('⇤', l10n.t('Set {0} as baseline', label), () => openComparison(moved(versions, place, 0)))}
    ${versions.length > 2 ? chipButton('×', l10n.t('Remove {0} from comparison', label), () => openComparison(versions.toSpliced(place, 1))) : nothing}
  </li>`;
}

function dropAt(event: DragEvent, place: number, versions: readonly string[]): void {
  event.preventDefault();
  const from = Number(event.dataTransfer?.getData(dragType));
  if (Number.isInteger(from) && from !== place) openComparison(moved(versions, from, place));
}

/** Alt with an arrow key does by keyboard what dragging does. */
function moveByKey(event: KeyboardEvent, place: number, versions: readonly string[]): void {
  const step = event.altKey ? { ArrowLeft: -1, ArrowRight: 1 }[event.key] : undefined;
  if (step === undefined) return;
  event.preventDefault();
  openComparison(moved(versions, place, place + step));
}

function chipButton(sign: string, text: string, act: () => void): TemplateResult {
  return html`<button class="link" @click=${act} title=${text} aria-label=${text}>${sign}</button>`;
}

function moreButton({ versions, editor }: ComparePart): TemplateResult {
  const items = [
    { label: l10n.t('Add…'), act: () => host.post({ kind: 'add', versions: [...versions] }) },
    { label: l10n.t('Reverse Order'), act: () => openComparison(versions.toReversed()) },
    { label: l10n.t('Copy Link'), act: () => host.post({ kind: 'copyLink' }) },
    ...(editor
      ? [
          { label: l10n.t('Diff Editor'), act: () => host.post({ kind: 'differences', versions: [...versions] }) },
          { label: l10n.t('Export…'), act: () => host.post({ kind: 'export', versions: [...versions] }) },
        ]
      : []),
  ];
  const label = l10n.t('More actions');
  const open = (event: Event): void => openMenu(event.currentTarget as HTMLElement, label, items);
  return html`<button class="bare more-button" aria-haspopup="menu" aria-label=${label} title=${label} @click=${open}>
    ⋯
  </button>`;
}
