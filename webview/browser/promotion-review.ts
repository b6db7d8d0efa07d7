import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import { messageOf } from '../../daemon/errors.ts';
import type { PointerRef } from '../../daemon/protocol/model.ts';
import { leadingMetrics } from '../../daemon/shared/metrics.ts';
import { referenceTo } from '../../daemon/shared/references.ts';
import { reviewPromotion, type PromotionReview } from '../../daemon/shared/review/promotion-review.ts';
import type { ReviewLine } from '../../daemon/shared/review/review-line.ts';
import { checklistItem } from '../components/checklist.ts';
import { call } from './connection.ts';

/** What is to be promoted, and what the stage or alias points to now. */
export interface Promotion {
  model: string;
  number: string;
  pointer: PointerRef;
  holder: number | null;
}

/** The files of a workspace are not seen in a browser. */
const nobody = { references: 0, files: [] };

/** What a promotion would mean: what becomes of the current version, gates, and differences. Read again for each stage. */
class PromotionReviewPart extends LitElement {
  static override properties = { of: { attribute: false }, review: { state: true } };
  declare of: Promotion | undefined;
  declare review: PromotionReview | { problem: string } | undefined;
  #asked = 0;

  protected override createRenderRoot(): this {
    return this;
  }

  override willUpdate(changed: PropertyValues): void {
    if (!changed.has('of') || !this.of) return;
    this.review = undefined;
    void this.#read(this.of);
  }

  async #read(of: Promotion): Promise<void> {
    const asked = (this.#asked += 1);
    const review = await readReview(of).catch((error: unknown) => ({ problem: messageOf(error) }));
    if (asked === this.#asked) this.review = review;
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.of) return nothing;
    if (!this.review) return html`<p class="count">${l10n.t('Loading…')}</p>`;
    if ('problem' in this.review) return html`<p class="worse" role="alert">${this.review.problem}</p>`;
    const { effects, gates, differences } = this.review;
    return html`${checklist(l10n.t('What changes'), effects)} ${checklist(l10n.t('Gates'), gates)}
    ${checklist(l10n.t('Differences'), differences)}`;
  }
}

async function readReview({ model: name, number: version, pointer, holder }: Promotion): Promise<PromotionReview> {
  const versions = `${referenceTo(name, holder ?? 0)},${referenceTo(name, version)}`;
  const isOther = holder !== null && String(holder) !== version;
  const [model, report, current, comparison] = await Promise.all([
    call('GET /models/:model', { model: name }),
    call('GET /models/:model/versions/:version/gates', { model: name, version, [pointer.kind]: pointer.name }),
    holder === null ? null : call('GET /models/:model/versions/:version', { model: name, version: String(holder) }),
    isOther ? call('GET /compare', { versions }) : null,
  ]);
  const leading = leadingMetrics(model);
  return reviewPromotion({
    report,
    pointers: model.pointers,
    current: current?.version ?? null,
    comparison,
    leading,
    loaders: nobody,
  });
}

function checklist(label: string, lines: readonly ReviewLine[]): TemplateResult | typeof nothing {
  if (lines.length === 0) return nothing;
  return html`<ul class="checklist" aria-label=${label}>
    ${lines.map((line) => checklistItem(line))}
  </ul>`;
}

customElements.define('plinth-promotion-review', PromotionReviewPart);
