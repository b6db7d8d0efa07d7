import { html, nothing, type TemplateResult } from 'lit';
import { host } from './host.ts';
import * as l10n from '@vscode/l10n';
import { markdownTable } from './text.ts';

/** Returns a titled part of a page; nothing when it has no content. */
export function section(
  id: string,
  title: string,
  content: TemplateResult | typeof nothing,
  extra: TemplateResult | typeof nothing = nothing,
): TemplateResult | typeof nothing {
  if (content === nothing) return nothing;
  return html`<section aria-labelledby=${id}>
    <div class="title">
      <h2 id=${id}>${title}</h2>
      ${extra}
    </div>
    ${content}
  </section>`;
}

/** Shows names and values in two columns. Rows without a value are left out. */
export function facts(
  rows: readonly (readonly [string, string | TemplateResult | null | undefined])[],
): TemplateResult | typeof nothing {
  const shown = rows.filter(([, value]) => value !== '' && value !== null && value !== undefined);
  if (shown.length === 0) return nothing;
  return html`<div class="wide" tabindex="0" role="group">
    <table class="facts">
      <tbody>
        ${shown.map(
          ([name, value]) =>
            html`<tr>
              <th scope="row">${name}</th>
              <td>${value}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** Returns a plain table with a header row. */
export function plainTable(
  label: string,
  head: readonly string[],
  rows: readonly (readonly (string | TemplateResult)[])[],
): TemplateResult | typeof nothing {
  if (rows.length === 0) return nothing;
  return html`<div class="wide" tabindex="0" role="group" aria-label=${label}>
    <table>
      <thead>
        <tr>
          ${head.map((name) => html`<th scope="col">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([first, ...rest]) =>
            html`<tr>
              <th scope="row">${first}</th>
              ${rest.map((cell) => html`<td>${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

export function button(label: string, act: () => void, primary = false, described = ''): TemplateResult {
  return html`<vscode-button ?secondary=${!primary} aria-label=${described === '' ? nothing : described} @click=${act}
    >${label}</vscode-button
  >`;
}

/** Returns the context that VS Code's own context menu uses for its commands. */
export function menuFor(reference: string): string {
  return JSON.stringify({ webviewSection: 'version', reference, preventDefaultContextMenuItems: true });
}

export function copyButton(title: string, rows: () => readonly (readonly string[])[]): TemplateResult {
  const copy = (): void => host.post({ kind: 'copy', text: markdownTable(rows()) });
  return html`<span class="copy"
    >${button(l10n.t('Copy as Markdown'), copy, false, `${l10n.t('Copy as Markdown')}: ${title}`)}</span
  >`;
}
