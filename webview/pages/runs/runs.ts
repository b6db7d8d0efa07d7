import { html, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { ListedRun } from '../../../daemon/protocol/routes/watch.ts';
import { metricsText } from '../../../daemon/shared/event-text.ts';
import { splitReference } from '../../../daemon/shared/references.ts';
import { runName, trackedRunIn } from '../../../daemon/shared/run-id.ts';
import { executionsIn, executionText } from '../../../daemon/shared/run-text.ts';
import '../../components/elapsed.ts';
import { host } from '../../components/host.ts';
import { plainTable } from '../../components/section.ts';
import { timeText } from '../../components/text.ts';
import type { PageLocation, RunsView } from '../../protocol.ts';

/** Shows training runs and what became of their saves: running ones first, then the newest. */
export function runsPage({ runs }: RunsView): TemplateResult {
  const head = [
    l10n.t('Run'),
    l10n.t('Status'),
    l10n.t('Script'),
    l10n.t('Started'),
    l10n.t('For'),
    l10n.t('Version'),
    l10n.t('Metric'),
  ];
  const empty = html`<p class="count">
    ${l10n.t('No runs yet. A training that saves below a watched folder is a run.')}
  </p>`;
  return html`<header><h1>${l10n.t('Runs')}</h1></header>
    <main>${runs.length === 0 ? empty : plainTable(l10n.t('Runs'), head, runs.map(rowOf))}</main>`;
}

function rowOf(run: ListedRun): (string | TemplateResult)[] {
  return [
    nameOf(run),
    run.status,
    scriptOf(run),
    timeText(run.startedAt),
    html`<plinth-elapsed .from=${run.startedAt} .to=${run.endedAt}></plinth-elapsed>`,
    savesOf(run),
    metricsText(run.metrics, 1),
  ];
}

function nameOf(run: ListedRun): TemplateResult {
  const [name, tracked] = [runName(run), trackedRunIn(run.id)];
  if (tracked !== undefined) return link(name, { page: 'run', run: tracked }, run.folder);
  return html`<span title=${run.folder}>${name}</span>`;
}

/** Shows the script of the run's process, or all scripts of a resumed run, oldest first, with what shows the resumption. */
function scriptOf(run: ListedRun): string | TemplateResult {
  const all = executionsIn(run);
  if (all.length === 0 && run.resumptions.length === 0) return '';
  const commands = all.map(({ command }) => command.join(' '));
  const reasons = run.resumptions.map(({ reason }) => l10n.t('Resumed: {0}', reason));
  const names = [...new Set(all.map(executionText))].join(', ');
  return html`<span title=${[...commands, ...reasons].join('\n')}>${names}</span>${
      reasons.length === 0 ? nothing : html` <span class="count">${resumedText(reasons.length)}</span>`
    }`;
}

function resumedText(times: number): string {
  return times === 1 ? l10n.t('resumed') : l10n.t('resumed {0} times', times);
}

/** Lists the versions, then how many other saves exist or are lost. Saves of an MLflow client are on the page of their run. */
function savesOf({ id, saves }: ListedRun): string | TemplateResult {
  if (saves.length === 0) return trackedRunIn(id) === undefined ? l10n.t('no model') : '';
  const versions = [...new Set(saves.flatMap(({ version }) => version ?? []))];
  const others = saves.filter(({ version }) => version === null);
  const lost = others.filter((save) => save.lost !== null);
  const candidates = others.length - lost.length;
  const reasons = [...new Set(lost.map((save) => save.lost))].join('\n');
  return html`${versions.map((version) => html`${versionLink(version)} `)}${
    candidates === 0
      ? nothing
      : html`<span class="count"
          >${candidates === 1 ? l10n.t('1 candidate') : l10n.t('{0} candidates', candidates)}</span
        > `
  }${lost.length === 0 ? nothing : html`<span class="count" title=${reasons}>${l10n.t('{0} lost', lost.length)}</span>`}`;
}

function versionLink(reference: string): TemplateResult {
  const { model, version = '' } = splitReference(reference);
  return link(reference, { page: 'version', model, version }, reference);
}

function link(text: string, place: PageLocation, title: string): TemplateResult {
  return html`<button class="link" title=${title} @click=${() => host.post({ kind: 'open', place })}>${text}</button>`;
}
