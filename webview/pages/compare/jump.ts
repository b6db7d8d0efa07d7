/** The event of the window that asks for the row of a metric: its name. */
export const jumpEvent = 'plinth-jump';

/** Brings the row of a metric into view, whatever the table shows at present. */
export function jumpTo(metric: string): void {
  window.dispatchEvent(new CustomEvent(jumpEvent, { detail: metric }));
}

/** Brings the curve of a metric into view. Returns false if there is none. */
export function jumpToCurve(metric: string): boolean {
  const chart = [
    ...document.querySelectorAll<HTMLElement & { name: string; training: string | null }>('plinth-chart'),
  ].find(({ name, training }) => name === metric || training === metric);
  chart?.scrollIntoView({ block: 'center' });
  chart?.querySelector<HTMLElement>('.plot')?.focus({ preventScroll: true });
  return chart !== undefined;
}
