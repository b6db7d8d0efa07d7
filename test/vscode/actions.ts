import type { FrameLocator, Locator, Page } from 'playwright-core';

/** What a person does in the workbench. Elements are found by name and role if possible; class names are VS Code's own. */

/** Finds a row of one of our trees by the beginning of its label. */
export function row(page: Page, name: string | RegExp): Locator {
  return page.locator('.part.sidebar').getByRole('treeitem', { name }).first();
}

/** Opens the Models view. In a window that has just restored it a click hides it, so this checks until the view stays open. */
export async function openModels(page: Page): Promise<void> {
  const tab = page.locator('.part.activitybar [role="tab"]').and(page.getByRole('tab', { name: /^Models/ }));
  await tab.waitFor({ timeout: 30_000 });
  const isOpen = async (): Promise<boolean> =>
    (await tab.getAttribute('aria-selected')) === 'true' && (await page.locator('.part.sidebar').isVisible());
  for (let tries = 1, stayed = 0; tries <= 10 && stayed < 2; tries++) {
    if (await isOpen()) stayed += 1;
    else {
      stayed = 0;
      await tab.click();
    }
    await page.waitForTimeout(300);
  }
}

/**
 * Opens a row that may already be open, by its arrow, since a click on a row may open a page. Repeats a click that hit the row while it was
 * being redrawn.
 */
export async function expand(page: Page, name: string | RegExp): Promise<void> {
  const wanted = row(page, name);
  await wanted.waitFor();
  for (let tries = 1; tries <= 3 && (await wanted.getAttribute('aria-expanded')) !== 'true'; tries++) {
    await wanted.locator('.monaco-tl-twistie').click();
    const open = page.locator('.part.sidebar').getByRole('treeitem', { name, expanded: true }).first();
    await open.waitFor({ timeout: 3000 }).catch(() => undefined);
  }
}

/**
 * Finds the box of a quick pick or an input. Keys are sent to the box itself, because on a busy machine a row may still have the
 * focus. A person would click into the box then.
 */
function box(page: Page): Locator {
  return page.locator('.quick-input-widget .quick-input-box input');
}

/** Runs a command through the palette, which is opened again when an editor took the focus back at that moment. */
export async function command(page: Page, title: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    await page.keyboard.press('F1');
    try {
      await box(page).fill(`>${title}`, { timeout: 5000 });
      const entry = page.locator('.quick-input-widget .monaco-list-row.focused').filter({ hasText: title });
      await entry.waitFor({ timeout: 5000 });
      await enter(page);
      return;
    } catch (error) {
      if (tries === 3) throw error;
      await page.keyboard.press('Escape');
    }
  }
}

/** Finds a row of the open quick pick. */
export function option(page: Page, text: string): Locator {
  return page.locator('.quick-input-widget .quick-input-list .monaco-list-row').filter({ hasText: text }).first();
}

/** Opens a file of the workspace with quick open. Tries again when a page took the focus or the search came too late. */
export async function openFile(page: Page, path: string): Promise<void> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  for (let tries = 1; ; tries++) {
    await page.keyboard.press('Control+KeyP');
    await box(page).fill(path);
    try {
      await option(page, name).waitFor({ timeout: 10_000 });
      await enter(page);
      await page.locator('.editor-group-container.active .tab.active').and(page.getByRole('tab', { name })).waitFor();
      return;
    } catch (error) {
      if (tries === 5) throw error;
      await page.keyboard.press('Escape');
    }
  }
}

/** Chooses in a quick pick with the keyboard: types the text, then Enter. */
export async function choose(page: Page, text: string): Promise<void> {
  await option(page, text).waitFor();
  await box(page).pressSequentially(text);
  const found = page.locator('.quick-input-widget .monaco-list-row.focused').filter({ hasText: text });
  await found.waitFor();
  await enter(page);
}

/** Waits for the input box with this placeholder. */
export async function asked(page: Page, placeholder: RegExp): Promise<void> {
  await page.locator('.quick-input-widget').getByPlaceholder(placeholder).waitFor();
}

/** Answers the open box with a text, or accepts its proposal. */
export async function enter(page: Page, text = ''): Promise<void> {
  await box(page).pressSequentially(text);
  await box(page).press('Enter');
}

/** Accepts the review of a promotion, whose first row promotes, and waits for the question about the reason. */
export async function acceptReview(page: Page): Promise<void> {
  await option(page, 'Promote…').waitFor();
  await enter(page);
  await asked(page, /^Reason/);
}

/** Waits until the side bar has looked the same for half a second, or for 5 s: VS Code gives the command no row that is being drawn. */
async function atRest(page: Page): Promise<void> {
  const bar = page.locator('.part.sidebar');
  let [shown, same] = ['', 0];
  for (let tries = 0; tries < 50 && same < 5; tries += 1) {
    const now = await bar.innerText();
    same = now === shown ? same + 1 : 0;
    shown = now;
    await page.waitForTimeout(100);
  }
}

/**
 * Chooses from a row's context menu, through its submenus. Closes hovers first. A menu that has just opened accepts no click for a moment, and one
 * whose row was redrawn closes and is opened again.
 */
export async function menu(page: Page, on: Locator, ...items: RegExp[]): Promise<void> {
  for (let tries = 1; ; tries++) {
    await page.mouse.move(900, 400);
    await page.locator('.hover-contents').first().waitFor({ state: 'hidden' });
    await atRest(page);
    await on.click({ button: 'right' });
    try {
      for (const item of items) {
        const entry = page.getByRole('menuitem', { name: item });
        await entry.waitFor({ timeout: 5000 });
        await page.waitForTimeout(400);
        await entry.click({ timeout: 5000 });
      }
      return;
    } catch (error) {
      if (tries === 3) throw error;
      await page.keyboard.press('Escape');
    }
  }
}

/** Finds the page of the active editor. The pages behind it are hidden. */
export function activePage(page: Page): FrameLocator {
  return page.locator('iframe.webview.ready:visible').contentFrame().frameLocator('iframe#active-frame');
}

/**
 * Opens a page from a row's context menu and waits for an element of it. On a busy machine VS Code sometimes fails to load a
 * webview at all; then this closes the page and opens it again, as a person would.
 */
export async function openFromMenu(
  page: Page,
  on: Locator,
  item: RegExp,
  wanted: (inner: FrameLocator) => Locator,
): Promise<Locator> {
  const found = wanted(activePage(page));
  for (let tries = 1; ; tries++) {
    await menu(page, on, item);
    try {
      await found.waitFor();
      return found;
    } catch (error) {
      if (tries === 2) throw error;
      await command(page, 'View: Close All Editors');
    }
  }
}

export function toast(page: Page, text: string | RegExp): Locator {
  return page.locator('.notifications-toasts').getByText(text);
}

/** Returns the texts of all notifications. */
export function toasts(page: Page): Promise<string[]> {
  return page.locator('.notification-toast').allInnerTexts();
}

/** Closes all notifications. */
export async function clearToasts(page: Page): Promise<void> {
  await command(page, 'Notifications: Clear All Notifications');
  await page.locator('.notification-toast').first().waitFor({ state: 'detached' });
}
