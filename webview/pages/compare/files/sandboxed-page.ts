import { html, LitElement, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import type { ShownReport } from '../../../components/report-content.ts';
import { reportLink } from '../../../components/report.ts';
import { HostMessages } from '../../../components/elements/host-messages.ts';
import { InView } from '../../../components/elements/in-view.ts';
import { host } from '../../../components/host.ts';
import type { ToPage } from '../../../protocol.ts';
import { takeStyles, type TakenStyles } from './page-styles.ts';

const maxBytes = 5_000_000;
/** Elements that load, submit or go somewhere. Scripts do not run in the frame anyhow. */
const removed = 'script, meta[http-equiv], base, link, iframe, frame, object, embed, form';

/**
 * An HTML report in a frame in which no script runs, no form is sent, and nothing is loaded but pictures that are part of it. Its own
 * styles apply. The bytes are requested when it comes into view.
 */
class SandboxedPage extends LitElement {
  static override properties = { of: { attribute: false }, source: { state: true } };
  declare of: ShownReport | undefined;
  /** The report, or why it is missing; undefined until it arrives. */
  declare source: TakenStyles | { problem: string } | undefined;
  readonly #view = new InView(this, () => this.#ask());
  #asked: string | undefined;

  constructor() {
    super();
    new HostMessages(this, (message) => this.#take(message));
  }

  protected override createRenderRoot(): this {
    return this;
  }

  #take(message: ToPage): void {
    if (message.kind !== 'report' || message.reference !== this.of?.reference || message.path !== this.of.path) return;
    if ('problem' in message) this.source = { problem: message.problem };
    else if (message.bytes.length > maxBytes)
      this.source = { problem: l10n.t('This page is too large to be shown here. Open it separately.') };
    else this.source = harmlessPage(new TextDecoder().decode(message.bytes));
  }

  override updated(): void {
    this.#ask();
  }

  #ask(): void {
    const { reference, path, digest } = this.of ?? {};
    const key = `${reference} ${path} ${digest}`;
    if (!this.#view.wasSeen || reference === undefined || path === undefined || key === this.#asked) return;
    this.#asked = key;
    this.source = undefined;
    host.post({ kind: 'report', reference, path });
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.of) return nothing;
    return html`<figure>
      <figcaption>${reportLink(this.of)}</figcaption>
      ${this.#body(this.of)}
    </figure>`;
  }

  #body({ path, label }: ShownReport): TemplateResult {
    const { source } = this;
    if (!source) return html`<p class="count">${l10n.t('Loading…')}</p>`;
    if ('problem' in source) return html`<p role="alert">${source.problem}</p>`;
    const styled = (event: Event): void => applyStyles(event.target as HTMLIFrameElement, source.styles);
    return html`<iframe
      class="sandboxed"
      sandbox="allow-same-origin"
      title=${`${path} ${label}`}
      srcdoc=${source.text}
      @load=${styled}
    ></iframe>`;
  }
}

const ownStyle = 'data-own-style';

/** Returns a page without what loads or goes somewhere, and its styles, which its policy does not let stand in its text. */
function harmlessPage(html: string): TakenStyles {
  const { text, styles } = takeStyles(html);
  const unstyled = text
    .replace(/<\/?base\b[^<>]*>/gi, '')
    .replace(/<[a-z][^<>]*>/gi, (tag) => tag.replace(/(\s)style(\s*=)/gi, `$1${ownStyle}$2`));
  const parsed = new DOMParser().parseFromString(unstyled, 'text/html');
  for (const element of parsed.querySelectorAll(removed)) element.remove();
  for (const loaded of parsed.querySelectorAll('[src], [srcset], [background], [poster]')) {
    for (const name of ['srcset', 'background', 'poster']) loaded.removeAttribute(name);
    if (!loaded.getAttribute('src')?.startsWith('data:')) loaded.removeAttribute('src');
  }
  for (const link of parsed.querySelectorAll('a[href], area[href]'))
    if (!link.getAttribute('href')?.startsWith('#')) link.removeAttribute('href');
  return { text: parsed.documentElement.outerHTML, styles };
}

/** Applies the styles of the page by script of ours. A frame without `allow-scripts` runs none of its own. */
function applyStyles(frame: HTMLIFrameElement, styles: string): void {
  const [inner, view] = [frame.contentDocument, frame.contentWindow as (Window & typeof globalThis) | null];
  if (!inner || !view) return;
  const sheet = new view.CSSStyleSheet();
  sheet.replaceSync(styles);
  inner.adoptedStyleSheets = [sheet];
  for (const element of inner.querySelectorAll<HTMLElement>(`[${ownStyle}]`))
    element.style.cssText = element.getAttribute(ownStyle) ?? '';
}

customElements.define('plinth-sandboxed-page', SandboxedPage);
