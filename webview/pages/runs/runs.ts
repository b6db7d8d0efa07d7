import { html, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { ListedRun } from '../../../daemon/protocol/routes/watch.ts';
import { splitReference } from '../../../daemon/shared/references.ts';
import '../../components/data-table/data-table.ts';
import { host } from '../../components/host.ts';
import { compareButton } from '../../components/layout/compare-button.ts';
import { pageLink } from '../../components/layout/links.ts';
import { pageHeader } from '../../components/layout/page-header.ts';
import type { RunsView } from '../../protocol.ts';
import { comparable, runTable } from './run-table.ts';

export interface RunsLook {
  /** Ids of the selected runs. */
  chosen: ReadonlySet<string>;
  choose(runs: ReadonlySet<string>): void;
}

/** Runs of one model, by the list that they were taken from, so that a table gets the same list as long as nothing changed. */
const ofModel = new WeakMap<readonly ListedRun[], Map<string, ListedRun[]>>();

/** Shows training runs and what became of their saves: running ones first, then the newest. */
export function runsPage(view: RunsView, { chosen, choose }: RunsLook): TemplateResult {
  const { model } = view;
  const runs = model === undefined ? view.runs : runsOf(view.runs, model);
  const references = [...new Set(runs.filter(({ id }) => chosen.has(id)).map(comparable))];
  const compare = compareButton(references.toReversed(), { tooFew: l10n.t('Select at least two runs.') });
  const all = html`<button class="link" @click=${() => host.post({ kind: 'open', place: { page: 'runs' } })}>
    ${l10n.t('Show all runs')}
  </button>`;
  const title =
    model === undefined ? l10n.t('Runs') : html`${l10n.t('Runs of')} ${pageLink(model, { page: 'model', model })}`;
  const select = ({ detail }: CustomEvent<ReadonlySet<string>>): void => choose(detail);
  return html`${pageHeader(title, [model === undefined ? nothing : all], [runs.length === 0 ? nothing : compare])}
    <main>
      ${
        runs.length === 0
          ? html`<p class="count">${l10n.t('No runs yet. A training that saves below a watched folder is a run.')}</p>`
          : html`<plinth-data-table
              .of=${runTable(runs)}
              .selected=${chosen}
              @plinth-select=${select}
            ></plinth-data-table>`
      }
    </main>`;
}

function runsOf(all: readonly ListedRun[], model: string): ListedRun[] {
  const known = ofModel.get(all) ?? new Map<string, ListedRun[]>();
  ofModel.set(all, known);
  const found =
    known.get(model) ??
    all.filter(({ saves }) => saves.some(({ version }) => version !== null && splitReference(version).model === model));
  known.set(model, found);
  return found;
}
