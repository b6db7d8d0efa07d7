import { html, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { Deployment } from '../../../daemon/protocol/deployment.ts';
import type { Lineage } from '../../../daemon/protocol/lineage.ts';
import { isExternal, type Version } from '../../../daemon/protocol/model.ts';
import { personOf, pointerText } from '../../../daemon/shared/event-text.ts';
import { ruleText } from '../../../daemon/shared/evidence.ts';
import { countText, sizeText } from '../../../daemon/shared/format.ts';
import { referenceTo } from '../../../daemon/shared/references.ts';
import { earlierSaveText } from '../../../daemon/shared/runs/run-relation.ts';
import { frameworkText } from '../../../daemon/shared/model-kind.ts';
import { host } from '../../components/host.ts';
import { pageLink } from '../../components/layout/links.ts';
import { breakable } from '../../components/names.ts';
import { facts, plainTable } from '../../components/section.ts';
import { cellText } from '../../components/text.ts';
import { timeElement } from '../../components/values/time.ts';
import type { VersionView } from '../../protocol.ts';
import { checksum } from './version-files.ts';

type Part = TemplateResult | typeof nothing;
type Detail = VersionView['detail'];

/** Shows what is known of a version besides its values. */
export function detailRows({ version, facts: found, ofRun }: Detail): Part {
  const { source } = version;
  const field = ({ name, dtype, shape }: { name: string; dtype: string; shape: (number | string)[] }): string =>
    `${name} ${dtype}[${shape.join(', ')}]`;
  const size = isExternal(version) ? l10n.t('External files') : sizeText(version.size);
  return facts([
    [l10n.t('Framework'), frameworkText(version)],
    [l10n.t('Format'), version.format === version.framework ? null : version.format],
    [l10n.t('Class'), version.modelClass],
    [l10n.t('Parameters'), version.parameterCount === null ? null : countText(version.parameterCount)],
    [l10n.t('Inputs'), found.signature?.inputs.map(field).join(', ')],
    [l10n.t('Outputs'), found.signature?.outputs.map(field).join(', ')],
    [l10n.t('Size'), size],
    [l10n.t('Checksum'), checksum(version.digest)],
    [l10n.t('Source path'), html`<span class="path" title=${source.path}>${breakable(source.path)}</span>`],
    [l10n.t('Run'), source.run === null ? null : html`<span class="path">${breakable(source.run)}</span>`],
    [l10n.t('Save'), ofRun ? earlierSaveText(ofRun) : null],
    [l10n.t('Saved'), source.writtenAt === null ? null : timeElement(source.writtenAt)],
    [
      l10n.t('Registered'),
      html`${timeElement(version.createdAt)} · <span title=${version.actor}>${personOf(version.actor)}</span>`,
    ],
    [
      l10n.t('Tags'),
      Object.entries(version.tags)
        .map(([key, value]) => `${key}=${value}`)
        .join(', '),
    ],
  ]);
}

/** Shows the commit, the command and what else is known of a version's origin. */
export function lineageRows({ version, lineage }: Detail): Part {
  if (!lineage) return html`<p class="count">${l10n.t('No lineage recorded.')}</p>`;
  const { code, process, environment, seeds, captured, missing, data } = lineage;
  const reference = referenceTo(version.model, version.number);
  const show = (path: string): TemplateResult =>
    html`<button class="link" @click=${() => host.post({ kind: 'captured', reference, path })}>${path}</button> `;
  const python = environment && [
    `Python ${environment.python ?? l10n.t('unknown')}`,
    l10n.t('{0} packages', Object.keys(environment.packages).length),
    ...(environment.cuda === null ? [] : [`CUDA ${environment.cuda}`]),
  ];
  return facts([
    [l10n.t('Commit'), code ? commitText(code) : null],
    [l10n.t('Repository'), code?.remote ?? code?.repository],
    [l10n.t('Command'), process ? html`<code>${process.command.join(' ')}</code>` : null],
    [l10n.t('Interpreter'), process?.interpreter],
    [l10n.t('Environment'), python?.join(' · ')],
    [l10n.t('Data'), data.length === 0 ? null : data.map(({ path }) => path).join(', ')],
    [
      l10n.t('Seeds'),
      Object.entries(seeds)
        .map(([name, value]) => `${name}=${value}`)
        .join(', '),
    ],
    [l10n.t('Captured files'), captured.length === 0 ? null : html`${captured.map(({ path }) => show(path))}`],
    [l10n.t('Not captured'), missing.length === 0 ? null : html`<small>${missing.join(' ')}</small>`],
  ]);
}

function commitText({ commit, branch, changed }: NonNullable<Lineage['code']>): TemplateResult {
  const state = changed === true ? l10n.t('with uncommitted changes') : changed === false ? l10n.t('clean') : '';
  const rest = [branch ?? '', state].filter((part) => part !== '').join(' · ');
  return html`<code title=${commit}>${commit.slice(0, 12)}</code> ${rest === '' ? nothing : html`· ${rest}`}`;
}

export function dataRows({ lineage }: Detail): Part {
  const rows = (lineage?.data ?? []).map(({ path, size, digest, rows: count, columns, named }) => [
    path,
    sizeText(size),
    count === null ? '' : countText(count),
    columns?.join(', ') ?? '',
    cellText(digest),
    named,
  ]);
  return plainTable(
    l10n.t('Data'),
    [l10n.t('Path'), l10n.t('Size'), l10n.t('Rows'), l10n.t('Columns'), l10n.t('Checksum'), l10n.t('Referenced by')],
    rows,
  );
}

export function evidenceRows({ evidence }: Detail): Part {
  const rows = evidence.map(({ source, at, actor, metrics: numbers, params, origin }) => [
    source,
    origin === undefined ? ruleText(origin) : `${ruleText(origin)}: ${origin.reason}`,
    String(Object.keys(numbers).length),
    String(Object.keys(params).length),
    timeElement(at),
    personOf(actor),
  ]);
  return plainTable(
    l10n.t('Evidence'),
    [l10n.t('Source'), l10n.t('Rule'), l10n.t('Metrics'), l10n.t('Parameters'), l10n.t('When'), l10n.t('By')],
    rows,
  );
}

export function deploymentRows(deployments: readonly Deployment[]): Part {
  const outcome = ({ finishedAt, problem }: Deployment): string =>
    finishedAt === null ? l10n.t('running') : problem === null ? `✓ ${l10n.t('deployed')}` : `✗ ${problem}`;
  const rows = deployments.map((one) => [
    timeElement(one.startedAt),
    pointerText(one),
    outcome(one),
    one.run,
    one.said,
  ]);
  const head = [l10n.t('When'), l10n.t('For'), l10n.t('Outcome'), l10n.t('Command'), l10n.t('Output')];
  return plainTable(l10n.t('Deployments'), head, rows);
}

/** Shows what people wrote about a version, and a box to write in. */
export function comments({ comments: all, version }: Detail, canChange: boolean): Part {
  const send = (event: Event): void => {
    event.preventDefault();
    const box = (event.target as HTMLFormElement).querySelector('textarea');
    const text = box?.value.trim() ?? '';
    if (!box || text === '') return;
    host.post({ kind: 'comment', reference: referenceTo(version.model, version.number), text });
    box.value = '';
  };
  const form = html`<form class="comment-box" @submit=${send}>
    <textarea
      rows="2"
      maxlength="2000"
      aria-label=${l10n.t('Comment')}
      placeholder=${l10n.t('Write a comment')}
    ></textarea>
    <button type="submit" class="act">${l10n.t('Comment')}</button>
  </form>`;
  if (all.length === 0 && !canChange) return nothing;
  return html`<ul class="reviews">
      ${all.map(
        ({ at, actor, text }) =>
          html`<li>
            <span
              ><span title=${actor}>${personOf(actor)}</span> <span class="count">${timeElement(at)}</span>
              <span class="comment-text">${text}</span></span
            >
          </li>`,
      )}
    </ul>
    ${canChange ? form : nothing}`;
}

/** The link to the graph of a version's origin. */
export function lineageLink({ model, number }: Version): TemplateResult {
  return pageLink(l10n.t('Show graph'), { page: 'lineage', model, version: String(number) });
}
