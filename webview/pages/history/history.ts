import { html, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import { pageLink } from '../../components/layout/links.ts';
import { pageHeader } from '../../components/layout/page-header.ts';
import type { HistoryView } from '../../protocol.ts';
import './history-entries.ts';

/** Shows what happened to a model, newest first: moves, reviews and what people wrote. */
export function historyPage({ model, events, isWhole }: HistoryView): TemplateResult {
  const title = html`${l10n.t('History of')} ${pageLink(model, { page: 'model', model })}`;
  return html`${pageHeader(title, [], [])}
    <main>
      <plinth-history-entries .model=${model} .events=${events}></plinth-history-entries>
      ${
        isWhole
          ? ''
          : html`<p class="count">
              ${l10n.t('Only the newest {0} events are read here. All of them: plinth history MODEL', events.length)}
            </p>`
      }
    </main>`;
}
