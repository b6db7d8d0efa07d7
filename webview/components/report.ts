import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { RunReport } from '../../daemon/protocol/lineage.ts';
import {
  parseConfusionMatrix,
  parseNumberTable,
  type ConfusionMatrix,
  type NumberTable,
} from '../../daemon/shared/report-tables.ts';
import { numberText } from '../../daemon/shared/format.ts';
import { isConfusionMatrix } from '../../daemon/shared/report-files.ts';
import type { ToPage } from '../protocol.ts';
import { host } from './host.ts';
import { facts, plainTable } from './section.ts';

/** The parts of a stored report of a version that are needed to show it. */
export interface ShownReport extends Pick<RunReport, 'path' | 'kind' | 'digest'> {
  reference: string;
  /** The heading above it. */
  label: string;
}

type Content =
  { picture: string } | { matrix: ConfusionMatrix } | { table: NumberTable } | { text: string } | { problem: string };

const maxText = 20_000;

/** One picture or report. Its bytes are requested when it comes into view. An HTML page is not shown here, only opened separately. */
class Report extends LitElement {
  static override properties = { of: { attribute: false }, content: { state: true } };
  declare of: ShownReport | undefined;
  declare content: Content | undefined;
  #seen: IntersectionObserver | undefined;
  #isInView = false;
  #asked: string | undefined;
  readonly #hear = ({ data }: MessageEvent<ToPage>): void => {
    if (data.kind === 'report' && data.reference === this.of?.reference && data.path === this.of.path)
      void this.#take(data);
  };

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener('message', this.#hear);
    this.#seen = new IntersectionObserver((entries) => {
      this.#isInView ||= entries.some(({ isIntersecting }) => isIntersecting);
      this.#ask();
    });
    this.#seen.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('message', this.#hear);
    this.#seen?.disconnect();
  }

  override updated(changed: PropertyValues): void {
    if (changed.has('of')) this.#ask();
  }

  /** Runs once for each new content. */
  #ask(): void {
    if (!this.of || !this.#isInView || this.of.kind === 'page' || this.of.digest === null) return;
    const { reference, path, digest } = this.of;
    const key = `${reference} ${path} ${digest}`;
    if (this.#asked === key) return;
    this.#asked = key;
    host.post({ kind: 'report', reference, path });
  }

  async #take(message: ToPage & { kind: 'report' }): Promise<void> {
    this.content = 'problem' in message ? { problem: message.problem } : await contentOf(message);
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.of) return nothing;
    const { reference, path, label } = this.of;
    const open = (): void => host.post({ kind: 'openReport', reference, path });
    const name = html`<button class="link" @click=${open} aria-label=${l10n.t('Open {0} of {1}', path, reference)}>
      ${label}
    </button>`;
    return html`<figure>
      <figcaption>${name}</figcaption>
      ${this.#body(path)}
    </figure>`;
  }

  #body(path: string): TemplateResult | typeof nothing {
    if (this.of?.kind === 'page')
      return html`<p class="count">${l10n.t('An HTML page. It opens separately, and its scripts do not run.')}</p>`;
    if (!this.content) return html`<p class="count">${l10n.t('Loading…')}</p>`;
    if ('problem' in this.content) return html`<p role="alert">${this.content.problem}</p>`;
    if ('picture' in this.content) return html`<img src=${this.content.picture} alt=${path} />`;
    if ('matrix' in this.content) return matrixTable(path, this.content.matrix);
    if ('table' in this.content) return numberTable(path, this.content.table);
    return html`<pre tabindex="0">${this.content.text}</pre>`;
  }
}

async function contentOf({ path, type, bytes }: { path: string; type: string; bytes: Uint8Array }): Promise<Content> {
  if (type.startsWith('image/')) return { picture: await dataUrl(type, bytes) };
  if (type !== 'text/plain') return { problem: l10n.t('This file is not a picture that can be shown.') };
  const text = new TextDecoder().decode(bytes);
  const matrix = isConfusionMatrix(path) ? parseConfusionMatrix(path, text) : undefined;
  const table = matrix ? undefined : parseNumberTable(path, text);
  if (table) return { table };
  return matrix ? { matrix } : { text: text.length > maxText ? `${text.slice(0, maxText)}…` : text };
}

/** Returns a data: URL. So nothing in a picture runs in the page's origin, wherever it is opened. */
function dataUrl(type: string, bytes: Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => resolve(reader.result as string));
    reader.addEventListener('error', () => reject(new Error('The picture cannot be read.')));
    reader.readAsDataURL(new Blob([bytes as BlobPart], { type }));
  });
}

function numberTable(path: string, { columns, rows, single }: NumberTable): TemplateResult {
  const shown = rows.map(({ name, values }) => [name, ...values.map((one) => (one === null ? '' : numberText(one)))]);
  const alone = single.map(({ name, value }) => [name, numberText(value)] as const);
  return html`${plainTable(path, ['', ...columns], shown)}${facts(alone)}`;
}

function matrixTable(path: string, { labels, counts }: ConfusionMatrix): TemplateResult | typeof nothing {
  const names = labels ?? counts.map((_, index) => String(index));
  const rows = counts.map((row, at) => [
    names[at] ?? '',
    ...row.map((count, column) =>
      column === at ? html`<strong>${count.toLocaleString()}</strong>` : count.toLocaleString(),
    ),
  ]);
  return plainTable(path, [l10n.t('True \\ predicted'), ...names], rows);
}

customElements.define('plinth-report', Report);
