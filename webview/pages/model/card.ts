import { html, type TemplateResult } from 'lit';
import { unsafeHTML } from 'lit/directives/unsafe-html.js';
import { until } from 'lit/directives/until.js';
import type { Card } from '../../../daemon/protocol/routes/models.ts';
import type { ModelView } from '../../protocol.ts';
import { host } from '../../components/host.ts';
import * as l10n from '@vscode/l10n';
import { button } from '../../components/section.ts';

const longest = 64 * 1024;

type Markdown = typeof import('./markdown.ts');
let loading: Promise<Markdown> | undefined;

/** Loaded on demand, since most pages show no card. */
function loadMarkdown(): Promise<Markdown> {
  loading ??= import('./markdown.ts');
  return loading;
}

/** Shows the rendered card, with its front matter as written. A draft is folded, since it only repeats what the page shows. */
export function cardText({ text, draft }: Card): TemplateResult {
  const front = /^---\r?\n([\s\S]*?)\r?\n---\r?\n?/.exec(text);
  const body = text.slice(front?.[0].length ?? 0, longest);
  const rendered = html`${front && !draft ? html`<pre>${front[1]}</pre>` : ''}
    <div class="card">
      ${until(
        loadMarkdown().then(({ render }) => unsafeHTML(render(body))),
        html`<pre>${body}</pre>`,
      )}
    </div>`;
  if (!draft) return rendered;
  return html`<details class="fold">
    <summary>${l10n.t('No model card yet. Show the draft that was generated from metadata')}</summary>
    ${rendered}
  </details>`;
}

export function cardActs({ card, model }: ModelView, canChange: boolean): TemplateResult {
  const all = card.filled + card.missing.length;
  const state = l10n.t('{0} of {1} filled in', card.filled, all);
  const missing = card.missing.length === 0 ? '' : ` · ${l10n.t('missing: {0}', card.missing.join(', '))}`;
  const edit = canChange ? button(l10n.t('Edit Card'), () => host.post({ kind: 'editCard', model: model.name })) : '';
  return html`<span class="count">${state}${missing}</span>${edit}`;
}
