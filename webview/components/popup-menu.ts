import { html, render } from 'lit';

export interface MenuItem {
  label: string;
  act(): void;
}

const gap = 2;

/** Opens a menu beside an element. Arrow keys move in it, Escape or a click elsewhere closes it, and the focus returns. */
export function openMenu(anchor: HTMLElement, label: string, items: readonly MenuItem[]): void {
  const menu = document.createElement('div');
  menu.className = 'menu popup';
  menu.setAttribute('role', 'menu');
  menu.setAttribute('aria-label', label);
  menu.popover = 'auto';
  const choose = (item: MenuItem): void => {
    menu.hidePopover();
    item.act();
  };
  render(
    items.map((item) => html`<button class="item" role="menuitem" @click=${() => choose(item)}>${item.label}</button>`),
    menu,
  );
  menu.addEventListener('keydown', (event) => moveFocus(menu, event));
  menu.addEventListener('toggle', (event) => {
    if (event.newState !== 'closed') return;
    menu.remove();
    if (anchor.isConnected) anchor.focus();
  });
  (anchor.closest('plinth-page') ?? document.body).append(menu);
  menu.showPopover();
  placeBeside(menu, anchor.getBoundingClientRect());
  menu.querySelector('button')?.focus();
}

function placeBeside(menu: HTMLElement, { left, bottom, top }: DOMRect): void {
  const { width, height } = menu.getBoundingClientRect();
  const fitsBelow = bottom + gap + height <= innerHeight;
  menu.style.setProperty('left', `${Math.max(0, Math.min(left, innerWidth - width))}px`);
  menu.style.setProperty('top', `${fitsBelow ? bottom + gap : Math.max(0, top - gap - height)}px`);
}

function moveFocus(menu: HTMLElement, event: KeyboardEvent): void {
  const items = [...menu.querySelectorAll('button')];
  const at = items.indexOf(document.activeElement as HTMLButtonElement);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  items[(next + items.length) % items.length]?.focus();
}
