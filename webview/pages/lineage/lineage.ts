import { html, nothing, type TemplateResult } from 'lit';
import type { LineageView, PageLocation } from '../../protocol.ts';
import { host } from '../../components/host.ts';
import * as l10n from '@vscode/l10n';
import { referenceTo } from '../../../daemon/shared/references.ts';
import { sizeText } from '../../../daemon/shared/format.ts';
import { pointerText } from '../../../daemon/shared/event-text.ts';

interface Box {
  title: string;
  detail: string;
  place?: PageLocation;
}

/** Shows the lineage in columns from left to right: data and code, the run, the version, its stages and aliases. */
export function lineagePage({ detail, model }: LineageView): TemplateResult {
  const { version, lineage } = detail;
  const own: PageLocation = { page: 'version', model: version.model, version: String(version.number) };
  const columns: [string, Box[]][] = [
    [
      l10n.t('Data'),
      lineage?.data.map(({ path, size, rows }) => ({
        title: path,
        detail: [size === 0 ? '' : sizeText(size), rows === null ? '' : l10n.t('{0} rows', rows)]
          .filter((part) => part !== '')
          .join(' · '),
      })) ?? [],
    ],
    [l10n.t('Code and environment'), codeBoxes(detail)],
    [l10n.t('Run'), runBoxes(detail)],
    [
      l10n.t('Version'),
      [
        {
          title: referenceTo(version.model, version.number),
          detail: `${version.framework} · ${sizeText(version.size)}`,
          place: own,
        },
      ],
    ],
    [
      l10n.t('Current version of'),
      model.pointers
        .filter(({ holder }) => holder === version.number)
        .map(({ kind, name, reason }) => ({
          title: pointerText({ kind, name }),
          detail: reason,
          place: { page: 'model', model: model.name },
        })),
    ],
  ];
  return html`<header>
      <h1>${l10n.t('Lineage of {0}', referenceTo(version.model, version.number))}</h1>
      ${lineage ? nothing : html`<p class="summary" role="status">${l10n.t('No lineage recorded.')}</p>`}
    </header>
    <main class="flow">
      ${columns.map(([title, boxes], index) => html`${index > 0 ? html`<span class="arrow" aria-hidden="true">→</span>` : nothing}${column(title, boxes)}`)}
    </main>`;
}

function column(title: string, boxes: readonly Box[]): TemplateResult {
  return html`<section class="column">
    <h2>${title}</h2>
    ${
      boxes.length === 0
        ? html`<p class="count">${l10n.t('unknown')}</p>`
        : html`<ul>
            ${boxes.map(boxOf)}
          </ul>`
    }
  </section>`;
}

function boxOf({ title, detail, place }: Box): TemplateResult {
  const open = (): void => host.post({ kind: 'open', place: place! });
  return html`<li class="box">
    ${place ? html`<button class="link" @click=${open}>${title}</button>` : html`<strong>${title}</strong>`}
    <span class="count">${detail}</span>
  </li>`;
}

function codeBoxes({ lineage }: LineageView['detail']): Box[] {
  const { code, environment } = lineage ?? {};
  const state =
    code?.changed === true ? l10n.t('with uncommitted changes') : code?.changed === false ? l10n.t('clean') : '';
  return [
    ...(code
      ? [
          {
            title: code.commit.slice(0, 12),
            detail: [code.branch ?? '', state].filter((part) => part !== '').join(' · '),
          },
        ]
      : []),
    ...(environment
      ? [
          {
            title: `Python ${environment.python ?? '?'}`,
            detail: l10n.t('{0} packages', Object.keys(environment.packages).length),
          },
        ]
      : []),
  ];
}

function runBoxes({ version, lineage }: LineageView['detail']): Box[] {
  const { source } = version;
  const process = lineage?.process;
  return [
    ...(process
      ? [{ title: process.script ?? process.interpreter, detail: process.command.slice(1).join(' ').slice(0, 200) }]
      : []),
    { title: source.run ?? source.path, detail: source.kind },
  ];
}
