import type { FrameLocator, Locator, Page } from 'playwright-core';

/** What a person does in the workbench. Names and roles first; class names are VS Code's own. */

/** A row of one of our trees, by how its label begins. */
export function row(page: Page, name: string | RegExp): Locator {
  return page.locator('.part.sidebar').getByRole('treeitem', { name }).first();
}

/**
 * Opens the Models view. A click hides it in a window that has just restored it, so it is looked at again until it stays.
 */
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

/** Opens a row that may be open already. A click that met the row while it was drawn anew is made again. */
export async function expand(page: Page, name: string | RegExp): Promise<void> {
  const wanted = row(page, name);
  await wanted.waitFor();
  for (let tries = 1; tries <= 3 && (await wanted.getAttribute('aria-expanded')) !== 'true'; tries++) {
    await wanted.click();
    const open = page.locator('.part.sidebar').getByRole('treeitem', { name, expanded: true }).first();
    await open.waitFor({ timeout: 3000 }).catch(() => undefined);
  }
}

/**
 * Where a quick pick or an input box is typed into. Its keys are pressed in it: on a busy machine a row may have the focus still,
 * and a person clicks into the box then.
 */
function box(page: Page): Locator {
  return page.locator('.quick-input-widget .quick-input-box input');
}

/** Runs a command through the palette, which is opened again where an editor took the keys back at that moment. */
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

/** A row of the quick pick that is open. */
export function option(page: Page, text: string): Locator {
  return page.locator('.quick-input-widget .quick-input-list .monaco-list-row').filter({ hasText: text }).first();
}

/** Opens a file of the workspace by quick open, which is asked again where a page took the keys or the search came too late. */
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

/** Chooses in a quick pick as one does at the keyboard: types it, and Enter. */
export async function choose(page: Page, text: string): Promise<void> {
  await option(page, text).waitFor();
  await box(page).pressSequentially(text);
  const found = page.locator('.quick-input-widget .monaco-list-row.focused').filter({ hasText: text });
  await found.waitFor();
  await enter(page);
}

/** The input box that asks for this, ready to be typed into. */
export async function asked(page: Page, placeholder: RegExp): Promise<void> {
  await page.locator('.quick-input-widget').getByPlaceholder(placeholder).waitFor();
}

/** Answers the box that is open: with what is typed, or with what it proposes. */
export async function enter(page: Page, text = ''): Promise<void> {
  await box(page).pressSequentially(text);
  await box(page).press('Enter');
}

/**
 * Chooses from a row's context menu. Hovers are sent away first; a menu that has just opened takes no click for a moment, and
 * one whose row was drawn anew is gone, and opened again.
 */
export async function menu(page: Page, on: Locator, item: RegExp): Promise<void> {
  const entry = page.getByRole('menuitem', { name: item });
  for (let tries = 1; ; tries++) {
    await page.mouse.move(900, 400);
    await page.locator('.hover-contents').first().waitFor({ state: 'hidden' });
    await on.click({ button: 'right' });
    try {
      await entry.waitFor({ timeout: 5000 });
      await page.waitForTimeout(400);
      await entry.click({ timeout: 5000 });
      return;
    } catch (error) {
      if (tries === 3) throw error;
      await page.keyboard.press('Escape');
    }
  }
}

/** The page of the editor that is in front: those behind it are hidden. */
export function activePage(page: Page): FrameLocator {
  return page.locator('iframe.webview.ready:visible').contentFrame().frameLocator('iframe#active-frame');
}

/**
 * Opens a page from a row's context menu, and waits for what is wanted of it. On a busy machine VS Code now and then fails to
 * load a webview at all; a person closes it and opens it again.
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

/** What all toasts say. */
export function toasts(page: Page): Promise<string[]> {
  return page.locator('.notification-toast').allInnerTexts();
}

/** Sends all toasts away. */
export async function clearToasts(page: Page): Promise<void> {
  await command(page, 'Notifications: Clear All Notifications');
  await page.locator('.notification-toast').first().waitFor({ state: 'detached' });
}
