import { html, LitElement, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { MetricHistory } from '../../../../daemon/protocol/routes/models.ts';
import { reportKind } from '../../../../daemon/shared/report-files.ts';
import { breakable } from '../../../components/names.ts';
import '../../../components/text-difference.ts';
import { cellText } from '../../../components/text.ts';
import '../pictures/report-row.ts';
import type { ComparedReport } from '../pictures/report-row.ts';
import type { ColumnHead } from '../rows.ts';
import { fileKey, fileTree, type FileFolder, type KeptFile } from './file-tree.ts';
import './kept-text.ts';
import './picture-grid.ts';
import './sandboxed-page.ts';

/** What the tree and the chosen file are drawn from. */
export interface BrowsedFiles {
  files: readonly KeptFile[];
  columns: readonly ColumnHead[];
  editor: boolean;
  /** Returns a report in the compared versions. */
  reportOf(file: KeptFile): ComparedReport;
  /** The model whose versions a picture can be shown of; null if only runs are compared. */
  model: { name: string; history: MetricHistory; primaryMetric: string | null } | null;
}

/** All kept files of the compared versions as one tree. The chosen one is shown in all of them. */
class FileBrowser extends LitElement {
  static override properties = {
    of: { attribute: false },
    chosen: { state: true },
    closed: { state: true },
    isGrid: { state: true },
  };
  declare of: BrowsedFiles | undefined;
  /** Key of the chosen file; undefined for none. */
  declare chosen: string | undefined;
  /** Paths of folders that are closed. */
  declare closed: ReadonlySet<string>;
  /** True when a picture is shown for all versions of the model. */
  declare isGrid: boolean;

  constructor() {
    super();
    this.closed = new Set();
    this.isGrid = false;
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.of || this.of.files.length === 0) return nothing;
    const { files } = this.of;
    const chosen = files.find((file) => fileKey(file) === this.chosen);
    return html`<div class="file-browser">
      <div
        class="file-tree"
        role="tree"
        aria-label=${l10n.t('Kept files')}
        @keydown=${(event: KeyboardEvent) => this.#moveByKey(event)}
      >
        ${this.#folder(fileTree(files), 0, chosen)}
      </div>
      <div class="file-content">
        ${chosen ? this.#content(chosen, this.of) : html`<p class="count">${l10n.t('Choose a file to see it in all versions.')}</p>`}
      </div>
    </div>`;
  }

  #folder({ folders, files }: FileFolder, level: number, chosen: KeptFile | undefined): TemplateResult {
    return html`${folders.map((one) => this.#folderRow(one, level, chosen))}
    ${files.map(({ name, file }) => this.#fileRow(name, file, level, file === chosen))}`;
  }

  #folderRow(folder: FileFolder, level: number, chosen: KeptFile | undefined): TemplateResult {
    const { name, path, differing } = folder;
    const isOpen = !this.closed.has(path);
    const turn = (): void => {
      const others = [...this.closed].filter((one) => one !== path);
      this.closed = new Set(isOpen ? [...others, path] : others);
    };
    return html`<button
        class="bare tree-row folder"
        role="treeitem"
        aria-level=${level + 1}
        aria-expanded=${isOpen}
        data-level=${Math.min(level, maxIndent)}
        @click=${turn}
      >
        <span class="tree-name">${breakable(name)}/</span>
        ${differing > 0 ? this.#dot(l10n.t('{0} differ', differing)) : nothing}
      </button>
      ${isOpen ? this.#folder(folder, level + 1, chosen) : nothing}`;
  }

  #fileRow(name: string, file: KeptFile, level: number, isChosen: boolean): TemplateResult {
    const choose = (): void => {
      this.chosen = fileKey(file);
      this.isGrid = false;
    };
    return html`<button
      class="bare tree-row"
      role="treeitem"
      aria-level=${level + 1}
      aria-selected=${isChosen}
      title=${file.path}
      data-level=${Math.min(level, maxIndent)}
      @click=${choose}
    >
      <span class="tree-name">${breakable(name)}</span> ${file.row.differs ? this.#dot(l10n.t('differs')) : nothing}
    </button>`;
  }

  #dot(label: string): TemplateResult {
    return html`<span class="differs-dot" role="img" aria-label=${label} title=${label}></span>`;
  }

  /** Moves the focus by arrow keys; Enter and a click choose. */
  #moveByKey(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const all = [...this.querySelectorAll<HTMLElement>('.tree-row')];
    const at = all.indexOf(event.target as HTMLElement);
    all[Math.min(all.length - 1, Math.max(0, at + step))]?.focus();
  }

  #content(file: KeptFile, of: BrowsedFiles): TemplateResult {
    const { row, kind } = file;
    if (kind === 'artifact') return digestList(file, of.columns);
    const isText = kind === 'text' || (reportKind(row.name) === 'text' && !isTable(row.name));
    if (isText) return textContent(file, of);
    const report = of.reportOf(file);
    const type = reportKind(row.name);
    if (type === 'page') return pageContent(report);
    const { model } = of;
    const hasGrid = type === 'picture' && model !== null;
    const grid = html`<plinth-picture-grid
      .of=${{ path: row.name, model, baseline: of.columns[0]?.number ?? null }}
    ></plinth-picture-grid>`;
    return html`${hasGrid ? this.#gridSwitch() : nothing}
    ${hasGrid && this.isGrid ? grid : html`<plinth-report-row .of=${report}></plinth-report-row>`}`;
  }

  #gridSwitch(): TemplateResult {
    const modes: [boolean, string][] = [
      [false, l10n.t('Compared Versions')],
      [true, l10n.t('All Versions')],
    ];
    return html`<span role="group" class="switch" aria-label=${l10n.t('Show the picture of')}>
      ${modes.map(([isGrid, name]) => html`<button aria-pressed=${this.isGrid === isGrid} @click=${() => (this.isGrid = isGrid)}>${name}</button>`)}
    </span>`;
  }
}

