import { html, LitElement, nothing, type TemplateResult } from 'lit';
import '@vscode-elements/elements/dist/vscode-button/index.js';
import './pages/compare/comparison.ts';
import { leadingMetrics } from '../daemon/shared/metrics.ts';
import type { LineageView, LinkedLook, PageState, PageLocation, ToPage, View } from './protocol.ts';
import { usualChartLook, type ChartLook } from './components/charts/chart-points.ts';
import { CurvePoints } from './components/charts/curve-points.ts';
import { curveCharts } from './components/charts/curves.ts';
import { host } from './components/host.ts';
import { HostMessages } from './components/elements/host-messages.ts';
import { keepEvent, type KeepingPage, type KeptSetting } from './components/page-settings.ts';
import { closeMenusOutside } from './components/layout/menu.ts';
import { followTheme } from './components/theme.ts';
import * as l10n from '@vscode/l10n';
import { lazyPage, loadPage } from './pages/lazy-pages.ts';

const noPlaces: ReadonlySet<number> = new Set();

/** The page: draws the views it receives, and sends what the person asks for. The only state it keeps is how the person looks at it. */
class Page extends LitElement {
  static override properties = { view: { state: true }, away: { state: true } };
  /** What the user set on pages, as the host remembers it. */
  kept: KeepingPage['kept'] = {};
  declare view: View | undefined;
  declare away: string | null;
  #only: boolean | undefined = host.state()?.onlyDifferences;
  #canChange = false;
  #canApprove = false;
  #editor = false;
  /** What a link to the comparison on this page contains. */
  #link: LinkedLook | undefined;
  readonly #points = new CurvePoints(this);
  #look: ChartLook = usualChartLook;
  #metric: string | undefined;
  #second: string | undefined;
  /** Keys of the selected versions or runs. */
  #chosen: ReadonlySet<string> = new Set();
  #loading: Promise<void> = Promise.resolve();

