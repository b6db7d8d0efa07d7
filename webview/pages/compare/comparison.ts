import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { selectPrimaryMetric } from '../../../daemon/shared/metrics.ts';
import type { Json } from '../../../daemon/protocol/json.ts';
import { arrangementFrom, openCharts, type ChartArrangement } from '../../components/charts/chart-arrangement.ts';
import type { ChartGrid } from '../../components/charts/chart-grid.ts';
import { axisMetric, type ChartLook } from '../../components/charts/chart-points.ts';
import { planCharts } from '../../components/charts/chart-plan.ts';
import { CurvePoints } from '../../components/charts/curve-points.ts';
import { curveCharts } from '../../components/charts/curves.ts';
import { host } from '../../components/host.ts';
import { keep, keptOf } from '../../components/page-settings.ts';
import { HostMessages } from '../../components/elements/host-messages.ts';
import type { CompareView, LinkedLook, ToPage } from '../../protocol.ts';
import { columnHeads, comparePage } from './compare.ts';
import { handleKey } from './keys.ts';
import { hiddenAtFirst, linkedLook, lookOfLink, matcherOf, usualLook, type CompareLook } from './look.ts';
import { normsPart, type NormsState } from './norms.ts';
import type { TableRow } from './matrix.ts';
import type { ComparePart } from './part.ts';
import { followSections } from './rail.ts';
import { groupColumns, type Grouped } from './groups/grouped.ts';
import { groupSelect } from './groups/group-select.ts';
import './run-list.ts';
import type { RunListContent } from './run-list.ts';

/** So many charts are about to be seen when a comparison opens. */
const firstCharts = 12;

