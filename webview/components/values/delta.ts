import { html, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import { rowFormat } from '../../../daemon/shared/format.ts';
import type { Direction } from '../../../daemon/shared/metrics.ts';

type Part = TemplateResult | typeof nothing;

/** Shows how a value differs from another one: ▲ is better, ▼ is worse, the sign is the direction of the number. */
export function deltaMark(
  value: number | string | undefined,
  base: number | string | undefined,
  direction: Direction | null,
  format: (value: number) => string = (delta) => rowFormat([delta])(delta),
): Part {
  if (typeof value !== 'number' || typeof base !== 'number' || !Number.isFinite(value - base)) return nothing;
  const delta = value - base;
  if (delta === 0) return html`<span class="count">±0</span>`;
  const isBetter = direction === null ? null : delta > 0 === (direction === 'higher');
  return html`<span class="delta number"
    >${delta > 0 ? '+' : ''}${format(delta)}${
      isBetter === null
        ? nothing
        : html`<span class=${`mark ${isBetter ? 'better' : 'worse'}`} aria-hidden="true">${isBetter ? '▲' : '▼'}</span
            ><span class="sr">${isBetter ? l10n.t('better') : l10n.t('worse')}</span>`
    }</span
  >`;
}
