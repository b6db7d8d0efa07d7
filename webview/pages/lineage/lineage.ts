import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import { referenceTo } from '../../../daemon/shared/references.ts';
import { HostMessages } from '../../components/elements/host-messages.ts';
import { host } from '../../components/host.ts';
import { pageLink } from '../../components/layout/links.ts';
import { pageHeader } from '../../components/layout/page-header.ts';
import { breakable } from '../../components/names.ts';
import { facts } from '../../components/section.ts';
import type { LineageView, ToPage } from '../../protocol.ts';
import './lineage-graph.ts';
import { lineageGraph, type LineageGraph, type LineageNode, type ShownSiblings } from './lineage-nodes.ts';

export interface LineageLook {
  /** The id of the chosen node. */
  chosen: string;
  choose(node: string): void;
}

/** Shows where a version comes from and what it is used for, as one graph, and the details of a chosen node beside it. */
export function lineagePage(view: LineageView, { chosen, choose }: LineageLook): TemplateResult {
  return html`<plinth-lineage .view=${view} .chosen=${chosen} .choose=${choose}></plinth-lineage>`;
}

/** The page. It keeps which versions of the same run or data are shown until the version changes. */
class LineagePage extends LitElement {
  static override properties = {
    view: { attribute: false },
    chosen: {},
    choose: { attribute: false },
    siblings: { state: true },
    problem: { state: true },
  };
  declare view: LineageView | undefined;
  declare chosen: string;
  declare choose: LineageLook['choose'];
  declare siblings: ShownSiblings | undefined;
  /** Why siblings are not known. */
  declare problem: string;
  #graph: LineageGraph = { nodes: [], edges: [] };
  /** The id of the node whose siblings were asked for. */
  #asked = '';

  constructor() {
    super();
    new HostMessages(this, (message) => this.#hear(message));
    this.chosen = '';
    this.problem = '';
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('view');
    if (before && referenceOf(before) !== this.#reference) this.#forget();
    if (this.view && (changed.has('view') || changed.has('siblings')))
      this.#graph = lineageGraph(this.view, this.siblings);
  }

  get #reference(): string {
    return this.view ? referenceOf(this.view) : '';
  }

  #forget(): void {
    this.siblings = undefined;
    this.problem = '';
  }

  #ask(node: string): void {
    this.#asked = node;
    this.problem = '';
    if (this.siblings?.of === node) this.siblings = undefined;
    else host.post({ kind: 'siblings', reference: this.#reference });
  }

  #hear(message: ToPage): void {
    if (message.kind !== 'siblings' || message.reference !== this.#reference) return;
    if ('problem' in message) this.problem = message.problem;
    else this.siblings = { of: this.#asked, run: message.run, data: message.data, notRead: message.notRead };
  }

  override render(): TemplateResult | typeof nothing {
    const { view } = this;
    if (!view) return nothing;
    const { version, lineage } = view.detail;
    const { nodes } = this.#graph;
    const node = nodes.find(({ id }) => id === this.chosen) ?? nodes.find(({ kind }) => kind === 'version');
    const reference = this.#reference;
    const own = { page: 'version', model: version.model, version: String(version.number) } as const;
    return html`${pageHeader(
        html`${l10n.t('Lineage of')} ${pageLink(reference, own)}`,
        [lineage ? nothing : html`<span role="status">${l10n.t('No lineage recorded.')}</span>`],
        [baselinePicker(view)],
      )}
      <main class="lineage-page">
        <plinth-lineage-graph
          .of=${this.#graph}
          .chosen=${node?.id ?? ''}
          @plinth-node=${({ detail }: CustomEvent<LineageNode>) => this.choose(detail.id)}
          @plinth-open-node=${({ detail }: CustomEvent<LineageNode>) => openNode(detail, reference)}
        ></plinth-lineage-graph>
        ${node ? nodePanel(node, reference, view, this.#siblingsButton(node)) : nothing}
      </main>
      ${nodeList(this.#graph)}`;
  }

  #siblingsButton({ id, common }: LineageNode): TemplateResult | typeof nothing {
    if (common === undefined) return nothing;
    const isShown = this.siblings?.of === id;
    const label = isShown
      ? l10n.t('Hide other versions')
      : id === 'run'
        ? l10n.t('Show versions of the same run')
        : l10n.t('Show versions with the same data');
    return html`<button class="act" aria-expanded=${isShown} @click=${() => this.#ask(id)}>${label}</button>
      ${this.problem === '' ? nothing : html`<p class="worse" role="alert">${this.problem}</p>`}`;
  }
}

function referenceOf({ detail: { version } }: LineageView): string {
  return referenceTo(version.model, version.number);
}

function openNode({ place, captured, kind, details }: LineageNode, reference: string): void {
  if (place) host.post({ kind: 'open', place });
  else if (captured !== undefined) host.post({ kind: 'captured', reference, path: captured });
  else if (kind === 'consumer') host.post({ kind: 'references', model: details[0]?.[1] ?? '' });
}

/** Chooses the version that is laid over: what differs from it is outlined. After going back it is another one than the person chose last. */
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
      <option value="none" .selected=${against === null}>${l10n.t('nothing')}</option>
      ${others.map((one) => html`<option value=${one} .selected=${one === against}>v${one}</option>`)}
    </select></label
  >`;
}

function nodePanel(
  node: LineageNode,
  reference: string,
  { against }: LineageView,
  siblings: TemplateResult | typeof nothing,
): TemplateResult {
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
    ${siblings}
  </aside>`;
}

/** The same as nested lists, for screen readers and people who prefer to read: what it came from, and what it is used for. */
function nodeList({ nodes }: LineageGraph): TemplateResult {
  const titles: [LineageNode['kind'], string][] = [
    ['data', l10n.t('Data')],
    ['code', l10n.t('Code')],
    ['environment', l10n.t('Environment')],
    ['run', l10n.t('Run')],
    ['version', l10n.t('Version')],
    ['stage', l10n.t('Current version of')],
    ['consumer', l10n.t('Used by')],
  ];
  return html`<details class="fold lineage-list">
    <summary>${l10n.t('Show as list')}</summary>
    <ul>
      ${titles.map(([kind, title]) => {
        const own = nodes.filter((node) => node.kind === kind);
        return own.length === 0
          ? nothing
          : html`<li>
              ${title}
              <ul>
                ${own.map((node) => html`<li>${breakable(lineOf(node))}</li>`)}
              </ul>
            </li>`;
      })}
    </ul>
  </details>`;
}

function lineOf({ title, fact, changed }: LineageNode): string {
  return [title, fact, changed].filter((part) => part !== '').join(' · ');
}

customElements.define('plinth-lineage', LineagePage);
