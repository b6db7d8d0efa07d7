import { html, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { ApprovalRequest } from '../../../daemon/protocol/approval.ts';
import { personOf, pointerText } from '../../../daemon/shared/event-text.ts';
import '../../components/data-table/data-table.ts';
import { compareButton } from '../../components/layout/compare-button.ts';
import { pageLink, versionLink } from '../../components/layout/links.ts';
import { namedMenu } from '../../components/layout/menu.ts';
import { badge, pageHeader } from '../../components/layout/page-header.ts';
import { plainTable, section } from '../../components/section.ts';
import { historyLink, historyList } from '../../components/values/history-list.ts';
import { timeElement } from '../../components/values/time.ts';
import type { ChosenModel, ModelsView } from '../../protocol.ts';
import './model-list.ts';
import { comparedReferences } from './compared-references.ts';
import { comparisonItems } from './comparison-menu.ts';
import { stageCards } from './stage-cards.ts';
import { versionTable } from './version-table.ts';

export interface ModelsLook {
  /** Numbers of the selected versions of the chosen model. */
  chosen: ReadonlySet<string>;
  choose(versions: ReadonlySet<string>): void;
  canChange: boolean;
}

/** Shows all models on the left, the most recently changed first, and what is in production of the chosen one on the right. */
export function modelsPage({ models, requests, chosen }: ModelsView, look: ModelsLook): TemplateResult {
  const empty = html`<p class="count">${l10n.t('No models yet. Watch a folder: plinth watch FOLDER')}</p>`;
  return html`${pageHeader(l10n.t('Models'), [], [])}
    <main class="start-page">
      ${section('waiting', l10n.t('Waiting for approval'), waiting(requests))}
      ${
        models.length === 0
          ? empty
          : html`<div class="start-columns">
              <plinth-model-list .models=${models} .chosen=${chosen?.model.name ?? ''}></plinth-model-list>
              ${chosen ? modelPart(chosen, look) : nothing}
            </div>`
      }
    </main>`;
}

function modelPart({ model, versions, moves }: ChosenModel, { chosen, choose, canChange }: ModelsLook): TemplateResult {
  const selected = comparedReferences(model, [...chosen].map(Number));
  const compare = compareButton(selected, { tooFew: l10n.t('Select at least two versions.'), secondary: true });
  const select = ({ detail }: CustomEvent<ReadonlySet<string>>): void => choose(detail);
  return html`<section class="chosen-model" aria-labelledby="chosen-model">
    <div class="title">
      <h2 id="chosen-model">
        ${pageLink(model.name, { page: 'model', model: model.name }, l10n.t('Open the page of {0}', model.name))}
      </h2>
      ${model.owner === null ? nothing : badge(l10n.t('owner: {0}', model.owner))}
      ${versions.length > 1 ? [compare, namedMenu(l10n.t('Compare'), comparisonItems({ model, versions }, new Set([...chosen].map(Number))))] : nothing}
    </div>
    ${model.description === '' ? nothing : html`<p class="lead">${model.description}</p>`}
    ${stageCards(model, versions, canChange)}
    <plinth-data-table
      .of=${versionTable(model, versions)}
      .selected=${chosen}
      @plinth-select=${select}
    ></plinth-data-table>
    ${section('moves', l10n.t('Latest changes'), historyList(moves), historyLink(model.name))}
  </section>`;
}

function waiting(requests: readonly ApprovalRequest[]): TemplateResult | typeof nothing {
  const words = { requested: '', approved: l10n.t('approved'), rejected: l10n.t('rejected') };
  const rows = requests.map((one) => [
    html`${one.model} ${versionLink(one.model, one.number)}`,
    pointerText(one),
    html`<span title=${one.person}>${personOf(one.person)}</span>, ${timeElement(one.at)}`,
    one.text,
    one.said.map(({ person, decision }) => `${person} ${words[decision]}`).join(', '),
  ]);
  const head = [l10n.t('Version'), l10n.t('For'), l10n.t('Requested by'), l10n.t('Reason'), l10n.t('Reviews')];
  return plainTable(l10n.t('Waiting for approval'), head, rows);
}
