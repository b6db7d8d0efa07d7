import { html, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { ThinEvent } from '../../../daemon/protocol/events.ts';
import { pageLink } from '../layout/links.ts';
import { historyOf, type HistoryEntry } from '../events.ts';
import { timeElement } from './time.ts';

const maxShown = 12;

/** Lists events, newest first; those that are long ago behind a fold. */
export function historyList(events: readonly ThinEvent[]): TemplateResult | typeof nothing {
  const rows = historyOf(events).map(historyRow);
  if (rows.length === 0) return nothing;
  const rest = rows.slice(maxShown);
  return html`<ol class="history">
      ${rows.slice(0, maxShown)}
    </ol>
    ${
      rest.length === 0
        ? nothing
        : html`<details class="fold">
            <summary>${l10n.t('{0} older', rest.length)}</summary>
            <ol class="history">
              ${rest}
            </ol>
          </details>`
    }`;
}

/** The link to the whole history of a model. */
export function historyLink(model: string): TemplateResult {
  return pageLink(l10n.t('Show all'), { page: 'history', model }, l10n.t('Show the history of {0}', model));
}

function historyRow({ seq, at, text, reason, who, identity }: HistoryEntry): TemplateResult {
  return html`<li title=${l10n.t('Event {0}', seq)}>
    <span>${text}${reason === '' ? nothing : html` <q>${reason}</q>`}</span>
    <span class="count">${timeElement(at)} · <span title=${identity}>${who}</span></span>
  </li>`;
}
