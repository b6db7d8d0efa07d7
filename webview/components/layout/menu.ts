import { html, nothing, type TemplateResult } from 'lit';
import * as l10n from '@vscode/l10n';

export interface MenuItem {
  label: string;
  act(): void;
  isDisabled?: boolean;
}

/** Shows further actions of a page or a part behind one button; nothing if there are none. */
export function moreMenu(items: readonly MenuItem[], label = l10n.t('More actions')): TemplateResult | typeof nothing {
  if (items.length === 0) return nothing;
  return html`<details class="more">
    <summary aria-label=${label} title=${label}>⋯</summary>
    <div class="menu">${items.map(menuItem)}</div>
  </details>`;
}

/** Shows actions of one kind behind a button with a name. */
export function namedMenu(label: string, items: readonly MenuItem[]): TemplateResult | typeof nothing {
  if (items.length === 0) return nothing;
  return html`<details class="more named">
    <summary>${label} <span aria-hidden="true">▾</span></summary>
    <div class="menu">${items.map(menuItem)}</div>
  </details>`;
}

function menuItem({ label, act, isDisabled = false }: MenuItem): TemplateResult {
  const choose = (event: Event): void => {
    (event.target as HTMLElement).closest('details')?.removeAttribute('open');
    act();
  };
  return html`<button class="item" ?disabled=${isDisabled} @click=${choose}>${label}</button>`;
}

/** Closes open menus when a person clicks elsewhere or presses Escape. */
export function closeMenusOutside(page: Document): void {
  const close = (except: EventTarget | null): void => {
    for (const menu of page.querySelectorAll('details.more[open]'))
      if (!(except instanceof Node && menu.contains(except))) menu.removeAttribute('open');
  };
  page.addEventListener('pointerdown', ({ target }) => close(target));
  page.addEventListener('keydown', ({ key }) => {
    if (key !== 'Escape') return;
    const open = page.querySelector<HTMLElement>('details.more[open] > summary');
    close(null);
    open?.focus();
  });
}
