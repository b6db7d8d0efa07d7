import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import { messageOf } from '../../daemon/errors.ts';
import type { Comparison } from '../../daemon/protocol/comparison.ts';
import type { PointerRef } from '../../daemon/protocol/model.ts';
import type { GateReport } from '../../daemon/protocol/policy.ts';
import { judge, summarizeComparison } from '../../daemon/shared/comparison-summary.ts';
import { currentVersionText, pointerText } from '../../daemon/shared/event-text.ts';
import { shareText } from '../../daemon/shared/format.ts';
import { referenceTo } from '../../daemon/shared/references.ts';
import { judgedDelta } from '../components/values/delta.ts';
import { call } from './connection.ts';

/** What is to be promoted, and what the stage or alias points to now. */
export interface Promotion {
  model: string;
  number: string;
  pointer: PointerRef;
  holder: number | null;
}

interface Reviewed {
  report: GateReport | null;
  comparison: Comparison | null;
  problem: string;
}

const maxDifferences = 3;

/** What a promotion would mean: gates, the largest differences, and what becomes of the current version. Read again for each stage. */
class PromotionReview extends LitElement {
  static override properties = { of: { attribute: false }, reviewed: { state: true } };
  declare of: Promotion | undefined;
  declare reviewed: Reviewed | undefined;
  #asked = 0;

  protected override createRenderRoot(): this {
    return this;
  }

  override willUpdate(changed: PropertyValues): void {
    if (!changed.has('of') || !this.of) return;
    this.reviewed = undefined;
    void this.#read(this.of);
  }

  async #read(of: Promotion): Promise<void> {
    const asked = (this.#asked += 1);
    const { model, number: version, pointer, holder } = of;
    const versions = `${referenceTo(model, holder ?? 0)},${referenceTo(model, version)}`;
    const isOther = holder !== null && String(holder) !== version;
    const found = await Promise.all([
      call('GET /models/:model/versions/:version/gates', { model, version, [pointer.kind]: pointer.name }),
      isOther ? call('GET /compare', { versions }) : null,
    ]).then(
      ([report, comparison]): Reviewed => ({ report, comparison, problem: '' }),
      (error: unknown): Reviewed => ({ report: null, comparison: null, problem: messageOf(error) }),
    );
    if (asked === this.#asked) this.reviewed = found;
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.of) return nothing;
    const { holder, pointer } = this.of;
    const isArchived = holder !== null && pointer.kind === 'stage';
    const after =
      isArchived && String(holder) !== this.of.number ? ` ${l10n.t('v{0} goes to the archive.', holder)}` : '';
    const now =
      holder === null ? l10n.t('Currently empty.') : l10n.t('Current version: {0}.', currentVersionText(holder));
    return html`<p>${now}${after}</p>
      ${this.reviewed ? reviewParts(this.reviewed) : html`<p class="count">${l10n.t('Loading…')}</p>`}`;
  }
}

function reviewParts({ report, comparison, problem }: Reviewed): TemplateResult {
  if (problem !== '') return html`<p class="worse" role="alert">${problem}</p>`;
  return html`${report && report.gates.length > 0 ? gateLines(report) : nothing}
  ${comparison ? differences(comparison) : nothing}`;
}

function gateLines(report: GateReport): TemplateResult {
  const signs = { passed: '✓', failed: '✗', skipped: '–' };
  const order = { failed: 0, passed: 1, skipped: 2 };
  const sorted = report.gates.toSorted((a, b) => order[a.outcome] - order[b.outcome]);
  return html`<ul class="checklist" aria-label=${l10n.t('Gates of {0}', pointerText(report))}>
    ${sorted.map(
      ({ gate, outcome, detail, actual }) =>
        html`<li class=${outcome}>
          <span class="sign" aria-hidden="true">${signs[outcome]}</span>
          <span class="gate"
            ><strong>${gate}</strong> <span class="count">${outcome === 'passed' ? (actual ?? '') : detail}</span></span
          >
        </li>`,
    )}
  </ul>`;
}

function differences(comparison: Comparison): TemplateResult {
  const judged = comparison.metrics.flatMap((row) => {
    const [base, delta] = [row.values[0], row.deltas[1]];
    const judgement = judge(row, 1);
    const isClear = judgement === 'better' || judgement === 'worse';
    if (!isClear || typeof base !== 'number' || typeof delta !== 'number' || base === 0) return [];
    return [{ name: row.name, judgement, delta, share: shareText(base, delta), size: Math.abs(delta / base) }];
  });
  const largest = judged.toSorted((a, b) => b.size - a.size).slice(0, maxDifferences);
  return html`<p>${summarizeComparison(comparison)}</p>
    <ul class="plain-list">
      ${largest.map(({ name, judgement, delta, share }) => html`<li>${name} ${judgedDelta(delta, judgement)} <small>${share}</small></li>`)}
    </ul>`;
}

customElements.define('plinth-promotion-review', PromotionReview);
