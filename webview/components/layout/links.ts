import { html, type TemplateResult } from 'lit';
import { referenceTo } from '../../../daemon/shared/references.ts';
import type { PageLocation } from '../../protocol.ts';
import { host } from '../host.ts';
import { menuFor } from '../section.ts';

/** A link to another page. */
export function pageLink(text: string | TemplateResult, place: PageLocation, title = ''): TemplateResult {
  return html`<button class="link" title=${title} @click=${() => host.post({ kind: 'open', place })}>${text}</button>`;
}

/** A link to a version, `v7`, with the context menu of versions. */
export function versionLink(model: string, number: number, text = `v${number}`): TemplateResult {
  const place: PageLocation = { page: 'version', model, version: String(number) };
  return html`<button
    class="link"
    data-vscode-context=${menuFor(referenceTo(model, number))}
    @click=${() => host.post({ kind: 'open', place })}
  >
    ${text}
  </button>`;
}

export function openComparison(versions: readonly string[]): void {
  if (versions.length >= 2) host.post({ kind: 'open', place: { page: 'compare', versions: [...versions] } });
}
