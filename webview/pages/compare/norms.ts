import { html, nothing, type TemplateResult } from 'lit';
import type { TensorNorms } from '../../../daemon/protocol/tensors.ts';
import type { ToPage } from '../../protocol.ts';
import { host } from '../../components/host.ts';
import '../../components/virtual-table.ts';
import * as l10n from '@vscode/l10n';
import { button, section } from '../../components/section.ts';
import { numberText, sizeText } from '../../../daemon/shared/format.ts';

/** What is known about how far tensors moved: nothing, the progress of the job, or the result. */
export type NormsState = Extract<ToPage, { kind: 'progress' | 'norms' }> | undefined;

let job = '';

/** Shows how far each layer and tensor moved from the baseline to the last version. It is computed only on request. */
export function normsPart(versions: readonly string[], state: NormsState): TemplateResult | typeof nothing {
  const [baseline = '', candidate = ''] = [versions[0], versions.at(-1)];
  const ask = (): void => {
    job = crypto.randomUUID();
    host.post({ kind: 'norms', baseline, candidate, job });
  };
  const title = l10n.t('Weight change');
  if (!state)
    return section(
      'norms',
      title,
      html`<p class="count">
        ${l10n.t('Compares all weights of {0} and {1}; reads both files completely.', baseline, candidate)}
      </p>`,
      button(l10n.t('Measure'), ask),
    );
  if (state.kind === 'norms') return section('norms', title, normsTable(state.norms), button(l10n.t('Measure'), ask));
  const label = l10n.t('{0} of {1} read', sizeText(state.done), sizeText(state.total));
  const progress = html`<progress value=${state.done} max=${state.total} aria-label=${label}></progress>
    <span class="count">${label}</span>`;
  return section(
    'norms',
    title,
    progress,
    button(l10n.t('Cancel'), () => host.post({ kind: 'cancel', job })),
  );
}

function normsTable(norms: TensorNorms): TemplateResult {
  void import('./weight-map.ts');
  const share = (relative: number | null): string =>
    relative === null ? '' : `${numberText(Number((100 * relative).toPrecision(4)))} %`;
  const layers = norms.layers.map(({ layer, tensors, relative, norm }) => [
    layer,
    String(tensors),
    share(relative),
    numberText(norm),
  ]);
  const tensors = norms.tensors.map((one) => [
    one.name,
    one.after ?? one.before ?? '',
    share(one.relative) || (one.change ?? ''),
    one.why ?? '',
  ]);
  const facts = [
    l10n.t('{0} tensors have the same shape and type', norms.alike),
    norms.same === null ? '' : l10n.t('{0} of them are identical', norms.same),
    norms.cancelled ? l10n.t('cancelled') : l10n.t('read in {0} s', (norms.tookMs / 1000).toFixed(1)),
    ...norms.missing,
  ];
  return html`<p class="count">${facts.filter((fact) => fact !== '').join(' · ')}</p>
    ${norms.layers.length > 1 ? html`<plinth-weight-map .layers=${norms.layers}></plinth-weight-map>` : nothing}
    <plinth-long-table
      .label=${l10n.t('Layers')}
      .head=${[l10n.t('Layer'), l10n.t('Tensors'), l10n.t('Change (%)'), l10n.t('L2 norm')]}
      .rows=${layers}
    ></plinth-long-table>
    <plinth-long-table
      .label=${l10n.t('Changed tensors')}
      .head=${[l10n.t('Tensor'), l10n.t('Type'), l10n.t('Change (%)'), l10n.t('Note')]}
      .rows=${tensors}
    ></plinth-long-table>`;
}
