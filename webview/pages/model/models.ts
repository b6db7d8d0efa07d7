import { html, nothing, type TemplateResult } from 'lit';
import type { Model } from '../../../daemon/protocol/model.ts';
import type { ApprovalRequest } from '../../../daemon/protocol/approval.ts';
import { isPrompt } from '../../../daemon/protocol/prompt.ts';
import type { ModelsView } from '../../protocol.ts';
import { pointerText } from '../../../daemon/shared/event-text.ts';
import { host } from '../../components/host.ts';
import * as l10n from '@vscode/l10n';
import { plainTable, section } from '../../components/section.ts';
import { timeText } from '../../components/text.ts';
import { numberText } from '../../../daemon/shared/format.ts';
import { leadingMetrics, orderMetrics } from '../../../daemon/shared/metrics.ts';

/** Shows every model, the most recently changed first. */
export function modelsPage({ models, requests }: ModelsView): TemplateResult {
  const rows = models.map((model) => [
    html`<button class="link" @click=${() => host.post({ kind: 'open', place: { page: 'model', model: model.name } })}>
        ${model.name}</button
      >${isPrompt(model) ? html` <span class="count">${l10n.t('prompt')}</span>` : nothing}`,
    ...['production', 'staging'].map((stage) => versionOfStage(model, stage)),
    model.pointers
      .filter(({ kind, holder }) => kind === 'alias' && holder !== null)
      .map(({ name, holder }) => `@${name} v${holder}`)
      .join(' '),
    model.latest === null ? '' : versionLink(model.name, model.latest),
    orderMetrics(model.current?.metrics ?? {}, leadingMetrics(model))
      .slice(0, 2)
      .map(([name, value]) => `${name} ${numberText(value)}`)
      .join(' · '),
    timeText(model.updatedAt),
  ]);
  const head = [
    l10n.t('Model'),
    'production',
    'staging',
    l10n.t('Aliases'),
    l10n.t('Latest'),
    l10n.t('Metrics'),
    l10n.t('Updated'),
  ];
  const table = plainTable(l10n.t('Models'), head, rows);
  const empty = html`<p class="count">${l10n.t('No models yet. Watch a folder: plinth watch FOLDER')}</p>`;
  return html`<header><h1>${l10n.t('Models')}</h1></header>
    <main>
      ${section('waiting', l10n.t('Waiting for approval'), waiting(requests))}
      ${models.length === 0 ? empty : requests.length === 0 ? table : section('all', l10n.t('All models'), table)}
    </main>`;
}

function waiting(requests: readonly ApprovalRequest[]): TemplateResult | typeof nothing {
  const words = { requested: '', approved: l10n.t('approved'), rejected: l10n.t('rejected') };
  const rows = requests.map((one) => [
    html`${one.model} ${versionLink(one.model, one.number)}`,
    pointerText(one),
    `${one.person}, ${timeText(one.at)}`,
    one.text,
    one.said.map(({ person, decision }) => `${person} ${words[decision]}`).join(', '),
  ]);
  const head = [l10n.t('Version'), l10n.t('For'), l10n.t('Requested by'), l10n.t('Reason'), l10n.t('Reviews')];
  return plainTable(l10n.t('Waiting for approval'), head, rows);
}

function versionOfStage({ name, pointers }: Model, stage: string): TemplateResult | string {
  const holder = pointers.find((pointer) => pointer.kind === 'stage' && pointer.name === stage)?.holder;
  return typeof holder === 'number' ? versionLink(name, holder) : '';
}

function versionLink(model: string, version: number): TemplateResult {
  return html`<button
    class="link"
    @click=${() => host.post({ kind: 'open', place: { page: 'version', model, version: String(version) } })}
  >
    v${version}
  </button>`;
}
