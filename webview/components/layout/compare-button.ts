import { html, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import { maxCompared } from '../../../daemon/shared/comparison-summary.ts';
import { openComparison } from './links.ts';

/** Compares what is selected. Can be pressed when it is neither too little nor too much, and says what is missing. */
export function compareButton(
  selected: readonly string[],
  { tooFew, secondary = false }: { tooFew: string; secondary?: boolean },
): TemplateResult {
  const count = selected.length;
  const title =
    count < 2 ? tooFew : count > maxCompared ? l10n.t('At most {0} are compared at once.', maxCompared) : '';
  return html`<vscode-button
    ?secondary=${secondary}
    ?disabled=${title !== ''}
    title=${title}
    @click=${() => openComparison(selected)}
    >${count < 2 ? l10n.t('Compare Selected') : l10n.t('Compare Selected ({0})', count)}</vscode-button
  >`;
}
