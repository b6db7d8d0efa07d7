import { html, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { Model, Pointer, Version } from '../../../daemon/protocol/model.ts';
import { personOf, pointerText } from '../../../daemon/shared/event-text.ts';
import { rowFormat } from '../../../daemon/shared/format.ts';
import { metricOf } from '../../../daemon/shared/metrics.ts';
import { referenceTo } from '../../../daemon/shared/references.ts';
import { deltaMark } from '../../components/values/delta.ts';
import { host } from '../../components/host.ts';
import { openComparison, versionLink } from '../../components/layout/links.ts';
import { breakable } from '../../components/names.ts';
import { badge, emptyLine, iconButton } from '../../components/layout/page-header.ts';
import { timeElement } from '../../components/values/time.ts';

/** Shows what holds each stage and alias: the version, its metric against the one before, since when, by whom and why. */
export function stageCards(model: Model, versions: readonly Version[], canChange: boolean): TemplateResult {
  const held = model.pointers.filter(({ holder }) => holder !== null);
  const empty = model.pointers.filter(({ holder, kind }) => holder === null && kind === 'stage').map(pointerText);
  const byNumber = new Map(versions.map((version) => [version.number, version]));
  if (held.length === 0)
    return html`<p class="count empty-line">
      ${l10n.t('No version is in production or in another stage. Promote one from its page.')}
    </p>`;
  return html`<ul class="stage-cards" aria-label=${l10n.t('Stages and aliases')}>
      ${held.map((pointer) => stageCard(model, pointer, byNumber, canChange))}
    </ul>
    ${emptyLine(l10n.t('Empty:'), empty)}`;
}

function stageCard(
  { name: model, primaryMetric }: Model,
  pointer: Pointer,
  byNumber: ReadonlyMap<number, Version>,
  canChange: boolean,
): TemplateResult {
  const { holder, previous, at, actor, reason, kind, name, bypassed } = pointer;
  const metric = primaryMetric?.name ?? null;
  const before = previous.findLast((number) => number !== holder);
  const valueOf = (number: number | undefined | null): number | string | undefined =>
    metricOf(byNumber.get(number ?? 0)?.metrics ?? {}, metric);
  const value = valueOf(holder);
  const compare = (): void => openComparison([referenceTo(model, before ?? 0), referenceTo(model, holder ?? 0)]);
  return html`<li class="stage-card">
    <div class="stage-head">
      <span class="badge stage">${pointerText(pointer)}</span>
      ${holder === null ? nothing : versionLink(model, holder)}
      ${bypassed ? badge(l10n.t('gates overridden'), 'bad') : nothing}
      <span class="stage-acts">
        ${before === undefined ? nothing : iconButton('⇄', l10n.t('Compare with v{0}', before), compare)}
        ${canChange && previous.length > 0 ? iconButton('↶', l10n.t('Roll back {0}', name), () => host.post({ kind: 'rollBack', model, pointer: kind, name })) : nothing}
      </span>
    </div>
    ${
      metric === null || value === undefined
        ? nothing
        : html`<div class="stage-value">
            <span class="name" title=${metric}>${breakable(metric)}</span>
            <strong class="number">${typeof value === 'number' ? rowFormat([value])(value) : value}</strong>
            <span title=${before === undefined ? nothing : l10n.t('compared with v{0}', before)}
              >${deltaMark(value, valueOf(before), primaryMetric?.direction ?? null)}</span
            >
          </div>`
    }
    <div class="count">
      ${timeElement(at)} ·
      <span title=${actor}>${personOf(actor)}</span
      >${before === undefined ? nothing : html` · ${l10n.t('previous v{0}', before)}`}
    </div>
    ${reason === '' ? nothing : html`<div class="reason" title=${reason}>“${reason}”</div>`}
  </li>`;
}
