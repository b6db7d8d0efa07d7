import { html, nothing, svg, type PropertyValues, type TemplateResult } from 'lit';
import { MeasuredElement } from '../../components/elements/measured-element.ts';
import * as l10n from '@vscode/l10n';
import type { Tensor } from '../../../daemon/protocol/artifact.ts';
import { countText, sizeText } from '../../../daemon/shared/format.ts';
import { breakable } from '../../components/names.ts';
import { setStyle } from '../../components/set-style.ts';
import type { ComparableVersion } from '../../protocol.ts';
import { changedBelow, type ChangedTensors } from './changed-tensors.ts';
import './file-comparison.ts';
import './tensor-numbers.ts';
import {
  icicle,
  nodeAt,
  tensorTree,
  treeRows,
  usuallyOpen,
  type TensorNode,
  type TreeOrder,
  type TreeRow,
} from './tensor-tree.ts';

const maxRows = 600;
const openRows = 60;
const [boxHeight, maxDepth] = [24, 5];

/** The tensors of a file as a tree with sums, and above it where the parameters are. A click in the drawing zooms into a part. */
class TensorView extends MeasuredElement {
  static override properties = {
    of: { attribute: false },
    path: {},
    comparable: { attribute: false },
    changed: { state: true },
    onlyChanged: { state: true },
    open: { state: true },
    order: { state: true },
    filter: { state: true },
    focused: { state: true },
    shown: { state: true },
    chosen: { state: true },
  };
  declare of: readonly Tensor[];
  /** The file that the tensors are in. */
  declare path: string;
  declare comparable: readonly ComparableVersion[];
  /** How the tensors differ from those of a version; undefined before they were compared. */
  declare changed: ChangedTensors | undefined;
  declare onlyChanged: boolean;
  declare open: ReadonlySet<string>;
  declare order: TreeOrder;
  declare filter: string;
  /** The path that the drawing shows. */
  declare focused: string;
  declare shown: number;
  /** The tensor whose numbers are shown; undefined for none. */
  declare chosen: string | undefined;
  #tree: TensorNode = tensorTree([]);

  constructor() {
    super();
    this.of = [];
    this.path = '';
    this.comparable = [];
    this.onlyChanged = false;
    this.open = new Set();
    this.order = 'file';
    this.filter = '';
    this.focused = '';
    this.shown = maxRows;
  }

  override willUpdate(changed: PropertyValues): void {
    if (!changed.has('of')) return;
    // The page is also drawn again where the file did not change; then what a person compared and opened stays.
    if (!changed.has('path') && JSON.stringify(changed.get('of')) === JSON.stringify(this.of)) return;
    this.#tree = tensorTree(this.of);
    this.changed = undefined;
    this.onlyChanged = false;
    if (!this.of.some(({ name }) => name === this.chosen)) this.chosen = undefined;
    this.open = usuallyOpen(this.#tree, openRows);
  }

  override render(): TemplateResult | typeof nothing {
    if (this.of.length === 0) return nothing;
    const filter = this.#filterOf();
    const rows = filter === 'wrong' ? [] : treeRows(this.#tree, this.open, this.order, this.#isWanted(filter));
    const compared = ({ detail }: CustomEvent<ChangedTensors>): void => void (this.changed = detail);
    return html`<plinth-file-comparison
        .path=${this.path}
        .comparable=${this.comparable}
        @plinth-changed-tensors=${compared}
      ></plinth-file-comparison>
      ${this.#icicle()} ${this.#tools(filter === 'wrong')}
      <div class="data-scroller" role="group" tabindex="0" aria-label=${l10n.t('Tensors')}>
        <table class="data tensors" aria-label=${l10n.t('Tensors')}>
          <thead>
            <tr>
              <th scope="col" class="name">${l10n.t('Name')}</th>
              <th scope="col">${l10n.t('Shape')}</th>
              <th scope="col">${l10n.t('Type')}</th>
              <th scope="col" class="number">${l10n.t('Parameters')}</th>
              <th scope="col">${l10n.t('Share')}</th>
              <th scope="col" class="number">${l10n.t('Size')}</th>
              ${this.changed ? html`<th scope="col">≠ ${this.changed.baseline}</th>` : nothing}
            </tr>
          </thead>
          <tbody>
            ${rows.slice(0, this.shown).map((row) => this.#row(row))}
          </tbody>
        </table>
      </div>
      ${
        rows.length > this.shown
          ? html`<button class="link" @click=${() => (this.shown += maxRows)}>
              ${l10n.t('Show more: {0} of {1} rows are shown', this.shown, rows.length)}
            </button>`
          : nothing
      }`;
  }

  #filterOf(): RegExp | null | 'wrong' {
    if (this.filter === '') return null;
    try {
      return new RegExp(this.filter, 'i');
    } catch {
      return 'wrong';
    }
  }

  /** Returns which tensors are listed without groups; null for the whole tree. */
  #isWanted(filter: RegExp | null): ((path: string, name: string) => boolean) | null {
    const { changed, onlyChanged } = this;
    if (changed && onlyChanged) return (path, name) => changed.texts.has(name) && (filter?.test(path) ?? true);
    return filter && ((path) => filter.test(path));
  }

