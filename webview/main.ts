import { html, LitElement, nothing, type TemplateResult } from 'lit';
import '@vscode-elements/elements/dist/vscode-button/index.js';
import { comparePage, primaryMetricOf } from './pages/compare/compare.ts';
import { normsPart, type NormsState } from './pages/compare/norms.ts';
import type { SeriesReply } from '../daemon/protocol/series.ts';
import type { PageState, PageLocation, ToPage, View } from './protocol.ts';
import type { Line, Look } from './components/chart-points.ts';
import { curveCharts, linesOf } from './components/curves.ts';
import { host } from './components/host.ts';
import { closeMenusOutside } from './components/layout/menu.ts';
import { columnLabels } from './components/column-labels.ts';
import { followTheme } from './components/theme.ts';
import type { Kind } from './pages/compare/matrix.ts';
import * as l10n from '@vscode/l10n';
import { lazyPage, loadPage } from './pages/lazy-pages.ts';

/** Points of one chart. With many curves, each gets fewer. */
const [leastPoints, mostPoints, allPoints] = [200, 1500, 6000];

/** The page: draws the views it receives, and sends what the person asks for. The only state it keeps is how the person looks at it. */
class Page extends LitElement {
  static override properties = { view: { state: true }, away: { state: true } };
  declare view: View | undefined;
  declare away: string | null;
  #only: boolean | undefined = host.state()?.onlyDifferences;
  #canChange = false;
  #canApprove = false;
  #editor = false;
  #lines = new Map<string, Line[]>();
  #inView = new Set<string>();
  /** By metric, the number of points of each curve when they were requested. */
  #asked = new Map<string, string>();
  #isAsking = false;
  #look: Look = { x: 'step', log: false, smoothing: 0 };
  #norms: NormsState;
  #metric: string | undefined;
  /** Keys of the selected versions or runs. */
  #chosen: ReadonlySet<string> = new Set();
  /** Places of compared versions whose curves are not drawn. Replaced, never changed, so that charts see it. */
  #hidden: ReadonlySet<number> = new Set();
  #kind: Kind | null = null;
  #loading: Promise<void> = Promise.resolve();

  constructor() {
    super();
    this.away = null;
    this.addEventListener('plinth-wanted', (event) => this.#cameIntoView(event as CustomEvent<string>));
    window.addEventListener('message', ({ data }: MessageEvent<ToPage>) => this.#takeInOrder(data));
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

  /** A view waits for the code of its page, and what comes after it waits for the view. */
  #takeInOrder(message: ToPage): void {
    this.#loading = this.#loading.then(async () => {
      if (message.kind === 'render') await loadPage(message.view.page);
      this.#take(message);
    });
  }

