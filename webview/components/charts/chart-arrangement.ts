import { isObject } from '../../../daemon/protocol/json.ts';
import type { ChartPlan } from './chart-plan.ts';

export const chartSizes = ['S', 'M', 'L'] as const;
export type ChartSize = (typeof chartSizes)[number];

/** How a person arranged the charts of a model. */
export interface ChartArrangement {
  size: ChartSize;
  /** Metrics of charts in the order into which a person moved them; others follow in reading order. */
  order: readonly string[];
  /** Metrics of charts that stand first. */
  pinned: readonly string[];
  /** Prefixes whose charts are not drawn. */
  closed: readonly string[];
}

export const usualArrangement: ChartArrangement = { size: 'M', order: [], pinned: [], closed: [] };

/** Charts under one head: the pinned ones, or those whose metrics have one prefix (`''` for those of no other section). */
export interface ChartSection {
  prefix: string;
  isPinned: boolean;
  plans: ChartPlan[];
}

const [maxNames, maxName] = [500, 500];

/** Returns an arrangement from what was stored. What does not have the right form is left out. */
export function arrangementFrom(stored: unknown): ChartArrangement {
  if (!isObject(stored)) return usualArrangement;
  const names = (value: unknown): string[] =>
    Array.isArray(value)
      ? [...new Set(value.filter((one) => typeof one === 'string' && one.length <= maxName))].slice(0, maxNames)
      : [];
  const size = chartSizes.find((one) => one === stored['size']) ?? usualArrangement.size;
  return { size, order: names(stored['order']), pinned: names(stored['pinned']), closed: names(stored['closed']) };
}

/** Returns the sections of charts in their order: the pinned ones, then one for each prefix that several charts have. */
export function arrangeCharts(plans: readonly ChartPlan[], { order, pinned }: ChartArrangement): ChartSection[] {
  const placeOf = (of: readonly string[], metric: string): number => {
    const place = of.indexOf(metric);
    return place < 0 ? of.length : place;
  };
  const first = plans
    .filter(({ metric }) => pinned.includes(metric))
    .toSorted((a, b) => placeOf(pinned, a.metric) - placeOf(pinned, b.metric));
  const rest = plans
    .filter(({ metric }) => !pinned.includes(metric))
    .toSorted((a, b) => placeOf(order, a.metric) - placeOf(order, b.metric));
  const counts = Map.groupBy(rest, prefixOf);
  const groups = Map.groupBy(rest, (plan) => ((counts.get(prefixOf(plan)) ?? []).length > 1 ? prefixOf(plan) : ''));
  const sections = [...groups].map(([prefix, of]) => ({ prefix, isPinned: false, plans: of }));
  return first.length > 0 ? [{ prefix: '', isPinned: true, plans: first }, ...sections] : sections;
}

/** Returns by what an arrangement remembers that a section is closed. */
export function sectionKey({ prefix, isPinned }: ChartSection): string {
  return isPinned ? '★' : prefix;
}

/** Returns the charts of the sections that are not closed. A section that stands alone has no head, and cannot be closed. */
export function openCharts(plans: readonly ChartPlan[], arrangement: ChartArrangement): ChartPlan[] {
  const sections = arrangeCharts(plans, arrangement);
  const isOpen = (one: ChartSection): boolean => sections.length === 1 || !arrangement.closed.includes(sectionKey(one));
  return sections.filter(isOpen).flatMap(({ plans: of }) => of);
}

/** Returns the first part of a metric's name: `val/` of `val/segment=a/auc`. */
function prefixOf({ metric }: ChartPlan): string {
  return metric.slice(0, metric.indexOf('/') + 1);
}

/** Returns the arrangement with a chart moved to the place of another one, as both are shown. */
export function moveChart(
  arrangement: ChartArrangement,
  sections: readonly ChartSection[],
  metric: string,
  target: string,
): ChartArrangement {
  const section = sections.find(({ plans }) => plans.some((plan) => plan.metric === metric));
  const names = section?.plans.map((plan) => plan.metric) ?? [];
  const to = names.indexOf(target);
  if (!section || to < 0 || metric === target) return arrangement;
  const moved = names.filter((name) => name !== metric).toSpliced(to, 0, metric);
  if (section.isPinned) return { ...arrangement, pinned: moved };
  const shown = sections.flatMap((one) =>
    one.isPinned ? [] : one === section ? moved : one.plans.map((plan) => plan.metric),
  );
  return {
    ...arrangement,
    order: [...shown, ...arrangement.order.filter((name) => !shown.includes(name))].slice(0, maxNames),
  };
}

/** Returns the arrangement with a chart pinned behind the others, or no longer pinned. */
export function turnPin(arrangement: ChartArrangement, metric: string): ChartArrangement {
  const others = arrangement.pinned.filter((name) => name !== metric);
  const isPinned = others.length < arrangement.pinned.length;
  return { ...arrangement, pinned: isPinned ? others : [...others, metric] };
}

/** Returns the arrangement with a section closed, or open again. */
export function turnSection(arrangement: ChartArrangement, prefix: string): ChartArrangement {
  const others = arrangement.closed.filter((name) => name !== prefix);
  const isClosed = others.length < arrangement.closed.length;
  return { ...arrangement, closed: isClosed ? others : [...others, prefix] };
}
