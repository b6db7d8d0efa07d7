import { html, nothing, type TemplateResult } from 'lit';
import type { ModelFacts } from '../../daemon/protocol/artifact.ts';
import * as l10n from '@vscode/l10n';
import './virtual-table.ts';
import { sizeText } from '../../daemon/shared/format.ts';

/** Shows names, shapes, types and sizes of tensors. Only the rows in view are drawn. */
export function tensorTable({ tensors, tensorsTotal }: ModelFacts): TemplateResult | typeof nothing {
  if (tensors.length === 0) return nothing;
  const rows = tensors.map(({ name, shape, dtype, bytes }) => [
    name,
    `[${shape.join(', ')}]`,
    dtype,
    bytes === null ? '' : sizeText(bytes),
  ]);
  const more =
    tensorsTotal > tensors.length
      ? html`<p class="count">${l10n.t('{0} of {1} are listed.', tensors.length, tensorsTotal)}</p>`
      : nothing;
  const head = [l10n.t('Tensor'), l10n.t('Shape'), l10n.t('Type'), l10n.t('Size')];
  return html`<plinth-long-table .label=${l10n.t('Tensors')} .head=${head} .rows=${rows}></plinth-long-table>${more}`;
}