  #take(message: ToPage): void {
    if (message.kind === 'away') return void (this.away = message.message);
    if (message.kind === 'report' || message.kind === 'text') return;
    if (message.kind === 'norms-failed') return this.#change(() => (this.#norms = undefined));
    if (message.kind === 'progress' || message.kind === 'norms') return this.#change(() => (this.#norms = message));
    if (message.kind === 'series') {
      if (this.view && 'series' in this.view)
        this.#lines.set(
          message.metric,
          linesOf(this.view.series, message.metric, message.columns, labelsIn(this.view)),
        );
      return this.requestUpdate();
    }
    l10n.config({ contents: message.words });
    this.away = null;
    this.#canChange = message.canChange;
    this.#canApprove = message.canApprove;
    this.#editor = message.editor;
    this.#only ??= message.onlyDifferences;
    if (placeKey(this.view) !== placeKey(message.view)) this.#forget();
    this.view = message.view;
    this.#remember();
    this.#askForCurves();
  }

  #forget(): void {
    this.#lines.clear();
    this.#asked.clear();
    this.#inView.clear();
    this.#chosen = new Set();
    this.#hidden = new Set();
    this.#kind = null;
    this.#norms = undefined;
    this.#metric = undefined;
  }

  #remember(): void {
    const place = this.view && placeOf(this.view);
    if (place) host.remember({ place, onlyDifferences: this.#only ?? true } satisfies PageState);
  }

  /** Requests the points of charts that came into view, and requests them again when there are more. */
  #askForCurves(): void {
    const view = this.view;
    if (!view || !('series' in view)) return;
    const { versions, metrics } = view.series;
    const fresh = metrics.filter(
      ({ metric, of }) => this.#inView.has(metric) && this.#asked.get(metric) !== countsOf(of),
    );
    for (const { metric, of } of fresh) this.#asked.set(metric, countsOf(of));
    const points = Math.min(mostPoints, Math.max(leastPoints, Math.round(allPoints / versions.length)));
    if (fresh.length > 0) host.post({ kind: 'curves', versions, metrics: fresh.map(({ metric }) => metric), points });
  }

  #cameIntoView({ detail }: CustomEvent<string>): void {
    this.#inView.add(detail);
    if (this.#isAsking) return;
    this.#isAsking = true;
    requestAnimationFrame(() => {
      this.#isAsking = false;
      this.#askForCurves();
    });
  }

  override render(): TemplateResult | typeof nothing {
    const away = this.away === null ? nothing : html`<p class="away" role="alert">${this.away}</p>`;
    return this.view ? html`${away}${this.#page(this.view)}` : away;
  }

  #curves(view: View): TemplateResult | typeof nothing {
    if (!('series' in view)) return nothing;
    return curveCharts(view.series, {
      drawn: this.#lines,
      look: this.#look,
      change: (look) => this.#change(() => (this.#look = look)),
      primary: view.page === 'compare' ? primaryMetricOf(view) : (view.model.primaryMetric?.name ?? null),
      hidden: this.#hidden,
    });
  }

  #page(view: View): TemplateResult {
    const drawn = this.#curves(view);
    switch (view.page) {
      case 'compare':
        return comparePage(view, {
          only: this.#only ?? true,
          setOnly: (only) => this.#change(() => (this.#only = only)),
          canChange: this.#canChange,
          editor: this.#editor,
          curves: drawn,
          norms: normsPart(view.comparison.versions, this.#norms),
          hidden: this.#hidden,
          toggleHidden: (place) => this.#change(() => (this.#hidden = toggled(this.#hidden, place))),
          kind: this.#kind,
          choose: (kind) => this.#change(() => (this.#kind = kind)),
        });
      case 'models':
        return lazyPage('models').modelsPage(view);
      case 'version':
        return lazyPage('version').versionPage(
          view,
          { canChange: this.#canChange, canApprove: this.#canApprove },
          drawn,
        );
      case 'model':
        return lazyPage('model').modelPage(view, {
          metric: this.#metric,
          setMetric: (metric) => this.#change(() => (this.#metric = metric)),
          chosen: new Set([...this.#chosen].map(Number)),
          choose: (versions) => this.#change(() => (this.#chosen = new Set([...versions].map(String)))),
          canChange: this.#canChange,
        });
      case 'lineage':
        return lazyPage('lineage').lineagePage(view);
      case 'inspect':
        return lazyPage('inspect').inspectorPage(view);
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

function placeOf(view: View): PageLocation | undefined {
  switch (view.page) {
    case 'compare':
      return { page: 'compare', versions: view.comparison.versions };
    case 'version':
    case 'lineage':
      return { page: view.page, model: view.detail.version.model, version: String(view.detail.version.number) };
    case 'model':
      return { page: 'model', model: view.model.name };
    case 'inspect':
      return { page: 'inspect', path: view.path };
    case 'run':
      return { page: 'run', run: view.run.run };
    case 'models':
      return { page: view.page };
    case 'runs':
      return view.model === undefined ? { page: 'runs' } : { page: 'runs', model: view.model };
    case 'problem':
      return undefined;
  }
}

function toggled(places: ReadonlySet<number>, place: number): ReadonlySet<number> {
  return places.has(place) ? new Set([...places].filter((one) => one !== place)) : new Set([...places, place]);
}

function labelsIn(view: View): string[] | undefined {
  if (view.page === 'version') return [view.detail.version.number, view.baseline?.number ?? 0].map((one) => `v${one}`);
  return view.page === 'compare' ? columnLabels(view.comparison.columns) : undefined;
}

function countsOf(of: SeriesReply['metrics'][number]['of']): string {
  return of.map((facts) => facts?.count ?? 0).join();
}

function placeKey(view: View | undefined): string {
  return JSON.stringify(view && placeOf(view)) ?? '';
}

customElements.define('plinth-page', Page);