const maxIndent = 6;

function isTable(name: string): boolean {
  return /\.(csv|json)$/i.test(name);
}

/** Shows a text as its difference from the baseline; one that all versions have alike as it is. */
function textContent({ kind, path, row }: KeptFile, { columns, editor }: BrowsedFiles): TemplateResult {
  const texts = columns.map(({ reference, label, place }) => {
    const digest = row.values[place];
    return { reference, label, digest: typeof digest === 'string' && digest.startsWith('sha256:') ? digest : null };
  });
  if (row.differs)
    return html`<plinth-text-difference
      .of=${{ name: path, columns: texts }}
      .editor=${editor && kind === 'text'}
    ></plinth-text-difference>`;
  const text = texts.find(({ digest }) => digest !== null);
  return html`<h3>${breakable(path)}</h3>
    <p class="count">${l10n.t('Identical in all versions')}</p>
    <plinth-kept-text .of=${text}></plinth-kept-text>`;
}

function pageContent({ path, columns, differs }: ComparedReport): TemplateResult {
  const shown = differs ? columns : columns.slice(0, 1);
  return html`<h3>${breakable(path)}</h3>
    <div class="reports">
      ${shown.map(({ report, reason }) => (report ? html`<plinth-sandboxed-page .of=${report}></plinth-sandboxed-page>` : html`<p class="count">${reason}</p>`))}
    </div>`;
}

function digestList({ path, row }: KeptFile, columns: readonly ColumnHead[]): TemplateResult {
  return html`<h3>${breakable(path)}</h3>
    <dl class="digests">
      ${columns.map(({ label, place }) => {
        const value = row.values[place] ?? null;
        return html`<dt>${label}</dt>
          <dd class=${value === null ? 'count' : ''}>${value === null ? l10n.t('none') : cellText(value)}</dd>`;
      })}
    </dl>`;
}

customElements.define('plinth-file-browser', FileBrowser);