/** The comparison page. It keeps how the person looks at the comparison, and tells the host what a link should contain. */
class ComparisonPage extends LitElement {
  static override properties = {
    view: { attribute: false },
    link: { attribute: false },
    only: { type: Boolean },
    canChange: { type: Boolean },
    editor: { type: Boolean },
  };
  declare view: CompareView | undefined;
  /** What the link by which the page was opened says about the look. */
  declare link: LinkedLook | undefined;
  /** Whether only differences are shown at first. */
  declare only: boolean;
  declare canChange: boolean;
  declare editor: boolean;
  #look: CompareLook | undefined;
  #norms: NormsState;
  #sentLook = '';
  /** How the charts of a model are arranged, once a person changed it here. */
  #arranged: { model: string; arrangement: ChartArrangement } | undefined;
  readonly #points = new CurvePoints(this);
  /** Kept as long as the filter is the same, so that only what depends on it is drawn again. */
  #matcher = { filter: '', matches: matcherOf('') };
  readonly #key = (event: KeyboardEvent): void => {
    const part = this.view && this.#part(this.view);
    if (part) handleKey(event, part);
  };
  #unfollow: (() => void) | undefined;

  constructor() {
    super();
    this.only = true;
    this.canChange = false;
    this.editor = false;
    new HostMessages(this, (message) => this.#take(message));
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener('keydown', this.#key);
    this.#unfollow = followSections(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('keydown', this.#key);
    this.#unfollow?.();
  }

  #take(message: ToPage): void {
    if (message.kind === 'norms-failed') this.#norms = undefined;
    else if (message.kind === 'progress' || message.kind === 'norms') this.#norms = message;
    else return;
    this.requestUpdate();
  }

  override willUpdate(changed: PropertyValues<this>): void {
    const { view } = this;
    if (!view || !changed.has('view')) return;
    const before = changed.get('view') as CompareView | undefined;
    const { versions } = view.comparison;
    if (!this.#look) this.#look = lookOfLink(this.link ?? {}, versions, { ...usualLook, only: this.only });
    else if (before?.comparison.versions.join() !== versions.join()) {
      this.#look = { ...this.#look, kind: null, hiddenCurves: null, excluded: new Set() };
      this.#norms = undefined;
    }
    this.#points.show(
      view.series,
      columnHeads(view).map(({ label }) => label),
    );
    if (before?.comparison.versions.join() !== versions.join()) this.#points.wantSoon(this.#firstCurves(view));
    this.#wantAxis();
  }

  /** Returns the metrics of the charts that are seen first, whose points can come while the rest is drawn. */
  #firstCurves(view: CompareView): string[] {
    const { arrangement } = this.#chartGrid(view);
    const open = openCharts(planCharts(view.series.metrics, view.model?.pinnedMetrics ?? []), arrangement);
    return open.slice(0, firstCharts).flatMap(({ metric, training }) => [metric, training ?? []].flat());
  }

  #change(part: Partial<CompareLook>): void {
    this.#look = { ...(this.#look ?? usualLook), ...part };
    if (part.chart) this.#wantAxis();
    this.#sendLook();
    this.requestUpdate();
  }

  /** Requests what the chosen x axis needs: the metric on it, and more points when a part is shown. */
  #wantAxis(): void {
    const { x, zoom } = this.#look?.chart ?? usualLook.chart;
    const metric = axisMetric(x);
    if (metric !== null) this.#points.want(metric);
    this.#points.zoom(zoom ? zoom[1] - zoom[0] : null, x);
  }

  /** Returns how the charts are arranged. It is kept for all comparisons of the model. */
  #chartGrid({ model }: CompareView): ChartGrid {
    const name = model?.name ?? '';
    const key = `arrangement:${name}`;
    const arrangement =
      this.#arranged?.model === name ? this.#arranged.arrangement : arrangementFrom(keptOf(this, key));
    const arrange = (next: ChartArrangement): void => {
      this.#arranged = { model: name, arrangement: next };
      if (model) keep(this, key, JSON.parse(JSON.stringify(next)) as Json);
      this.requestUpdate();
    };
    return { arrangement, arrange };
  }

  #sendLook(): void {
    const look = linkedLook(this.#look ?? usualLook, this.view?.comparison.versions ?? []);
    if (JSON.stringify(look) === this.#sentLook) return;
    this.#sentLook = JSON.stringify(look);
    host.post({ kind: 'look', look });
    this.dispatchEvent(new CustomEvent('plinth-look', { detail: look, bubbles: true }));
  }

  #part(view: CompareView): ComparePart {
    const look = this.#look ?? usualLook;
    const { comparison, model } = view;
    if (this.#matcher.filter !== look.filter) this.#matcher = { filter: look.filter, matches: matcherOf(look.filter) };
    const primaryMetric = primaryMetricOf(view);
    const { columns, grouped } = this.#columnsOf(view, look);
    const primary = comparison.metrics.find(({ name }) => name === primaryMetric);
    return {
      view,
      versions: comparison.versions,
      columns,
      grouped,
      leading: model && model.pinnedMetrics.length > 0 ? model.pinnedMetrics : [primaryMetric ?? []].flat(),
      primary,
      look,
      change: (part) => this.#change(part),
      hidden: this.#hiddenPlaces(columns, primary, look),
      setHidden: (hiddenCurves) => this.#change({ hiddenCurves }),
      matches: this.#matcher.matches,
      canChange: this.canChange,
      editor: this.editor,
    };
  }

  #hidden: { key: readonly unknown[]; places: ReadonlySet<number> } | undefined;

  /** Returns the same set as long as nothing that it depends on changed, because another one draws all charts again. */
  #hiddenPlaces(
    columns: ComparePart['columns'],
    primary: TableRow | undefined,
    look: CompareLook,
  ): ReadonlySet<number> {
    const key = [columns, primary, look.hiddenCurves, look.excluded];
    if (this.#hidden && this.#hidden.key.every((one, index) => one === key[index])) return this.#hidden.places;
    const production = columns.findIndex(({ isProduction }) => isProduction);
    const isGrouped = this.#columns?.grouped !== undefined;
    const usual = (): ReadonlySet<number> => hiddenAtFirst(columns.length, primary, production < 0 ? null : production);
    const chosen = look.hiddenCurves ?? (isGrouped ? new Set<number>() : usual());
    this.#hidden = { key, places: new Set([...chosen, ...look.excluded]) };
    return this.#hidden.places;
  }

  #columns: { key: readonly unknown[]; columns: ComparePart['columns']; grouped: Grouped | undefined } | undefined;

  /** Returns the same lists as long as the view and the grouping are the same. */
  #columnsOf(view: CompareView, look: CompareLook): Pick<ComparePart, 'columns' | 'grouped'> {
    const key = [view, look.group, look.excluded];
    if (this.#columns?.key.every((one, index) => one === key[index])) return this.#columns;
    const own = columnHeads(view);
    const grouped = groupColumns(view.comparison, own, look);
    const columns = own.map((column) => ({
      ...column,
      colourPlace: grouped?.lines.groupOf[column.place] ?? column.colourPlace,
    }));
    this.#columns = { key, columns, grouped };
    return this.#columns;
  }

  override render(): TemplateResult | typeof nothing {
    if (!this.view) return nothing;
    const part = this.#part(this.view);
    const { look, hidden, grouped } = part;
    const changeChart = (chart: Partial<ChartLook>): void => part.change({ chart: { ...look.chart, ...chart } });
    const curves = curveCharts(this.view.series, {
      drawn: this.#points.lines,
      look: look.chart,
      change: changeChart,
      leading: part.leading,
      hidden,
      isShown: part.matches,
      groups: grouped?.lines,
      grid: this.#chartGrid(this.view),
      extra: groupSelect(part),
      runList: html`<plinth-run-list .of=${runListOf(part)}></plinth-run-list>`,
    });
    return comparePage(part, { curves, norms: normsPart(part.versions, this.#norms) });
  }
}

/** Returns the list beside the charts: the versions, or their groups. A group is hidden if all of its versions are. */
function runListOf({ columns, grouped, hidden, setHidden, primary }: ComparePart): RunListContent {
  if (!grouped) return { columns, hidden, setHidden, metric: primary };
  const { groups } = grouped;
  const placesOf = (chosen: ReadonlySet<number>): number[] => [...chosen].flatMap((at) => groups[at]?.places ?? []);
  const all = groups.map((_, at) => at).filter((at) => groups[at]!.places.every((place) => hidden.has(place)));
  return {
    columns: grouped.columns,
    hidden: new Set(all),
    setHidden: (chosen) => setHidden(new Set(placesOf(chosen))),
    metric: grouped.metrics.find(({ name }) => name === primary?.name),
  };
}

/** Returns the metric that stands for the compared model: the one chosen for it, else the most informative one. */
function primaryMetricOf({ comparison, model }: CompareView): string | null {
  if (model?.primaryMetric) return model.primaryMetric;
  const { metrics, columns } = comparison;
  const numbers = columns.map((_, column) =>
    Object.fromEntries(
      metrics.flatMap(({ name, values }) => {
        const value = values[column];
        return typeof value === 'number' ? [[name, value] as const] : [];
      }),
    ),
  );
  return selectPrimaryMetric(numbers);
}

customElements.define('plinth-comparison', ComparisonPage);
