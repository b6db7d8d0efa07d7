import { html, LitElement, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import { cleanText } from '../../daemon/shared/clean-text.ts';
import type { ToPage } from '../protocol.ts';
import { host } from './host.ts';
import { HostMessages } from './elements/host-messages.ts';
import { InView } from './elements/in-view.ts';
import { breakable } from './names.ts';
import { compareTexts, firstChanges, isBinaryText, type DiffLine, type TextDifference } from './text-hunks.ts';

/** One captured file in the compared versions, the baseline first. */
export interface ComparedText {
  name: string;
  /** The digest of the file in each version; null in one without it. */
  columns: readonly { reference: string; label: string; digest: string | null }[];
}

/** Versions whose file has the same content. */
interface Content {
  digest: string | null;
  reference: string;
  labels: string[];
}

const firstLines = 12;
const firstVersions = 4;

/** Shows how a text differs from the baseline's, once for each other content. The texts are requested when it comes into view. */
class TextDifferencePart extends LitElement {
  static override properties = {
    of: { attribute: false },
    editor: { type: Boolean },
    texts: { state: true },
    whole: { state: true },
    all: { state: true },
  };
  declare of: ComparedText | undefined;
  /** By digest: the text, or why it is missing. */
  declare texts: ReadonlyMap<string, { text: string } | { problem: string }>;
  declare whole: boolean;
  /** True when the differences of all versions are shown, not only the first ones. */
  declare all: boolean;
  /** True where an editor can show the difference. */
  declare editor: boolean;
  readonly #view = new InView(this, () => this.#ask());
  readonly #asked = new Set<string>();

  constructor() {
    super();
    this.texts = new Map();
    this.whole = false;
    this.all = false;
    this.editor = false;
    new HostMessages(this, (message) => this.#take(message));
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override updated(): void {
    this.#ask();
  }

  #take(message: ToPage): void {
    if (message.kind !== 'text' || !this.#asked.has(message.digest)) return;
    const found = 'text' in message ? { text: message.text } : { problem: message.problem };
    this.texts = new Map([...this.texts, [message.digest, found]]);
  }

  #contents(): Content[] {
    const groups = Map.groupBy(this.of?.columns ?? [], ({ digest }) => digest);
    return [...groups].map(([digest, columns]) => ({
      digest,
      reference: columns[0]?.reference ?? '',
      labels: columns.map(({ label }) => label),
    }));
  }

  #ask(): void {
    if (!this.#view.wasSeen) return;
    for (const { digest, reference } of this.#contents().slice(0, this.all ? undefined : firstVersions + 1)) {
      if (digest === null || this.#asked.has(digest)) continue;
      this.#asked.add(digest);
      host.post({ kind: 'text', reference, digest });
    }
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.of) return nothing;
    const [baseline, ...others] = this.#contents();
    if (!baseline) return nothing;
    const shown = this.all ? others : others.slice(0, firstVersions);
    const rest = others.length - shown.length;
    return html`<h3>${breakable(this.of.name)}</h3>
      ${shown.map((other) => this.#difference(baseline, other))}
      ${rest > 0 ? html`<button class="link" @click=${() => (this.all = true)}>${l10n.t('Show {0} more differences', rest)}</button>` : nothing}`;
  }

  #difference(baseline: Content, other: Content): TemplateResult {
    const [before, after] = [this.#textOf(baseline), this.#textOf(other)];
    const pair = `${baseline.labels.join(', ')} → ${other.labels.join(', ')}`;
    if (!before || !after) return differenceHead(pair, l10n.t('Loading…'));
    if ('problem' in before) return differenceHead(pair, before.problem);
    if ('problem' in after) return differenceHead(pair, after.problem);
    if (baseline.digest === null)
      return differenceHead(pair, l10n.t('Not captured with {0}', baseline.labels.join(', ')));
    if (other.digest === null) return differenceHead(pair, l10n.t('Not captured with {0}', other.labels.join(', ')));
    if (isBinaryText(before.text) || isBinaryText(after.text))
      return differenceHead(pair, l10n.t('These files are not texts.'));
    const found = this.#compared(before.text, after.text);
    return found
      ? this.#lines(pair, found, this.#openButton(baseline, other))
      : differenceHead(pair, l10n.t('The texts differ too much to be compared here.'));
  }

  /** By the text after it, the difference from a text. */
  readonly #found = new Map<string, { before: string; found: TextDifference | undefined }>();

  /** Compares two texts once, since that may take long. */
  #compared(before: string, after: string): TextDifference | undefined {
    const known = this.#found.get(after);
    if (known?.before === before) return known.found;
    const found = compareTexts(before, after);
    this.#found.set(after, { before, found });
    return found;
  }

  #textOf({ digest }: Content): { text: string } | { problem: string } | undefined {
    return digest === null ? { text: '' } : this.texts.get(digest);
  }

  #openButton(before: Content, after: Content): TemplateResult | typeof nothing {
    const { name } = this.of!;
    if (!this.editor || before.digest === null || after.digest === null) return nothing;
    const [left, right] = [
      { reference: before.reference, digest: before.digest },
      { reference: after.reference, digest: after.digest },
    ];
    const open = (): void => host.post({ kind: 'diffText', name, before: left, after: right });
    return html`<button class="link" @click=${open}>${l10n.t('Open Diff')}</button>`;
  }

  #lines(
    pair: string,
    { added, removed, hunks }: TextDifference,
    act: TemplateResult | typeof nothing,
  ): TemplateResult {
    const { shown, left } = firstChanges(hunks, this.whole ? Infinity : firstLines);
    const more = html`<button class="link" @click=${() => (this.whole = true)}>
      ${l10n.t('Show {0} more changed lines', left)}
    </button>`;
    return html`${differenceHead(pair, `+${added} −${removed}`, act)}
      <pre class="difference" tabindex="0" aria-label=${pair}>${shown.map(hunkOf)}</pre>
      ${left > 0 ? more : nothing}`;
  }
}

function differenceHead(pair: string, text: string, act: TemplateResult | typeof nothing = nothing): TemplateResult {
  return html`<p class="difference-head">${pair} <span class="count">${text}</span> ${act}</p>`;
}

function hunkOf(lines: readonly DiffLine[], index: number): TemplateResult {
  const gap = index === 0 ? nothing : html`<span class="gap" aria-hidden="true">⋯</span>`;
  return html`${gap}${lines.map(lineOf)}`;
}

function lineOf({ sign, text, before, after }: DiffLine): TemplateResult {
  const kind = sign === '+' ? 'added' : sign === '-' ? 'removed' : '';
  const shown = sign === '-' ? '−' : sign;
  const line = `${shown} ${cleanText(text)}`;
  return html`<span class=${kind}><span class="at" aria-hidden="true">${after ?? before}</span>${line}</span>`;
}

customElements.define('plinth-text-difference', TextDifferencePart);
