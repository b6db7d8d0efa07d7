import { moved, openComparison } from './header.ts';
import type { ComparePart } from './part.ts';
import { referenceTo } from '../../../daemon/shared/references.ts';

/**
 * Handles the keys of the page, unless the person writes: `/` filters, `d` shows only differences or all, `b` makes the chip with
 * the focus (or the last version) the baseline, `[` and `]` compare with the version before or after the last one.
 */
export function handleKey(event: KeyboardEvent, part: ComparePart): void {
  const target = event.target instanceof Element ? event.target : document.body;
  if (event.ctrlKey || event.metaKey || event.altKey || target.closest('input, select, textarea, [role=menu]')) return;
  const act = actOf(event.key, target, part);
  if (!act) return;
  event.preventDefault();
  act();
}

function actOf(key: string, target: Element, part: ComparePart): (() => void) | undefined {
  const { versions, look, change } = part;
  switch (key) {
    case '/':
      return () => document.querySelector<HTMLInputElement>('.page-filter')?.focus();
    case 'd':
      return () => change({ only: !look.only });
    case 'b': {
      const place = Number(target.closest<HTMLElement>('.chip')?.dataset['place'] ?? versions.length - 1);
      return place === 0 ? undefined : () => openComparison(moved(versions, place, 0));
    }
    case '[':
    case ']': {
      const next = neighbour(part, key === '[' ? -1 : 1);
      return next === undefined ? undefined : () => openComparison([...versions.slice(0, -1), next]);
    }
    default:
      return undefined;
  }
}

/** Returns the reference of the nearest version before or after the last one that is not compared yet; undefined for none. */
function neighbour({ view, columns, versions }: ComparePart, step: number): string | undefined {
  const last = columns.at(-1)?.number ?? null;
  if (!view.model || last === null) return undefined;
  const { name, history } = view.model;
  for (let at = history.versions.indexOf(last) + step; at >= 0 && at < history.versions.length; at += step) {
    const reference = referenceTo(name, history.versions[at] ?? 0);
    if (!versions.includes(reference)) return reference;
  }
  return undefined;
}
