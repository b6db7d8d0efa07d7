import { html, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { ManifestFile, Version } from '../../../daemon/protocol/model.ts';
import { sizeText } from '../../../daemon/shared/format.ts';
import { referenceTo } from '../../../daemon/shared/references.ts';
import { host } from '../../components/host.ts';
import { breakable } from '../../components/names.ts';

const maxOpen = 10;

/** Lists the files of a version with their sizes and checksums, each to be downloaded; of many, the others are folded. */
export function versionFiles(version: Version, files: readonly ManifestFile[]): TemplateResult | typeof nothing {
  if (files.length === 0) return nothing;
  const rows = files.map((file) => fileRow(version, file));
  const rest = rows.slice(maxOpen);
  const list = (some: readonly TemplateResult[]): TemplateResult =>
    html`<ul class="version-files">
      ${some}
    </ul>`;
  return html`${list(rows.slice(0, maxOpen))}
  ${
    rest.length === 0
      ? nothing
      : html`<details class="fold">
          <summary>${l10n.t('{0} more files', rest.length)}</summary>
          ${list(rest)}
        </details>`
  }`;
}

function fileRow(version: Version, { path, size, sha256 }: ManifestFile): TemplateResult {
  const name = path === '' ? version.primary : path;
  const reference = referenceTo(version.model, version.number);
  const download = (): void => host.post({ kind: 'download', reference, path: name });
  const act =
    version.state === 'ready'
      ? html`<button class="link" aria-label=${l10n.t('Download {0}', name)} @click=${download}>
          ${l10n.t('Download')}
        </button>`
      : nothing;
  return html`<li>
    <span class="file-name" title=${name}>${breakable(name)}</span>
    <span class="count number">${sizeText(size)}</span>
    <span>${checksum(sha256)} ${act}</span>
  </li>`;
}

/** Shows twelve digits of a checksum, and copies all of them. */
export function checksum(digest: string): TemplateResult {
  const plain = digest.replace(/^sha256:/, '');
  const copy = (): void => host.post({ kind: 'copy', text: plain });
  return html`<code title=${digest}>${plain.slice(0, 12)}</code>
    <button class="link" aria-label=${l10n.t('Copy checksum {0}', plain.slice(0, 12))} @click=${copy}>
      ${l10n.t('Copy')}
    </button>`;
}