  #tools(isWrong: boolean): TemplateResult {
    const orders: [TreeOrder, string][] = [
      ['file', l10n.t('Order of the file')],
      ['name', l10n.t('Name')],
      ['elements', l10n.t('Parameters')],
      ['bytes', l10n.t('Size')],
    ];
    return html`<div class="table-tools">
        <input
          type="search"
          class="filter"
          placeholder=${l10n.t('Filter by a regular expression, for example: attn.*weight')}
          aria-label=${l10n.t('Filter')}
          aria-invalid=${isWrong}
          .value=${this.filter}
          @input=${(event: Event) => (this.filter = (event.target as HTMLInputElement).value)}
        />
        <label
          >${l10n.t('Sort')}
          <select @change=${(event: Event) => (this.order = (event.target as HTMLSelectElement).value as TreeOrder)}>
            ${orders.map(([order, name]) => html`<option value=${order} ?selected=${order === this.order}>${name}</option>`)}
          </select></label
        >
        ${
          this.changed
            ? html`<label
                ><input
                  type="checkbox"
                  .checked=${this.onlyChanged}
                  @change=${(event: Event) => (this.onlyChanged = (event.target as HTMLInputElement).checked)}
                />
                ${l10n.t('Only changed')}</label
              >`
            : nothing
        }
      </div>
      ${isWrong ? html`<p class="worse" role="alert">${l10n.t('This is not a regular expression.')}</p>` : nothing}`;
  }

  #row({ node, depth, isOpen }: TreeRow): TemplateResult {
    const { name, path, children, tensor, tensors, elements, bytes, types } = node;
    const share = this.#tree.elements === 0 ? 0 : elements / this.#tree.elements;
    const isFiltered = this.filter !== '' || this.onlyChanged;
    const opener =
      children.length === 0 || isFiltered
        ? html`<span class="opener"></span>`
        : html`<button class="opener" aria-expanded=${isOpen} aria-label=${path} @click=${() => this.#turn(path)}>
            ${isOpen ? '▾' : '▸'}
          </button>`;
    const isChosen = tensor !== null && tensor.name === this.chosen;
    const label = isFiltered ? path : name;
    const choose = (): void => void (this.chosen = isChosen ? undefined : tensor?.name);
    return html`<tr class=${tensor ? (isChosen ? 'chosen' : '') : 'group-row'}>
        <th scope="row" class="name" title=${path}>
          <span ${setStyle({ 'padding-inline-start': `${depth * 16}px` })}
            >${opener}${
              tensor
                ? html`<button
                    class="link"
                    aria-expanded=${isChosen}
                    title=${l10n.t('Show the numbers of {0}', path)}
                    @click=${choose}
                  >
                    ${breakable(label === '' ? l10n.t('array') : label)}
                  </button>`
                : html`${breakable(label)} <small>${tensors}</small>`
            }</span
          >
        </th>
        <td>${tensor ? `[${tensor.shape.join(', ')}]` : ''}</td>
        <td>${[...types.keys()].join(', ')}</td>
        <td class="number">${countText(elements)}</td>
        <td>
          <span
            class="share-bar"
            title=${shareText(share)}
            ${setStyle({ width: `${Math.max(1, share * 80)}px` })}
          ></span>
        </td>
        <td class="number">${bytes === 0 ? '' : sizeText(bytes)}</td>
        ${this.changed ? this.#change(node, this.changed) : nothing}
      </tr>
      ${isChosen ? this.#numbers(tensor) : nothing}`;
  }

  #change(node: TensorNode, changed: ChangedTensors): TemplateResult {
    const text = node.tensor && changed.texts.get(node.tensor.name);
    if (text !== null && text !== undefined) return html`<td class="changed-tensor">≠ ${text}</td>`;
    const below = node.tensor ? 0 : changedBelow(node, changed);
    return below === 0
      ? html`<td class="count">=</td>`
      : html`<td class="changed-tensor">≠ ${l10n.t('{0} of {1}', below, node.tensors)}</td>`;
  }

  /** The row below a chosen tensor. It stays in view while the table is scrolled sideways. */
  #numbers({ name }: Tensor): TemplateResult {
    return html`<tr class="tensor-detail">
      <td colspan=${this.changed ? 7 : 6}>
        <div class="tensor-numbers" ${setStyle({ width: `${Math.max(0, this.width - 24)}px` })}>
          <plinth-tensor-numbers .path=${this.path} .tensor=${name}></plinth-tensor-numbers>
        </div>
      </td>
    </tr>`;
  }

  #turn(path: string): void {
    const others = [...this.open].filter((one) => one !== path);
    this.open = new Set(this.open.has(path) ? others : [...others, path]);
  }

  #icicle(): TemplateResult | typeof nothing {
    if (this.width === 0 || this.#tree.elements === 0 || this.#tree.tensors < 2) return nothing;
    const root = nodeAt(this.#tree, this.focused);
    const boxes = icicle(root, this.width, maxDepth);
    const depth = Math.max(...boxes.map((box) => box.depth)) + 1;
    const zoom = (node: TensorNode): void => {
      this.focused = node === root ? '' : node.children.length > 0 ? node.path : this.focused;
    };
    return html`<svg
      class="icicle"
      width=${this.width}
      height=${depth * boxHeight}
      role="group"
      aria-label=${l10n.t('Parameters by part of the model')}
    >
      ${boxes.map(({ node, depth: level, x, width }) => {
        const name = node === this.#tree ? l10n.t('all parameters') : node === root ? `‹ ${node.path}` : node.name;
        const text = `${name} · ${shareText(node.elements / this.#tree.elements)}`;
        const label = text.length * 6.5 < width - 8 ? text : name.length * 6.5 < width - 8 ? name : '';
        return svg`<g class=${`box level-${level % 3}`} role="button" tabindex=${level < 2 ? 0 : -1} aria-label=${`${text}: ${countText(node.elements)}`} @click=${() => zoom(node)} @keydown=${(event: KeyboardEvent) => event.key === 'Enter' && zoom(node)}>
          <title>${node.path === '' ? name : node.path}: ${countText(node.elements)} (${shareText(node.elements / this.#tree.elements)})</title>
          <rect x=${x} y=${level * boxHeight} width=${Math.max(1, width - 1)} height=${boxHeight - 1}></rect>
          <text aria-hidden="true" x=${x + 4} y=${level * boxHeight + 16}>${label}</text>
        </g>`;
      })}
    </svg>`;
  }
}

function shareText(share: number): string {
  const percent = share * 100;
  return `${percent >= 10 || percent === 0 ? percent.toFixed(0) : percent.toPrecision(2)} %`;
}

customElements.define('plinth-tensor-view', TensorView);
