import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { SeriesFacts, SeriesReply } from '../../../daemon/protocol/series.ts';
import type { ToPage } from '../../protocol.ts';
import { host } from '../host.ts';
import { HostMessages } from '../elements/host-messages.ts';
import type { Line, XAxis } from './chart-points.ts';
import { linesOf } from './curves.ts';

/** Points of one chart. With many curves, each gets fewer. */
const [leastPoints, mostPoints, allPoints] = [200, 1500, 6000];
const leastShare = 1 / 1024;
/** Points of one curve when only a part of it is shown. */
const mostZoomedPoints = 24_000;

/** Requests the points of charts that came into view, and keeps them. A page has one. */
export class CurvePoints implements ReactiveController {
  readonly #page: ReactiveControllerHost & HTMLElement;
  #series: SeriesReply | undefined;
  #labels: readonly string[] | undefined;
  readonly #lines = new Map<string, Line[]>();
  readonly #inView = new Set<string>();
  /** By metric, the number of points of each curve when they were requested, and to how many they were cut. */
  readonly #asked = new Map<string, string>();
  #isAsking = false;
  /** True once the service was away: points that were asked for then never come. */
  #wasAway = false;
  /** The share of the x axis that is shown. */
  #share = 1;
  readonly #want = (event: Event): void => this.want((event as CustomEvent<string>).detail);

  constructor(page: ReactiveControllerHost & HTMLElement) {
    this.#page = page;
    page.addController(this);
    new HostMessages(page, (message) => this.#take(message));
  }

  /** The curves received so far, by metric. */
  get lines(): ReadonlyMap<string, Line[]> {
    return this.#lines;
  }

  hostConnected(): void {
    this.#page.addEventListener('plinth-wanted', this.#want);
  }

  hostDisconnected(): void {
    this.#page.removeEventListener('plinth-wanted', this.#want);
  }

  #take(message: ToPage): void {
    if (message.kind === 'away') this.#wasAway = true;
    if (message.kind !== 'series' || !this.#series) return;
    // The answer about the versions that were shown before may come last.
    if (message.versions.join() !== this.#series.versions.join()) return;
    this.#lines.set(message.metric, linesOf(this.#series, message.metric, message.columns, this.#labels));
    this.#page.requestUpdate();
  }

  /** Shows these series. Curves of charts in view are requested again when they have more points. */
  show(series: SeriesReply | undefined, labels?: readonly string[]): void {
    if (series?.versions.join() !== this.#series?.versions.join()) this.forget();
    if (this.#wasAway)
      for (const metric of this.#asked.keys()) if (!this.#lines.has(metric)) this.#asked.delete(metric);
    this.#wasAway = false;
    this.#series = series;
    this.#labels = labels;
    this.#askLater();
  }

  /** Requests the points of these metrics, so that they are there when their charts come into view. */
  wantSoon(metrics: readonly string[]): void {
    for (const metric of metrics) this.#inView.add(metric);
    this.#ask();
  }

  forget(): void {
    this.#lines.clear();
    this.#asked.clear();
    this.#inView.clear();
  }

  /** Requests more points when only so much of the x axis is shown; null for all of it. */
  zoom(shown: number | null, x: XAxis): void {
    const whole = this.#series && shown !== null ? lengthOf(this.#series, x) : undefined;
    this.#share = whole === undefined || shown === null ? 1 : Math.min(1, Math.max(leastShare, shown / whole));
    this.#askLater();
  }

  want(metric: string): void {
    this.#inView.add(metric);
    this.#askLater();
  }

  #askLater(): void {
    if (this.#isAsking) return;
    this.#isAsking = true;
    requestAnimationFrame(() => {
      this.#isAsking = false;
      this.#ask();
    });
  }

  #ask(): void {
    if (!this.#series) return;
    const { versions, metrics } = this.#series;
    const usual = Math.min(mostPoints, Math.max(leastPoints, Math.round(allPoints / versions.length)));
    const points = Math.min(mostZoomedPoints, usual * 2 ** Math.ceil(Math.log2(1 / this.#share)));
    const key = (of: readonly (SeriesFacts | null)[]): string =>
      `${points} ${of.map((facts) => facts?.count ?? 0).join()}`;
    const fresh = metrics.filter(({ metric, of }) => this.#inView.has(metric) && this.#asked.get(metric) !== key(of));
    for (const { metric, of } of fresh) this.#asked.set(metric, key(of));
    if (fresh.length > 0)
      host.post({ kind: 'curves', versions: [...versions], metrics: fresh.map(({ metric }) => metric), points });
  }
}

/** Returns how long the x axis of all series is; undefined if their summaries do not say. */
function lengthOf({ metrics }: SeriesReply, x: XAxis): number | undefined {
  const ends = metrics.flatMap(({ of }) => of.flatMap((facts) => [facts?.last, facts?.least, facts?.most]));
  const values = ends.flatMap((point) => (x === 'step' ? point?.step : point && point.time && point.time / 1000) ?? []);
  if (values.length === 0 || x.startsWith('metric:')) return undefined;
  const first = x === 'step' ? 0 : Math.min(...values);
  const length = Math.max(...values) - first;
  return length > 0 ? length : undefined;
}