  constructor() {
    super();
    this.away = null;
    this.addEventListener('plinth-look', (event) => {
      this.#link = (event as CustomEvent<LinkedLook>).detail;
      this.#remember();
    });
    this.addEventListener(keepEvent, (event) => {
      const { key, value } = (event as CustomEvent<KeptSetting>).detail;
      this.kept = { ...this.kept, [key]: value };
      host.post({ kind: 'keep', key, value });
    });
    new HostMessages(this, (message) => this.#takeInOrder(message));
  }

  /** Renders into the page itself, so that one style sheet applies and labels reach the elements they name. */
  protected override createRenderRoot(): this {
    return this;
  }

  override firstUpdated(): void {
    followTheme(this);
    closeMenusOutside(document);
    host.post({ kind: 'ready' });
  }

  /** A view waits for the code of its page, and what comes after it waits for the view. After a view whose code did not come, the next one is tried. */
  #takeInOrder(message: ToPage): void {
    const before = this.#loading.catch(() => undefined);
    this.#loading = before.then(async () => {
      if (message.kind === 'render') await loadPage(message.view.page);
      this.#take(message);
    });
  }

  #take(message: ToPage): void {
    if (message.kind === 'away') return void (this.away = message.message);
    if (message.kind !== 'render') return;
    l10n.config({ contents: message.words });
    this.away = null;
    this.kept = message.kept;
    this.#canChange = message.canChange;
    this.#canApprove = message.canApprove;
    this.#editor = message.editor;
    this.#only ??= message.onlyDifferences;
    if (placeKey(this.view) !== placeKey(message.view)) this.#forget();
    this.#link ??= message.look;
    this.view = message.view;
    this.#points.show(message.view.page === 'version' ? message.view.series : undefined, labelsIn(message.view));
    this.#remember();
  }

  #forget(): void {
    this.#chosen = new Set();
    this.#metric = undefined;
    this.#second = undefined;
    if (this.view?.page !== 'compare') this.#link = undefined;
  }

  #remember(): void {
    const place = this.view && placeOf(this.view, this.#link);
    if (place) host.remember({ place, onlyDifferences: this.#only ?? true } satisfies PageState);
  }

  override render(): TemplateResult | typeof nothing {
    const away = this.away === null ? nothing : html`<p class="away" role="alert">${this.away}</p>`;
    return this.view ? html`${away}${this.#page(this.view)}` : away;
  }

  #curves(view: View): TemplateResult | typeof nothing {
    if (view.page !== 'version') return nothing;
    return curveCharts(view.series, {
      drawn: this.#points.lines,
      look: this.#look,
      change: (look) => this.#change(() => (this.#look = { ...this.#look, ...look })),
      leading: leadingMetrics(view.model),
      hidden: noPlaces,
    });
  }

  #page(view: View): TemplateResult {
    switch (view.page) {
      case 'compare':
        return html`<plinth-comparison
          .view=${view}
          .link=${this.#link}
          .only=${this.#only ?? true}
          .canChange=${this.#canChange}
          .editor=${this.#editor}
        ></plinth-comparison>`;
      case 'models':
        return lazyPage('models').modelsPage(view, {
          chosen: this.#chosen,
          choose: (chosen) => this.#change(() => (this.#chosen = chosen)),
          canChange: this.#canChange,
        });
      case 'version':
        return lazyPage('version').versionPage(
          view,
          { canChange: this.#canChange, canApprove: this.#canApprove },
          this.#curves(view),
        );
      case 'history':
        return lazyPage('history').historyPage(view);
      case 'model':
        return lazyPage('model').modelPage(view, {
          metric: this.#metric,
          setMetric: (metric) => this.#change(() => (this.#metric = metric)),
          second: this.#second,
          setSecond: (metric) => this.#change(() => (this.#second = metric)),
          chosen: new Set([...this.#chosen].map(Number)),
          choose: (versions) => this.#change(() => (this.#chosen = new Set([...versions].map(String)))),
          canChange: this.#canChange,
        });
      case 'lineage':
        return lazyPage('lineage').lineagePage(view, {
          chosen: [...this.#chosen][0] ?? '',
          choose: (node) => this.#change(() => (this.#chosen = new Set([node]))),
        });
      case 'inspect':
        return lazyPage('inspect').inspectorPage(view, this.#canChange);
      case 'run':
        return lazyPage('run').runPage(view);
      case 'runs':
        return lazyPage('runs').runsPage(view, {
          chosen: this.#chosen,
          choose: (chosen) => this.#change(() => (this.#chosen = chosen)),
        });
      case 'problem':
        return html`<main>
          <h1>${l10n.t('Page unavailable')}</h1>
          <p role="alert">${view.message}</p>
        </main>`;
    }
  }

  #change(act: () => void): void {
    act();
    this.#remember();
    this.requestUpdate();
  }
}

function placeOf(view: View, look?: LinkedLook): PageLocation | undefined {
  switch (view.page) {
    case 'compare':
      return { page: 'compare', versions: view.comparison.versions, ...(look && { look }) };
    case 'lineage':
      return lineageLocation(view);
    case 'version':
      return { page: view.page, model: view.detail.version.model, version: String(view.detail.version.number) };
    case 'model':
      return { page: 'model', model: view.model.name };
    case 'history':
      return { page: 'history', model: view.model };
    case 'inspect':
      return { page: 'inspect', path: view.path };
    case 'run':
      return { page: 'run', run: view.run.run };
    case 'models':
      return { page: 'models', ...(view.chosen && { model: view.chosen.model.name }) };
    case 'runs':
      return view.model === undefined ? { page: 'runs' } : { page: 'runs', model: view.model };
    case 'problem':
      return undefined;
  }
}

function lineageLocation({ detail: { version }, against }: LineageView): PageLocation {
  return { page: 'lineage', model: version.model, version: String(version.number), against: String(against ?? 'none') };
}

function labelsIn(view: View): string[] | undefined {
  if (view.page !== 'version') return undefined;
  return [view.detail.version.number, view.baseline?.number ?? 0].map((one) => `v${one}`);
}

function placeKey(view: View | undefined): string {
  return JSON.stringify(view && placeOf(view)) ?? '';
}

customElements.define('plinth-page', Page);
