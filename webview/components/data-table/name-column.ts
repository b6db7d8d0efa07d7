import { html, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';
import { breakable } from '../names.ts';
import { boundedWidth, maxWidth, minWidth } from './name-fit.ts';

/** So many pixels an arrow key moves the edge. */
const keyStep = 16;

/** Shows a name that was fitted, with the whole one as tooltip and for copying; `more` follows in the tooltip. */
export function nameText(fitted: string, whole: string, more = ''): TemplateResult {
  const title = more === '' ? whole : `${whole}\n${more}`;
  return html`<span class="fitted-name" title=${title} data-shown=${fitted} data-whole=${whole}
    >${breakable(fitted)}</span
  >`;
}

interface Resizing {
  /** The present width. */
  widthOf(): number;
  /** Sets a width while a person drags. Null for the usual one. */
  resize(width: number | null): void;
  /** Called at the end. */
  keep(): void;
}

/** The handle at the edge of the name column: dragged, moved with the arrow keys, and reset by a double click or Home. */
export function nameResizer({ widthOf, resize, keep }: Resizing): TemplateResult {
  const press = (event: PointerEvent): void => {
    const handle = event.currentTarget as HTMLElement;
    if (event.button !== 0) return;
    event.preventDefault();
    handle.setPointerCapture(event.pointerId);
    const [start, width] = [event.clientX, widthOf()];
    const sign = getComputedStyle(handle).direction === 'rtl' ? -1 : 1;
    const move = ({ clientX }: PointerEvent): void => resize(boundedWidth(width + (clientX - start) * sign));
    const end = (): void => {
      handle.removeEventListener('pointermove', move);
      keep();
    };
    handle.addEventListener('pointermove', move);
    handle.addEventListener('lostpointercapture', end, { once: true });
  };
  const reset = (): void => {
    resize(null);
    keep();
  };
  const key = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -keyStep, ArrowRight: keyStep }[event.key];
    if (step === undefined && event.key !== 'Home') return;
    event.preventDefault();
    if (step === undefined) return reset();
    resize(boundedWidth(widthOf() + step));
    keep();
  };
  return html`<span
    class="resizer"
    role="separator"
    tabindex="0"
    aria-orientation="vertical"
    aria-label=${l10n.t('Width of the name column')}
    aria-valuemin=${minWidth}
    aria-valuemax=${maxWidth}
    aria-valuenow=${boundedWidth(widthOf())}
    title=${l10n.t('Drag to resize, double-click to reset')}
    @pointerdown=${press}
    @dblclick=${reset}
    @keydown=${key}
  ></span>`;
}

/** Copies whole names where the selection has shortened ones. */
export function copyWholeNames(event: ClipboardEvent): void {
  const selection = getSelection();
  const root = event.currentTarget;
  if (!selection || selection.isCollapsed || !(root instanceof HTMLElement)) return;
  const names = [...root.querySelectorAll<HTMLElement>('.fitted-name')].filter(
    (one) => one.dataset['whole'] !== one.dataset['shown'] && selection.containsNode(one, true),
  );
  if (names.length === 0) return;
  const text = names.reduce(
    (before, { dataset }) => before.replace(dataset['shown'] ?? '', () => dataset['whole'] ?? ''),
    selection.toString(),
  );
  const isWithinOne =
    names.length === 1 && names[0]!.contains(selection.anchorNode) && names[0]!.contains(selection.focusNode);
  event.clipboardData?.setData('text/plain', isWithinOne ? (names[0]!.dataset['whole'] ?? text) : text);
  event.preventDefault();
}
