import { html, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { ReviewLine, ReviewSign } from '../../daemon/shared/review/review-line.ts';

/** Shows a line of a review as an item of a list, with its sign and, behind it, a button or nothing. */
export function checklistItem(
  { sign, text, detail }: ReviewLine,
  act: TemplateResult | typeof nothing = nothing,
): TemplateResult {
  const [mark, word] = markOf(sign);
  return html`<li class=${sign}>
    <span class="sign" aria-hidden="true">${mark}</span>
    <span class="gate"
      ><strong>${text}</strong> <span class="sr">${word}</span>
      <span class="count" title=${detail}>${detail}</span></span
    >
    ${act}
  </li>`;
}

/** Returns the sign that is seen, and the word for it that a screen reader says. */
function markOf(sign: ReviewSign): [string, string] {
  switch (sign) {
    case 'passed':
      return ['✓', l10n.t('passed')];
    case 'failed':
      return ['✗', l10n.t('failed')];
    case 'skipped':
      return ['–', l10n.t('skipped')];
    case 'better':
      return ['▲', l10n.t('better')];
    case 'worse':
      return ['▼', l10n.t('worse')];
    case 'within-noise':
      return ['≈', l10n.t('within noise')];
    case 'effect':
      return ['·', ''];
  }
}
