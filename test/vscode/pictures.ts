import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach } from 'vitest';
import type { Workbench } from './workbench.ts';

const kept = process.env['PLINTH_PICTURES'];
const failures = join(import.meta.dirname, '..', '..', '.cache', 'failures');

/** Saves a picture of the window, when pictures are requested (`npm run pictures`). Moves the mouse aside first, or leaves it where it is. */
export async function picture(page: Page, name: string, pointer: 'aside' | 'where it is' = 'aside'): Promise<void> {
  if (kept === undefined) return;
  if (pointer === 'aside') await page.mouse.move(800, 420);
  await page.waitForTimeout(1000);
  await page.screenshot({ path: join(kept, `${name}.png`) });
}

/**
 * After a failed test of this file, saves pictures of the windows, and prints their messages, the focused element and the end of
 * our log. Closes what the test left open, so that the next test does not fail because of it.
 */
export function keepFailures(workbench: () => Workbench | undefined): void {
  afterEach(async ({ task }) => {
    const failed = task.result?.state === 'fail' ? workbench() : undefined;
    if (!failed) return;
    mkdirSync(failures, { recursive: true });
    for (const [index, page] of failed.context.pages().entries()) {
      const path = join(failures, `${task.name.replaceAll(/\W+/g, '-')}-${index}.png`);
      await page.screenshot({ path, timeout: 10_000 }).catch(() => undefined);
      const keys = await page
        .locator(':focus')
        .first()
        .getAttribute('aria-label', { timeout: 2000 })
        .catch(() => null);
      console.log(`the keys went to: ${keys}`);
      for (const frame of page.frames()) {
        const text = await frame
          .locator('body')
          .innerText({ timeout: 2000 })
          .catch(() => '');
        if (/\S/.test(text) && !text.includes('vscodeWebWorkerExtHostId'))
          console.log(`a window said: ${text.replaceAll(/\s+/g, ' ').slice(0, 1500)}`);
      }
    }
    const file = join(failed.dataFolder, 'log', 'daemon.log');
    const log = existsSync(file) ? readFileSync(file, 'utf8') : '';
    console.log(`the service's log ends with:\n${log.split('\n').slice(-20).join('\n')}`);
    for (let times = 0; times < 3; times += 1) await failed.page.keyboard.press('Escape').catch(() => undefined);
  });
}
