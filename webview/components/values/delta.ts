import { html, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { Judgement } from '../../../daemon/shared/comparison-summary.ts';
import { rowFormat } from '../../../daemon/shared/format.ts';
import type { Direction } from '../../../daemon/shared/metrics.ts';

type Part = TemplateResult | typeof nothing;
type Format = (value: number) => string;

const plain: Format = (delta) => rowFormat([delta])(delta);

/** Shows how a value differs from another one: ▲ is better, ▼ is worse, the sign is the direction of the number. */
export function deltaMark(
  value: number | string | undefined,
  base: number | string | undefined,
  direction: Direction | null,
  format: Format = plain,
): Part {
  if (typeof value !== 'number' || typeof base !== 'number' || !Number.isFinite(value - base)) return nothing;
  const delta = value - base;
  const judgement = delta === 0 ? 'equal' : direction === null ? 'unjudged' : betterOrWorse(delta, direction);
  return judgedDelta(delta, judgement, format);
}

function betterOrWorse(delta: number, direction: Direction): Judgement {
  return delta > 0 === (direction === 'higher') ? 'better' : 'worse';
}

/** Shows a difference with the judgement of a comparison. */
export function judgedDelta(delta: number | null, judgement: Judgement, format: Format = plain): Part {
  if (delta === null || !Number.isFinite(delta)) return nothing;
  if (delta === 0) return html`<span class="count">±0</span>`;
  return html`<span class="delta number">${delta > 0 ? '+' : ''}${format(delta)}${signOf(judgement)}</span>`;
}

function signOf(judgement: Judgement): Part {
  switch (judgement) {
    case 'better':
      return html`<span class="mark better" aria-hidden="true">▲</span><span class="sr">${l10n.t('better')}</span>`;
    case 'worse':
      return html`<span class="mark worse" aria-hidden="true">▼</span><span class="sr">${l10n.t('worse')}</span>`;
    case 'within-noise':
      return html`<span class="mark count" title=${l10n.t('within noise')}>≈</span>`;
    default:
      return nothing;
  }
}
