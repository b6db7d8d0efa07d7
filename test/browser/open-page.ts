import type { Browser, Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import type { Client } from '../../daemon/clients/client/request.ts';
import type { PageLocation } from '../../webview/protocol.ts';
import type { TestService } from '../support/daemon.ts';

export interface Opened {
  page: Page;
  /** What the page's content security policy refused, and the errors it threw. */
  wrong: string[];
}

/** Opens a page of a registry as `client` (the owner by default) after the script `before`. Closes it when the test ends. */
export async function openPage(
  browser: Browser,
  { client, daemon, errors }: TestService,
  place: PageLocation,
  {
    as = client,
    before = '',
    ...options
  }: {
    as?: Client;
    before?: string;
    viewport?: { width: number; height: number };
    colorScheme?: 'light' | 'dark';
  } = {},
): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1100, height: 800 }, ...options });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const wrong: string[] = [];
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy|Refused/.test(message.text())) wrong.push(message.text());
  });
  await page.addInitScript(before);
  await page.addInitScript('globalThis.executed = []; globalThis.alert = (text) => globalThis.executed.push(text);');
  const fragment = new URLSearchParams({ code: await as.pageCode(), place: JSON.stringify(place) });
  await page.goto(`http://127.0.0.1:${daemon.file.port}/#${fragment.toString()}`);
  await page
    .locator('plinth-page h1')
    .first()
    .waitFor({ timeout: 10_000 })
    .catch(async () => {
      const shown = await page.locator('body').innerText();
      throw new Error(`${place.page} was not shown: ${shown} ${wrong.join(' ')} ${errors.join(' ')}`);
    });
  return { page, wrong };
}
