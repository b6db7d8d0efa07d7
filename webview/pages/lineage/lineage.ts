import { html, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import { referenceTo } from '../../../daemon/shared/references.ts';
import { host } from '../../components/host.ts';
import { pageLink } from '../../components/layout/links.ts';
import { pageHeader } from '../../components/layout/page-header.ts';
import { breakable } from '../../components/names.ts';
import { facts } from '../../components/section.ts';
import type { LineageView } from '../../protocol.ts';
import './lineage-graph.ts';
import { lineageGraph, type LineageGraph, type LineageNode } from './lineage-nodes.ts';

export interface LineageLook {
  /** The id of the chosen node. */
  chosen: string;
  choose(node: string): void;
}

const built = new WeakMap<LineageView, LineageGraph>();

/** Shows where a version comes from and what it is used for, as one graph, and the details of a chosen node beside it. */
export function lineagePage(view: LineageView, { chosen, choose }: LineageLook): TemplateResult {
  const { version, lineage } = view.detail;
  const graph = built.get(view) ?? lineageGraph(view);
  built.set(view, graph);
  const node = graph.nodes.find(({ id }) => id === chosen) ?? graph.nodes.find(({ kind }) => kind === 'version');
  const reference = referenceTo(version.model, version.number);
  const own = { page: 'version', model: version.model, version: String(version.number) } as const;
  return html`${pageHeader(
      html`${l10n.t('Lineage of')} ${pageLink(reference, own)}`,
      [lineage ? nothing : html`<span role="status">${l10n.t('No lineage recorded.')}</span>`],
      [baselinePicker(view)],
    )}
    <main class="lineage-page">
      <plinth-lineage-graph
        .of=${graph}
        .chosen=${node?.id ?? ''}
        @plinth-node=${({ detail }: CustomEvent<LineageNode>) => choose(detail.id)}
        @plinth-open-node=${({ detail }: CustomEvent<LineageNode>) => openNode(detail, reference)}
      ></plinth-lineage-graph>
      ${node ? nodePanel(node, reference, view) : nothing}
    </main>
    ${nodeList(graph)}`;
}

function openNode({ place, captured, kind, details }: LineageNode, reference: string): void {
  if (place) host.post({ kind: 'open', place });
  else if (captured !== undefined) host.post({ kind: 'captured', reference, path: captured });
  else if (kind === 'consumer') host.post({ kind: 'references', model: details[0]?.[1] ?? '' });
}

/** Chooses the version that is laid over: what differs from it is outlined. */
function baselinePicker({ detail, against, others }: LineageView): TemplateResult | typeof nothing {
  const { model, number } = detail.version;
  if (others.length === 0) return nothing;
  const choose = (event: Event): void => {
    const value = (event.target as HTMLSelectElement).value;
    const place = { page: 'lineage', model, version: String(number) } as const;
    host.post({ kind: 'open', place: { ...place, against: value } });
  };
  return html`<label class="picker"
    >${l10n.t('Compare with')}
    <select @change=${choose}>
      <option value="none" ?selected=${against === null}>${l10n.t('nothing')}</option>
      ${others.map((one) => html`<option value=${one} ?selected=${one === against}>v${one}</option>`)}
    </select></label
  >`;
}

function nodePanel(node: LineageNode, reference: string, { against }: LineageView): TemplateResult {
  const { title, changed, place, captured, kind, isUnknown } = node;
  const label = place
    ? l10n.t('Open page')
    : captured !== undefined
      ? l10n.t('Show uncommitted changes')
      : kind === 'consumer'
        ? l10n.t('Show references')
        : '';
  const known = node.details.filter(([, value]) => value !== '');
  return html`<aside class="node-panel" aria-label=${l10n.t('Details')} aria-live="polite">
    <h2>${breakable(title)}</h2>
    ${isUnknown ? html`<p class="count">${l10n.t('Not captured')}</p>` : nothing}
    ${changed === '' || against === null ? nothing : html`<p>≠ v${against}: ${changed}</p>`}
    ${facts(known.map(([name, value]) => [name, html`${breakable(value)}`] as const))}
    ${label === '' ? nothing : html`<button class="act" @click=${() => openNode(node, reference)}>${label}</button>`}
  </aside>`;
}

/** The same as a list, for people who prefer to read. */
function nodeList({ nodes }: LineageGraph): TemplateResult {
  const titles: Record<LineageNode['kind'], string> = {
    data: l10n.t('Data'),
    code: l10n.t('Code'),
    environment: l10n.t('Environment'),
    run: l10n.t('Run'),
    version: l10n.t('Version'),
    stage: l10n.t('Current version of'),
    consumer: l10n.t('Used by'),
  };
  return html`<details class="fold lineage-list">
    <summary>${l10n.t('Show as list')}</summary>
    ${facts(nodes.map(({ kind, title, fact, changed }) => [titles[kind], [title, fact, changed].filter((part) => part !== '').join(' · ')] as const))}
  </details>`;
}
